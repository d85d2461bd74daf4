"""Running a plan: calls side by side, each answer journalled before it counts, scored as it comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from breakeven.errors import InputError
from breakeven.evidence.evals.embedding.asking import Embedding, batches
from breakeven.evidence.evals.embedding.needs import (
    Need,
    compared_texts,
    embedding_spent_usd,
    first_needs,
    last_needs,
    retrieval_need,
)
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.journal import Journalled
from breakeven.evidence.evals.judge_pass import Judged, judge_calls, read_verdict
from breakeven.evidence.evals.metering import Budget, BudgetReachedError, call_usd
from breakeven.evidence.evals.outcomes import results
from breakeven.evidence.evals.planning import Ask, Asked, Plan, with_vectors
from breakeven.evidence.evals.retrieving.failing import unretrieved
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.stopping import EarlyStop, Settled
from breakeven.evidence.evals.suite import Suite
from breakeven.providers import (
    ChatReply,
    EmbeddingReply,
    EmbeddingRequest,
    FailureKind,
    Provider,
    ProviderError,
)

__all__ = ["Progress", "Run", "StopReason", "budget_for", "results"]

StopReason: TypeAlias = Literal["budget", "interrupted", "settled"]
_HOPELESS: Final[tuple[FailureKind, ...]] = ("not allowed", "not found")
"""What the next call of the same candidate meets as well."""
_IN_A_ROW: Final = 25
"""Failures of a candidate without an answer among them, after which it is given up."""


@dataclass(kw_only=True)
class Progress:
    """Where a run stands."""

    calls: int
    """All that the plan asks."""
    journalled: int = 0
    """Answered by an earlier run."""
    answered: int = 0
    """Answered by this one."""
    failures: Counter[str] = field(default_factory=Counter)
    """Calls that ended without an answer, by kind."""
    format_failures: int = 0
    judge_failures: int = 0
    """Answers of which the judge gave no verdict."""
    held_back: int = 0
    """Answers that a content filter kept."""
    spent_usd: float = 0.0
    """Earlier runs of the same calls, and what may have been billed without an answer, included."""

    @property
    def ended(self) -> int:
        """Calls that have an answer, or a reason why they have none."""
        return self.journalled + self.answered + self.failures.total()


def budget_for(plan: Plan, journalled: Journalled, embedded: Journalled | None = None) -> Budget:
    """The suite's budget, with what earlier runs of the same calls have spent of it.

    embedded: the journal of vectors, where that is another one.
    """
    spent = 0.0
    for asked in (*plan.calls, *judge_calls(plan, journalled.answers)):
        most = asked.most_usd or 0.0
        spent += most * journalled.maybe_billed[asked.key]
        reply = journalled.answers.get(asked.key)
        if reply is not None:
            usd = call_usd(plan.prices[asked.request.model], reply.usage)
            spent += most if usd is None else usd
    spent += embedding_spent_usd(
        plan.suite, plan.prices, _texts(plan, journalled.answers), embedded or journalled
    )
    return Budget(plan.suite.budget_usd, spent_usd=spent)


def _texts(plan: Plan, answers: Mapping[str, ChatReply]) -> dict[int, list[str]]:
    """The answers that are compared by vectors, by the position of their case."""
    replies = ((ask.case, answers[it.key]) for it in plan.calls if it.key in answers for ask in it.asks)
    return compared_texts(replies)


class Run:
    """One run of a plan. ``go`` may be called once; ``stop`` at any time."""

    def __init__(
        self,
        plan: Plan,
        providers: Mapping[str, Provider],
        *,
        journalled: Journalled,
        budget: Budget,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        stop_early: bool = False,
        on_new_call: Callable[[Asked], None] = lambda asked: None,
        embedding: Embedding | None = None,
    ) -> None:
        """providers: by model, journalling and metering what passes through them. stop_early: of two candidates.

        on_new_call: told of calls that the plan did not hold. embedding: for suites that want vectors.
        """
        self.plan = plan
        """What is asked; passages that vectors rank come in when these are there."""
        self._providers = providers
        self._budget = budget
        self._on_progress = on_progress
        self._answers: dict[str, ChatReply] = {}
        self._journalled = journalled
        self._on_new_call = on_new_call
        self.embedding = embedding or Embedding(_Nobody(), Vectors(), concurrency=1)
        """The vectors, and why some are missing."""
        self.embedding.on_call = self._embedded
        self.judged: dict[Ask, Judged] = {}
        """What the judge said of each answer."""
        self._failed: dict[str, ProviderError] = {}
        self._in_a_row: Counter[str] = Counter()
        self.given_up: dict[str, ProviderError] = {}
        """Candidates that were not asked further, with what they met."""
        self.stopped: StopReason | None = None
        """Why not all was asked."""
        self.scored: dict[Ask, Scored | str] = {}
        """What each answer is worth, or why it could not be scored."""
        self._ended: dict[Ask, Scored | str | None] = {}
        self.progress = Progress(calls=plan.most_calls)
        self._tasks: list[asyncio.Task[None]] = []
        self._order = _random_order(plan.suite)
        if stop_early and plan.suite.scorer.later_first:
            raise InputError("--stop-early watches scores as they come; a judge's, and those of vectors, come when all "
                             "is answered")  # fmt: skip
        self._watch = EarlyStop(plan.suite, self._order) if stop_early else None
        self.settled: Settled | None = None
        """What was shown, where that stopped the run."""

    @property
    def under_way(self) -> int:
        """Workers that have not ended."""
        return sum(not task.done() for task in self._tasks)

    @property
    def compared(self) -> dict[int, list[str]]:
        """The answers that there are to be compared by vectors, by the position of their case."""
        return _texts(self.plan, self._answers)

    def stop(self, reason: StopReason) -> None:
        """Send nothing more; what is under way is waited for."""
        self.stopped = self.stopped or reason
        self.embedding.stopped = True

    def cancel(self) -> None:
        """Do not wait either: what is under way may have been paid for, and is asked again by the next run."""
        self.stop("interrupted")
        for task in self._tasks:
            task.cancel()

    async def go(self) -> None:
        """Ask what is not answered yet, in an order that the suite's seed decides."""
        if self.plan.provisional:
            await self._retrieve()
        for asked in self.plan.calls:
            if asked.key in self._journalled.answers:
                self.progress.journalled += 1
                self._take(asked, self._journalled.answers[asked.key])
        self._look()
        self._show()
        await self._side_by_side(self._in_order(), len(self.plan.calls) - len(self._answers), self._one)
        if self.stopped is None:
            await self._judge()
        suite = self.plan.suite
        await self._embed([*first_needs(suite), *last_needs(suite, self.compared)])

    async def _retrieve(self) -> None:
        """Rank the passages by their vectors. A case whose vectors can not be had ends with their reason."""
        needs = [need for it in self.plan.suite.candidates if (need := retrieval_need(self.plan.suite, it))]
        await self._embed(needs)
        if self.stopped is not None:
            return
        self.plan = with_vectors(self.plan, self.embedding.vectors)
        for asked in self.plan.calls:
            if asked.key not in self.plan.provisional:
                self._on_new_call(asked)
        for asked, error in unretrieved(self.plan, self.embedding):
            self._failed[asked.key] = error
            self._ended.update(dict.fromkeys(asked.asks))
            self.progress.failures[error.kind] += 1
            name = asked.asks[0].candidate
            if all(ids is None for ids in self.plan.retrieved[name]):
                self.given_up.setdefault(name, error)

    async def _embed(self, needs: Iterable[Need]) -> None:
        for need in needs:
            if self.stopped is not None:
                return
            todo = self.embedding.todo(need.model, need.texts)
            self.progress.calls += sum(1 for _ in batches(need.model, todo, alone=need.alone))
            try:
                await self.embedding.fill(need.model, todo, alone=need.alone)
            except BudgetReachedError:
                self.stop("budget")

    def _embedded(self, error: ProviderError | None) -> None:
        if error is None:
            self.progress.answered += 1
        else:
            self.progress.failures[error.kind] += 1
        self._show()

    async def _side_by_side(
        self, calls: Iterator[Asked], n: int, one: Callable[[Asked], Awaitable[None]]
    ) -> None:
        width = min(self.plan.suite.concurrency, max(1, n))
        self._tasks = [asyncio.create_task(self._work(calls, one)) for _ in range(width)]
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome

    def _in_order(self) -> Iterator[Asked]:
        """Cases in random order; candidates beside each other on a case, so that whatever is done is done in pairs."""
        places = {case: place for place, case in enumerate(self._order)}
        known = self._answers.keys() | self._failed.keys()
        todo = [asked for asked in self.plan.calls if asked.key not in known]
        return iter(sorted(todo, key=lambda asked: (places[asked.asks[0].case], asked.asks[0].repeat)))

    async def _judge(self) -> None:
        """Ask the judge about every answer that it has not judged yet."""
        calls = judge_calls(self.plan, self._answers)
        self.progress.calls = len(self.plan.calls) + len(calls)
        todo = []
        for asked in calls:
            reply = self._journalled.answers.get(asked.key)
            if reply is None:
                todo.append(asked)
                self._on_new_call(asked)
            else:
                self.progress.journalled += 1
                self._take_verdict(asked, reply)
        self._show()
        await self._side_by_side(iter(todo), len(todo), self._one_verdict)

    async def _one_verdict(self, asked: Asked) -> None:
        try:
            reply = await self._providers[asked.request.model].complete(asked.request)
        except ProviderError as error:
            self.progress.failures[error.kind] += 1
            self._take_verdict(asked, error)
        else:
            self.progress.answered += 1
            self._take_verdict(asked, reply)
        self._show()

    def _take_verdict(self, asked: Asked, outcome: ChatReply | ProviderError) -> None:
        judge = self.plan.suite.scorer.judge
        assert judge is not None  # else nothing was asked of it
        judged = read_verdict(self.plan, judge, outcome)
        self.progress.judge_failures += judged.verdict is None
        self.judged.update(dict.fromkeys(asked.asks, judged))

    async def _work(self, calls: Iterator[Asked], one: Callable[[Asked], Awaitable[None]]) -> None:
        for asked in calls:
            if self.stopped is not None:
                return
            if asked.purpose == "answer" and all(ask.candidate in self.given_up for ask in asked.asks):
                continue
            try:
                await one(asked)
            except BudgetReachedError:
                self.stop("budget")
            except (
                Exception
            ):  # the journal can not be written, or our fault: nothing more may be asked and lost
                self.stop("interrupted")
                raise

    async def _one(self, asked: Asked) -> None:
        try:
            reply = await self._providers[asked.request.model].complete(asked.request)
        except ProviderError as error:
            self._fail(asked, error)
        else:
            self.progress.answered += 1
            for ask in asked.asks:
                self._in_a_row[ask.candidate] = 0
            self._take(asked, reply)
        self._look()
        self._show()

    def _take(self, asked: Asked, reply: ChatReply) -> None:
        """An answer that is on the disk. One that the provider held back says nothing, and is paid for."""
        self._answers[asked.key] = reply
        if reply.finish_reason == "content_filter":
            error = ProviderError("content filter", "the provider held the answer back", usage=reply.usage)
            self._failed[asked.key] = error
            self._ended.update(dict.fromkeys(asked.asks))
            self.progress.held_back += 1
        else:
            self._score(asked, reply)

    def _fail(self, asked: Asked, error: ProviderError) -> None:
        self._failed[asked.key] = error
        self._ended.update(dict.fromkeys(asked.asks))
        self.progress.failures[error.kind] += 1
        for ask in asked.asks:
            self._in_a_row[ask.candidate] += 1
            if error.kind in _HOPELESS or self._in_a_row[ask.candidate] >= _IN_A_ROW:
                self.given_up.setdefault(ask.candidate, error)

    def _score(self, asked: Asked, reply: ChatReply) -> None:
        for ask in asked.asks:
            case = self.plan.suite.cases.cases[ask.case]
            found: Scored | str
            try:
                found = self.plan.suite.scorer.before_judging(case, reply.text)
            except Exception as exc:  # noqa: BLE001 a scorer may come from anywhere; the answer is paid for and stays
                found = f"scorer failed: {type(exc).__name__}"
            if isinstance(found, Scored):
                self.progress.format_failures += found.format_failure
            self.scored[ask] = self._ended[ask] = found

    def _look(self) -> None:
        """Whether it is settled which candidate is the better one."""
        if self._watch is None or self.settled is not None:
            return
        self.settled = self._watch.look(self._ended)
        if self.settled is not None:
            self.stop("settled")

    def _show(self) -> None:
        self.progress.spent_usd = self._budget.spent_usd
        self._on_progress(self.progress)

    def outcome(self, asked: Asked) -> ChatReply | ProviderError | None:
        """The answer to a call, or why there is none; None: it was not asked."""
        return self._failed.get(asked.key) or self._answers.get(asked.key)


class _Nobody:
    """Embeds for a run that was given nobody to ask."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """Refuses."""
        raise ProviderError("not found", f"nobody was opened for {request.model}", attempts=0)


def _random_order(suite: Suite) -> list[int]:
    """Positions of the cases in the order in which they are asked."""
    order: list[int] = np.random.default_rng(suite.seed).permutation(len(suite.cases.cases)).tolist()
    return order
