"""Differences between candidates that one judge scored, corrected by what people say of the answers to both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.calibrating import JUDGED, highest_mark
from breakeven.evidence.evals.comparison import Pair
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.statistics.judged_pairs import JudgedDifference, judged_difference, judged_mean_difference
from breakeven.statistics.judges import LEAST_FOR_PPI, LEAST_LABELS

__all__ = ["PICKED_BY_JUDGE", "corrected", "is_judged", "judge_notes"]

PICKED_BY_JUDGE: Final = (
    "which version is best, and its correction for having been picked, are by the judge's verdicts: no labels "
    "of people enter them"
)


def is_judged(result: EvalResult) -> bool:
    """Whether a judge's verdict is the score."""
    return isinstance(result.settings.get("judge"), Mapping) and str(result.scorer or "").startswith(JUDGED)


def corrected(pair: Pair, results: Mapping[str, EvalResult], n_others: int, rng: np.random.Generator) -> Pair:
    """The pair with its difference by people, where they labelled enough answers of both; else as it is.

    n_others: candidates that the reference is compared with, for intervals that are to hold together.
    """
    verdict, level = pair.inferiority, pair.comparison.difference.level
    judged = _judged_pair(results[pair.a], results[pair.b], margin=verdict.margin, level=level, rng=rng)
    if judged is None:
        return pair
    wide = (
        None if pair.adjusted is None else judged.at(1 - (1 - level) / n_others, "simultaneous (Bonferroni)")
    )
    return replace(
        pair, judged=judged, inferiority=judged.inferiority, to_settle=None,
        to_show=judged.labels_needed if judged.inferiority.verdict == "cannot tell" else None,
        adjusted=None if wide is None else replace(wide, level=level), p_adjusted=None,
    )  # fmt: skip


def _judged_pair(
    a: EvalResult, b: EvalResult, *, margin: float, level: float, rng: np.random.Generator
) -> JudgedDifference | None:
    """b less a as people would score them, on the runs of cases that both have a verdict of; None where it can not be
    said: no judge's scores, marks on two scales, or too few labels of either."""
    if not (is_judged(a) and is_judged(b)) or highest_mark(a) != highest_mark(b):
        return None
    rows = _paired(a, b)
    if not rows:
        return None
    verdicts = [np.array([pair[k].score for pair in rows], dtype=np.float64) for k in (0, 1)]
    human = [
        np.array([np.nan if (label := pair[k].human) is None else label for pair in rows], dtype=np.float64)
        for k in (0, 1)
    ]
    compared = judged_difference if highest_mark(a) is None else judged_mean_difference
    try:
        return compared(
            (verdicts[0], verdicts[1]),
            (human[0], human[1]),
            rng,
            margin=margin,
            level=level,
            clusters=_clusters(rows),
        )
    except NotEnoughEvidenceError:
        return None


def _paired(a: EvalResult, b: EvalResult) -> list[tuple[CaseRun, CaseRun]]:
    """Runs that both have, by case and repeat."""
    there = {(run.id, run.repeat): run for run in b.runs if run.score is not None}
    found = ((run, there.get((run.id, run.repeat))) for run in a.runs if run.score is not None)
    return [(one, other) for one, other in found if other is not None]


def _clusters(rows: list[tuple[CaseRun, CaseRun]]) -> list[str | None] | None:
    """Groups of runs that stand or fall together: a case's cluster, else the case where it was run several times."""
    repeated = len({one.id for one, _ in rows}) < len(rows)
    found = [
        f"cluster {named}" if (named := one.cluster or other.cluster) is not None
        else f"case {one.id}" if repeated else None
        for one, other in rows
    ]  # fmt: skip
    return found if any(label is not None for label in found) else None


def judge_notes(
    results: Mapping[str, EvalResult], pairs: Sequence[Pair], *, picked: bool = False
) -> Iterator[str]:
    """Which scores are a judge's, which of them people have checked, and which differences are so corrected.

    picked: the best of versions is told.
    """
    judged = {name: result for name, result in results.items() if is_judged(result)}
    for name, result in judged.items():
        n, least = sum(run.human is not None for run in result.runs), _least(result)
        if n >= least:
            yield f"{name}: its score is calibrated by {n:,} human labels"
        else:
            yield (
                f"{name} is scored by a judge that people have not checked ({n:,} human labels, {least} are needed): "
                "intervals leave out that it errs"
            )
    open_ones = [pair.b for pair in pairs if pair.judged is None and {pair.a, pair.b} <= judged.keys()]
    if open_ones:
        most = max(map(_least, judged.values()))
        yield (
            f"differences of {', '.join(open_ones)} are between the judge's verdicts: label {most} or more answers "
            "of both candidates, to the same cases, and they are corrected too"
        )
    if any(pair.judged is not None for pair in pairs):
        yield "segments and worst cases are by the judge's verdicts"
    if picked and judged:
        yield PICKED_BY_JUDGE


def _least(result: EvalResult) -> int:
    return LEAST_LABELS if highest_mark(result) is None else LEAST_FOR_PPI
