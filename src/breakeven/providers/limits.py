"""How fast and how many: requests and tokens a minute, calls at once, and slowing down where a provider says so.

Waiting in line sends nothing and costs nothing. After a refusal for its rate (429) a provider is left alone for as long
as it asks, and half as many calls are let through at once; each full round of answers lets one more through again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from breakeven.errors import InputError, Problem
from breakeven.providers.chat import ChatReply, ChatRequest, Usage
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, embedder
from breakeven.providers.provider import Provider, ProviderError

__all__ = ["Gate", "Limited", "Limits", "Pace", "TimeLimited"]

Reply = TypeVar("Reply", ChatReply, EmbeddingReply)

_PAUSE_S: Final = 1.0
"""How long a provider is left alone that refuses without saying for how long."""
_LONGEST_PAUSE_S: Final = 120.0
_EXPECTED_OUTPUT: Final = 256
"""Output tokens that are reserved where a request states no limit; set right when the answer tells."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one endpoint is asked at most."""

    concurrency: int = 16
    """Calls under way at once."""
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    """Input and output together."""

    def __post_init__(self) -> None:
        for name in ("concurrency", "requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(
                    Problem(message=f"{value} is no limit", field=name, hint="state more than 0")
                )


class Pace:
    """So many units a minute, evenly, and no more than a few seconds' worth at once. Those who come first go first."""

    def __init__(
        self, per_minute: float, *, burst_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds_per_unit = 60.0 / per_minute
        self._burst_s = burst_s
        self._clock = clock
        self._next = clock() - burst_s

    def reserve(self, units: float = 1.0) -> float:
        """Take so many units; seconds to wait before they may be used."""
        now = self._clock()
        self._next = max(self._next, now - self._burst_s)
        wait_s = self._next - now
        self._next += units * self._seconds_per_unit
        return max(0.0, wait_s)

    def correct(self, units: float) -> None:
        """Take so many more than were reserved; fewer, where negative."""
        self._next += units * self._seconds_per_unit


class Gate:
    """At most ``limit`` inside at once; the limit may move. Those who come first go first."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.inside = 0
        self._line: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Come in, or wait for one's turn."""
        if self.inside < self.limit and not self._line:
            self.inside += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # the turn came as the caller gave up: pass it on
            raise

    def leave(self) -> None:
        """Go out; the next in line come in."""
        self.inside -= 1
        self.admit()

    def admit(self) -> None:
        """Let in as many as there is room for: after leaving, or when the limit grew."""
        while self._line and self.inside < self.limit:
            turn = self._line.popleft()
            if not turn.done():
                self.inside += 1
                turn.set_result(None)


class Limited:
    """Keeps the provider inside within its limits, and slows down when told to."""

    def __init__(
        self,
        inner: Provider,
        limits: Limits,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._most = limits.concurrency
        self.gate = Gate(limits.concurrency)
        self._requests = Pace(limits.requests_per_minute, clock=clock) if limits.requests_per_minute else None
        self._tokens = Pace(limits.tokens_per_minute, clock=clock) if limits.tokens_per_minute else None
        self._sleep = sleep
        self._clock = clock
        self._quiet_until = float("-inf")
        self._answered = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer, when there is room to ask."""
        tokens = 0.0 if self._tokens is None else expected_tokens(request)
        return await self._in_turn(tokens, lambda: self._inner.complete(request))

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors, when there is room to ask."""
        tokens = sum(map(len, request.texts)) / 4
        return await self._in_turn(tokens, lambda: embedder(self._inner).embed(request))

    async def _in_turn(self, tokens: float, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        await self.gate.enter()
        try:
            reserved = await self._turn(tokens)
            asked_at = self._clock()
            try:
                reply = await ask()
            except ProviderError as error:
                if error.kind == "rate limit":
                    self._slow_down(error, asked_at)
                raise
            self._answer_came(reply.usage, reserved)
            return reply
        finally:
            self.gate.leave()

    async def close(self) -> None:
        """Close the provider inside."""
        await self._inner.close()

    async def _turn(self, tokens: float) -> float:
        """Wait until a request of so many tokens may be sent; the tokens that were reserved for it."""
        reserved = 0.0
        wait_s = 0.0
        if self._requests is not None:
            wait_s = self._requests.reserve()
        if self._tokens is not None:
            reserved = tokens
            wait_s = max(wait_s, self._tokens.reserve(reserved))
        if wait_s > 0:
            await self._sleep(wait_s)
        while (quiet_s := self._quiet_until - self._clock()) > 0:
            await self._sleep(quiet_s)
        return reserved

    def _slow_down(self, error: ProviderError, asked_at: float) -> None:
        now = self._clock()
        # Those who asked before the last slow-down tell nothing new: they only repeat it.
        if asked_at >= self._quiet_until:
            self.gate.limit = max(1, self.gate.limit // 2)
            self._answered = 0
        pause_s = _PAUSE_S if error.retry_after_s is None else min(error.retry_after_s, _LONGEST_PAUSE_S)
        self._quiet_until = max(self._quiet_until, now + pause_s)

    def _answer_came(self, usage: Usage, reserved: float) -> None:
        if self._tokens is not None and usage.input_tokens is not None:
            self._tokens.correct(usage.input_tokens + (usage.output_tokens or 0) - reserved)
        if self.gate.limit < self._most:
            self._answered += 1
            if self._answered >= self.gate.limit:
                self._answered = 0
                self.gate.limit += 1
                self.gate.admit()


class TimeLimited:
    """Gives up a call of the provider inside after so many seconds; the provider may have billed it."""

    def __init__(self, inner: Provider, timeout_s: float) -> None:
        self._inner = inner
        self._timeout_s = timeout_s

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer, if it comes in time."""
        return await self._in_time(request.model, self._inner.complete(request))

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors, if they come in time."""
        return await self._in_time(request.model, embedder(self._inner).embed(request))

    async def _in_time(self, model: str, reply: Awaitable[Reply]) -> Reply:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await reply
        except TimeoutError as exc:
            message = f"{model} gave no answer within {self._timeout_s:g} s"
            raise ProviderError("time-out", message, maybe_billed=1) from exc

    async def close(self) -> None:
        """Close the provider inside."""
        await self._inner.close()


def expected_tokens(request: ChatRequest) -> float:
    """Tokens to reserve: a quarter of the characters, and the stated limit of output."""
    asked = sum(len(message.content) for message in request.messages) / 4
    return asked + (request.max_output_tokens or _EXPECTED_OUTPUT)
