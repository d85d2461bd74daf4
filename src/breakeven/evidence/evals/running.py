"""Running a plan: calls side by side, each answer journalled before it counts, scored as it comes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from breakeven.errors import InputError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.journal import Journalled
from breakeven.evidence.evals.judge_pass import Judged, judge_calls, read_verdict, with_verdict
from breakeven.evidence.evals.metering import Budget, BudgetReachedError, call_usd
from breakeven.evidence.evals.planning import Ask, Asked, Plan
from breakeven.evidence.evals.result import FORMAT, CaseRun, EvalResult
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.stopping import EarlyStop, Settled
from breakeven.evidence.evals.suite import Candidate, Suite
from breakeven.providers import ChatReply, FailureKind, Provider, ProviderError

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


def budget_for(plan: Plan, journalled: Journalled) -> Budget:
    """The suite's budget, with what earlier runs of the same calls have spent of it."""
    spent = 0.0
    for asked in (*plan.calls, *judge_calls(plan, journalled.answers)):
        most = asked.most_usd or 0.0
        spent += most * journalled.maybe_billed[asked.key]
        reply = journalled.answers.get(asked.key)
        if reply is not None:
            usd = call_usd(plan.prices[asked.request.model], reply.usage)
            spent += most if usd is None else usd
    return Budget(plan.suite.budget_usd, spent_usd=spent)


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
        on_judge_call: Callable[[Asked], None] = lambda asked: None,
    ) -> None:
        """providers: by model, journalling and metering what passes through them. stop_early: of two candidates."""
        self._plan = plan
        self._providers = providers
        self._budget = budget
        self._on_progress = on_progress
        self._answers = {
            asked.key: journalled.answers[asked.key]
            for asked in plan.calls
            if asked.key in journalled.answers
        }
        self._journalled = journalled
        self._on_judge_call = on_judge_call
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
        self.progress = Progress(calls=plan.most_calls, journalled=len(self._answers))
        self._tasks: list[asyncio.Task[None]] = []
        self._order = _random_order(plan.suite)
        if stop_early and plan.suite.scorer.judge_first:
            raise InputError("--stop-early watches scores as they come; a judge's come when all is answered")
        self._watch = EarlyStop(plan.suite, self._order) if stop_early else None
        self.settled: Settled | None = None
        """What was shown, where that stopped the run."""

    @property
    def under_way(self) -> int:
        """Workers that have not ended."""
        return sum(not task.done() for task in self._tasks)

    def stop(self, reason: StopReason) -> None:
        """Send nothing more; what is under way is waited for."""
        self.stopped = self.stopped or reason

    def cancel(self) -> None:
        """Do not wait either: what is under way may have been paid for, and is asked again by the next run."""
        self.stop("interrupted")
        for task in self._tasks:
            task.cancel()

    async def go(self) -> None:
        """Ask what is not answered yet, in an order that the suite's seed decides."""
        for asked in self._plan.calls:
            if asked.key in self._answers:
                self._take(asked, self._answers[asked.key])
        self._look()
        self._show()
        await self._side_by_side(self._in_order(), len(self._plan.calls) - len(self._answers), self._one)
        if self.stopped is None:
            await self._judge()

    async def _side_by_side(
        self, calls: Iterator[Asked], n: int, one: Callable[[Asked], Awaitable[None]]
    ) -> None:
        width = min(self._plan.suite.concurrency, max(1, n))
        self._tasks = [asyncio.create_task(self._work(calls, one)) for _ in range(width)]
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome

    def _in_order(self) -> Iterator[Asked]:
        """Cases in random order; candidates beside each other on a case, so that whatever is done is done in pairs."""
        places = {case: place for place, case in enumerate(self._order)}
        todo = [asked for asked in self._plan.calls if asked.key not in self._answers]
        return iter(sorted(todo, key=lambda asked: (places[asked.asks[0].case], asked.asks[0].repeat)))

    async def _judge(self) -> None:
        """Ask the judge about every answer that it has not judged yet."""
        calls = judge_calls(self._plan, self._answers)
        self.progress.calls = len(self._plan.calls) + len(calls)
        todo = []
        for asked in calls:
            reply = self._journalled.answers.get(asked.key)
            if reply is None:
                todo.append(asked)
                self._on_judge_call(asked)
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
        judge = self._plan.suite.scorer.judge
        assert judge is not None  # else nothing was asked of it
        judged = read_verdict(self._plan, judge, outcome)
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
            case = self._plan.suite.cases.cases[ask.case]
            found: Scored | str
            try:
                found = self._plan.suite.scorer.before_judging(case, reply.text)
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


def _random_order(suite: Suite) -> list[int]:
    """Positions of the cases in the order in which they are asked."""
    order: list[int] = np.random.default_rng(suite.seed).permutation(len(suite.cases.cases)).tolist()
    return order


def results(plan: Plan, run: Run, *, date: dt.date) -> tuple[EvalResult, ...]:
    """What each candidate did, in the order of the case file. What was not asked has no run."""
    suite = plan.suite
    rows: dict[str, list[tuple[int, int, CaseRun]]] = {candidate.name: [] for candidate in suite.candidates}
    for asked in plan.calls:
        outcome = run.outcome(asked)
        if outcome is None:
            continue
        for ask in asked.asks:
            row = _row(plan, asked, ask, outcome, run.scored.get(ask))
            if suite.scorer.judge is not None and not isinstance(outcome, ProviderError):
                row = with_verdict(
                    row, suite.scorer.judge, run.judged.get(ask), first=suite.scorer.judge_first
                )
            rows[ask.candidate].append((ask.case, ask.repeat, row))
    wanted = len(suite.cases.cases) * suite.repeats
    return tuple(_result(suite, it, rows[it.name], date, wanted) for it in suite.candidates)


def _result(
    suite: Suite, candidate: Candidate, rows: list[tuple[int, int, CaseRun]], date: dt.date, wanted: int
) -> EvalResult:
    rows.sort(key=lambda row: row[:2])
    return EvalResult(
        candidate=candidate.name, runs=tuple(row for _, _, row in rows), date=date, model=candidate.model,
        prompt=candidate.prompt.reference, scorer=suite.scorer.title, cases_sha256=suite.cases.sha256,
        complete=len(rows) == wanted,
        settings={
            **candidate.settings, "repeats": suite.repeats, "order_seed": suite.seed,
            **({} if suite.scorer.judge is None else {"judge": suite.scorer.judge.settings}),
        },
    )  # fmt: skip


def _row(
    plan: Plan, asked: Asked, ask: Ask, outcome: ChatReply | ProviderError, scored: Scored | str | None
) -> CaseRun:
    case = plan.suite.cases.cases[ask.case]
    price = plan.prices[asked.request.model]
    if isinstance(outcome, ProviderError):
        usd = None if outcome.usage is None else call_usd(price, outcome.usage)
        return _unscored(case, ask, failure=outcome.kind, note=str(outcome), usd=usd)
    usage = outcome.usage
    found = scored if isinstance(scored, Scored) else None
    failure = FORMAT if found is not None and found.format_failure else None
    return CaseRun(
        id=case.id, repeat=ask.repeat, score=None if found is None else found.score,
        scores={} if found is None else found.scores, counts={} if found is None else found.counts,
        failure=scored if isinstance(scored, str) else failure,
        cluster=case.cluster, segment=case.segment, input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens, output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens, latency_s=outcome.latency_s, cost_usd=call_usd(price, usage),
        input=_asked_text(case), output=outcome.text, note=_note(outcome, found),
    )  # fmt: skip


def _unscored(case: Case, ask: Ask, *, failure: str, note: str, usd: float | None) -> CaseRun:
    return CaseRun(
        id=case.id, repeat=ask.repeat, score=None, failure=failure, note=note, cost_usd=usd, cluster=case.cluster,
        segment=case.segment,
    )  # fmt: skip


def _asked_text(case: Case) -> str | None:
    """What the case asks, for a reader: its one variable, or all of them by name."""
    values = [str(value) for value in case.variables.values()]
    if len(values) > 1:
        values = [f"{name}: {value}" for name, value in zip(case.variables, values, strict=True)]
    return "\n".join(values) or None


def _note(reply: ChatReply, found: Scored | None) -> str | None:
    cut = "cut off at max_output_tokens" if reply.finish_reason == "length" else None
    return "; ".join(part for part in (cut, None if found is None else found.note) if part) or None
