"""What a study should know of a result file besides its scores: cut short, opened, other tokens than stated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from breakeven.evidence import ScoreTable
from breakeven.evidence.evals.result import EvalResult
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.holdout import opening_cost
from breakeven.study.model import Tokens

__all__ = ["Seen", "seen_in", "token_notes"]

_APART: Final = 0.20
_LEVEL: Final = 0.90


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a result file of ours says besides scores."""

    notes: tuple[str, ...] = ()
    widening: float = 1.0
    """For a sealed set that was opened more than once, and for a judge that people corrected."""
    moved: float = 0.0
    """What people's labels add to a judge's mean score."""
    input_tokens: float | None = None
    """Mean of a call; None: not told."""
    output_tokens: float | None = None
    """Shown and reasoning together."""
    openings: int | None = None
    """How often the sealed cases had been opened; None: they are not sealed."""
    confidence: Mapping[str, float] = field(default_factory=dict)
    """Case → how sure the candidate was of its answer (0 to 1), where the file says so."""


def seen_in(name: str, path: Path, table: ScoreTable) -> Seen:
    """What the file says; a plain file of scores says nothing."""
    if "breakeven_eval" not in table.ignored:
        return Seen()
    from breakeven.evidence.evals.files import read_result

    result = read_result(path)
    moved, wider, told = _corrected(name, result)
    opened = opening_cost(result.hold_out_openings or 1, level=_LEVEL).widening
    return Seen(
        notes=(*_notes(name, result), *told),
        widening=wider * opened / opening_cost(1, level=_LEVEL).widening,
        moved=moved,
        input_tokens=_mean(run.input_tokens for run in result.runs),
        output_tokens=_mean(run.output_tokens for run in result.runs),
        openings=result.hold_out_openings,
        confidence=_confidence(result),
    )


def _confidence(result: EvalResult) -> dict[str, float]:
    """Mean over the runs of each case."""
    found: dict[str, list[float]] = {}
    for run in result.runs:
        sure = run.scores.get("confidence")
        if sure is not None:
            found.setdefault(run.id, []).append(sure)
    return {case: sum(values) / len(values) for case, values in found.items()}


def _corrected(name: str, result: EvalResult) -> tuple[float, float, list[str]]:
    """How far people's labels move a judge's scores, and how much wider they are known; and what to say of it."""
    from breakeven.evidence.evals.summarising import summarise_result

    if not any(run.human is not None for run in result.runs):
        return 0.0, 1.0, []
    summary = summarise_result(name, result, level=_LEVEL)
    found = summary.calibration
    if found is None or found.raw is None or summary.score is not found.corrected:
        return 0.0, 1.0, []
    before = _width(found.raw)
    wider = max(_width(found.corrected) / before, 1.0) if before > 0 else 1.0
    said = f"{name}: its judge's scores are corrected by {found.n_labels:,} labels of people: "
    said += f"{found.raw.value:.1%} by the judge, {found.corrected.value:.1%} with them"
    return found.corrected.value - found.raw.value, wider, [said]


def _notes(name: str, result: EvalResult) -> list[str]:
    notes = []
    if not result.complete:
        ran = len({run.id for run in result.runs})
        notes.append(
            f"{name}: its eval was cut short after {ran:,} cases; what was not asked is not counted as wrong. "
            "`breakeven eval run` goes on with it"
        )
    if result.hold_out_openings:
        times = "once" if result.hold_out_openings == 1 else f"{result.hold_out_openings} times"
        wider = "" if result.hold_out_openings == 1 else "; its quality is widened for that"
        notes.append(f"{name}: the sealed cases had been opened {times}{wider}")
    return notes


def _width(estimate: Estimate) -> float:
    return estimate.high - estimate.low if estimate.low is not None and estimate.high is not None else 0.0


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def token_notes(seen: Mapping[str, Seen], tokens: Mapping[str, Tokens | None]) -> list[str]:
    """Where an eval used more than 20% more or fewer tokens a call than the study counts with."""
    notes = []
    for name, found in seen.items():
        counted = tokens.get(name)
        if counted is None:
            continue
        stated = {
            "input": (found.input_tokens, counted.static.centre + counted.input.centre),
            "output": (found.output_tokens, counted.output.centre + counted.reasoning.centre),
        }
        for kind, (measured, here) in stated.items():
            if measured is not None and abs(measured - here) > _APART * max(here, 1.0):
                notes.append(
                    f"{name}: its eval used {measured:,.0f} {kind} tokens a call, the study counts {here:,.0f}: "
                    f"is `tokens` right, or are the cases not like production?"
                )
    return notes
