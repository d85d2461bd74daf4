"""The second pass: a judge is asked about every answer, through the same seam, journal and budget."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from breakeven.evidence.evals.judging import JUDGE_FAILED, Judge, NoVerdictError, Verdict
from breakeven.evidence.evals.metering import call_usd
from breakeven.evidence.evals.planning import Asked, Plan, bounded
from breakeven.evidence.evals.result import CaseRun
from breakeven.evidence.evals.scorers.exact import TextForm
from breakeven.providers import (
    ChatReply,
    ChatRequest,
    EmbeddingReply,
    EmbeddingRequest,
    Provider,
    ProviderError,
    embedder,
)
from breakeven.providers.fake import FakeProvider

__all__ = ["FakeJudging", "Judged", "judge_call", "judge_calls", "read_verdict", "with_verdict"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of judging one answer."""

    verdict: Verdict | None
    """None: the judge gave none."""
    note: str
    """The reason, or why there is no verdict."""
    usd: float | None


def judge_calls(plan: Plan, answers: Mapping[str, ChatReply]) -> tuple[Asked, ...]:
    """What the judge is asked about the answers (by key) that there are; the same answer to the same case once."""
    judge = plan.suite.scorer.judge
    if judge is None:
        return ()
    calls: dict[str, Asked] = {}
    for asked in plan.calls:
        reply = answers.get(asked.key)
        if reply is None or reply.finish_reason == "content_filter":
            continue
        one = judge_call(plan, judge, asked, reply.text)
        same = calls.get(one.key)
        calls[one.key] = one if same is None else replace(same, asks=same.asks + one.asks)
    return tuple(calls.values())


def judge_call(plan: Plan, judge: Judge, asked: Asked, answer: str) -> Asked:
    """What the judge is asked about one answer."""
    request = judge.request(plan.suite.cases.cases[asked.asks[0].case], answer)
    tokens, most = bounded(request, plan.prices[judge.model], plan.countings[judge.model])
    return Asked(
        key=request.key, request=request, asks=asked.asks, purpose="judge", input_tokens=tokens, most_usd=most
    )


def read_verdict(plan: Plan, judge: Judge, outcome: ChatReply | ProviderError) -> Judged:
    """What a judge's reply says."""
    price = plan.prices[judge.model]
    usd = None if outcome.usage is None else call_usd(price, outcome.usage)
    if isinstance(outcome, ProviderError):
        return Judged(verdict=None, note=f"the judge: {outcome}", usd=usd)
    try:
        verdict = judge.read(outcome.text)
    except NoVerdictError as exc:
        return Judged(verdict=None, note=f"the judge: {exc}", usd=usd)
    return Judged(verdict=verdict, note=verdict.reason, usd=usd)


def with_verdict(row: CaseRun, judge: Judge, judged: Judged | None, *, first: bool) -> CaseRun:
    """A run with what the judge said of it. ``first``: its verdict is the score; else it is a named one."""
    if row.output is None:  # no answer came: there is nothing to judge
        return row
    usd = None if judged is None else judged.usd
    verdict = None if judged is None else judged.verdict
    said = "not judged yet" if judged is None else judged.note
    note = "; ".join(text for text in (row.note, said) if text) or None
    if first:
        failure = None if verdict is not None else "not judged yet" if judged is None else JUDGE_FAILED
        score = None if verdict is None else verdict.score
        return replace(row, score=score, failure=failure, note=note, judge_cost_usd=usd)
    scores = row.scores if verdict is None else {**row.scores, judge.key: verdict.score}
    return replace(row, scores=scores, note=note, judge_cost_usd=usd)


class FakeJudging:
    """A fake judge before other providers: it passes what is the right answer, so that a suite runs without a key.

    Its name says how often it errs: ``fake/judge?accuracy=90%``.
    """

    def __init__(self, inner: Provider, judge: Judge, *, seed: int) -> None:
        self._inner = inner
        self._judge = judge
        self._seed = seed

    async def complete(self, request: ChatRequest) -> ChatReply:
        """A verdict where the judge is asked; else what the others say."""
        if request.model != self._judge.model or request.json_schema != self._judge.schema:
            return await self._inner.complete(request)
        asked = request.messages[-1].content
        texts = dict(_between(asked))
        form = TextForm(ignore_case=True, ignore_punctuation=True, ignore_space=True)
        right = form.of(texts.get("ANSWER", "")) == form.of(texts.get("RIGHT ANSWER", ""))
        verdicts = self._verdict(right), self._verdict(not right)
        fake = FakeProvider({asked: verdicts[0], "another question": verdicts[1]}, seed=self._seed)
        return await fake.complete(request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """What the others embed."""
        return await embedder(self._inner).embed(request)

    def _verdict(self, right: bool) -> str:
        reason = "It is the right answer." if right else "It is not the right answer."
        if self._judge.marks is None:
            return json.dumps({"reason": reason, "verdict": "pass" if right else "fail"})
        return json.dumps({"reason": reason, "score": self._judge.marks if right else 1})

    async def close(self) -> None:
        """Close what is behind it."""
        await self._inner.close()


def _between(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each part of what a judge is asked."""
    for name in ("RIGHT ANSWER", "ANSWER"):
        _, found, rest = text.rpartition(f"\n\n<<<{name} ")
        if found:
            mark, _, body = rest.partition(">>>\n")
            yield name, body.partition(f"\n<<<END {name} {mark}>>>")[0]
