"""Gates: what should have been done before tuning (document 000), and whether this study has done it.

Where a study names the audit of its training rows, document 003's list of what makes data ready comes after them: each
is met or not as the audit's check passes or fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from breakeven.advice.decision import GateResult
from breakeven.advice.facts import FACTS, Measured, measure
from breakeven.economics.outcome import Outcome
from breakeven.study.data_evidence import DataEvidence, DataFinding
from breakeven.study.model import Study

__all__ = ["DATA_GATES", "GATES", "DataGate", "Gate", "run_gates"]


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


@dataclass(frozen=True, kw_only=True)
class DataGate:
    """A check on the training rows that must pass."""

    gate: str
    check: str
    """As the audit names it: ``duplicates``."""
    need: str
    """``{}`` stands for the limit."""
    limit: float
    """Where the audit states no other."""


GATES: Final = (
    Gate(gate="eval set", fact="eval_cases", at_least=100, need="at least 100 cases"),
    Gate(gate="prompt iterations", fact="prompt_iterations", at_least=10, need="at least 10 iterations"),
    Gate(gate="retrieval", fact="retrieval_tried", at_least=None, need="tried"),
    Gate(gate="smaller model", fact="smaller_model_tried", at_least=None, need="tried"),
    Gate(gate="volume", fact="calls_per_month", at_least=1e6, need="at least 1M calls/month"),
)
"""In the order in which they come."""

DATA_GATES: Final = (
    DataGate(
        gate="label accuracy", check="labels", need="more than {} right, proven by a random audit", limit=0.95
    ),
    DataGate(gate="duplicates", check="duplicates", need="at most {} of the rows", limit=0.05),
    DataGate(gate="leaked cases", check="leakage", need="at most {} of the eval cases", limit=0.0),
    DataGate(gate="human-made", check="origin", need="at least {} written or checked by people", limit=0.5),
    DataGate(gate="hold-out", check="holdout", need="at least {} held out, without leaked cases", limit=0.2),
    DataGate(
        gate="match with production", check="production", need="told apart in at most {} of pairs", limit=0.6
    ),
)
"""Document 003's list of what makes data ready."""


def run_gates(study: Study, outcome: Outcome) -> tuple[GateResult, ...]:
    """Every gate on this study, in order; those on training rows for each audit that it names."""
    facts = measure(study, outcome)
    return (*(_result(gate, facts) for gate in GATES), *_of_data(study))


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


# --------------------------------------------------------------------------------------------- training rows


def _of_data(study: Study) -> Iterator[GateResult]:
    """Audits in the order of the file, each once; with several, a gate says whose rows it is about."""
    users: dict[str, list[str]] = {}
    audits: dict[str, DataEvidence] = {}
    for name, candidate in study.candidates.items():
        if candidate.data is not None:
            users.setdefault(candidate.data.file, []).append(name)
            audits[candidate.data.file] = candidate.data
    for file, data in audits.items():
        whose = f" ({', '.join(users[file])})" if len(audits) > 1 else ""
        for gate in DATA_GATES:
            yield _data_result(gate, data, whose)


def _data_result(gate: DataGate, data: DataEvidence, whose: str) -> GateResult:
    found = data.finding(gate.check)
    met = None if found is None or found.verdict == "cannot_tell" else found.verdict == "pass"
    have = f"not checked ({data.file})" if found is None else f"{_shown(gate, found, data)} ({data.file})"
    limit = gate.limit if found is None or found.threshold is None else found.threshold
    source = found.source if found is not None and found.source else "document 003, section 4"
    return GateResult(
        gate=gate.gate + whose, met=met, have=have, need=gate.need.format(_percent(limit)), source=source
    )


def _shown(gate: DataGate, found: DataFinding, data: DataEvidence) -> str:
    """The figure with its interval and counts; where a check can not tell, why."""
    if found.value is None:
        return found.because.partition(";")[0]
    between = (
        "" if found.low is None or found.high is None else f" [{_percent(found.low)}, {_percent(found.high)}]"
    )
    more = {
        "labels": f", {data.wrong:,} of {data.audited:,} audited are wrong",
        "leakage": f", {data.leaked:,} of {data.audited_cases:,}",
        "production": " of pairs",
    }
    return f"{_percent(found.value)}{between}{more.get(gate.check, '')}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
