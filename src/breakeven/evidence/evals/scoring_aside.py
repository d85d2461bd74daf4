"""Scorers that wait for a program run in threads, so that other calls go on; the run finds their scores ready.

A scorer says so by ``outside = True``, and keeps what it found for the same answer to the same case.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from breakeven.errors import BreakevenError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.planning import Plan
from breakeven.evidence.evals.scorers import Scorer
from breakeven.providers import ChatReply, ChatRequest, Provider

__all__ = ["ScoredAside", "outside_scorers", "scored_aside"]


def outside_scorers(plan: Plan) -> tuple[Scorer, ...]:
    """Those of a plan's scorers that wait for a program."""
    return tuple(it for it in plan.suite.scorer.scorers.values() if getattr(it, "outside", False))


def scored_aside(inner: Provider, plan_now: Callable[[], Plan], plan: Plan) -> Provider:
    """``inner``, with answers scored in threads before they are handed on, where a scorer of the plan wants that.

    plan_now: the plan as it stands, whose calls may become known only while it runs.
    """
    return ScoredAside(inner, plan_now) if outside_scorers(plan) else inner


class ScoredAside:
    """Hands an answer on once its slow scores are ready."""

    def __init__(self, inner: Provider, plan_now: Callable[[], Plan]) -> None:
        self._inner = inner
        self._plan_now = plan_now
        self._plan: Plan | None = None
        self._cases: dict[str, tuple[Case, ...]] = {}

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer, scored."""
        reply = await self._inner.complete(request)
        await self._prepare(request.key, reply)
        return reply

    async def prepare(
        self, answers: Mapping[str, ChatReply], *, stopped: Callable[[], bool], width: int
    ) -> None:
        """Score answers of an earlier run, ``width`` at a time, until it is ``stopped``."""
        room = asyncio.Semaphore(width)

        async def one(key: str, reply: ChatReply) -> None:
            async with room:
                if not stopped():
                    await self._prepare(key, reply)

        await asyncio.gather(*(one(key, reply) for key, reply in answers.items()))

    async def _prepare(self, key: str, reply: ChatReply) -> None:
        if reply.finish_reason == "content_filter":
            return
        cases = self._cases_of(key)
        if cases:
            await asyncio.to_thread(_score, outside_scorers(self._plan_now()), cases, reply.text)

    def _cases_of(self, key: str) -> tuple[Case, ...]:
        plan = self._plan_now()
        if plan is not self._plan:
            held = plan.suite.cases.cases
            self._plan = plan
            self._cases = {it.key: tuple({held[ask.case].id: held[ask.case] for ask in it.asks}.values())
                           for it in plan.calls}  # fmt: skip
        return self._cases.get(key, ())

    async def close(self) -> None:
        """Close what is behind it."""
        await self._inner.close()


def _score(scorers: Sequence[Scorer], cases: Sequence[Case], text: str) -> None:
    for scorer in scorers:
        for case in cases:
            with contextlib.suppress(BreakevenError):  # the run meets it again, and says it
                scorer.score(case, text)
