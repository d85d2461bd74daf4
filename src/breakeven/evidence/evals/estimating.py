"""What a run will take: calls, tokens, dollars and time, each with how sure that is and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.evidence.evals.embedding.asking import MOST_TEXTS, batches
from breakeven.evidence.evals.embedding.needs import Need, compared_texts, first_needs, last_needs
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.judge_pass import judge_call, judge_calls
from breakeven.evidence.evals.judging import Judge
from breakeven.evidence.evals.metering import call_usd
from breakeven.evidence.evals.planning import Asked, Plan, expected_output, most_tokens
from breakeven.evidence.evals.suite import Candidate, Suite
from breakeven.prices import ModelPrice
from breakeven.providers import ChatReply, Usage
from breakeven.statistics import t_mean

__all__ = ["CandidateEstimate", "RunEstimate", "Span", "estimate_run"]

_ENOUGH: Final = 10
"""Earlier answers from which lengths and times are taken rather than guessed."""
_LEVEL: Final = 0.90
_JUDGE: Final = "(judge)"


@dataclass(frozen=True, kw_only=True)
class Span:
    """A figure that is not known yet, between its ends."""

    value: float
    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        """Ends add to ends: what is guessed too low for one candidate may be for all."""
        return Span(value=self.value + other.value, low=self.low + other.low, high=self.high + other.high)

    def __mul__(self, factor: float) -> Span:
        return Span(value=self.value * factor, low=self.low * factor, high=self.high * factor)


_NOTHING: Final = Span(value=0, low=0, high=0)
_BATCH_S: Final = Span(value=0.6, low=0.2, high=3)
"""One call to an embedding model."""
_LOCAL_S: Final = Span(value=2, low=0.3, high=8)
"""The same on this machine, where calls wait for each other."""


@dataclass(frozen=True, kw_only=True)
class CandidateEstimate:
    """What is still to be asked for one candidate."""

    name: str
    model: str
    prompt: str
    calls: int
    """To be sent; what is answered already is not among them."""
    answered: int
    """Calls whose answer the journal holds."""
    input_tokens: Span
    output_tokens: Span
    usd: Span | None
    """None: the price is not known."""
    most_usd: float | None
    """If each answer were as long as it may be; None: not known."""
    seconds: Span
    """One call after the other."""
    input_basis: str
    output_basis: str
    time_basis: str


@dataclass(frozen=True, kw_only=True)
class RunEstimate:
    """What a run will take in all."""

    candidates: tuple[CandidateEstimate, ...]
    calls: int
    answered: int
    usd: Span | None
    """Of the candidates whose price is known; None: of none it is."""
    most_usd: float | None
    seconds: Span
    """With as many calls at once as the suite allows."""
    unpriced: tuple[str, ...]


def estimate_run(plan: Plan, answers: Mapping[str, ChatReply], vectors: Vectors | None = None) -> RunEstimate:
    """The estimate for what ``answers``, by key, does not hold yet. A call that candidates share counts once.

    vectors: those that are paid for already.
    """
    found = []
    for candidate in plan.suite.candidates:
        own = [asked for asked in plan.calls if asked.asks[0].candidate == candidate.name]
        found.append(_candidate(plan, candidate, own, answers))
    asked = list(found)
    found += _judging(plan, answers, asked)
    found += _embedding(plan, answers, asked, vectors or Vectors())
    priced = [one.usd for one in found if one.usd is not None]
    most = [one.most_usd for one in found]
    slowest = _paced_s(plan.suite, found)
    seconds = sum((one.seconds for one in found), _NOTHING) * (1 / plan.suite.concurrency)
    seconds = Span(
        value=max(seconds.value, slowest), low=max(seconds.low, slowest), high=max(seconds.high, slowest)
    )
    return RunEstimate(
        candidates=tuple(found),
        calls=sum(one.calls for one in found),
        answered=sum(one.answered for one in found),
        usd=sum(priced, _NOTHING) if priced else None,
        most_usd=None if None in most else sum(value for value in most if value is not None),
        seconds=seconds,
        unpriced=plan.unpriced,
    )


def _judging(
    plan: Plan, answers: Mapping[str, ChatReply], candidates: list[CandidateEstimate]
) -> list[CandidateEstimate]:
    """What the judge is still to be asked: about the answers that there are, and about those to come."""
    judge = plan.suite.scorer.judge
    if judge is None:
        return []
    known = judge_calls(plan, answers)
    todo = [asked for asked in known if asked.key not in answers]
    coming = [asked for asked in plan.calls if asked.key not in answers]
    shells = [judge_call(plan, judge, asked, "") for asked in coming]
    counting, price = plan.countings[judge.model], plan.prices[judge.model]
    counted = float(sum(asked.input_tokens for asked in (*todo, *shells)))
    inputs = Span(value=counted, low=counted * counting.low, high=counted * counting.high)
    inputs += sum((one.output_tokens for one in candidates), _NOTHING)
    calls = len(todo) + len(shells)
    earlier = [answers[asked.key] for asked in known if asked.key in answers]
    each, output_basis = _verdict_length(earlier, judge.max_output_tokens)
    latency, time_basis = _latency(earlier, each)
    return [
        CandidateEstimate(
            name=_JUDGE, model=judge.model, prompt=judge.rubric_file, calls=calls, answered=len(known) - len(todo),
            input_tokens=inputs, output_tokens=each * calls, usd=_usd(price, inputs, each * calls, calls),
            most_usd=_most_of_judge(plan, judge, [*todo, *shells], coming), seconds=latency * calls,
            input_basis=counting.method, output_basis=output_basis, time_basis=time_basis,
        )
    ]  # fmt: skip


def _verdict_length(earlier: list[ChatReply], most: int) -> tuple[Span, str]:
    known = [reply.usage.output_tokens for reply in earlier if reply.usage.output_tokens is not None]
    if len(known) >= _ENOUGH:
        return _capped(_mean(known), most), f"mean of {len(known):,} earlier verdicts"
    return _capped(
        Span(value=60, low=20, high=150), most
    ), "guess: verdicts with a reason of a sentence or two"


def _most_of_judge(plan: Plan, judge: Judge, calls: list[Asked], coming: list[Asked]) -> float | None:
    """With every answer to come as long as it may be, each of its tokens one of four bytes."""
    price = plan.prices[judge.model]
    limits = {candidate.name: candidate.max_output_tokens for candidate in plan.suite.candidates}
    longest = [limits[asked.asks[0].candidate] for asked in coming]
    most = [asked.most_usd for asked in calls]
    if price is None or None in most or (price.input_usd_per_mtok > 0 and None in longest):
        return None
    answers = 4 * sum(n or 0 for n in longest) * price.input_usd_per_mtok / 1e6
    return math.fsum(value for value in most if value is not None) + answers


def _embedding(
    plan: Plan, answers: Mapping[str, ChatReply], candidates: list[CandidateEstimate], vectors: Vectors
) -> list[CandidateEstimate]:
    """What embedding models are still to be sent. A text that several want counts once."""
    replies = ((ask.case, answers[it.key]) for it in plan.calls if it.key in answers for ask in it.asks)
    last = last_needs(plan.suite, compared_texts(replies))
    coming = [asked for asked in plan.calls if asked.key not in answers]
    lengths = sum((one.output_tokens for one in candidates), _NOTHING)
    taken: set[tuple[str, str]] = set()
    found = []
    for need in (*first_needs(plan.suite), *last):
        todo = [it for it in vectors.missing(need.model, need.texts) if (need.model, it) not in taken]
        taken.update((need.model, text) for text in todo)
        more = (coming, lengths) if need in last else ([], _NOTHING)
        found.append(_texts_to_embed(plan, need, todo, *more))
    return found


def _texts_to_embed(
    plan: Plan, need: Need, todo: list[str], coming: list[Asked], lengths: Span
) -> CandidateEstimate:
    """coming: answers that are not there yet, whose texts are embedded as well."""
    counting, price = plan.countings[need.model], plan.prices[need.model]
    counted = float(sum(map(counting.count, todo)))
    inputs = Span(value=counted, low=counted * counting.low, high=counted * counting.high) + lengths
    calls = sum(1 for _ in batches(need.model, todo, alone=need.alone)) + math.ceil(len(coming) / MOST_TEXTS)
    each = _LOCAL_S if need.model.startswith("sentence-transformers/") else _BATCH_S
    return CandidateEstimate(
        name=need.name, model=need.model, prompt="", calls=calls, answered=0, input_tokens=inputs,
        output_tokens=_NOTHING, usd=_usd(price, inputs, _NOTHING, calls),
        most_usd=_most_to_embed(plan, need, todo, coming),
        seconds=each * calls, input_basis=counting.method, output_basis="", time_basis="guess: a batch of texts "
        f"takes {each.low:g}–{each.high:g} s",
    )  # fmt: skip


def _most_to_embed(plan: Plan, need: Need, todo: list[str], coming: list[Asked]) -> float | None:
    """With every answer to come as long as it may be, each of its tokens one of four bytes."""
    price, counting = plan.prices[need.model], plan.countings[need.model]
    limits = {candidate.name: candidate.max_output_tokens for candidate in plan.suite.candidates}
    longest = [limits[asked.asks[0].candidate] for asked in coming]
    if price is None or (price.input_usd_per_mtok > 0 and None in longest):
        return None
    tokens = most_tokens(counting, todo) + 4 * sum(n or 0 for n in longest)
    return tokens * price.input_usd_per_mtok / 1e6


def _paced_s(suite: Suite, found: list[CandidateEstimate]) -> float:
    """Seconds that the suite's own limits of pace make of it at least."""
    longest = 0.0
    for name, limits in suite.limits.items():
        own = [one for one in found if name in (one.model, one.model.partition("/")[0])]
        if limits.requests_per_minute is not None:
            longest = max(longest, 60 * sum(one.calls for one in own) / limits.requests_per_minute)
        if limits.tokens_per_minute is not None:
            tokens = sum(one.input_tokens.value + one.output_tokens.value for one in own)
            longest = max(longest, 60 * tokens / limits.tokens_per_minute)
    return longest


def _candidate(
    plan: Plan, candidate: Candidate, own: list[Asked], answers: Mapping[str, ChatReply]
) -> CandidateEstimate:
    todo = [asked for asked in own if asked.key not in answers]
    earlier = [answers[asked.key] for asked in own if asked.key in answers]
    counting, price = plan.countings[candidate.model], plan.prices[candidate.model]
    counted = float(sum(asked.input_tokens for asked in todo))
    inputs = Span(value=counted, low=counted * counting.low, high=counted * counting.high)
    length, output_basis = _length(plan, candidate, earlier)
    latency, time_basis = _latency(earlier, length)
    most = [asked.most_usd for asked in todo]
    return CandidateEstimate(
        name=candidate.name, model=candidate.model, prompt=f"{candidate.prompt.name} {candidate.prompt.version}",
        calls=len(todo), answered=len(earlier), input_tokens=inputs, output_tokens=length * len(todo),
        usd=_usd(price, inputs, length * len(todo), len(todo)),
        most_usd=None if None in most else math.fsum(value for value in most if value is not None),
        seconds=latency * len(todo), input_basis=counting.method, output_basis=output_basis,
        time_basis=time_basis,
    )  # fmt: skip


def _usd(price: ModelPrice | None, inputs: Span, outputs: Span, calls: int) -> Span | None:
    """Dollars for so many calls of even length, nothing read from a cache."""
    if price is None:
        return None

    def cost(input_tokens: float, output_tokens: float) -> float:
        if not calls:
            return 0.0
        each = Usage(input_tokens=round(input_tokens / calls), output_tokens=math.ceil(output_tokens / calls))
        return calls * (call_usd(price, each) or 0.0)

    return Span(
        value=cost(inputs.value, outputs.value),
        low=cost(inputs.low, outputs.low),
        high=cost(inputs.high, outputs.high),
    )


def _length(plan: Plan, candidate: Candidate, earlier: list[ChatReply]) -> tuple[Span, str]:
    """Output tokens of one answer, and what that rests on."""
    most = candidate.max_output_tokens or math.inf
    known = [reply.usage.output_tokens for reply in earlier if reply.usage.output_tokens is not None]
    if len(known) >= _ENOUGH:
        return _capped(_mean(known), most), f"mean of {len(known):,} earlier answers"
    counting = plan.countings[candidate.model]
    wanted = [expected_output(case, counting) for case in plan.suite.cases.cases]
    lengths = [n for n in wanted if n is not None]
    if lengths:
        mean = float(np.mean(lengths))
        return _capped(
            Span(value=mean, low=0.7 * mean, high=3 * mean + 20), most
        ), "as long as the expected answers"
    if most < math.inf:
        return Span(value=most / 3, low=1, high=most), "guess: a third of max_output_tokens"
    return Span(value=300, low=30, high=2_000), "guess: no limit and no earlier answer"


def _latency(earlier: list[ChatReply], length: Span) -> tuple[Span, str]:
    """Seconds of one call, and what that rests on."""
    known = [reply.latency_s for reply in earlier if reply.latency_s is not None]
    if len(known) >= _ENOUGH:
        return _mean(known), f"mean of {len(known):,} earlier answers"
    basis = "guess: 0.3–2 s, and 30–150 tokens a second"
    low, high = 0.3 + length.low / 150, 2 + length.high / 30
    return Span(value=math.sqrt(low * high), low=low, high=high), basis


def _mean(values: Iterable[float]) -> Span:
    found = t_mean(np.array([*values], dtype=float), level=_LEVEL)
    if found.low is None or found.high is None:
        return Span(value=found.value, low=found.value, high=found.value)
    return Span(value=found.value, low=max(0.0, found.low), high=found.high)


def _capped(span: Span, most: float) -> Span:
    return Span(value=min(span.value, most), low=min(span.low, most), high=min(span.high, most))
