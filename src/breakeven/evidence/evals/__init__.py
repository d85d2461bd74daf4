"""Evals: candidates run on cases, scored, and kept so that they can be compared and joined to a study.

::

    case            the cases; ``reading_cases`` reads them, ``records`` any table
    result          one candidate's runs; ``files`` reads and writes them, ``importing`` those of other tools
    suite           what is to be run, from ``suite_file``; ``prompting`` for templates, ``scorers`` for scores
    planning        every request before any is sent; ``estimating`` what they will take
    running         asking, scoring, results; ``executing`` opens and closes around it
    metering        a budget that holds; ``journal`` for what was paid for
    summarising     one result in figures; ``comparing`` several on the same cases
    library         prompts as versioned files; ``kept`` results of each, ``history`` over them
    holdout         cases set aside, with a ledger of every opening
    improving       a better version by search, measured on cases it never saw
"""

from __future__ import annotations

from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.result import CaseRun, EvalResult, PromptReference

__all__ = ["Case", "CaseRun", "Cases", "EvalResult", "PromptReference"]
