"""Gates: what should have been done before tuning (document 000), and whether this study has done it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from breakeven.advice.decision import GateResult
from breakeven.advice.facts import FACTS, Measured, measure
from breakeven.economics.outcome import Outcome
from breakeven.study.model import Study

__all__ = ["GATES", "Gate", "run_gates"]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A fact that must reach a size, or simply be so."""

    gate: str
    """As people read it: ``eval set``."""
    fact: str
    at_least: float | None
    """None: the fact must be yes."""
    need: str
    source: str = "document 000, order of operations"


GATES: Final = (
    Gate(gate="eval set", fact="eval_cases", at_least=100, need="at least 100 cases"),
    Gate(gate="prompt iterations", fact="prompt_iterations", at_least=10, need="at least 10 iterations"),
    Gate(gate="retrieval", fact="retrieval_tried", at_least=None, need="tried"),
    Gate(gate="smaller model", fact="smaller_model_tried", at_least=None, need="tried"),
    Gate(gate="volume", fact="calls_per_month", at_least=1e6, need="at least 1M calls/month"),
)
"""In the order in which they come."""


def run_gates(study: Study, outcome: Outcome) -> tuple[GateResult, ...]:
    """Every gate on this study, in order."""
    facts = measure(study, outcome)
    return tuple(_result(gate, facts) for gate in GATES)


def _result(gate: Gate, facts: Mapping[str, Measured]) -> GateResult:
    fact = facts[gate.fact]
    return GateResult(
        gate=gate.gate, met=_met(gate, fact), have=_have(gate, fact), need=gate.need, source=gate.source
    )


def _met(gate: Gate, fact: Measured) -> bool | None:
    if fact.value is None:
        return None
    return bool(fact.value) if gate.at_least is None else float(fact.value) >= gate.at_least


def _have(gate: Gate, fact: Measured) -> str:
    if fact.value is None:
        return f"not stated (`{FACTS[gate.fact].key}`)"
    if gate.at_least is None:
        return "tried" if fact.value else "not tried"
    return str(fact)
