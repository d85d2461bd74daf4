"""Any printed figure unfolded: what it is, its formula, the inputs with their sources, and the draws behind it.

A figure has an address, by which a page links to it: ``candidates.tuned.p_best``, ``buy.0.value``,
``flips.workload.volume.below.p``. To add a family of figures, add its function to ``_FAMILIES``.

``parts``          what an unfolded figure is made of, and the case that it is taken from
``of_candidates``  money, quality, break-even and chances of one candidate
``of_inputs``      where an input flips the answer, what knowing it is worth
``of_purchases``   value, error, cost, delay and net of what can be bought; what each result would have one do
``of_answer``      the headline, why, what is at stake, terms, draws
``of_evidence``    gates, published rules, ratios, evidence, charts
``of_difference``  a figure in two scenarios
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from breakeven.advice.decision import Decision
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.purchases import PURCHASES, PurchaseKind
from breakeven.advice.rule import Rule
from breakeven.errors import UnknownFigureError
from breakeven.report.unfolding import of_answer, of_evidence, of_inputs, of_purchases
from breakeven.report.unfolding.of_candidates import of_candidate
from breakeven.report.unfolding.of_difference import difference_of
from breakeven.report.unfolding.parts import Case, InputRow, Made, Unfolded
from breakeven.study.model import Study

__all__ = ["InputRow", "Made", "Unfolded", "difference_of", "unfold"]

_FAMILIES: Final[Mapping[str, Callable[[Case, str], Unfolded]]] = {
    "buy": of_purchases.of_offer, "candidates": of_candidate, "chart": of_evidence.of_chart,
    "cheaper": of_answer.of_cheaper, "draws": of_answer.of_draws, "evidence": of_evidence.of_evidence,
    "evpi": of_answer.of_evpi, "evppi": of_inputs.of_input_worth, "flips": of_inputs.of_flip,
    "gates": of_evidence.of_gate, "icers": of_evidence.of_icer, "notes": of_evidence.of_note,
    "reasons": of_answer.of_reason, "recommendation": of_answer.of_recommendation, "rule": of_purchases.of_result,
    "rules": of_evidence.of_rules, "ruling": of_evidence.of_rule, "terms": of_answer.of_terms,
}  # fmt: skip
"""The first word of an address, and who unfolds the rest of it."""


def unfold(
    decision: Decision, study: Study, figure: str, *, rules: Sequence[Rule] = PUBLISHED_RULES,
    purchases: Sequence[PurchaseKind] = PURCHASES,
) -> Unfolded:  # fmt: skip
    """A figure of a decision on this study, by its address. Raises UnknownFigureError where none has it."""
    case = Case.of(decision, study, rules, purchases)
    head, _, rest = figure.partition(".")
    found = of_inputs.of_input(case, figure)
    if found is not None:
        return found
    if head not in _FAMILIES:
        raise UnknownFigureError(figure)
    return _FAMILIES[head](case, rest)
