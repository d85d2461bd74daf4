"""Paying for calls: what one costs, a stop that holds, and a provider that is asked only when both allow it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from breakeven.errors import BreakevenError
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.profile.costs import Tokens, cost_usd
from breakeven.prices import ModelPrice
from breakeven.providers import (
    ChatReply,
    ChatRequest,
    EmbeddingReply,
    EmbeddingRequest,
    Provider,
    ProviderError,
    Usage,
    embedder,
)

__all__ = ["Budget", "BudgetReachedError", "Metered", "call_usd"]

Reply = TypeVar("Reply", ChatReply, EmbeddingReply)


class BudgetReachedError(BreakevenError):
    """The next call could cost more than is left, and nothing that is under way could give anything back."""


def call_usd(price: ModelPrice | None, usage: Usage) -> float | None:
    """What one call cost; None where the price or its tokens are not known, which is not 0."""
    if price is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
    tokens = Tokens(
        input=usage.input_tokens, cached=cached, written=written, output=usage.output_tokens,
        longest=usage.input_tokens,
    )  # fmt: skip
    usd = cost_usd(price, tokens)
    if price.reasoning_usd_per_mtok is not None and usage.reasoning_tokens:
        thought = min(usage.reasoning_tokens, usage.output_tokens)
        usd += thought * (price.reasoning_usd_per_mtok - price.output_usd_per_mtok) / 1e6
    return usd


class Budget:
    """Dollars that may be spent. ``spent + reserved`` never passes the limit while calls cost no more than reserved."""

    def __init__(self, limit_usd: float | None, *, spent_usd: float = 0.0) -> None:
        self.limit_usd = math.inf if limit_usd is None else limit_usd
        self.spent_usd = spent_usd
        self.reserved_usd = 0.0
        self._under_way = 0
        self._freed = asyncio.Event()

    @property
    def _left_usd(self) -> float:
        return self.limit_usd - self.spent_usd - self.reserved_usd

    async def reserve(self, most_usd: float) -> None:
        """Set aside what a call may cost at most; waits while calls under way may give back enough.

        Raises BudgetReachedError where they can not.
        """
        while most_usd > self._left_usd:
            if not self._under_way:
                raise BudgetReachedError(
                    f"the next call may cost ${most_usd:.6f}, ${max(self._left_usd, 0):.6f} is left"
                )
            self._freed.clear()
            await self._freed.wait()
        self.reserved_usd += most_usd
        self._under_way += 1

    def settle(self, most_usd: float, paid_usd: float) -> None:
        """A call has ended: give back what it did not cost."""
        self._under_way -= 1
        # Sums of floats leave dust; with nothing under way nothing is set aside.
        self.reserved_usd = self.reserved_usd - most_usd if self._under_way else 0.0
        self.spent_usd += paid_usd
        self._freed.set()


class Metered:
    """A provider behind the budget and the journal. One call of ``complete`` or ``embed`` is one request that is sent.

    It stands under whatever tries again, so that every attempt is set aside, journalled and settled by itself. An
    attempt that brought no answer but may have been billed is counted at the most that it can have cost.
    """

    def __init__(
        self,
        inner: Provider,
        *,
        budget: Budget,
        journal: Journal,
        price_of: Callable[[str], ModelPrice | None],
        most_usd: Callable[[str], float],
        embeddings: Journal | None = None,
        most_tokens: Callable[[EmbeddingRequest], int] = lambda request: 0,
    ) -> None:
        """price_of: from a model to its price. most_usd: from a request's key to the most that it may cost.

        embeddings: the journal of vectors, where that is another one. most_tokens: of a request for them.
        """
        self._inner = inner
        self._budget = budget
        self._journal = journal
        self._price_of = price_of
        self._most_usd = most_usd
        self._embeddings = embeddings or journal
        self._most_tokens = most_tokens

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer, paid for and on the disk; raises ProviderError or BudgetReachedError."""
        key = request.key

        async def answer() -> ChatReply:
            self._journal.asked(key)
            reply = await self._inner.complete(request)
            await self._journal.answered(key, reply)
            return reply

        return await self._paid(request, self._most_usd(key), self._journal, answer)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors, paid for and on the disk; raises ProviderError or BudgetReachedError."""
        tokens = self._most_tokens(request)
        price = self._price_of(request.model)

        async def vectors() -> EmbeddingReply:
            self._embeddings.asked_to_embed(request, tokens)
            reply = await embedder(self._inner).embed(request)
            await self._embeddings.embedded(request, reply)
            return reply

        most = 0.0 if price is None else tokens * price.input_usd_per_mtok / 1e6
        return await self._paid(request, most, self._embeddings, vectors)

    async def _paid(
        self, request: ChatRequest | EmbeddingRequest, most: float, journal: Journal,
        ask: Callable[[], Awaitable[Reply]],
    ) -> Reply:  # fmt: skip
        await self._budget.reserve(most)
        paid = most  # until it is known better: whatever ends this call may leave a bill
        try:
            reply = await ask()
            usd = call_usd(self._price_of(request.model), reply.usage)
            paid = most if usd is None else usd
        except ProviderError as error:
            journal.failed(request.key, error)
            paid = self._billed(request.model, error, most)
            raise
        finally:
            self._budget.settle(most, paid)
        return reply

    def _billed(self, model: str, error: ProviderError, most: float) -> float:
        if error.usage is not None:
            usd = call_usd(self._price_of(model), error.usage)
            return most if usd is None else usd
        return most if error.maybe_billed else 0.0

    async def close(self) -> None:
        """Close what is behind it."""
        await self._inner.close()
