"""What evidence can be bought, one entry each; ``advice.buying`` says which is worth its price.

``offer``         an offer, an entry of the catalogue, and the scene in which offers are simulated and priced
``eval_cases``    more scored cases
``judge_sample``  judged answers, labelled by people
``pilot``         a pilot fine-tune
``narrowing``     more days of logs, a time study of errors, a price quote
``combined``      two offers bought together
``result_rule``   what to do at each result, by one figure
``permission``    who may be chosen at each result, where errors have no price
"""

from __future__ import annotations

from typing import Final

from breakeven.advice.purchases.eval_cases import EVAL_CASES
from breakeven.advice.purchases.judge_sample import JUDGE_SAMPLE
from breakeven.advice.purchases.narrowing import ERROR_COST_STUDY, LOGS, QUOTE
from breakeven.advice.purchases.offer import CaseSet, Finding, Offer, PurchaseKind, Scene
from breakeven.advice.purchases.pilot import PILOT

__all__ = ["PURCHASES", "CaseSet", "Finding", "Offer", "PurchaseKind", "Scene"]

PURCHASES: Final[tuple[PurchaseKind, ...]] = (PILOT, EVAL_CASES, JUDGE_SAMPLE, LOGS, ERROR_COST_STUDY, QUOTE)
"""The catalogue; packages add to it by the entry-point group ``breakeven.purchases``."""
