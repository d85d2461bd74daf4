"""Versions of a prompt scored one after the other under one budget; what was answered is not asked again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType

import numpy as np

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.executing import opened
from breakeven.evidence.evals.identity import cases_sha256
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.judge_pass import judge_call, judge_calls
from breakeven.evidence.evals.metering import Budget, BudgetReachedError, Metered, call_usd
from breakeven.evidence.evals.planning import Asked, Plan, make_plan
from breakeven.evidence.evals.prompting import PromptSection, PromptVersion
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.evals.running import Run, results
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.scoring_aside import scored_aside
from breakeven.evidence.evals.suite import Candidate, Suite, Together
from breakeven.prices import ModelPrice, PriceBook
from breakeven.providers import ChatReply, ChatRequest, Patience, Provider
from breakeven.providers.retrying import Retrying

__all__ = ["Bench", "Trial"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One version on some cases."""

    candidate: Candidate
    result: EvalResult
    scores: dict[str, float]
    """Case → mean score; a case without an answer is missing."""
    outputs: dict[str, str]
    """Case → the last answer."""
    reasons: dict[str, str]
    """Case → why it scored as it did, where a scorer or a judge says so."""

    @property
    def mean(self) -> float:
        """Over the cases with a score; 0 where there are none."""
        return sum(self.scores.values()) / len(self.scores) if self.scores else 0.0


class Bench:
    """Scores versions, and asks the reflection model, within one budget. To be used as a context."""

    def __init__(
        self, suite: Suite, candidate: Candidate, *, journal: Journal, book: PriceBook, today: dt.date,
        budget_usd: float | None, reflection: str | None = None, reflection_tokens: int = 4_000,
        allow_unpriced: bool = False, provider: Provider | None = None,
    ) -> None:  # fmt: skip
        """suite: its cases are all that may be asked, so that fake models know them. Raises EvidenceError.

        provider: asked instead of those that the models' names lead to.
        """
        # What only gives named scores would be paid for and never looked at.
        judge = suite.scorer.judge if suite.scorer.judge_first else None
        scorer = replace(suite.scorer, judge=judge, similarities={})
        self._suite = suite = replace(suite, linear=(), budget_usd=budget_usd, scorer=scorer)
        self.candidate = candidate
        self._journal = journal
        self._book = book
        self._today = today
        self._allow_unpriced = allow_unpriced
        self._reflection = reflection
        self._reflection_tokens = reflection_tokens
        self._reflected = 0
        self.budget = Budget(budget_usd)
        self.answered = 0
        self._most: dict[str, float] = {}
        self._prices: dict[str, ModelPrice | None] = {}
        self._counted: set[str] = set()
        rng = np.random.default_rng()  # spreads retries in time; no result depends on it
        self._provider = provider or opened(
            self.plan(candidate, suite.cases.cases), rng=rng, more=[reflection] if reflection else []
        )
        metered = Metered(
            self._provider, budget=self.budget, journal=journal, price_of=lambda model: self._prices[model],
            most_usd=lambda key: self._most[key],
        )  # fmt: skip
        patient = Retrying(metered, patience=Patience(attempts=suite.attempts), rng=rng)
        self._patient = _Kept(patient, journal.journalled.answers)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._provider.close())
        self._runner.close()

    def plan(self, candidate: Candidate, cases: Sequence[Case]) -> Plan:
        """What scoring a version on these cases asks; raises EvidenceError."""
        held = Cases(path=self._suite.cases.path, sha256=cases_sha256(cases), cases=tuple(cases))
        suite = replace(self._suite, cases=held, candidates=(candidate,))
        return make_plan(suite, book=self._book, allow_unpriced=self._allow_unpriced)

    def most_usd(self, candidate: Candidate, cases: Sequence[Case]) -> float:
        """The most that scoring can cost, its judge included, when every call is answered at its first attempt."""
        plan = self.plan(candidate, cases)
        return sum(asked.most_usd or 0.0 for asked in plan.calls) + self._most_of_judge(plan)

    def _most_of_judge(self, plan: Plan) -> float:
        """With every answer as long as it may be, each of its tokens one of four bytes."""
        judge = plan.suite.scorer.judge
        price = None if judge is None else plan.prices[judge.model]
        if judge is None or price is None:
            return 0.0
        longest = 4 * (plan.suite.candidates[0].max_output_tokens or 0) * price.input_usd_per_mtok / 1e6
        return sum((judge_call(plan, judge, asked, "").most_usd or 0.0) + longest for asked in plan.calls)

    def score(self, candidate: Candidate, cases: Sequence[Case]) -> Trial:
        """A version on these cases; raises BudgetReachedError where not all of them can be paid for."""
        plan = self.plan(candidate, cases)
        run = self._run(plan)
        if run.stopped == "budget":
            raise BudgetReachedError("the budget is reached")
        for name, error in run.given_up.items():
            raise EvidenceError(f"gave up: {name}: {error}")
        [result] = results(plan, run, date=self._today)
        _check_verdicts(plan, result)
        scores: dict[str, list[float]] = {}
        for row in result.runs:
            if row.score is not None:
                scores.setdefault(row.id, []).append(row.score)
        return Trial(
            candidate=candidate, result=result, scores={case: sum(s) / len(s) for case, s in scores.items()},
            outputs={row.id: row.output for row in result.runs if row.output is not None},
            reasons={row.id: row.note for row in result.runs if row.note},
        )  # fmt: skip

    def _run(self, plan: Plan) -> Run:
        self._prices.update(plan.prices)
        known = self._journal.journalled
        for asked in (*plan.calls, *judge_calls(plan, known.answers)):
            self._expect(plan, asked)
        provider = scored_aside(self._patient, lambda: run.plan, plan)
        run = Run(
            plan, dict.fromkeys(plan.prices, provider), journalled=known, budget=self.budget,
            on_new_call=lambda asked: self._expect(plan, asked),
        )  # fmt: skip
        self._runner.run(run.go())
        self.answered += run.progress.answered
        return run

    def _expect(self, plan: Plan, asked: Asked) -> None:
        """A call that may be made: what it costs at most, and what an earlier run of this search spent on it."""
        self._most[asked.key] = asked.most_usd or 0.0
        if asked.key not in self._counted:
            self._counted.add(asked.key)
            self.budget.spent_usd += self._spent_before(plan, asked)

    def _spent_before(self, plan: Plan, asked: Asked) -> float:
        known, most = self._journal.journalled, self._most[asked.key]
        usd = most * known.maybe_billed[asked.key]
        reply = known.answers.get(asked.key)
        if reply is not None:
            paid = call_usd(plan.prices[asked.request.model], reply.usage)
            usd += most if paid is None else paid
        return usd

    def reflect(self, text: str) -> str:
        """What the reflection model answers; each call is one of its own, even where the text is the same."""
        assert self._reflection is not None
        self._reflected += 1
        section = PromptSection(role="user", text="{{input}}", line=1)
        prompt = PromptVersion(name="reflection", version="1", sha256="", sections=(section,))
        asking = Candidate(
            name="reflection", model=self._reflection, prompt=prompt, seed=self._reflected,
            max_output_tokens=self._reflection_tokens,
        )  # fmt: skip
        case = Case(id=f"reflection {self._reflected}", variables={"input": text}, expected="")
        held = Cases(path="", sha256="", cases=(case,))
        suite = replace(
            self._suite,
            cases=held,
            candidates=(asking,),
            repeats=1,
            scorer=Together(scorers={"read": _Read()}),
        )
        plan = make_plan(suite, book=self._book, allow_unpriced=self._allow_unpriced)
        run = self._run(plan)
        outcome = run.outcome(plan.calls[0])
        if outcome is None:
            raise BudgetReachedError("the budget is reached")
        if not isinstance(outcome, ChatReply):
            raise EvidenceError(f"{self._reflection}: {outcome}") from outcome
        return outcome.text


def _check_verdicts(plan: Plan, result: EvalResult) -> None:
    """A judge that judges nothing must not look like a prompt that gets nothing right."""
    judge = plan.suite.scorer.judge
    answered = [row for row in result.runs if row.output is not None]
    if judge is None or not plan.suite.scorer.judge_first or not answered:
        return
    if all(row.score is None for row in answered):
        raise EvidenceError(f"gave up: {judge.model} gave no verdict: {answered[0].note}")


class _Kept:
    """Puts every answer where the next run looks for it."""

    def __init__(self, inner: Provider, answers: dict[str, ChatReply]) -> None:
        self._inner = inner
        self._answers = answers

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer, kept."""
        reply = await self._inner.complete(request)
        self._answers[request.key] = reply
        return reply

    async def close(self) -> None:
        """Close what is behind it."""
        await self._inner.close()


class _Read:
    """Takes what a reflection model says as it stands."""

    title = "read"

    def score(self, case: Case, output: str) -> Scored:
        """Nothing is scored."""
        return Scored(score=1.0)
