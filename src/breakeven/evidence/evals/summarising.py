"""One result in figures: its score, where its error comes from, what failed, what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.calibrating import JUDGED, Calibration, calibration_of
from breakeven.evidence.evals.comparison import CandidateSummary
from breakeven.evidence.evals.corpus import corpus_of
from breakeven.evidence.evals.kept import PLANNED
from breakeven.evidence.evals.result import FORMAT, CaseRun, EvalResult
from breakeven.statistics.arrays import FloatArray
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.holdout import holdout_estimate
from breakeven.statistics.intervals import clustered_wilson, variance_parts
from breakeven.statistics.segments import Segments, segment_means

__all__ = ["FEWEST_SEGMENTS", "segment_scores", "summarise_result"]

FEWEST_SEGMENTS: Final = 3
"""Fewer do not show how segments differ, so none is drawn towards another."""


def summarise_result(name: str, result: EvalResult, *, level: float = 0.95) -> CandidateSummary:
    """One result in figures."""
    scored = [run for run in result.runs if run.score is not None]
    scores = np.array([run.score for run in scored], dtype=np.float64)
    cases = [run.id for run in scored]
    clusters = [run.cluster for run in scored] if any(run.cluster is not None for run in scored) else None
    n_cases = len(set(cases))
    lost = [run for run in result.runs if run.score is None]
    costs = [run.cost_usd for run in result.runs if run.cost_usd is not None]
    judged = [run.judge_cost_usd for run in result.runs if run.judge_cost_usd is not None]
    calibration = _calibration(result, level)
    is_score = calibration is not None and str(result.scorer or "").startswith(JUDGED)
    return CandidateSummary(
        name=name,
        result=result,
        score=calibration.corrected
        if is_score and calibration is not None
        else (_score(result, scores, cases, clusters, level) if scored else None),
        calibration=calibration,
        variance=variance_parts(scores, cases=cases) if n_cases > 1 else None,
        n_cases=n_cases,
        n_runs=len(result.runs),
        n_not_scored=len(lost),
        failures=dict(Counter(run.failure or "not said" for run in lost).most_common()),
        format_failures=sum(run.failure == FORMAT for run in scored),
        cost_usd=float(sum(costs)) if costs else None,
        n_costed=len(costs),
        judge_cost_usd=float(sum(judged)) if judged else None,
        tokens=_tokens(result.runs),
        latency_s=_latency(result.runs),
        corpus=corpus_of(
            result.runs, level=level, only_classes=str(result.scorer or "").startswith("exact match")
        ),
    )


def _score(
    result: EvalResult, scores: FloatArray, cases: list[str], clusters: list[str | None] | None, level: float
) -> Estimate:
    """The mean score; on sealed cases, with an interval that pays for every opening there was."""
    if result.hold_out_openings:
        planned = result.settings.get(PLANNED)
        return holdout_estimate(
            scores, result.hold_out_openings, planned=planned if isinstance(planned, int) else None, cases=cases,
            clusters=clusters, level=level,
        )  # fmt: skip
    return clustered_wilson(scores, cases=cases, clusters=clusters, level=level)


def _calibration(result: EvalResult, level: float) -> Calibration | None:
    """What people's labels make of it; None where there are none, or too few to state anything."""
    try:
        return calibration_of(result, level=level)
    except NotEnoughEvidenceError:
        return None


def _tokens(runs: Sequence[CaseRun]) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in ("input", "cached", "output", "reasoning"):
        counts = [n for run in runs if (n := getattr(run, f"{kind}_tokens")) is not None]
        if counts:
            found[kind] = float(np.mean(counts))
    return found


def _latency(runs: Sequence[CaseRun]) -> dict[str, float]:
    seconds = [run.latency_s for run in runs if run.latency_s is not None]
    if not seconds:
        return {}
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    return {"p50": float(p50), "p95": float(p95)}


def segment_scores(result: EvalResult, *, level: float = 0.95) -> Segments:
    """Mean score by segment, drawn towards the whole; raises NotEnoughEvidenceError under three segments."""
    scores: dict[str, list[float]] = {}
    segments: dict[str, str] = {}
    clusters: dict[str, str | None] = {}
    for run in result.runs:
        if run.score is not None and run.segment is not None:
            scores.setdefault(run.id, []).append(run.score)
            segments[run.id] = run.segment
            clusters[run.id] = clusters.get(run.id) or run.cluster
    if len(set(segments.values())) < FEWEST_SEGMENTS:
        raise NotEnoughEvidenceError(
            f"{len(set(segments.values()))} segments; at least {FEWEST_SEGMENTS} are needed"
        )
    means = [sum(found) / len(found) for found in scores.values()]
    if max(means) == min(means):
        raise NotEnoughEvidenceError("all scores are the same: segments can not be seen to differ")
    labels = [segments[case] for case in scores]
    known = [clusters[case] for case in scores]
    grouped = known if any(label is not None for label in known) else None
    return segment_means(means, labels, clusters=grouped, level=level)
