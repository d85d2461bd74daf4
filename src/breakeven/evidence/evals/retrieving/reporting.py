"""What retrieval did: recall a case, its cost a call, and what a result keeps of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from breakeven.evidence.evals.embedding.needs import embedding_usd
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.planning import Ask, Plan
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.evals.retrieving.retrieval import Retrieval, recall_of
from breakeven.evidence.evals.suite import Candidate

__all__ = ["retrieval_facts", "said_of", "with_retrieval"]

SETTING = "retrieval"


def with_retrieval(plan: Plan, row: CaseRun, ask: Ask, vectors: Vectors) -> CaseRun:
    """A run with the recall of what was retrieved for it. What embedding its query cost is a part of its cost."""
    candidate = _candidate(plan, ask.candidate)
    found = candidate.retrieval
    if found is None or row.output is None:
        return row
    case = plan.suite.cases.cases[ask.case]
    ids = plan.retrieved[candidate.name][ask.case]
    recall = recall_of(case, ids) if ids is not None and found.wants(case) else None
    if recall is not None:
        row = replace(row, scores={**row.scores, _name(found): recall})
    if found.model is None or not found.wants(case) or row.cost_usd is None:
        return row
    usd = embedding_usd(plan.prices[found.model], vectors, found.model, [found.query_of(case)])
    return replace(row, cost_usd=None if usd is None else row.cost_usd + usd)


def _candidate(plan: Plan, name: str) -> Candidate:
    return next(it for it in plan.suite.candidates if it.name == name)


def _name(retrieval: Retrieval) -> str:
    return f"recall@{retrieval.top}"


def retrieval_facts(plan: Plan, candidate: Candidate, vectors: Vectors) -> dict[str, Any]:
    """What a result keeps of a candidate's retrieval; nothing where it has none."""
    found = candidate.retrieval
    if found is None or not any(ids is not None for ids in plan.retrieved[candidate.name]):
        return {}
    cases = plan.suite.cases.cases
    recalls = [
        recall
        for case, ids in zip(cases, plan.retrieved[candidate.name], strict=True)
        if ids is not None and found.wants(case) and (recall := recall_of(case, ids)) is not None
    ]
    facts: dict[str, Any] = {
        "by": found.title, "top": found.top, "passages": len(found.passages.texts), "cases_with_relevant": len(recalls),
    }  # fmt: skip
    if recalls:
        facts[_name(found)] = round(float(np.mean(recalls)), 4)
    if found.model is not None:
        facts["passages_tokens"] = vectors.tokens(found.model, found.passages.texts)
        facts["passages_usd"] = embedding_usd(
            plan.prices[found.model], vectors, found.model, found.passages.texts
        )
    return {SETTING: facts}


def said_of(result: EvalResult) -> list[str]:
    """A line on what was retrieved for a result: ``Retrieved: …``; none where nothing was."""
    told = result.settings.get(SETTING)
    if not isinstance(told, dict) or "by" not in told:
        return []
    line = (
        f"Retrieved: {result.candidate}: up to {told['top']} of {told['passages']:,} passages by {told['by']}"
    )
    name = f"recall@{told['top']}"
    if name in told:
        n = told["cases_with_relevant"]
        line += f"; {name} {told[name]:.1%} of the relevant ones, a mean over {n:,} cases that name them"
    return [line]
