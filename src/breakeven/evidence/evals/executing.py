"""From a plan to its answers: providers opened, metered and journalled, one run, and everything given back."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable

import numpy as np

from breakeven.evidence.evals.embedding.asking import Embedding
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.judge_pass import FakeJudging
from breakeven.evidence.evals.metering import Metered
from breakeven.evidence.evals.planning import Plan, most_tokens
from breakeven.evidence.evals.prompting import as_text
from breakeven.evidence.evals.running import Progress, Run, budget_for
from breakeven.evidence.evals.scoring_aside import ScoredAside, scored_aside
from breakeven.providers import Limits, Patience, Provider, open_provider
from breakeven.providers.retrying import Retrying

__all__ = ["execute", "opened"]


def opened(plan: Plan, *, rng: np.random.Generator, more: Iterable[str] = ()) -> Provider:
    """A provider for all models of a plan, which tries once; InputError where an endpoint or a key is missing.

    more: models that are asked beside those of the plan.
    """
    suite = plan.suite
    limits = {
        name: Limits(concurrency=suite.concurrency, **it.model_dump()) for name, it in suite.limits.items()
    }
    judge = suite.scorer.judge
    provider = open_provider(
        {*plan.prices, *more}, endpoints=suite.endpoints,
        limits={"": Limits(concurrency=suite.concurrency), **limits}, timeout_s=suite.timeout_s,
        patience=Patience(attempts=1), rng=rng, answers=_right_answers(plan), seed=suite.seed,
    )  # fmt: skip
    if judge is None or not judge.model.startswith("fake/"):
        return provider
    return FakeJudging(provider, judge, seed=suite.seed)


def _right_answers(plan: Plan) -> dict[str, str]:
    """Question → right answer, which fake models know; nobody else is told."""
    if not any(candidate.model.startswith("fake/") for candidate in plan.suite.candidates):
        return {}
    cases = plan.suite.cases.cases
    bare = {question: as_text(case.expected) for case in cases if plan.provisional and case.expected is not None
            and (question := as_text(case.variables.get("input", "")))}  # fmt: skip
    return bare | {
        asked.request.messages[-1].content: as_text(cases[ask.case].expected)
        for asked in plan.calls
        for ask in asked.asks[:1]
        if cases[ask.case].expected is not None
    }


async def execute(
    plan: Plan,
    journal: Journal,
    *,
    provider: Provider,
    rng: np.random.Generator,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_start: Callable[[Run], None] = lambda run: None,
    stop_early: bool = False,
    embeddings: Journal | None = None,
) -> Run:
    """Run a plan to its end, or until it is stopped. ``provider`` tries once, and is closed at the end.

    on_start: is handed the run before it begins, so that it can be stopped from outside. stop_early: of two
    candidates, when one is shown to be the better one. embeddings: the journal of vectors, where that is another one.
    """
    embedded = (embeddings or journal).journalled
    budget = budget_for(plan, journal.journalled, embedded)
    most = {asked.key: asked.most_usd or 0.0 for asked in plan.calls}
    metered = Metered(
        provider, budget=budget, journal=journal, price_of=plan.prices.__getitem__, most_usd=most.__getitem__,
        embeddings=embeddings, most_tokens=lambda request: most_tokens(plan.countings[request.model], request.texts),
    )  # fmt: skip
    patient = Retrying(metered, patience=Patience(attempts=plan.suite.attempts), rng=rng)
    asked = scored_aside(patient, lambda: run.plan, plan)
    providers = dict.fromkeys(plan.prices, asked)
    run = Run(
        plan,
        providers,
        journalled=journal.journalled,
        budget=budget,
        on_progress=on_progress,
        stop_early=stop_early,
        on_new_call=lambda asked: most.update({asked.key: asked.most_usd or 0.0}),
        embedding=Embedding(patient, Vectors(embedded.embedded), concurrency=plan.suite.concurrency),
    )
    on_start(run)
    gc.freeze()  # the plan lives to the end: looking through it again and again takes a tenth of the time
    try:
        if isinstance(asked, ScoredAside):
            await asked.prepare(
                journal.journalled.answers,
                stopped=lambda: run.stopped is not None,
                width=plan.suite.concurrency,
            )
        await run.go()
    finally:
        gc.unfreeze()
        await provider.close()
    return run
