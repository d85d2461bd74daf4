"""Scores of similarity, put into the runs when the vectors are there; what they cost stays apart from the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.asking import Embedding
from breakeven.evidence.evals.embedding.needs import embedding_usd, last_needs
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.planning import Plan
from breakeven.evidence.evals.result import FORMAT, CaseRun
from breakeven.evidence.evals.scorers.similarity import Similarity
from breakeven.providers.embedding import text_key
from breakeven.quantities import show_usd

__all__ = ["NOT_COMPARED", "said_of_similarity", "with_similarity"]

NOT_COMPARED = "not embedded"
"""The failure of a run whose answer came and whose vector did not."""


def with_similarity(plan: Plan, row: CaseRun, case: Case, embedding: Embedding) -> CaseRun:
    """A run with all its scores of similarity. What scoring it was billed joins what a judge charged."""
    if row.output is None:  # no answer came: there is nothing to compare
        return row
    scorer = plan.suite.scorer
    for k, (key, it) in enumerate(scorer.similarities.items()):
        row = _compared(plan, row, case, key, it, embedding, first=k == 0 and scorer.similarity_first)
    return row


def said_of_similarity(plan: Plan, answers: Mapping[int, Sequence[str]], vectors: Vectors) -> list[str]:
    """A line on what each score of similarity took: ``Similarity: …``."""
    said = []
    for need in last_needs(plan.suite, answers):
        usd = embedding_usd(plan.prices[need.model], vectors, need.model, need.texts)
        tokens = vectors.tokens(need.model, need.texts)
        cost = "at a price that is not known" if usd is None else f"for {show_usd(usd)}"
        told = "" if tokens is None else f", {tokens:,} tokens"
        said.append(
            f"Similarity: {len(need.texts):,} different answers and expected texts, embedded by {need.model}{told}, "
            f"{cost}; no candidate's cost holds it"
        )
    return said


def _compared(
    plan: Plan, row: CaseRun, case: Case, key: str, it: Similarity, embedding: Embedding, *, first: bool
) -> CaseRun:
    output = row.output or ""
    found = it.scored(case, output, embedding.vectors)
    usd = embedding_usd(plan.prices[it.model], embedding.vectors, it.model, (output, *it.references(case)))
    billed = None if usd is None else usd + (row.judge_cost_usd or 0.0)
    note = found.note if found is not None else _why(it, case, output, embedding)
    row = replace(
        row, judge_cost_usd=billed, note="; ".join(text for text in (row.note, note) if text) or None
    )
    if found is None:
        return replace(row, score=None, failure=row.failure or NOT_COMPARED) if first else row
    if not first:
        return replace(row, scores={**row.scores, key: found.score})
    failure = FORMAT if found.format_failure else row.failure
    return replace(row, score=found.score, scores={**row.scores, **found.scores}, failure=failure)


def _why(it: Similarity, case: Case, output: str, embedding: Embedding) -> str:
    keys = (text_key(it.model, text) for text in (output, *it.references(case)))
    error = next((embedding.failed[key] for key in keys if key in embedding.failed), None)
    return f"{it.model} has not embedded it yet" if error is None else f"{it.model}: {error}"
