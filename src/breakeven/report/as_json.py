"""A decision as JSON: the keys that programs rely on. Keys are added over time and never renamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from breakeven.report.plots_json import (
    acceptability_dict,
    difference_dict,
    evidence_dict,
    gain_dict,
    icer_dict,
    learning_dict,
    number,
    outcome_dict,
    routing_dict,
    waiting_dict,
)
from breakeven.report.text import harmless_json

if TYPE_CHECKING:
    from breakeven.advice.decision import (
        Assumption,
        CandidateResult,
        CrossoverMap,
        Decision,
        InputWorth,
        Months,
        Purchase,
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
            {"input": f.input, "at": number(f.at), "unit": f.unit, "direction": f.direction, "to": f.to,
             "p": number(f.p), "lead_at_p05_usd": number(f.low), "lead_at_p95_usd": number(f.high)}
            for f in decision.flips
        ],
        "value_of_information": {
            "evpi_usd": number(decision.evpi_usd),
            "evppi": _evppi(decision),
            "groups": [_worth(w) for w in decision.evppi_groups],
        },
        "buy_next": [_purchase(p) for p in decision.buy_next],
        "expected_regret_after_purchase_usd": (
            None if decision.purchase is None else number(decision.purchase.regret_after_usd)
        ),
        "waiting": [waiting_dict(w) for w in decision.waiting],
        "acceptability": [acceptability_dict(a) for a in decision.acceptability],
        "icers": [icer_dict(row) for row in decision.icers],
        "measured_differences": [difference_dict(x) for x in decision.differences],
        "evidence": [evidence_dict(e) for e in decision.evidence],
        "routing": None if decision.routing is None else routing_dict(decision.routing),
        "next_iteration": None if decision.next_gain is None else gain_dict(decision.next_gain),
        "learning_curves": [learning_dict(fan) for fan in decision.learning_curves],
        "crossover": _crossover(decision.crossover),
        "assumptions": [_assumption(a) for a in decision.assumptions],
        "not_counted": {name: list(lines) for name, lines in decision.not_counted.items()},
        "notes": list(decision.notes),
    }  # fmt: skip


def _spread(spread: Spread) -> dict[str, float | None]:
    return {"mean": number(spread.mean), "p05": number(spread.p05), "p95": number(spread.p95)}


def _months(months: Months) -> dict[str, float | None]:
    return {
        "p_never": number(months.p_never),
        "p05": number(months.p05),
        "p50": number(months.p50),
        "p95": number(months.p95),
    }


def _evppi(decision: Decision) -> list[dict[str, Any]]:
    """Largest first; with errors where they were computed."""
    known = {w.input: _worth(w) for w in decision.evppi}
    return [known.get(name, {"input": name, "usd": number(usd)}) for name, usd in decision.evppi_usd.items()]


def _worth(w: InputWorth) -> dict[str, Any]:
    return {
        "input": w.input,
        "usd": number(w.usd),
        "cross_fitted_usd": number(w.cross_fitted_usd),
        "standard_error_usd": number(w.standard_error_usd),
    }


def _purchase(p: Purchase) -> dict[str, Any]:
    return {
        "what": p.what,
        "kind": p.kind,
        "worth_it": p.worth_it,
        "because": p.because,
        "value_usd": number(p.value_usd),
        "value_raw_usd": number(p.value_raw_usd),
        "standard_error_usd": number(p.standard_error_usd),
        "cost_usd": number(p.cost_usd),
        "delay_usd": number(p.delay_usd),
        "net_usd": number(p.net_usd),
        "days": number(p.days),
        "regret_after_usd": number(p.regret_after_usd),
        "informs": list(p.informs),
        "state": list(p.state),
        "rule": [
            {"condition": b.condition, "from": number(b.low), "to": number(b.high), "candidate": b.candidate,
             "p": number(b.p)}
            for b in p.rule
        ],
        "outcome": None if p.outcome is None else outcome_dict(p.outcome),
    }  # fmt: skip


def _recommendation(r: Recommendation) -> dict[str, Any]:
    return {
        "candidate": r.candidate,
        "action": r.action,
        "headline": r.headline,
        "p_best": number(r.p_best),
        "expected_regret_usd": number(r.expected_regret_usd),
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
        "p_best": number(c.p_best),
        "p_cheaper_than_today": number(c.p_cheaper_than_today),
        "p_better_than_today": number(c.p_better_than_today),
        "p_target": number(c.p_target),
        "regret_usd": number(c.regret_usd),
        "regret_worst_twentieth_usd": number(c.cvar_regret_usd),
        "break_even_months": _months(c.break_even),
        "lines": {line.key: number(line.usd) for line in c.lines},
    }


def _crossover(found: CrossoverMap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "input": found.input,
        "kind": found.kind,
        "volumes_per_month": [number(v) for v in found.volumes],
        "values": [number(v) for v in found.values],
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
        "p05": number(a.low),
        "p50": number(a.centre),
        "p95": number(a.high),
        "unit": a.unit,
    }
