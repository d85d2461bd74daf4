"""What a run brought, as results: every run of every case with its score, its cost and what scoring it cost."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.comparing import with_similarity
from breakeven.evidence.evals.judge_pass import with_verdict
from breakeven.evidence.evals.metering import call_usd
from breakeven.evidence.evals.planning import Ask, Asked, Plan
from breakeven.evidence.evals.result import FORMAT, CaseRun, EvalResult
from breakeven.evidence.evals.retrieving.reporting import retrieval_facts, with_retrieval
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.suite import Candidate
from breakeven.providers import ChatReply, ProviderError

if TYPE_CHECKING:
    from breakeven.evidence.evals.running import Run

__all__ = ["results"]


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
            if not isinstance(outcome, ProviderError):
                row = with_similarity(plan, row, suite.cases.cases[ask.case], run.embedding)
            row = with_retrieval(plan, row, ask, run.embedding.vectors)
            rows[ask.candidate].append((ask.case, ask.repeat, row))
    wanted = len(suite.cases.cases) * suite.repeats
    return tuple(_result(plan, run, it, rows[it.name], date, wanted) for it in suite.candidates)


def _result(
    plan: Plan, run: Run, candidate: Candidate, rows: list[tuple[int, int, CaseRun]], date: dt.date, wanted: int
) -> EvalResult:  # fmt: skip
    suite = plan.suite
    rows.sort(key=lambda row: row[:2])
    return EvalResult(
        candidate=candidate.name, runs=tuple(row for _, _, row in rows), date=date, model=candidate.model,
        prompt=candidate.prompt.reference, scorer=suite.scorer.title, cases_sha256=suite.cases.sha256,
        complete=len(rows) == wanted,
        settings={
            **candidate.settings, "repeats": suite.repeats, "order_seed": suite.seed,
            **({} if suite.scorer.judge is None else {"judge": suite.scorer.judge.settings}),
            **{key: it.settings for key, it in suite.scorer.similarities.items()},
            **retrieval_facts(plan, candidate, run.embedding.vectors),
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
