"""Evals: candidates run on cases, scored, and kept so that they can be compared and joined to a study.

``case``    the cases
``result``  one candidate's runs
"""

from __future__ import annotations

from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.result import CaseRun, EvalResult, PromptReference

__all__ = ["Case", "CaseRun", "Cases", "EvalResult", "PromptReference"]
