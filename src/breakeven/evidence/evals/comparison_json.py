"""A comparison, and one result's summary, as plain data under stable keys."""

from __future__ import annotations

import math
from typing import Any, Final

from breakeven.evidence.evals.comparison import CandidateSummary, Comparison, Pair
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.f_measure import CorpusF1
from breakeven.statistics.intervals import VarianceParts
from breakeven.statistics.judged_pairs import JudgedDifference
from breakeven.statistics.sample_size import Needed
from breakeven.statistics.segments import Segments

__all__ = ["candidate_as_dict", "comparison_as_dict", "segments_as_dict"]

_SHOWN_IDS: Final = 20


def comparison_as_dict(c: Comparison) -> dict[str, Any]:
    """The comparison for programs: keys are added to, never renamed."""
    return {
        "level": c.level,
        "margin": c.margin,
        "reference": c.reference,
        "candidates": {
            s.name: {**candidate_as_dict(s), "p_best": c.p_best.get(s.name)} for s in c.candidates
        },
        "pairs": [_pair(pair) for pair in c.pairs],
        "unpaired": [
            {
                "candidate": u.candidate,
                "against": u.against,
                "reason": u.reason,
                "n": len(u.ids),
                "ids": list(u.ids[:_SHOWN_IDS]),
            }
            for u in c.unpaired
        ],
        "segments": {
            "field": c.segment_field,
            "candidates": {name: segments_as_dict(found) for name, found in c.segments.items()},
        },
        "regressions": [vars(found) for found in c.regressions],
        "selection": None
        if c.selection is None
        else {
            "versions": list(c.selection.names),
            "best": c.selection.best,
            "seen": _estimate(c.selection.seen),
            "corrected": _estimate(c.selection.corrected),
            "optimism": c.selection.optimism,
        },
        "notes": list(c.notes),
    }


def candidate_as_dict(s: CandidateSummary) -> dict[str, Any]:
    """One candidate's figures."""
    score = s.score
    return {
        "n": s.n_cases,
        "n_clusters": s.n_cases if score is None or score.n_clusters is None else score.n_clusters,
        "mean": None if score is None else score.value,
        "low": None if score is None else score.low,
        "high": None if score is None else score.high,
        "level": None if score is None else score.level,
        "method": None if score is None else score.method,
        "format_failures": s.format_failures,
        "cost_usd": s.cost_usd,
        "runs": s.n_runs,
        "not_scored": s.n_not_scored,
        "failures": dict(s.failures),
        "runs_with_cost": s.n_costed,
        "judge_cost_usd": s.judge_cost_usd,
        "tokens_per_run": dict(s.tokens),
        "latency_s": dict(s.latency_s),
        "human_labels": 0 if s.calibration is None else s.calibration.n_labels,
        "judge_alone": None
        if s.calibration is None or s.calibration.raw is None
        else _estimate(s.calibration.raw),
        "variance": _variance(s.variance),
        "corpus": None if s.corpus is None else _corpus(s.corpus),
        "complete": s.result.complete,
        "model": s.result.model,
        "scorer": s.result.scorer,
        "date": None if s.result.date is None else s.result.date.isoformat(),
        "iterations": s.result.iterations,
        "hold_out_openings": s.result.hold_out_openings,
    }


def _corpus(found: CorpusF1) -> dict[str, Any]:
    return {
        "micro_f1": _estimate(found.micro),
        "macro_f1": None if found.macro is None else _estimate(found.macro),
        "precision": found.precision,
        "recall": found.recall,
        "labels": [
            {"label": one.label, "precision": one.precision, "recall": one.recall, "support": one.support,
             "f1": _estimate(one.f1),
             "recall_interval": None if one.recalled is None else _estimate(one.recalled)}
            for one in found.labels
        ],
    }  # fmt: skip


def _variance(parts: VarianceParts | None) -> dict[str, Any] | None:
    if parts is None:
        return None
    return {
        "between_cases": parts.between,
        "within_cases": parts.within,
        "error_from_cases": parts.error_from_cases,
        "error_from_runs": parts.error_from_runs,
    }


def _pair(p: Pair) -> dict[str, Any]:
    found = p.comparison
    return {
        "a": p.a,
        "b": p.b,
        "n": p.n,
        "difference": p.difference.value,
        "low": p.difference.low,
        "high": p.difference.high,
        "level": p.difference.level,
        "method": p.difference.method,
        "p_b_better": p.p_b_better,
        "only_a": found.only_a,
        "only_b": found.only_b,
        "n_clusters": p.difference.n_clusters,
        "p_value": found.p_value,
        # JSON knows no infinity: an e-value beyond a float's reach settles as surely as the largest one.
        "e_value": found.e_value if math.isfinite(found.e_value) else 1e308,
        "non_inferiority": {
            "margin": p.inferiority.margin,
            "verdict": p.inferiority.verdict,
            "p_within": p.inferiority.p_within,
            "confidence": p.inferiority.confidence,
            **_estimate(p.inferiority.difference),
        },
        "cases_to_settle": _needed(p.to_settle),
        "cases_to_show_margin": None if p.judged is not None else _needed(p.to_show),
        "adjusted": None if p.adjusted is None else {**_estimate(p.adjusted), "p_adjusted": p.p_adjusted},
        "judged": None if p.judged is None else _judged(p, p.judged),
    }


def _judged(p: Pair, judged: JudgedDifference) -> dict[str, Any]:
    """What people changed; ``judge_alone`` is the difference between the judge's verdicts."""
    return {
        "judge_alone": {**_estimate(p.comparison.difference), "p_b_better": p.comparison.p_b_better},
        "human_labels": {"a": judged.n_labels[0], "b": judged.n_labels[1], "both": judged.n_both},
        "labels_to_show_margin": _needed(judged.labels_needed),
        "labels_purpose": None if judged.labels_needed is None else judged.labels_needed.purpose,
    }


def _needed(needed: Needed | None) -> dict[str, Any] | None:
    if needed is None:
        return None
    return {"n": needed.n, "low": needed.low, "high": needed.high, "more": needed.more}


def _estimate(e: Estimate) -> dict[str, Any]:
    return {"value": e.value, "low": e.low, "high": e.high, "level": e.level, "n": e.n, "method": e.method}


def segments_as_dict(found: Segments) -> dict[str, Any]:
    """Segments by name: raw and drawn towards the whole."""
    return {
        "centre": _estimate(found.centre),
        "spread": found.spread,
        "segments": [
            {"name": s.name, "raw": _estimate(s.raw), "shrunk": _estimate(s.shrunk), "kept": s.kept}
            for s in found.segments
        ],
    }
