"""What an eval will ask, before anything is asked: every request, the most that it can cost, and what all will cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from breakeven.errors import EvidenceError, InputError, MissingExtraError, Problem, UnknownPriceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.asking import most_bytes
from breakeven.evidence.evals.embedding.needs import embedding_models
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.prompting import as_text, render, render_shots
from breakeven.evidence.evals.suite import Candidate, Suite
from breakeven.evidence.prompts.tokens import (
    MESSAGE_TOKENS,
    REPLY_TOKENS,
    TokenCounter,
    counter_for,
    vocabulary_of,
)
from breakeven.prices import ModelPrice, PriceBook
from breakeven.providers import ChatRequest, Message
from breakeven.sources import Source

__all__ = ["Ask", "Asked", "Counting", "Plan", "Purpose", "bounded", "counting_for", "make_plan", "most_tokens",
           "with_vectors"]  # fmt: skip

Purpose: TypeAlias = Literal["answer", "judge"]
"""Why a request is sent. What judges ask goes through the same providers, journal and budget; its cost stays apart."""

_MARKS: Final = 8
"""What an embedding model may put around one text."""
_FREE: Final = {
    "fake": "the fake provider asks nobody",
    "sentence-transformers": "runs on this machine, where nobody bills tokens",
}
_SHOWN: Final = 20
_SLACK_SHARE: Final = 0.10
_SLACK_TOKENS: Final = 64
"""What a provider may count more than we do with the model's own vocabulary: marks, tools, a schema's frame."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What one answer is for."""

    candidate: str
    case: int
    """The case's position in the suite."""
    repeat: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request. Candidates that ask the very same share its answer."""

    key: str
    request: ChatRequest
    asks: tuple[Ask, ...]
    purpose: Purpose = "answer"
    input_tokens: int
    """Counted offline."""
    most_usd: float | None
    """The most that one attempt can cost; None: the price is not known, or the answer has no stated limit."""


@dataclass(frozen=True, kw_only=True)
class Counting:
    """How input tokens of a model are counted, and how far that may be off."""

    method: str
    """``counted with o200k_base``, …"""
    low: float
    high: float
    """Billed tokens to one counted."""
    counter: TokenCounter | None

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return -(-len(text) // 4) if self.counter is None else self.counter.recalled(text)

    @property
    def exact(self) -> bool:
        """Whether it is the model's own vocabulary."""
        return self.high <= 1 + _SLACK_SHARE


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that a suite asks."""

    suite: Suite
    calls: tuple[Asked, ...]
    """Each different request once, in the order of the case file."""
    prices: Mapping[str, ModelPrice | None]
    """By model; None: not known, and the user allows that."""
    countings: Mapping[str, Counting]
    """By model."""
    retrieved: Mapping[str, tuple[tuple[str, ...] | None, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The ids of the passages that each case gets, best first, by candidate; of those that retrieve here.

    None: vectors are to rank them, and are not there."""
    provisional: frozenset[str] = frozenset()
    """Keys of calls whose passages vectors will rank: words do for now, to count their tokens."""

    @property
    def most_calls(self) -> int:
        """Calls in all, were each answer judged by itself."""
        return len(self.calls) * (1 if self.suite.scorer.judge is None else 2)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Models whose price is not known."""
        return tuple(model for model, price in self.prices.items() if price is None)

    @property
    def price_sources(self) -> tuple[str, ...]:
        """Where the prices come from, each source once."""
        known = (price for price in self.prices.values() if price is not None)
        return tuple(dict.fromkeys(str(price.source) for price in known))


def make_plan(
    suite: Suite, *, book: PriceBook, allow_unpriced: bool = False, vectors: Vectors | None = None
) -> Plan:
    """All requests of a suite; raises EvidenceError with everything that would go wrong before a call is paid for.

    vectors: those that earlier runs have paid for, which may rank retrieved passages already.
    """
    problems = [*_unscorable(suite)]
    prices = _prices(suite, book, allow_unpriced, problems)
    countings = {model: counting_for(model) for model in prices}
    for candidate in suite.candidates:
        _check_limit(suite, candidate, prices.get(candidate.model), problems)
    plan = Plan(suite=suite, calls=(), prices=prices, countings=countings)
    return with_vectors(plan, vectors or Vectors(), problems)


def with_vectors(plan: Plan, vectors: Vectors, problems: Sequence[Problem] = ()) -> Plan:
    """The plan with every request written out, its passages ranked by these vectors where all are there."""
    calls: dict[str, Asked] = {}
    retrieved: dict[str, tuple[tuple[str, ...] | None, ...]] = {}
    found = [*problems]
    provisional: set[str] = set()
    for candidate in plan.suite.candidates:
        try:
            lacking = _lacking(plan.suite, candidate, vectors)
            cases, shots = _in_context(plan.suite, candidate, vectors, lacking, retrieved)
            for asked in _requests(plan, candidate, cases, shots):
                if asked.asks[0].case in lacking:
                    # Stands for another prompt: it must not be taken for what somebody else asks.
                    asked = replace(asked, key=f"{candidate.name} {asked.key}")
                    provisional.add(asked.key)
                same = calls.get(asked.key)
                calls[asked.key] = asked if same is None else replace(same, asks=same.asks + asked.asks)
        except InputError as exc:
            found += [_of(candidate, problem) for problem in exc.problems]
    if found:
        raise EvidenceError(*found[:_SHOWN])
    return replace(plan, calls=tuple(calls.values()), retrieved=retrieved, provisional=frozenset(provisional))


def _lacking(suite: Suite, candidate: Candidate, vectors: Vectors) -> frozenset[int]:
    """Positions of the cases whose prompt waits for vectors: its own, or an example's, which all prompts show."""
    cases, found = suite.cases.cases, candidate.retrieval
    if found is None:
        return frozenset()
    if found.lacking(candidate.shots, vectors):
        return frozenset(range(len(cases)))
    return found.lacking(cases, vectors)


def _in_context(
    suite: Suite, candidate: Candidate, vectors: Vectors, lacking: frozenset[int],
    retrieved: dict[str, tuple[tuple[str, ...] | None, ...]],
) -> tuple[Sequence[Case], Sequence[Case]]:  # fmt: skip
    """The cases and the shots of a candidate, with the passages that it retrieves for them."""
    cases, found = suite.cases.cases, candidate.retrieval
    if found is None:
        return cases, candidate.shots
    together = (*cases, *candidate.shots)
    places = found.found(together, vectors)
    retrieved[candidate.name] = tuple(
        None if case in lacking else tuple(found.passages.ids[k] for k in chosen)
        for case, chosen in enumerate(places[: len(cases)])
    )
    filled = [found.filled(case, chosen) for case, chosen in zip(together, places, strict=True)]
    return filled[: len(cases)], filled[len(cases) :]


def _of(candidate: Candidate, problem: Problem) -> Problem:
    return replace(problem, field=problem.field or f"candidates.{candidate.name}")


def _unscorable(suite: Suite) -> list[Problem]:
    """What keeps cases from being scored, whatever is answered: found out with an empty answer."""
    problems: list[Problem] = []
    for case in suite.cases.cases:
        try:
            suite.scorer.check(case)
        except InputError as exc:
            problems += exc.problems
        if len(problems) >= _SHOWN:
            break
    return problems


def _prices(
    suite: Suite, book: PriceBook, allow_unpriced: bool, problems: list[Problem]
) -> dict[str, ModelPrice | None]:
    found: dict[str, ModelPrice | None] = {}
    asked = [(candidate.model, ("candidates", candidate.name, "model")) for candidate in suite.candidates]
    judges = [] if suite.scorer.judge is None else [(suite.scorer.judge.model, ("score",))]
    for model, at in (*asked, *judges, *embedding_models(suite).items()):
        if model in found:
            continue
        try:
            found[model] = suite.prices.get(model) or _listed(model, book)
        except UnknownPriceError as exc:
            found[model] = None
            if not allow_unpriced:
                near = f"nearest: {', '.join(exc.near)}; or " if exc.near else ""
                hint = f"{near}prices: {{{model}: {{input: $…/1M tokens, output: $…/1M tokens}}}}; or --allow-unpriced"
                problems.append(suite.problem(at, f"no price is known for {model!r}", hint))
    return found


def _listed(model: str, book: PriceBook) -> ModelPrice:
    provider = model.partition("/")[0]
    if provider in _FREE:
        source = Source(kind="stated", reference=_FREE[provider])
        return ModelPrice(
            key=model, provider=provider, input_usd_per_mtok=0, output_usd_per_mtok=0, source=source
        )
    return book.model(model)


def _check_limit(
    suite: Suite, candidate: Candidate, price: ModelPrice | None, problems: list[Problem]
) -> None:
    """A budget can hold only where an answer can not be longer than is stated."""
    paid = price is not None and price.output_usd_per_mtok > 0
    if suite.budget_usd is not None and paid and candidate.max_output_tokens is None:
        message = "a budget needs the longest answer, to know what a call can cost at most"
        at = ("candidates", candidate.name, "max_output_tokens")
        problems.append(suite.problem(at, message, "max_output_tokens: 500"))


def counting_for(model: str) -> Counting:
    """How input tokens of a model are counted here: its own vocabulary, a stand-in, or characters."""
    vocabulary, own = vocabulary_of(model)
    if model.partition("/")[0] == "fake":
        own = False
    try:
        counter = counter_for(model)
    except MissingExtraError:
        return Counting(method="rough: characters ÷ 4", low=0.6, high=1.6, counter=None)
    if own:
        return Counting(method=f"counted with {vocabulary}", low=1.0, high=1.02, counter=counter)
    return Counting(
        method=f"counted with {vocabulary}, which is not the model's own", low=0.8, high=1.3, counter=counter
    )


def _requests(
    plan: Plan, candidate: Candidate, cases: Sequence[Case], solved: Sequence[Case]
) -> Iterable[Asked]:
    suite, price, counting = plan.suite, plan.prices[candidate.model], plan.countings[candidate.model]
    shots = render_shots(candidate.prompt, solved, context=candidate.context)
    schema = as_text(candidate.json_schema) if candidate.json_schema is not None else ""
    for position, case in enumerate(cases):
        messages = render(candidate.prompt, case, shots=shots, context=candidate.context)
        tokens = _tokens(messages, schema, counting)
        most = _most_usd(candidate.max_output_tokens, price, messages, schema, tokens, counting)
        for repeat in range(1, suite.repeats + 1):
            request = _request(candidate, messages, repeat)
            yield Asked(
                key=request.key, request=request, input_tokens=tokens, most_usd=most,
                asks=(Ask(candidate=candidate.name, case=position, repeat=repeat),),
            )  # fmt: skip


def _request(candidate: Candidate, messages: tuple[Message, ...], repeat: int) -> ChatRequest:
    return ChatRequest(
        model=candidate.model, messages=messages, temperature=candidate.temperature, top_p=candidate.top_p,
        max_output_tokens=candidate.max_output_tokens, seed=candidate.seed, stop=candidate.stop,
        json_schema=candidate.json_schema, extra=candidate.extra, repeat=repeat,
    )  # fmt: skip


def _tokens(messages: Sequence[Message], schema: str, counting: Counting) -> int:
    texts = sum(counting.count(message.content) for message in messages)
    return texts + MESSAGE_TOKENS * len(messages) + REPLY_TOKENS + (counting.count(schema) if schema else 0)


def bounded(request: ChatRequest, price: ModelPrice | None, counting: Counting) -> tuple[int, float | None]:
    """Input tokens of a request, counted here, and the most that it can cost; None: the price is not known."""
    schema = as_text(request.json_schema) if request.json_schema is not None else ""
    tokens = _tokens(request.messages, schema, counting)
    return tokens, _most_usd(request.max_output_tokens, price, request.messages, schema, tokens, counting)


def _most_usd(
    max_output_tokens: int | None, price: ModelPrice | None, messages: Sequence[Message], schema: str, tokens: int,
    counting: Counting,
) -> float | None:  # fmt: skip
    """The most that one attempt can cost: nothing cached, the dearest of the tariffs, the longest answer.

    Where the vocabulary is not the model's own, each byte counts as a token: no vocabulary gives more.
    """
    if price is None:
        return None
    if counting.exact:
        most_in = tokens * (1 + _SLACK_SHARE) + _SLACK_TOKENS
    else:
        size = sum(len(message.content.encode("utf-8", "surrogatepass")) for message in messages)
        most_in = size + len(schema.encode("utf-8", "surrogatepass")) + 16 * len(messages) + _SLACK_TOKENS
    dearest_in, dearest_out = _dearest(price, most_in)
    if dearest_out > 0 and max_output_tokens is None:
        return None
    return (most_in * dearest_in + (max_output_tokens or 0) * dearest_out) / 1e6


def most_tokens(counting: Counting, texts: Iterable[str]) -> int:
    """The most tokens that an embedding model can bill for these texts."""
    if counting.exact:
        return sum(math.ceil(counting.count(text) * (1 + _SLACK_SHARE)) + _MARKS for text in texts)
    return sum(most_bytes(text) + _MARKS for text in texts)


def _dearest(price: ModelPrice, tokens: float) -> tuple[float, float]:
    """The highest rates of input and of output that a call with so many input tokens can be billed at."""
    tiers = [tier for tier in price.tiers if tokens > tier.above_tokens]
    inputs = [price.input_usd_per_mtok, price.cache_write_usd_per_mtok or 0.0]
    outputs = [price.output_usd_per_mtok, price.reasoning_usd_per_mtok or 0.0]
    return (
        max([*inputs, *(tier.input_usd_per_mtok for tier in tiers)]),
        max([*outputs, *(tier.output_usd_per_mtok for tier in tiers)]),
    )


def expected_output(case: Case, counting: Counting) -> int | None:
    """Tokens of the answer that would be right; None: the case does not say."""
    return None if case.expected is None else max(1, counting.count(as_text(case.expected)))
