"""A raw record to a call, as Ibis expressions, with the reason for which a row is refused.

What is absent is unknown and stays empty; what is there and wrong makes the row refused, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any, Final, cast

from breakeven.evidence.calls.format import FIELDS, FieldKind, LogFormat

if TYPE_CHECKING:
    import ibis

__all__ = ["CALL_SCHEMA", "PASSED", "complete", "may_hold", "to_calls"]

CALL_SCHEMA: Final[Mapping[str, str]] = {
    "time": "timestamp",
    "latency_s": "float64",
    "ttft_s": "float64",
    "provider": "string",
    "model": "string",
    "feature": "string",
    "input_tokens": "int64",
    "cached_tokens": "int64",
    "cache_write_tokens": "int64",
    "output_tokens": "int64",
    "reasoning_tokens": "int64",
    "cost_usd": "float64",
    "failure": "string",
    "call_id": "string",
    "session": "string",
    "template": "string",
    "messages_hash": "int64",
    "answer_hash": "int64",
    "ending": "string",
    "tier": "string",
    "call_hash": "int64",
    "outcome": "string",
    "outcome_name": "string",
    "prefix_blocks": "array<int64>",
    "calls": "float64",
}
"""One row a call. Times are UTC; ``input_tokens`` is all input, cached or not; ``calls`` is 1, or a window's count."""

PASSED: Final = ("_file", "_span_id", "_trace_id", "_parent_id", "_used")
"""What calls of several files are compared by, and dropped with; see ``spans`` and ``repeats``."""

_MOST_TOKENS: Final = 1e8
_FIRST_YEAR, _LAST_YEAR = "2015-01-01", "2100-01-01"
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
_UNREADABLE: Final = "not readable"
_OVERDRAWN: Final = "more cached tokens than input tokens"
_FAILED: Final = r"^(error|failure|failed|status_code_error|incomplete)$"
_NO_ERROR: Final = r"^\s*(null|none|\{\}|\[\]|false)?\s*$"


Named = Callable[["ibis.Table"], "ibis.Table"]
"""Gives a query a name, so that what is built on it refers to its columns instead of repeating their making."""


def to_calls(
    raw: ibis.Table,
    log_format: LogFormat,
    *,
    named: Named,
    only: frozenset[str] | None = None,
    faults: bool = True,
) -> ibis.Table:
    """The calls in raw records: those columns of ``CALL_SCHEMA`` that it has, and ``reason`` (empty: a fine row).

    ``only``: the columns that are needed. ``faults``: whether the reason says which fault a row has, or only that it
    has one, which takes half the time. Columns of ``raw`` named ``_…`` are passed on.
    """
    import ibis

    row = _Row(named(_fields(_kept(raw, log_format), log_format)), log_format)
    values = row.values()
    columns = {
        name: values[name].cast(kind)
        for name, kind in CALL_SCHEMA.items()
        if name in values and (only is None or name in only)
    }
    passed = {name: row.raw[name] for name in row.raw.columns if name.startswith("_") and name != "_broken"}
    reason = row.reason(faults=faults)
    if log_format.tree:  # spans that used no tokens are there for the tree's sake only
        broken = row.raw["_broken"].notnull() if "_broken" in row.raw.columns else ibis.literal(False)
        reason = ibis.ifelse((row.raw["_used"] == "true") | broken, reason, ibis.null("string"))
    return row.raw.select(**columns, reason=reason, **passed)


def complete(calls: ibis.Table) -> ibis.Table:
    """The same calls with all columns of ``CALL_SCHEMA``: what the log does not have is empty (see ``may_hold``).

    A span's links, and the file where the log has many, are passed on (``PASSED``).
    """
    import ibis

    known = set(calls.columns)
    missing = {name: ibis.null(kind) for name, kind in CALL_SCHEMA.items()} | {"calls": ibis.literal(1.0)}
    return calls.select(
        **{name: calls[name] if name in known else missing[name] for name in CALL_SCHEMA},
        **{name: calls[name] for name in PASSED if name in known},
    )


def may_hold(calls: ibis.Table, name: str) -> bool:
    """False where the column is empty as no log has such a field, which is known without asking the engine."""
    from ibis.expr import operations as ops

    made = calls.op()
    if isinstance(made, ops.Union):
        return may_hold(made.left.to_expr(), name) or may_hold(made.right.to_expr(), name)
    value = made.values.get(name) if isinstance(made, ops.Project) else None
    return not (isinstance(value, ops.Literal) and value.value is None)


def _kept(raw: ibis.Table, log_format: LogFormat) -> ibis.Table:
    """Without the records that the format passes over."""
    for path, wanted in log_format.keep.items():
        found = _find(raw, path)
        if found is not None:
            text = found.cast("string")
            raw = raw.filter(text.isnull() | text.isin(wanted))
    return raw


def _fields(raw: ibis.Table, log_format: LogFormat) -> ibis.Table:
    """Every field of the format, read from wherever it stands: ``name``, and ``has_name`` (something stands there)."""
    columns: dict[str, Any] = {name: raw[name] for name in raw.columns if name.startswith("_")}
    for name in log_format.fields:
        found = [(_find(raw, at.path), at.scale) for at in log_format.places(name)]
        found = [(value, scale) for value, scale in found if value is not None]
        found = _merged(found)
        if found:
            columns[name] = _READ[FIELDS[name]](found, log_format)
            if _may_be_unreadable(found, FIELDS[name]) or name in log_format.needs:
                columns[f"has_{name}"] = reduce(or_, (value.notnull() for value, _ in found))
    return raw.select(**columns)


def _may_be_unreadable(found: Found, kind: FieldKind) -> bool:
    """Whether something may stand there that is not what it should be: numbers of a typed column are numbers."""
    return kind == "time" or (kind in ("count", "number") and not _typed(found))


def _typed(found: Found) -> bool:
    return all(value.type().is_numeric() for value, _ in found)


def _merged(found: Found) -> Found:
    """Neighbouring places that hold text in one unit as one, so that text is parsed once, not once for each place."""
    import ibis

    merged: Found = []
    texts: list[Any] = []
    for i, (value, scale) in enumerate(found):
        if not value.type().is_string():
            merged.append((value, scale))
            continue
        texts.append(value)
        last = i + 1 == len(found) or not found[i + 1][0].type().is_string() or found[i + 1][1] != scale
        if last:
            merged.append(((ibis.coalesce(*texts) if len(texts) > 1 else texts[0]).nullif(""), scale))
            texts = []
    return merged


Found = list[tuple[Any, float]]
"""The values at a field's places, each with what it is to be multiplied by."""


def _number_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    if all(_fits_int64(value.type()) and scale == 1 for value, scale in found):
        return ibis.coalesce(*(value.cast("int64") for value, _ in found))
    return ibis.coalesce(
        *(_to_number(value) * scale if scale != 1 else _to_number(value) for value, scale in found)
    )


def _fits_int64(kind: Any) -> bool:
    return bool(kind.is_signed_integer() or (kind.is_unsigned_integer() and kind.nbytes < 8))


def _text_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    return ibis.coalesce(*(value.cast("string") for value, _ in found))


def _hash_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    whole = len(found) == 1 and _holds_structs(
        found[0][0].type()
    )  # hashed as they are: text would take twice the time
    value = found[0][0] if whole else _text_of(found, log_format)
    return ibis.ifelse(value.notnull(), value.hash(), ibis.null("int64"))


def _holds_structs(kind: Any) -> bool:
    return bool(kind.is_struct() or (kind.is_array() and kind.value_type.is_struct()))


def _time_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    return ibis.coalesce(*(_to_time(value, log_format.time_scale) for value, _ in found))


def _blocks_of(found: Found, log_format: LogFormat) -> Any:
    return found[0][0]


_READ: Final[Mapping[FieldKind, Callable[[Found, LogFormat], Any]]] = {
    "count": _number_of,
    "number": _number_of,
    "text": _text_of,
    "time": _time_of,
    "hash": _hash_of,
    "blocks": _blocks_of,
}


class _Row:
    """The values of one record, and what is wrong with them, as expressions."""

    def __init__(self, raw: ibis.Table, log_format: LogFormat) -> None:
        self.raw = raw
        self.format = log_format
        self._wrong: list[tuple[Any, str]] = []
        self._fine: list[Any] = []

    def values(self) -> dict[str, Any]:
        """Every canonical column that the format has."""
        found: dict[str, Any] = {"calls": self._calls()}
        for name in (
            "provider",
            "model",
            "feature",
            "call_id",
            "session",
            "template",
            "outcome",
            "outcome_name",
        ):
            found[name] = self._field(name)
        found["messages_hash"], found["answer_hash"] = self._field("messages"), self._field("answer")
        found["ending"], found["tier"] = self._ending(), _lower(self._field("tier"))
        found["call_hash"] = None if found["call_id"] is None else found["call_id"].hash()
        found["prefix_blocks"] = self._field("prefix_blocks")
        found["failure"] = self._failure(found["ending"])
        found["time"] = self._time("time", dated=self.format.clock == "absolute")
        found |= self._tokens(found)
        found |= self._durations(found["time"])
        found["cost_usd"] = self._number("cost_usd")
        return {name: value for name, value in found.items() if value is not None}

    def reason(self, *, faults: bool) -> Any:
        """The first thing that is wrong with the row; empty where nothing is."""
        import ibis

        first: list[tuple[Any, Any]] = []
        if "_broken" in self.raw.columns:
            first.append((self.raw["_broken"].notnull(), self.raw["_broken"]))
            self._fine.append(self.raw["_broken"].isnull())
        needs = self.format.needs or tuple(self.format.fields)
        has = [self.raw[f"has_{name}"] for name in needs if f"has_{name}" in self.raw.columns]
        if has or self.format.needs:
            held = reduce(or_, has, ibis.literal(False))
            first.append((~held, f"not a record of {self.format.title}"))
            self._fine.append(held)
        branches = first + [(wrong.fill_null(False), why) for wrong, why in self._wrong]
        nothing = ibis.null("string")
        if not branches:
            return nothing
        fault = ibis.cases(*branches, else_=_UNREADABLE) if faults else ibis.literal(_UNREADABLE)
        # as a number: a branch on a long AND is taken condition by condition, which is slower than all of them at once
        return ibis.ifelse(reduce(and_, self._fine).cast("int8") == 1, nothing, fault)

    def _refuse(self, wrong: Any, why: str) -> None:
        """Refuse rows of which ``wrong`` holds."""
        self._wrong.append((wrong, why))
        self._fine.append(~wrong.fill_null(False))

    def _field(self, name: str) -> Any:
        """The field as read; None where the format does not have it."""
        return self.raw[name] if name in self.raw.columns else None

    def _number(self, name: str, *, most: float = 1e15, whole: bool = False) -> Any:
        """A number that is not negative; anything else that stands there refuses the row."""
        number = self._field(name)
        if number is None:
            return None
        if self.format.kind == "windows":
            most = 1e15
        fine = number.between(0, int(most))
        if not number.type().is_integer():
            bad = number.isnan() | number.isinf()
            self._wrong.append(((self._has(name) & number.isnull()) | bad, f"{name} is not a number"))
        self._wrong += [(number < 0, f"{name} is negative"), (number > most, f"{name} is over {most:,.0f}")]
        if whole and not number.type().is_integer():
            whole_part = number.try_cast("int64")
            self._wrong.append((number != whole_part, f"{name} is not a whole number"))
            fine &= number == whole_part
        self._fine.append(self._or_empty(name, fine))
        return number

    def _has(self, name: str) -> Any:
        """Whether something stands there, readable or not."""
        has = f"has_{name}"
        return self.raw[has] if has in self.raw.columns else self.raw[name].notnull()

    def _or_empty(self, name: str, fine: Any) -> Any:
        """``fine`` where it can be told; a value is missing where nothing stands there, or nothing that can be read.

        No branch: engines compare whole columns faster than they tell rows apart.
        """
        has = f"has_{name}"
        return fine.fill_null(~self.raw[has] if has in self.raw.columns else True)

    def _count(self, name: str) -> Any:
        return self._number(name, most=_MOST_TOKENS, whole=True)

    def _tokens(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Tokens; whatever a provider counts apart from its input is added to it."""
        import ibis

        given, out, reasoning = (
            self._count(n) for n in ("input_tokens", "output_tokens", "reasoning_tokens")
        )
        inside, apart = self._count("cached_tokens"), self._count("cached_apart_tokens")
        written, written_apart = self._count("cache_write_tokens"), self._count("cache_write_apart_tokens")
        cached, writes = _sum(inside, apart), _sum(written, written_apart)
        total = given
        if given is not None:
            total = _plus(given, apart, written_apart)
            besides = self._counted_apart(found, given, _sum(cached, writes))
            if besides is not None:
                total = ibis.ifelse(besides, _plus(given, cached, writes), total)
            if cached is not None or writes is not None:
                self._refuse(_known_sum(inside, apart, written, written_apart) > total, _OVERDRAWN)
        return {
            "input_tokens": _whole(total), "output_tokens": _whole(out), "reasoning_tokens": _whole(reasoning),
            "cached_tokens": _whole(cached), "cache_write_tokens": _whole(writes),
        }  # fmt: skip

    def _counted_apart(self, found: Mapping[str, Any], given: Any, cached: Any) -> Any:
        """Whether this row's provider counts cached tokens apart from its input, where the format leaves it open."""
        if cached is None:
            return None
        if self.format.tree:  # by convention inside; more of them than input can only have been counted apart
            return (cached > given).fill_null(False)
        names = [found[n].lower() for n in ("provider", "model") if found.get(n) is not None]
        starts = [name.startswith(p) for name in names for p in self.format.apart_providers]
        return reduce(or_, starts).fill_null(False) if starts else None

    def _durations(self, start: Any) -> dict[str, Any]:
        """Seconds to the end and to the first token, given as such or as times."""
        import ibis

        durations = {}
        for name, ends in (("latency_s", "end_time"), ("ttft_s", "first_token_time")):
            stated, end = self._number(name), self._time(ends)
            between = None if end is None or start is None else end.delta(start, unit="microsecond") / 1e6
            if between is not None:
                self._refuse(between < 0, f"{ends} is before time")
            known = [value for value in (stated, between) if value is not None]
            durations[name] = ibis.coalesce(*known) if known else None
        return durations

    def _time(self, name: str, *, dated: bool = False) -> Any:
        """A time; ``dated``: one that lies in years of which there can be calls."""
        time = self._field(name)
        if time is None:
            return None
        unread = self._has(name) & time.isnull()
        self._wrong.append((unread, f"{name} can not be read"))
        fine = ~unread
        if dated:
            first, last = _stamp(_FIRST_YEAR), _stamp(_LAST_YEAR)
            self._wrong.append(((time < first) | (time > last), "time is outside 2015..2100"))
            fine = self._or_empty(name, time.between(first, last))
        self._fine.append(fine)
        return time

    def _ending(self) -> Any:
        """Why the model stopped: stop, length, content filter, tool calls, other; empty where the log does not say."""
        import ibis

        reason = self._field("finish_reason")
        if reason is None:
            return None
        text = reason.lower()
        same = [(text.isin(words), name) for words, _, name in _ENDINGS]
        # `stop` comes last: of several reasons in a list, the one that went wrong counts
        like = [(text.re_search(pattern), name) for _, pattern, name in (*_ENDINGS[1:], _ENDINGS[0])]
        return ibis.cases(
            (text.isnull() | text.re_search(_NO_ERROR), ibis.null("string")), *same, *like, else_="other"
        )

    def _failure(self, ending: Any) -> Any:
        """The kind of failure; empty where the call was answered."""
        import ibis

        told = self._told_failure()
        if ending is None:
            return told
        cut = ibis.cases(*((ending == name, kind) for name, kind in _UNANSWERED.items()))
        return cut if told is None else ibis.coalesce(told, cut)

    def _told_failure(self) -> Any:
        """The kind of failure that a status or an error tells."""
        import ibis

        status, error = self._field("status"), self._field("error")
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
            failed_code = (code >= 400) | (code == 2) if self.format.tree else code >= 400
            signs += [failed_code.fill_null(False), status.re_search(_FAILED)]
            words.append(status.fill_null(""))
        text = reduce(lambda a, b: a + " " + b, words)
        kinds = ibis.cases(*((text.re_search(p), kind) for p, kind in _FAILURES), else_="other")
        return ibis.ifelse(reduce(or_, (sign.fill_null(False) for sign in signs)), kinds, ibis.null("string"))

    def _calls(self) -> Any:
        """Calls of a window; None where every row is one call."""
        if self.format.kind != "windows":
            return None
        seconds = 1.0 if self.format.per_window else self.format.window_s
        return self._number("rate_per_s") * seconds


def _find(raw: ibis.Table, path: str) -> Any:
    """The value at a dotted path: keys may hold dots, structs nest, text may hold JSON. None: there is none."""
    keys = path.split(".")
    for cut in range(len(keys), 0, -1):
        name = ".".join(keys[:cut])
        if name in raw.columns:
            value = _within(raw[name], keys[cut:])
            if value is not None:
                return value
    return None


def _within(value: Any, keys: list[str]) -> Any:
    if not keys:
        return value
    kind = value.type()
    if kind.is_struct():
        for cut in range(len(keys), 0, -1):
            name = ".".join(keys[:cut])
            if name in kind.names:
                found = _within(value[name], keys[cut:])
                if found is not None:
                    return found
        return None
    if kind.is_array() and keys[0] == "0":
        return _within(value[0], keys[1:])
    if kind.is_json():
        return _json_text(value, keys)
    return None


def _json_text(value: Any, keys: list[str]) -> Any:
    import ibis

    for key in keys:
        value = value[key]
    return ibis.coalesce(value.str, value.cast("string").nullif("null"))


def _to_number(value: Any) -> Any:
    """The number; NaN and infinities stay, as text can hold them, and are refused later."""
    if value.type().is_numeric():
        return value.cast("float64")
    return value.cast("string").try_cast("float64")


def _to_time(value: Any, scale: float | None) -> Any:
    import ibis

    kind = value.type()
    if kind.is_timestamp() or kind.is_date():
        return value.cast("timestamp")
    if kind.is_numeric():
        return _from_number(value.cast("float64"), scale)
    text = value.cast("string")
    if scale is not None:
        return _from_number(text.try_cast("float64"), scale)
    stamp = text.try_cast("timestamp('UTC')")
    rest = ibis.ifelse(
        stamp.isnull(), text, ibis.null("string")
    )  # numbers are looked for where no time was found
    return ibis.coalesce(stamp.cast("timestamp"), _from_number(rest.try_cast("float64"), scale))


def _from_number(value: Any, scale: float | None) -> Any:
    """A time from a count of seconds, or of smaller units told by its size."""
    import ibis

    seconds = (
        value * scale
        if scale is not None
        else value / ibis.cases((value > 1e17, 1e9), (value > 1e14, 1e6), (value > 1e11, 1e3), else_=1.0)
    )
    fine = (seconds.abs() < 1e10) & (seconds >= 0)
    micros = ibis.ifelse(fine.fill_null(False), seconds * 1e6, ibis.null("float64")).round().cast("int64")
    return ibis.timestamp("1970-01-01 00:00:00") + micros.as_interval("us")


def _lower(value: Any) -> Any:
    return None if value is None else value.lower()


def _stamp(day: str) -> Any:
    import ibis

    return ibis.timestamp(day)


def _sum(*parts: Any) -> Any:
    """The sum of what is known; None where no part exists, empty where none of them is known."""
    known = [part for part in parts if part is not None]
    if len(known) < 2:
        return known[0] if known else None
    import ibis

    unknown = reduce(and_, (part.isnull() for part in known))
    return ibis.ifelse(unknown, ibis.null("float64"), reduce(add, (part.fill_null(0.0) for part in known)))


def _plus(first: Any, *others: Any) -> Any:
    return reduce(add, (other.fill_null(0.0) for other in others if other is not None), first)


def _known_sum(*parts: Any) -> Any:
    """The sum, where what is not known counts as nothing; of a single part, itself."""
    known = [part for part in parts if part is not None]
    return known[0] if len(known) == 1 else reduce(add, (part.fill_null(0.0) for part in known))


def _whole(value: Any) -> Any:
    if value is None or value.type().is_integer():
        return value
    return cast("Any", value).try_cast("int64")
