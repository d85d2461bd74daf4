"""A path as JSON: the keys that programs rely on."""

from __future__ import annotations

import math
from typing import Any

from breakeven.advice.decision import Spread
from breakeven.advice.path_types import CadenceTable, PathAdvice, RetirementRow, Step
from breakeven.economics.options.hybrids import HybridSearch

__all__ = ["to_dict"]


def to_dict(p: PathAdvice) -> dict[str, Any]:
    """The path as plain dicts, lists, text and finite numbers."""
    return {
        "study": p.study,
        "seed": p.seed,
        "draws": p.draws,
        "start": p.start.isoformat(),
        "horizon_months": p.horizon_months,
        "today": p.today,
        "path": {
            "base": p.base,
            "target": p.target,
            "headline": p.headline,
            "shown": p.shown,
            "steps": [_step(s) for s in p.steps],
            "options": [
                {"key": o.key, "title": o.title, "source": o.source, "gain_usd": _spread(o.gain_usd),
                 "error_usd": _number(o.error_usd), "p_arrives": _number(o.p_arrives), "chosen": o.chosen}
                for o in p.options
            ],
        },
        "waiting": [
            {"months": w.months, "value_usd": _number(w.value_usd), "information_usd": _number(w.information_usd),
             "delay_usd": _number(w.delay_usd), "error_usd": _number(w.error_usd), "p_changes": _number(w.p_changes),
             "then": w.then}
            for w in p.waiting
        ],
        "retirements": [_retirement(r) for r in p.retirements],
        "cadence": [_cadence(c) for c in p.cadence],
        "hybrid_search": None if p.hybrid is None else _hybrid(p.hybrid),
        "assumptions": [
            {"input": a.input, "value": a.value, "p05": _number(a.low), "p50": _number(a.centre),
             "p95": _number(a.high), "unit": a.unit, "source": str(a.source), "source_kind": a.source.kind}
            for a in p.assumptions
        ],
        "notes": list(p.notes),
    }  # fmt: skip


def _number(value: float | None) -> float | None:
    if value is None:
        return None
    plain = float(value)
    return plain if math.isfinite(plain) else None


def _spread(s: Spread | None) -> dict[str, float | None] | None:
    return None if s is None else {"mean": _number(s.mean), "p05": _number(s.p05), "p95": _number(s.p95)}


def _step(s: Step) -> dict[str, Any]:
    gate = None
    if s.gate is not None:
        gate = {
            "figure": s.gate.figure, "side": s.gate.side, "threshold": _number(s.gate.threshold), "unit": s.gate.unit,
            "p_pass": _number(s.gate.p_pass),
        }  # fmt: skip
    return {
        "what": s.what, "month": s.month, "date": s.date.isoformat(), "p_reached": _number(s.p_reached),
        "effort_hours": _spread(s.effort_hours), "cost_usd": _spread(s.cost_usd), "gate": gate, "rollback": s.rollback,
    }  # fmt: skip


def _retirement(r: RetirementRow) -> dict[str, Any]:
    return {
        "candidate": r.candidate, "model": r.model, "month": r.month, "date": r.date.isoformat(), "kind": r.kind,
        "move_usd": _spread(r.move_usd), "leave_for": r.leave_for, "leave_usd": _number(r.leave_usd),
        "p_leave": _number(r.p_leave), "plan": r.plan,
    }  # fmt: skip


def _cadence(c: CadenceTable) -> dict[str, Any]:
    return {
        "candidate": c.candidate, "stated_months": c.stated, "best_months": c.best if c.priced else None,
        "errors_priced": c.priced, "saving_usd": _number(c.saving_usd) if c.priced else None,
        "event_usd": _spread(c.event_usd),
        "cadences": [
            {"every_months": r.every_months, "retraining_usd": _spread(r.retraining_usd),
             "drift_usd": _spread(r.drift_usd) if c.priced else None, "total_usd": _spread(r.total_usd),
             "p_best": _number(r.p_best) if c.priced else None}
            for r in c.rows
        ],
    }  # fmt: skip


def _hybrid(h: HybridSearch) -> dict[str, Any]:
    return {
        "small": h.small, "large": h.large, "hybrid": h.hybrid, "by_chance": h.by_chance, "must_catch": h.must_catch,
        "share": h.best_share,
        "month": h.best_month, "gain_usd": _number(h.best_usd), "error_usd": _number(h.error_usd),
        "over_small_usd": _number(h.over_small_usd), "p_best": _number(h.p_best), "shares": list(h.shares),
        "months": list(h.months), "gains_usd": [[_number(float(v)) for v in row] for row in h.gain_usd],
    }  # fmt: skip
