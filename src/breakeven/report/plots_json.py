"""The figures behind the decision's pictures, as plain dicts, lists and finite numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breakeven.advice.plot_types import (
        AcceptabilityGrid,
        CurvePoint,
        EvidenceFacts,
        LearningFan,
        MeasuredDifference,
        NextGain,
        OutcomeGrid,
        RoutingFrontier,
    )
    from breakeven.economics.options.waiting import Waiting
    from breakeven.statistics.cost_effectiveness import IcerRow

__all__ = [
    "acceptability_dict",
    "difference_dict",
    "evidence_dict",
    "gain_dict",
    "icer_dict",
    "learning_dict",
    "number",
    "outcome_dict",
    "routing_dict",
    "waiting_dict",
]


def number(value: float | None) -> float | None:
    """A finite number, or None."""
    if value is None:
        return None
    plain = float(value)
    return plain if math.isfinite(plain) else None


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [number(value) for value in values]


def waiting_dict(w: Waiting) -> dict[str, Any]:
    """Waiting some months (None: as it turns out) and choosing then."""
    return {
        "months": w.months,
        "net_usd": number(w.value_usd),
        "information_usd": number(w.information_usd),
        "delay_usd": number(w.delay_usd),
        "standard_error_usd": number(w.error_usd),
        "p_changes": number(w.p_changes),
        "then": w.then,
    }


def outcome_dict(o: OutcomeGrid) -> dict[str, Any]:
    """What each result of a purchase would have one do."""
    return {
        "figure": f"{o.words} {o.on}".strip(),
        "kind": o.kind,
        "leader": o.leader,
        "values": _numbers(o.values),
        "gain_usd": {name: _numbers(o.expected_usd[:, k]) for k, name in enumerate(o.names)},
        "bins": _numbers(o.edges),
        "p": _numbers(o.share),
    }


def acceptability_dict(a: AcceptabilityGrid) -> dict[str, Any]:
    """Who is best at each price of an error, or worth of a point."""
    low, mean, high = (None, None, None) if a.believed is None else a.believed
    return {
        "over": a.over,
        "usd": _numbers(a.values_usd),
        "p_best": {name: _numbers(a.p_best[:, k]) for k, name in enumerate(a.names)},
        "frontier": list(a.frontier),
        "believed_usd": {"mean": number(mean), "p05": number(low), "p95": number(high)},
    }


def icer_dict(r: IcerRow) -> dict[str, Any]:
    """One row of incremental ratios; effects are points of quality."""
    return {
        "candidate": r.name,
        "cost_usd": number(r.cost),
        "quality_points": number(r.effect),
        "usd_per_point": number(r.icer),
        "status": r.status,
    }


def difference_dict(x: MeasuredDifference) -> dict[str, Any]:
    """Scores on the same cases, as read and as counted."""
    return {
        "candidate": x.candidate,
        "reference": x.reference,
        "n": x.n_cases,
        "n_clusters": x.n_clusters,
        "raw": {"difference": number(x.raw), "p05": number(x.raw_low), "p95": number(x.raw_high)},
        "corrected": {
            "difference": number(x.corrected), "p05": number(x.corrected_low), "p95": number(x.corrected_high),
        },
        "p_better": number(x.p_better),
        "corrected_for": list(x.why),
    }  # fmt: skip


def evidence_dict(e: EvidenceFacts) -> dict[str, Any]:
    """What a candidate's scores stand on."""
    return {
        "candidate": e.candidate,
        "n": e.n_cases,
        "iterations": e.iterations,
        "optimism": number(e.optimism),
        "sealed_openings": e.openings,
    }


def routing_dict(r: RoutingFrontier) -> dict[str, Any]:
    """The cross-fitted frontier of a router."""
    return {
        "small": r.small,
        "large": r.large,
        "n": r.n_cases,
        "shares": _numbers(r.shares),
        "quality": _numbers(r.quality),
        "quality_by_chance": _numbers(r.by_chance),
        "best_share": number(r.best_share),
        "value_usd_per_1000_calls": number(r.value_usd_per_1000),
        "standard_error_usd_per_1000_calls": number(r.error_usd_per_1000),
        "all_handed_on_usd_per_1000_calls": number(r.large_usd_per_1000),
        "extra_cost_usd_per_1000_calls": number(r.extra_cost_usd_per_1000),
    }


def gain_dict(g: NextGain) -> dict[str, Any]:
    """What one more version of a prompt may bring."""
    return {
        "candidate": g.candidate,
        "versions": g.versions,
        "n": g.n_cases,
        "usd_per_point": number(g.usd_per_point),
        "value_usd": number(g.value_usd),
        "cost_usd": number(g.cost_usd),
        "p_gains": number(g.p_gains),
        "p_pays": number(g.p_pays),
        "prior_share": number(g.prior_share),
        "scores": [
            {"scored": number(raw), "corrected": number(fixed), "p05": number(low), "p95": number(high)}
            for raw, fixed, low, high in g.scores
        ],
    }


def learning_dict(f: LearningFan) -> dict[str, Any]:
    """What a training run of each size brings."""
    return {
        "candidate": f.candidate,
        "file": f.file,
        "runs": [{"size": number(size), "score": number(score)} for size, score in f.runs],
        "largest": number(f.largest),
        "farthest": number(f.farthest),
        "level": number(f.level),
        "planned_examples": number(f.planned),
        "expected": None if f.expected is None else _curve_point(f.expected),
        "forecasts": [_curve_point(p) for p in f.marked],
    }


def _curve_point(p: CurvePoint) -> dict[str, Any]:
    return {
        "size": number(p.size), "score": number(p.value), "low": number(p.low), "high": number(p.high),
        "extrapolated": p.extrapolated,
    }  # fmt: skip
