"""A provider that asks nobody: for dry runs, demonstrations and tests. It costs nothing and always answers the same.

How well a fake model does stands in its name: ``fake/good?accuracy=90%&latency=20ms&faults=5%``. It knows the right
answers that it is given, and gives a wrong one as often as its accuracy says. Everything that looks like chance is
computed from the seed, the request's key and the number of the attempt, so a run can be repeated to the letter.

Tokens are counted by a stated rule, not a vocabulary: one for every four bytes of text, begun or full; four more for
each message and three for the answer's opening. It embeds, too: ``fake_embedding``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, get_args
from urllib.parse import parse_qsl

from breakeven.errors import InputError, Problem, QuantityError, nearest
from breakeven.providers.chat import ChatReply, ChatRequest, Usage
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest
from breakeven.providers.examples import example_of
from breakeven.providers.fake_embedding import fake_vectors
from breakeven.providers.provider import ProviderError

__all__ = ["FAULTS", "FakeModel", "FakeProvider", "FaultKind", "fake_model", "fake_tokens"]

FaultKind = Literal["429", "500", "hang", "truncated", "cut", "reset", "empty"]
"""How a call may fail: refused for its rate, server error, no answer at all, JSON that ends too early, a body shorter
than announced, a connection torn down, an answer without choices."""
FAULTS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
_KNOWN: Final = ("accuracy", "per-example", "latency", "faults", "kinds")
_REMEMBERED: Final = 50_000
"""Texts whose question is remembered."""


@dataclass(frozen=True, kw_only=True)
class FakeModel:
    """How a fake model behaves."""

    accuracy: float = 1.0
    """Share of the questions it knows that it answers rightly."""
    per_example: float = 0.0
    """Added to it for each different answer among the solved examples in a request, up to 1."""
    latency_s: float = 0.0
    faults: float = 0.0
    """Share of the calls that fail."""
    kinds: tuple[FaultKind, ...] = FAULTS
    """The ways in which they fail, each as likely."""


@lru_cache(maxsize=1024)
def fake_model(model: str) -> FakeModel:
    """The behaviour that a model's name states: ``fake/NAME?accuracy=90%&latency=20ms&faults=5%&kinds=429,reset``.

    ``per-example=5%`` makes it better with examples in its prompt, each different answer counted once.
    """
    _, _, query = model.partition("?")
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in ("accuracy", "faults", "per-example"):
            given[name.replace("-", "_")] = _share(value, name)
        elif name == "latency":
            given["latency_s"] = seconds(value, name)
        elif name == "kinds":
            given["kinds"] = fault_kinds(value)
        else:
            near = ", ".join(nearest(name, _KNOWN))
            problem = Problem(
                message=f"a fake model has no {name!r}",
                field=model,
                hint=f"{'nearest: ' + near + '; ' if near else ''}known: {', '.join(_KNOWN)}",
            )
            raise InputError(problem)
    return FakeModel(**given)


def fault_kinds(text: str) -> tuple[FaultKind, ...]:
    """Ways to fail, separated by commas."""
    found = tuple(kind for kind in FAULTS if kind in text.split(","))
    if len(found) != len(set(text.split(","))):
        raise QuantityError(f"{text!r} names a fault that is not known", hint=f"known: {','.join(FAULTS)}")
    return found


def _share(text: str, name: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise QuantityError(f"{name}={text} is no share", hint="write 90% or 0.9")
    return share


def seconds(text: str, name: str = "latency") -> float:
    """Seconds from ``20ms``, ``1.5s`` or ``2 s``."""
    number, per_second = (text[:-2], 1000.0) if text.endswith("ms") else (text.removesuffix("s"), 1.0)
    try:
        value = float(number) / per_second
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6 or text[-1:] != "s":
        raise QuantityError(f"{name}={text} is no time", hint="write 20ms or 1.5s")
    return value


class FakeProvider:
    """Answers out of what it is given.

    ``answers`` maps a question to its right answer. A question is the last message of a request, or one of the texts in
    it: its last line, else the known question that ends last in it. What it does not know it echoes: the last line, or,
    under a schema, the smallest object that fits.
    """

    def __init__(
        self,
        answers: Mapping[str, str] | None = None,
        *,
        models: Mapping[str, FakeModel] | None = None,
        seed: int = 0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._answers = {question.strip(): answer for question, answer in (answers or {}).items()}
        self._found: dict[str, str | None] = {}
        self._choices = tuple(sorted(set(self._answers.values())))
        self._models = dict(models or {})
        self._seed = seed
        self._sleep = sleep
        self._asked: Counter[str] = Counter()

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer to one request, or the fault that its turn brings."""
        model = self.model(request.model)
        fault = self.fault(request)
        if model.latency_s:
            await self._sleep(model.latency_s)
        if fault is not None:
            raise failure(fault)
        return self.answer(request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of one request's texts, or the fault that its turn brings."""
        model = self.model(request.model)
        fault = self.fault(request)
        if model.latency_s:
            await self._sleep(model.latency_s)
        if fault is not None:
            raise failure(fault)
        return self.vectors(request)

    def vectors(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The reply to one request for embeddings, without delay or fault."""
        tokens = sum(map(fake_tokens, request.texts))
        return EmbeddingReply(
            vectors=fake_vectors(request.texts), usage=Usage(input_tokens=tokens, output_tokens=0),
            model=request.model.partition("/")[2], latency_s=self.model(request.model).latency_s,
        )  # fmt: skip

    async def close(self) -> None:
        """Nothing to give back."""

    def model(self, name: str) -> FakeModel:
        """How a model behaves: as given under its name, else as the name says."""
        return self._models.get(name) or fake_model(name)

    def answer(self, request: ChatRequest) -> ChatReply:
        """The reply to one request, without delay or fault."""
        model = self.model(request.model)
        asked = request.messages[-1].content if request.messages else ""
        text = self._known(asked)
        if text is None:
            text = example_of(request.json_schema) if request.json_schema is not None else last_line(asked)
        elif self._chance(request.key, "right") >= _accuracy(model, request):
            text = self._wrong(text, request.key)
        finish = "stop"
        if request.max_output_tokens is not None and fake_tokens(text) > request.max_output_tokens:
            text = text.encode()[: 4 * request.max_output_tokens].decode("utf-8", "ignore")
            finish = "length"
        usage = Usage(
            input_tokens=3 + sum(4 + fake_tokens(message.content) for message in request.messages),
            cached_tokens=0,
            output_tokens=fake_tokens(text),
            reasoning_tokens=0,
        )
        return ChatReply(
            text=text,
            usage=usage,
            finish_reason=finish,
            model=request.model.partition("/")[2],
            latency_s=model.latency_s,
        )

    def fault(self, request: ChatRequest | EmbeddingRequest) -> FaultKind | None:
        """How this attempt fails, if it does. The next attempt of the same request draws anew."""
        model = self.model(request.model)
        if not model.faults:
            return None
        self._asked[request.key] += 1
        turn = f"{request.key}:{self._asked[request.key]}"
        if self._chance(turn, "fault") >= model.faults:
            return None
        return model.kinds[int(self._chance(turn, "kind") * len(model.kinds))]

    def _known(self, asked: str) -> str | None:
        """The right answer to the question in a message."""
        for text in (asked.strip(), last_line(asked)):
            if text in self._answers:
                return self._answers[text]
        if asked not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[asked] = self._standing_in(asked)
        return self._found[asked]

    def _standing_in(self, asked: str) -> str | None:
        """The right answer to the known question that ends last in a text, the longest of those."""
        ends = [(asked.rfind(q) + len(q), len(q), q) for q in self._answers if q and q in asked]
        return self._answers[max(ends)[2]] if ends else None

    def _wrong(self, right: str, key: str) -> str:
        others = [answer for answer in self._choices if answer != right]
        return others[int(self._chance(key, "which") * len(others))] if others else f"not {right}"

    def _chance(self, *of: str) -> float:
        """A number in [0, 1) that depends on the seed and these texts only."""
        digest = hashlib.blake2b("\0".join((str(self._seed), *of)).encode(), digest_size=7).digest()
        return int.from_bytes(digest) / 2**56


def _accuracy(model: FakeModel, request: ChatRequest) -> float:
    """Its accuracy with the examples that the request shows it."""
    if not model.per_example:
        return model.accuracy
    shown = {message.content for message in request.messages if message.role == "assistant"}
    return min(1.0, model.accuracy + model.per_example * len(shown))


def failure(fault: FaultKind) -> ProviderError:
    """The error that a fault looks like from outside."""
    return {
        "429": ProviderError("rate limit", "fake answered 429 (rate limit)", status=429, retry_after_s=0.01),
        "500": ProviderError("server error", "fake answered 500 (server error)", status=500),
        "hang": ProviderError("time-out", "fake gave no answer", maybe_billed=1),
        "truncated": ProviderError("malformed", "fake gave half an answer", status=200, maybe_billed=1),
        "cut": ProviderError("connection", "the connection to fake broke", maybe_billed=1),
        "reset": ProviderError("connection", "the connection to fake broke", maybe_billed=1),
        "empty": ProviderError("malformed", "fake gave no choices", status=200, maybe_billed=1),
    }[fault]


def fake_tokens(text: str) -> int:
    """Tokens of a text by the fake's rule: one for every four bytes, begun or full."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


def last_line(text: str) -> str:
    """The last line of a text that is not blank, trimmed."""
    return text.rstrip().rpartition("\n")[2].strip()
