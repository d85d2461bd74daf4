"""Calls that can not be asked, since the vectors that were to rank their passages could not be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from breakeven.evidence.evals.embedding.asking import Embedding
from breakeven.evidence.evals.planning import Asked, Plan
from breakeven.evidence.evals.retrieving.retrieval import Retrieval
from breakeven.evidence.evals.suite import Candidate
from breakeven.providers import ProviderError
from breakeven.providers.embedding import text_key

__all__ = ["unretrieved"]


def unretrieved(plan: Plan, embedding: Embedding) -> Iterator[tuple[Asked, ProviderError]]:
    """The calls that still wait for vectors, each with what kept these away."""
    for candidate in plan.suite.candidates:
        waiting = [
            asked for asked in plan.calls
            if asked.key in plan.provisional and asked.asks[0].candidate == candidate.name
        ]  # fmt: skip
        if candidate.retrieval is not None and waiting:
            yield from _told(plan, candidate, candidate.retrieval, waiting, embedding)


def _told(
    plan: Plan, candidate: Candidate, found: Retrieval, waiting: Iterable[Asked], embedding: Embedding
) -> Iterator[tuple[Asked, ProviderError]]:
    def first(texts: Iterable[str]) -> ProviderError | None:
        keys = (text_key(found.model or "", text) for text in texts)
        return next((embedding.failed[key] for key in keys if key in embedding.failed), None)

    # Of a passage, or of an example that every prompt shows.
    shared = first((*found.passages.texts, *map(found.query_of, filter(found.wants, candidate.shots))))
    for asked in waiting:
        case = plan.suite.cases.cases[asked.asks[0].case]
        own = first([found.query_of(case)]) if found.wants(case) else None
        error = own or shared or ProviderError("not found", "not embedded", attempts=0)
        message = f"no passages could be ranked by {found.model}: {error}"
        yield asked, ProviderError(error.kind, message, attempts=0)
