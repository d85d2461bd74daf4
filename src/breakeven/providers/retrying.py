"""Asking again what may pass: exponential back-off with full jitter, as long as the provider asks, up to a deadline."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from breakeven.errors import InputError, Problem
from breakeven.providers.chat import ChatReply, ChatRequest
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, embedder
from breakeven.providers.provider import Provider, ProviderError

__all__ = ["Patience", "Retrying"]

Reply = TypeVar("Reply", ChatReply, EmbeddingReply)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a call is tried."""

    attempts: int = 5
    """The most requests that are sent for one call."""
    first_wait_s: float = 1.0
    """The longest wait before the second attempt; it doubles from attempt to attempt."""
    longest_wait_s: float = 60.0
    """No wait of ours is longer."""
    longest_asked_s: float = 120.0
    """A provider that asks for a longer wait than this is not asked again."""
    deadline_s: float | None = None
    """No attempt starts later than this after the first; None: the attempts alone decide."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise InputError(
                Problem(
                    message=f"{self.attempts} is no number of attempts", field="attempts", hint="1 or more"
                )
            )


class Retrying:
    """Asks the provider inside until it answers, fails for good, or patience ends; counts the attempts."""

    def __init__(
        self,
        inner: Provider,
        *,
        patience: Patience | None = None,
        rng: np.random.Generator,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._patience = patience or Patience()
        self._rng = rng
        self._sleep = sleep
        self._clock = clock

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer; the last attempt's failure where there is none."""
        return await self._tried(lambda: self._inner.complete(request))

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors; the last attempt's failure where there are none."""
        return await self._tried(lambda: embedder(self._inner).embed(request))

    async def _tried(self, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        attempts = maybe_billed = 0
        start = self._clock()
        while True:
            try:
                reply = await ask()
            except ProviderError as error:
                attempts += error.attempts
                maybe_billed += error.maybe_billed
                wait_s = self._wait_s(error, attempts, self._clock() - start)
                if wait_s is None:
                    error.attempts, error.maybe_billed = attempts, maybe_billed
                    raise
            else:
                if attempts == 0:
                    return reply
                return dataclasses.replace(
                    reply,
                    attempts=attempts + reply.attempts,
                    maybe_billed=maybe_billed + reply.maybe_billed,
                )
            await self._sleep(wait_s)

    async def close(self) -> None:
        """Close the provider inside."""
        await self._inner.close()

    def _wait_s(self, error: ProviderError, attempts: int, elapsed_s: float) -> float | None:
        """Seconds until the next attempt; None: there is none."""
        patience = self._patience
        if not error.may_pass or attempts >= patience.attempts:
            return None
        asked_s = error.retry_after_s or 0.0
        if asked_s > patience.longest_asked_s:
            return None
        # Full jitter spreads those who failed together; what the provider asks for is never cut short.
        backed_off_s = min(patience.longest_wait_s, patience.first_wait_s * 2.0 ** (attempts - 1))
        if asked_s:
            wait_s = asked_s + self._rng.uniform(0.0, min(patience.first_wait_s, backed_off_s))
        else:
            wait_s = self._rng.uniform(0.0, backed_off_s)
        if patience.deadline_s is not None and elapsed_s + wait_s >= patience.deadline_s:
            return None
        return float(wait_s)
