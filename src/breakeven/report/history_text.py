"""A prompt's history for the terminal: versions as scored and corrected, and what one more is worth."""

from __future__ import annotations

from collections.abc import Iterator

from breakeven.evidence.evals.comparing_judged import PICKED_BY_JUDGE, is_judged
from breakeven.evidence.evals.history import History, Worth
from breakeven.quantities import show_usd
from breakeven.report.comparison_text import fitted
from breakeven.report.eval_figures import (
    interval,
    percent,
    points,
    points_interval,
    points_words,
    probability,
)
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean

__all__ = ["history_text"]

_GUTTER = 12


def history_text(history: History, worth: Worth | None = None, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    level = f"{history.best.raw.level:.0%}"
    n = len(history.points)
    model = f", {clean(history.model)}" if history.model else ""
    title = (
        f"{clean(history.prompt)}: {n} version{'s' * (n != 1)} on the same {history.n_cases:,} cases{model}"
    )
    lines = wrapped(title, width)
    rows = [
        (clean(p.label), clean(p.result.date.isoformat() if p.result.date else ""), percent(p.raw.value),
         interval(p.raw),
         *((percent(p.corrected.value), interval(p.corrected), probability(p.p_best)) if n > 1 else ("", "", "")))
        for p in history.points
    ]  # fmt: skip
    head = ("version", "measured", "scored", level, "corrected", level, "P(best)")
    lines += fitted(head, rows, width, right=(2, 3, 4, 5, 6), drop=(1, 3))
    lines.append("")
    for label, text in _entries(history, worth):
        lines += wrapped(text, width, indent=f"{label:<{_GUTTER}}", hanging=" " * _GUTTER)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _entries(history: History, worth: Worth | None) -> Iterator[tuple[str, str]]:
    best, optimism = history.best, history.selection.optimism
    if len(history.points) > 1:
        yield (
            "BEST",
            f"{clean(best.label)} scored highest: {percent(best.raw.value)}. It was picked for that, so it was also "
            f"lucky: corrected {percent(best.corrected.value)} {interval(best.corrected)}, {points_words(optimism)} "
            f"{'less' if optimism >= 0 else 'more'}; it is truly the best with {probability(best.p_best)}",
        )
        if any(is_judged(p.result) for p in history.points):
            yield "JUDGED", PICKED_BY_JUDGE
    if history.dropped:
        cases = "1 case" if history.dropped == 1 else f"{history.dropped:,} cases"
        yield "LEFT OUT", f"{cases} without a score of every version"
    if history.sealed:
        yield "SEALED", "these cases are a sealed hold-out; picking a version by them uses it up"
    yield from _next(history, worth)
    yield "GATE", _gate(history)


def _next(history: History, worth: Worth | None) -> Iterator[tuple[str, str]]:
    found = history.next
    if found is None:
        yield "NEXT", "one version shows no step; run a second one on these cases"
        return
    rests = f"; {found.prior_share:.0%} of this forecast rests on a prior guess of ±2 points a step"
    yield (
        "NEXT",
        f"one more version, kept only if it scores higher: {points(found.gain.value)} points "
        f"{points_interval(found.gain)}; truly better with {probability(found.p_gains)}{rests}",
    )
    if worth is not None and found.value_usd is not None:
        yield "WORTH", _worth(history, worth)


def _worth(history: History, worth: Worth) -> str:
    found = history.next
    assert found is not None  # only then is there a worth
    text = (
        f"on average {show_usd(found.value_usd or 0.0)} at most, at {show_usd(worth.usd_per_point)} a point"
    )
    text += f" ({clean(worth.source)})"
    if found.cost_usd is None or found.p_pays is None:
        return text + "; with --cost, what an iteration costs, it is said whether it pays"
    verdict = "more" if found.pays else "less"
    return (
        text
        + f": {verdict} than the {show_usd(found.cost_usd)} it costs; it pays with {probability(found.p_pays)}"
    )


def _gate(history: History) -> str:
    def part(name: str) -> str:
        entry = history.gate[name]
        assert isinstance(entry, dict)
        return f"{entry['have']:,} of {entry['need']:,} {name}"

    met = "met" if history.gate["met"] else "not met"
    return f"{met}: {part('iterations')} and {part('cases')}, which document 000 asks for before tuning is considered"
