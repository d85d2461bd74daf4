"""Asking for vectors: what is missing goes out in batches; a text that a provider refuses is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from breakeven.evidence.evals.embedding.vectors import Vectors, from_line, to_line
from breakeven.providers import Embedder, EmbeddingRequest, FailureKind, ProviderError
from breakeven.providers.embedding import text_key

__all__ = ["Embedding", "batches", "most_bytes"]

MOST_TEXTS: Final = 128
MOST_BYTES: Final = 200_000
"""Of one call: under every provider's own limits (OpenAI: 2,048 texts, 300,000 tokens)."""
_OF_ONE_TEXT: Final[tuple[FailureKind, ...]] = ("too long", "bad request", "content filter")
"""Failures that may be one text's own fault: the others of its batch are asked without it."""


def batches(model: str, texts: Iterable[str], *, alone: Iterable[str] = ()) -> Iterator[EmbeddingRequest]:
    """The calls for these texts, in their order; those of ``alone`` have a call each, first."""
    apart = set(alone)
    rest = []
    for text in texts:
        if text in apart:
            yield EmbeddingRequest(model=model, texts=(text,))
        else:
            rest.append(text)
    batch: list[str] = []
    size = 0
    for text in rest:
        n = most_bytes(text)
        if batch and (len(batch) == MOST_TEXTS or size + n > MOST_BYTES):
            yield EmbeddingRequest(model=model, texts=tuple(batch))
            batch, size = [], 0
        batch.append(text)
        size += n
    if batch:
        yield EmbeddingRequest(model=model, texts=tuple(batch))


def most_bytes(text: str) -> int:
    """Bytes of a text: no vocabulary makes more tokens of it."""
    return len(text.encode("utf-8", "surrogatepass"))


class Embedding:
    """Fills what is missing of the vectors that it holds."""

    def __init__(
        self, provider: Embedder, vectors: Vectors, *, concurrency: int,
    ) -> None:  # fmt: skip
        """provider: journalling, metering and retrying what passes through it."""
        self.vectors = vectors
        self.failed: dict[str, ProviderError] = {}
        """Why a text has no vector, by its key."""
        self._provider = provider
        self._concurrency = concurrency
        self.stopped = False
        """Set from outside: nothing more is sent, what is under way is waited for."""
        self.on_call: Callable[[ProviderError | None], None] = lambda error: None
        """Told of each call's end."""

    def todo(self, model: str, texts: Iterable[str]) -> tuple[str, ...]:
        """Those of the texts that have no vector, and were not refused one before."""
        missing = self.vectors.missing(model, texts)
        return tuple(text for text in missing if text_key(model, text) not in self.failed)

    async def fill(self, model: str, texts: Iterable[str], *, alone: Iterable[str] = ()) -> None:
        """Embed those of the texts that have no vector.

        What fails stands in ``failed``. Raises BudgetReachedError when the next call could pass the budget; calls
        under way are waited for.
        """
        todo = batches(model, self.vectors.missing(model, texts), alone=alone)
        workers = [asyncio.create_task(self._work(todo)) for _ in range(self._concurrency)]
        ended = await asyncio.gather(*workers, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _work(self, todo: Iterator[EmbeddingRequest]) -> None:
        for request in todo:
            if self.stopped:
                return
            try:
                await self._one(request)
            except BaseException:
                self.stopped = True  # the budget, or the journal can not be written: nothing more may be sent
                raise

    async def _one(self, request: EmbeddingRequest) -> None:
        try:
            reply = await self._provider.embed(request)
        except ProviderError as error:
            n = len(request.texts)
            if n > 1 and error.kind in _OF_ONE_TEXT:
                for half in (request.texts[: n // 2], request.texts[n // 2 :]):
                    await self._one(EmbeddingRequest(model=request.model, texts=half))
                return
            self.failed.update({text_key(request.model, text): error for text in request.texts})
            self.on_call(error)
        else:
            self.vectors.add(from_line(to_line(request, reply)))
            self.on_call(None)
