"""From models to one provider that asks each where it lives: wires, pace and patience put together.

::

    request → Routing → Retrying → Limited → (OpenAIWire | SdkWire | LocalEmbedding | FakeProvider | a plug-in's own)

Everything that can be wrong before the first call (an unknown provider, a key that is not set, a missing extra) is
found when the provider is opened, all at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from breakeven.errors import InputError, MissingExtraError, Problem
from breakeven.providers.chat import ChatReply, ChatRequest
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, embedder
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.endpoints import find_endpoint, key_of
from breakeven.providers.fake import FakeProvider, fake_model
from breakeven.providers.limits import Limited, Limits, TimeLimited
from breakeven.providers.provider import Provider, ProviderError
from breakeven.providers.retrying import Patience, Retrying

if TYPE_CHECKING:
    from breakeven.providers.settings import EndpointSetting

__all__ = ["Routing", "open_provider"]


class Routing:
    """Sends each request to the provider of its model."""

    def __init__(self, routes: Mapping[str, Provider]) -> None:
        self._routes = dict(routes)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer of the provider that the request's model belongs to."""
        return await self._route(request.model).complete(request)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of the provider that the request's model belongs to."""
        return await embedder(self._route(request.model)).embed(request)

    def _route(self, model: str) -> Provider:
        provider = self._routes.get(model)
        if provider is None:
            raise ProviderError("not found", f"{model} was not among the models that were opened", attempts=0)
        return provider

    async def close(self) -> None:
        """Close every provider, each once, whatever another's closing brings."""
        unique = {id(provider): provider for provider in self._routes.values()}
        failed: list[Exception] = []
        for provider in unique.values():
            try:
                await provider.close()
            except Exception as exc:  # noqa: BLE001  the others are closed all the same
                failed.append(exc)
        if failed:
            raise failed[0]


def open_provider(
    models: Iterable[str],
    *,
    endpoints: Mapping[str, Endpoint | EndpointSetting] | None = None,
    limits: Limits | Mapping[str, Limits] | None = None,
    timeout_s: float = 120.0,
    patience: Patience | None = None,
    rng: np.random.Generator,
    answers: Mapping[str, str] | None = None,
    seed: int = 0,
    environ: Mapping[str, str] | None = None,
) -> Provider:
    """A provider that answers for these models, ``provider/model`` each.

    ``endpoints``  what a suite states, by the name before the slash
    ``limits``     for each endpoint; a mapping gives them by ``provider`` or ``provider/model``, ``''`` for all others
    ``timeout_s``  for one attempt; ``patience`` rules over all of them
    ``answers``    question → right answer and ``seed``, for ``fake/`` models
    ``environ``    where keys and addresses are looked up; the process's own environment unless stated

    Raises InputError with every model whose endpoint or key is missing, and MissingExtraError.
    """
    environ = os.environ if environ is None else environ
    stated = {name: _as_endpoint(name, given) for name, given in (endpoints or {}).items()}
    found, keys = _settle(list(dict.fromkeys(models)), stated, environ)
    fake = FakeProvider(answers, seed=seed)
    opened: dict[tuple[str, str], Provider] = {}
    routes: dict[str, Provider] = {}
    for model, endpoint in found.items():
        provider_limits, shared = _limits_of(model, limits or Limits())
        place = (model.partition("/")[0], shared)
        if place not in opened:
            pretends = endpoint.wire == "fake" and endpoint.make is None
            wire = fake if pretends else _wire(endpoint, keys[model], timeout_s, environ)
            opened[place] = Retrying(Limited(wire, provider_limits), patience=patience or Patience(), rng=rng)
        routes[model] = opened[place]
    return Routing(routes)


def _as_endpoint(name: str, given: Endpoint | EndpointSetting) -> Endpoint:
    return given if isinstance(given, Endpoint) else given.endpoint(name)


def _settle(
    models: list[str], stated: Mapping[str, Endpoint], environ: Mapping[str, str]
) -> tuple[dict[str, Endpoint], dict[str, str | None]]:
    """Endpoint and key of each model; InputError with all that is missing."""
    found: dict[str, Endpoint] = {}
    keys: dict[str, str | None] = {}
    problems: dict[str, Problem] = {}
    for model in models:
        try:
            endpoint = find_endpoint(model, stated, environ=environ)
            keys[model] = key_of(endpoint, environ=environ)
            if endpoint.wire == "fake":
                fake_model(model)
            found[model] = endpoint
        except InputError as exc:
            problems.update({str(problem): problem for problem in exc.problems})
    if problems:
        raise InputError(*problems.values())
    return found, keys


def _limits_of(model: str, limits: Limits | Mapping[str, Limits]) -> tuple[Limits, str]:
    """A model's limits, and the name under which it shares them with others."""
    if isinstance(limits, Limits):
        return limits, ""
    for name in (model, model.partition("/")[0], ""):
        if name in limits:
            return limits[name], name
    return Limits(), ""


def _wire(endpoint: Endpoint, key: str | None, timeout_s: float, environ: Mapping[str, str]) -> Provider:
    """The bare wire of an endpoint: one request a call."""
    if endpoint.make is not None:
        return TimeLimited(endpoint.make(endpoint, key, timeout_s), timeout_s)
    if endpoint.wire == "sentence-transformers":
        from breakeven.providers.local_embedding import LocalEmbedding

        return LocalEmbedding(endpoint)
    if endpoint.wire == "any-llm":
        from breakeven.providers.sdk import SdkWire

        return SdkWire(endpoint, key=key, timeout_s=timeout_s)
    try:
        from breakeven.providers.openai_wire import OpenAIWire
    except ImportError as exc:
        raise MissingExtraError("aiohttp", "eval") from exc
    return OpenAIWire(endpoint, key=key, timeout_s=timeout_s, environ=environ)
