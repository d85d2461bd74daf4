"""How an answer ended, and why there was none: words of many providers told apart, as Ibis expressions."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Final

__all__ = ["ending_of", "failure_of"]

_EDGE: Final = "(^|[^a-z0-9_])", "([^a-z0-9_]|$)"


def _code(pattern: str) -> str:
    """A status code with nothing that belongs to a word beside it; databases do not agree on how to write that."""
    return f"{_EDGE[0]}{pattern}{_EDGE[1]}"


_FAILURES: Final = (
    (_code("429") + r"|rate.?limit", "rate limit"),
    (r"time.?out|timed.?out|deadline|" + _code("(408|504)"), "time-out"),
    (r"content.?(filter|policy)|safety|moderation", "content filter"),
    (r"context.?length|too.?long|maximum context", "too long"),
    (_code("40[13]") + r"|auth|permission|api.?key", "not allowed"),
    (_code("5[0-9][0-9]") + r"|server|overload|unavailable|connection", "server error"),
    (_code("4[0-9][0-9]") + r"|bad.?request|invalid", "bad request"),
)
_ENDINGS: Final = (
    (("stop", "end_turn", "completed", "stop_sequence"), r"stop|end_turn|complete|eos|success", "stop"),
    (("length", "max_tokens", "max_output_tokens"), r"length|max_?(output_)?tokens", "length"),
    (
        ("content_filter", "safety", "refusal"),
        r"content.?filter|safety|refusal|blocklist|prohibited|recitation",
        "content filter",
    ),
    (("tool_calls", "tool_use", "function_call"), r"tool|function", "tool calls"),
)
"""How an answer ended: words told by equality, then by a pattern, and the name of both."""
_UNANSWERED: Final = {"length": "truncated", "content filter": "content filter"}
"""Endings that leave the caller without a whole answer, and the failures that they are."""
_FAILED: Final = r"^(error|failure|failed|status_code_error|incomplete)$"
_NO_ERROR: Final = r"^\s*(null|none|\{\}|\[\]|false)?\s*$"


def ending_of(reason: Any | None) -> Any | None:
    """Why the model stopped: stop, length, content filter, tool calls, other; empty where the log does not say."""
    import ibis

    if reason is None:
        return None
    text = reason.lower()
    same = [(text.isin(words), name) for words, _, name in _ENDINGS]
    # `stop` comes last: of several reasons in a list, the one that went wrong counts
    like = [(text.re_search(pattern), name) for _, pattern, name in (*_ENDINGS[1:], _ENDINGS[0])]
    return ibis.cases(
        (text.isnull() | text.re_search(_NO_ERROR), ibis.null("string")), *same, *like, else_="other"
    )


def failure_of(ending: Any | None, status: Any | None, error: Any | None, *, spans: bool) -> Any | None:
    """The kind of failure; empty where the call was answered."""
    import ibis

    told = _told_failure(status, error, spans=spans)
    if ending is None:
        return told
    cut = ibis.cases(*((ending == name, kind) for name, kind in _UNANSWERED.items()))
    return cut if told is None else ibis.coalesce(told, cut)


def _told_failure(status: Any | None, error: Any | None, *, spans: bool) -> Any | None:
    """The kind of failure that a status or an error tells."""
    import ibis

    if status is None and error is None:
        return None
    signs, words = [], []
    if error is not None:
        error = error.lower()
        signs.append(~error.re_search(_NO_ERROR))
        words.append(error.substr(0, 500).fill_null(""))
    if status is not None:
        status = status.lower()
        code = status.try_cast("float64")
        failed_code = (code >= 400) | (code == 2) if spans else code >= 400
        signs += [failed_code.fill_null(False), status.re_search(_FAILED)]
        words.append(status.fill_null(""))
    text = reduce(lambda a, b: a + " " + b, words)
    kinds = ibis.cases(*((text.re_search(p), kind) for p, kind in _FAILURES), else_="other")
    return ibis.ifelse(reduce(or_, (sign.fill_null(False) for sign in signs)), kinds, ibis.null("string"))
