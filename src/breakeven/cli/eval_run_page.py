"""What ``breakeven eval run`` prints: the estimate before, the result after, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakeven.quantities import show_usd
from breakeven.report.eval_figures import interval, percent
from breakeven.report.text import clean, join

if TYPE_CHECKING:
    from breakeven.evidence.evals.comparison import CandidateSummary
    from breakeven.evidence.evals.estimating import CandidateEstimate, RunEstimate, Span
    from breakeven.evidence.evals.planning import Plan

__all__ = ["estimate_as_json", "estimate_page", "result_page", "seconds"]

_LABEL = 12
_PROVISIONAL = (
    "passages that vectors will rank are ranked by words for now, to count tokens; the vectors come first"
)


def seconds(value: float) -> str:
    """A time as people read it: ``0.06 s``, ``48 s``, ``3.5 min``, ``2.1 h``."""
    if value < 9.95:
        return f"{value:.2g} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.2g} h"


def _count(value: float) -> str:
    return f"{value:,.0f}" if value < 1e6 else f"{value / 1e6:.3g}M"


def _between(span: Span, shown: Any) -> str:
    value, low, high = shown(span.value), shown(span.low), shown(span.high)
    return value if low == high else f"{value} [{low}, {high}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> list[str]:
    """Lines of a table: the first ``left`` columns to the left, the others to the right."""
    cells = [list(head), *map(list, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        parts = [
            text.ljust(width) if column < left else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(("  " + "  ".join(parts)).rstrip())
    return lines


def _line(label: str, text: str, width: int) -> list[str]:
    indent = " " * _LABEL
    return textwrap.wrap(
        clean(text),
        width,
        initial_indent=label.ljust(_LABEL),
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


# ------------------------------------------------------------------------------------------------ estimate


def estimate_page(plan: Plan, found: RunEstimate, *, width: int) -> str:
    """What the run will take, before anything is asked."""
    suite = plan.suite
    n = len(suite.cases.cases)
    runs = f", {suite.repeats} runs each" if suite.repeats > 1 else ""
    candidates = _candidates(len(suite.candidates) + len(suite.linear))
    lines = _line("ESTIMATE", f"{n:,} cases × {candidates}{runs}, of {suite.file}", width)
    if found.candidates:
        lines += _asked(plan, found, width)
    if plan.provisional:
        lines += _line("Note", _PROVISIONAL, width)
    for note in (*suite.notes, *_rejected(plan)):
        lines += _line("Note", note, width)
    return "\n".join(lines)


def _asked(plan: Plan, found: RunEstimate, width: int) -> list[str]:
    """What is to be asked of models, with its cost."""
    suite = plan.suite
    head = ("candidate", "calls", "input tokens", "output tokens", "cost [low, high]")
    table = _table(head, [_estimate_row(one) for one in found.candidates], left=1)
    if _too_wide(table, width):  # the interval of the cost is the one that decides
        table = _table(head, [_estimate_row(one, short=True) for one in found.candidates], left=1)
    lines = [*table]
    lines += _line("In all", _in_all(found), width)
    at_once = f"{suite.concurrency} calls at once" if suite.concurrency > 1 else "one call at a time"
    lines += _line("Time", f"{_between(found.seconds, seconds)} with {at_once}", width)
    lines += _line("Rests on", _rests_on(plan, found), width)
    return lines + _line("Budget", _budget(plan, found), width)


def _candidates(n: int) -> str:
    return "1 candidate" if n == 1 else f"{n} candidates"


def _too_wide(lines: Iterable[str], width: int) -> bool:
    return any(len(line) > width for line in lines)


def _estimate_row(one: CandidateEstimate, *, short: bool = False) -> tuple[str, ...]:
    cost = "not known" if one.usd is None else _between(one.usd, show_usd)
    tokens = [
        f"about {_count(span.value)}" if short and span.low < span.high else _between(span, _count)
        for span in (one.input_tokens, one.output_tokens)
    ]
    return (one.name, f"{one.calls:,}", *tokens, cost)


def _in_all(found: RunEstimate) -> str:
    calls = f"{found.calls:,} calls" + (
        f" ({found.answered:,} are answered already)" if found.answered else ""
    )
    cost = "cost not known" if found.usd is None else _between(found.usd, show_usd)
    if found.unpriced and found.usd is not None:
        cost += f", and what {join(found.unpriced)} costs, which is not known"
    if found.most_usd is not None and found.usd is not None and found.usd.high > 0:
        cost += f"; at most {show_usd(found.most_usd)} if every answer is as long as it may be, retries apart"
    return f"{calls}, {cost}"


def _rests_on(plan: Plan, found: RunEstimate) -> str:
    inputs = join(dict.fromkeys(one.input_basis for one in found.candidates))
    outputs = join(dict.fromkeys(one.output_basis for one in found.candidates if one.output_basis)) or "none"
    times = join(dict.fromkeys(one.time_basis for one in found.candidates))
    prices = "; ".join(plan.price_sources) or "none"
    return f"input: {inputs}, none of it cached. Output: {outputs}. Time: {times}. Prices: {prices}"


def _budget(plan: Plan, found: RunEstimate) -> str:
    limit = plan.suite.budget_usd
    if limit is None:
        return "none: --budget 5 sets a stop, in dollars, that holds"
    text = f"{show_usd(limit)}, for this run and all earlier ones of the same calls"
    if found.unpriced:
        return f"{text}. IT CAN NOT HOLD for {join(found.unpriced)}: the price is not known"
    if found.usd is None or found.usd.high <= limit:
        return text
    last = "will not" if found.usd.low > limit else "may not"
    return f"{text}. It {last} last: the run stops before it is passed, and can be continued"


def _rejected(plan: Plan) -> list[str]:
    rejected = plan.suite.cases.rejected
    if not rejected:
        return []
    first = "; ".join(f"{problem.place}: {problem.message}" for problem in rejected[:3])
    return [
        f"{len(rejected):,} rows of the case file are not used: {first}{'; …' if len(rejected) > 3 else ''}"
    ]


def estimate_as_json(plan: Plan, found: RunEstimate) -> dict[str, Any]:
    """The estimate for programs."""
    return {
        "cases": len(plan.suite.cases.cases), "calls": found.calls, "answered": found.answered,
        "usd": _span(found.usd), "most_usd": found.most_usd, "seconds": _span(found.seconds),
        "budget_usd": plan.suite.budget_usd, "unpriced": list(found.unpriced), "prices": list(plan.price_sources),
        "notes": [*plan.suite.notes, *_rejected(plan)],
        "candidates": {
            one.name: {
                "model": one.model, "prompt": one.prompt, "calls": one.calls, "answered": one.answered,
                "input_tokens": _span(one.input_tokens), "output_tokens": _span(one.output_tokens),
                "usd": _span(one.usd), "most_usd": one.most_usd, "seconds": _span(one.seconds),
                "input_basis": one.input_basis, "output_basis": one.output_basis, "time_basis": one.time_basis,
            }
            for one in found.candidates
        },
    }  # fmt: skip


def _span(span: Span | None) -> dict[str, float] | None:
    return None if span is None else {"value": span.value, "low": span.low, "high": span.high}


# -------------------------------------------------------------------------------------------------- result


def result_page(
    found: Sequence[CandidateSummary],
    *,
    wanted: int,
    title: str,
    files: Sequence[Path],
    said: Sequence[str],
    width: int,
) -> str:
    """What came of the run. ``wanted``: runs that each candidate was to make."""
    lines = ["", *_line("RESULT", f"{title}; 95% intervals; p50, p95: times of a call", width)]
    head = ("candidate", "score", "cases", "format", "not scored", "cost", "p50", "p95")
    rows = [_result_row(one, wanted) for one in found]
    table = _table(head, rows, left=2)
    for kept in (
        (0, 1, 2, 3, 4, 5, 7),
        (0, 1, 2, 3, 4, 5),
    ):  # on a narrow page the times go, as last the slow ones
        if _too_wide(table, width):
            table = _table([head[k] for k in kept], [[row[k] for k in kept] for row in rows], left=2)
    lines += table
    for one in found:
        lines += _reasons(one, wanted, width)
    lines.append("")
    lines += _line("Wrote", ", ".join(map(str, files)), width)
    for text in said:
        label, _, rest = text.partition(": ")
        lines += _line(label, rest, width)
    return "\n".join(lines)


def _result_row(one: CandidateSummary, wanted: int) -> tuple[str, ...]:
    times = [seconds(one.latency_s[name]) if name in one.latency_s else "–" for name in ("p50", "p95")]
    lost = f"{one.n_not_scored + wanted - one.n_runs:,}"
    return (one.name, _score(one), f"{one.n_cases:,}", f"{one.format_failures:,}", lost, _cost(one), *times)


def _cost(one: CandidateSummary) -> str:
    answered = one.n_runs - one.n_not_scored
    if one.cost_usd is None:
        return "not known" if answered else "$0"
    return f"over {show_usd(one.cost_usd)}" if one.n_costed < answered else show_usd(one.cost_usd)


def _score(one: CandidateSummary) -> str:
    if one.score is None:
        return "no score"
    if not one.score.enough:
        return f"{percent(one.score.value)} (too few)"
    return f"{percent(one.score.value)} {interval(one.score)}"


def _reasons(one: CandidateSummary, wanted: int, width: int) -> list[str]:
    reasons = [f"{n:,} {reason}" for reason, n in one.failures.items()]
    reasons += [f"{wanted - one.n_runs:,} not asked"] if wanted > one.n_runs else []
    if not reasons:
        return []
    return textwrap.wrap(
        clean(f"{one.name}, not scored and not counted as wrong: {', '.join(reasons)}"), width,
        initial_indent="  ", subsequent_indent="    ",
    )  # fmt: skip
