"""What a search for a better prompt brought, for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from breakeven.evidence.evals.improving.improve import Improvement
from breakeven.evidence.evals.prompting import PromptVersion
from breakeven.quantities import show_usd
from breakeven.report.comparison_text import fitted
from breakeven.report.eval_figures import interval, percent, points, points_interval
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean
from breakeven.statistics.estimate import Estimate

__all__ = ["improvement_as_dict", "improvement_text", "note_of"]

_GUTTER = 12


def note_of(found: Improvement) -> str:
    """What the library notes of the new version: how it was found, and the figure that counts."""
    assert found.chosen is not None
    assert found.difference is not None
    words = "" if found.verdict == "better" else ", not shown to be better"
    return (
        f"{found.chosen.how}; {points(found.difference.value)} points {points_interval(found.difference)} on "
        f"{found.difference.n} unseen cases{words}"
    )


def improvement_text(found: Improvement, saved: PromptVersion | None, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    parent = found.parent.prompt
    lines = wrapped(
        f"{clean(parent.name)} {clean(parent.version)}, {clean(found.parent.model)}: {_verdict(found)}", width
    )
    rows = [
        (clean(one.how), str(one.n_shots), percent(one.trial.mean), "chosen" if one is found.chosen else "")
        for one in found.tried
    ]
    lines += fitted(("tried", "examples", "picking", ""), rows, width, right=(1, 2), drop=(1,))
    lines.append("")
    for label, text in _entries(found, saved):
        lines += wrapped(text, width, indent=f"{label:<{_GUTTER}}", hanging=" " * _GUTTER)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _verdict(found: Improvement) -> str:
    if found.chosen is None:
        return "no better: nothing that was tried scored higher than the parent"
    if found.verdict == "better":
        return "better, on cases that the search never saw"
    if found.verdict == "not shown":
        return "ahead on cases that the search never saw, but not shown to be better"
    return "no better on cases that the search never saw"


def _entries(found: Improvement, saved: PromptVersion | None) -> Iterator[tuple[str, str]]:
    parts = found.parts
    if found.difference is not None and found.score is not None and found.parent_score is not None:
        yield (
            "UNSEEN",
            f"{points(found.difference.value)} points {points_interval(found.difference)} "
            f"({found.difference.level:.1%}, paired, {found.difference.n:,} cases): {percent(found.score.value)} "
            f"{interval(found.score)} after {percent(found.parent_score.value)} {interval(found.parent_score)}",
        )
        yield (
            "PICKED ON",
            f"{points(found.gain_when_picked)} points, on {len(parts.select):,} cases; too high on average, since it "
            f"was picked for that from {len(found.tried)}",
        )
    yield (
        "CASES",
        f"{len(parts.train):,} to learn from, {len(parts.select):,} to pick on, {len(parts.unseen):,} unseen; no "
        "cluster and no question in two of them",
    )
    if found.opened is not None:
        once = "once" if found.opened.number == 1 else f"{found.opened.number}×"
        yield "OPENED", f"these unseen cases have been used {once}; the intervals pay for it"
    if found.stopped:
        yield "STOPPED", "the budget ended the search; what was set aside paid for the figure above"
    yield "SPENT", f"{show_usd(found.spent_usd)} in all; {found.answered:,} calls answered now"
    for note in found.notes:
        yield "NOTE", clean(note)
    if saved is not None:
        yield "SAVED", f"{clean(saved.path)}: {clean(saved.name)} {clean(saved.version)}"
        if found.chosen is not None and found.chosen.n_shots:
            yield "", "its examples stand in the file: name it in the suite without `shots`"


def improvement_as_dict(found: Improvement, saved: PromptVersion | None) -> dict[str, Any]:
    """The same for programs."""

    def estimate(one: Estimate | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {"value": one.value, "low": one.low, "high": one.high, "level": one.level, "n": one.n}

    return {
        "candidate": found.parent.name, "model": found.parent.model, "verdict": found.verdict,
        "parent": {"version": found.parent.prompt.version, "sha256": found.parent.prompt.sha256},
        "saved": None if saved is None else {"version": saved.version, "sha256": saved.sha256, "file": saved.path},
        "unseen": {
            "difference": estimate(found.difference), "score": estimate(found.score),
            "parent_score": estimate(found.parent_score),
            "openings": None if found.opened is None else found.opened.number,
        },
        "picked_on": {"gain": found.gain_when_picked, "n": len(found.parts.select)},
        "cases": {name: len(part) for name, part in vars(found.parts).items()},
        "tried": [
            {"how": one.how, "examples": one.n_shots, "score": one.trial.mean, "chosen": one is found.chosen}
            for one in found.tried
        ],
        "spent_usd": found.spent_usd, "answered": found.answered, "stopped": found.stopped, "notes": list(found.notes),
    }  # fmt: skip
