"""A decision as JSON: the keys that programs rely on. Keys are added over time and never renamed."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from breakeven.report.text import harmless_json

if TYPE_CHECKING:
    from breakeven.advice.decision import (
        Assumption,
        CandidateResult,
        CrossoverMap,
        Decision,
        Months,
        Recommendation,
        Spread,
    )

__all__ = ["to_dict", "to_json"]


def to_json(decision: Decision, *, indent: int | None = 2) -> str:
    """The decision as strict JSON: no NaN, no infinity, and no raw control character even where a name holds one."""
    text = json.dumps(to_dict(decision), indent=indent, ensure_ascii=False, allow_nan=False)
    return harmless_json(text)


def to_dict(decision: Decision) -> dict[str, Any]:
    """The decision as plain dicts, lists, text and finite numbers; what never happens is None."""
    candidates = decision.candidates
    return {
        "study": decision.study,
        "seed": decision.seed,
        "draws": decision.draws,
        "start": decision.start.isoformat(),
        "horizon_months": decision.horizon_months,
        "discount": decision.discount,
        "task": decision.task,
        "today": decision.today,
        "target": decision.target,
        "error_cost_stated": decision.error_cost_stated,
        "prices_as_of": decision.prices_as_of,
        "recommendation": _recommendation(decision.recommendation),
        "candidates": {name: _candidate(c) for name, c in candidates.items()},
        "break_even_volume_per_month": {
            name: _months(c.break_even_volume) for name, c in candidates.items() if name != decision.today
        },
        "rules": [
            {"rule": r.rule, "title": r.title, "source": r.source, "verdict": r.verdict, "because": r.because,
             "agrees": r.agrees}
            for r in decision.rules
        ],
        "contradictions": list(decision.contradictions),
        "gates": [
            {"gate": g.gate, "met": g.met, "have": g.have, "need": g.need, "source": g.source}
            for g in decision.gates
        ],
        "flips": [
            {"input": f.input, "at": _number(f.at), "unit": f.unit, "direction": f.direction, "to": f.to,
             "p": _number(f.p), "lead_at_p05_usd": _number(f.low), "lead_at_p95_usd": _number(f.high)}
            for f in decision.flips
        ],
        "value_of_information": {
            "evpi_usd": _number(decision.evpi_usd),
            "evppi": [{"input": name, "usd": _number(usd)} for name, usd in decision.evppi_usd.items()],
        },
        "buy_next": [],
        "crossover": _crossover(decision.crossover),
        "assumptions": [_assumption(a) for a in decision.assumptions],
        "not_counted": {name: list(lines) for name, lines in decision.not_counted.items()},
        "notes": list(decision.notes),
    }  # fmt: skip


def _number(value: float | None) -> float | None:
    """A finite number, or None."""
    if value is None:
        return None
    plain = float(value)
    return plain if math.isfinite(plain) else None


def _spread(spread: Spread) -> dict[str, float | None]:
    return {"mean": _number(spread.mean), "p05": _number(spread.p05), "p95": _number(spread.p95)}


def _months(months: Months) -> dict[str, float | None]:
    return {
        "p_never": _number(months.p_never),
        "p05": _number(months.p05),
        "p50": _number(months.p50),
        "p95": _number(months.p95),
    }


def _recommendation(r: Recommendation) -> dict[str, Any]:
    return {
        "candidate": r.candidate,
        "action": r.action,
        "headline": r.headline,
        "p_best": _number(r.p_best),
        "expected_regret_usd": _number(r.expected_regret_usd),
        "reasons": list(r.reasons),
        "enough_evidence": r.enough_evidence,
        "missing_evidence": list(r.missing_evidence),
    }


def _candidate(c: CandidateResult) -> dict[str, Any]:
    return {
        "kind": c.kind,
        "describe": c.describe,
        "cost_usd": _spread(c.cost),
        "upfront_usd": _spread(c.upfront),
        "monthly_usd": _spread(c.monthly),
        "consequence_usd": _spread(c.consequence),
        "net_benefit_vs_today_usd": _spread(c.net_benefit_vs_today),
        "quality": {**_spread(c.quality), "source": c.quality_source, "extrapolated": c.extrapolated},
        "p_best": _number(c.p_best),
        "p_cheaper_than_today": _number(c.p_cheaper_than_today),
        "p_better_than_today": _number(c.p_better_than_today),
        "p_target": _number(c.p_target),
        "regret_usd": _number(c.regret_usd),
        "break_even_months": _months(c.break_even),
        "lines": {line.key: _number(line.usd) for line in c.lines},
    }


def _crossover(found: CrossoverMap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "input": found.input,
        "kind": found.kind,
        "volumes_per_month": [_number(v) for v in found.volumes],
        "values": [_number(v) for v in found.values],
        "winner": [list(row) for row in found.winner],
    }


def _assumption(a: Assumption) -> dict[str, Any]:
    source = a.source
    return {
        "input": a.input,
        "value": a.value,
        "source": str(source),
        "source_kind": source.kind,
        "source_date": source.date.isoformat() if source.date else None,
        "p05": _number(a.low),
        "p50": _number(a.centre),
        "p95": _number(a.high),
        "unit": a.unit,
    }
