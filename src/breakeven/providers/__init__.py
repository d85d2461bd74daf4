"""Providers: the seam to models. One protocol, one wire for every OpenAI-compatible endpoint, one fake that ships.

::

    chat          a request and its reply
    provider      the protocol, and why a call may bring no answer
    embedding     texts as vectors: a request, its reply and the protocol; ``embedding_format`` as OpenAI's data,
                  ``local_embedding`` from a folder of this machine, ``fake_embedding`` from nobody
    opening       from models to one provider: ``open_provider``
    endpoint      where a provider's models are asked; ``known`` lists them, ``endpoints`` finds them,
                  ``settings`` reads a suite's own
    openai_wire   OpenAI's chat completions and embeddings over aiohttp; ``openai_format`` as data, with ``usage``,
                  ``structured`` and ``failures`` for its parts
    sdk           other wires, through any-llm
    retrying      asking again what may pass
    limits        pace, concurrency, time-out
    fake          a provider that asks nobody; ``examples`` fits a schema; ``fake_app`` serves it, ``fake_server`` is
                  the command

What is heavy (aiohttp, any-llm) is loaded when a provider is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names
from breakeven.providers.chat import ChatReply, ChatRequest, Message, Usage
from breakeven.providers.embedding import Embedder, EmbeddingReply, EmbeddingRequest, embedder
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.provider import FailureKind, Provider, ProviderError

if TYPE_CHECKING:
    from breakeven.providers.endpoints import find_endpoint, known_endpoints
    from breakeven.providers.fake import FakeModel, FakeProvider
    from breakeven.providers.fake_app import FakeServer
    from breakeven.providers.limits import Limits
    from breakeven.providers.opening import open_provider
    from breakeven.providers.retrying import Patience
    from breakeven.providers.settings import EndpointSetting

__all__ = [
    "ChatReply",
    "ChatRequest",
    "Embedder",
    "EmbeddingReply",
    "EmbeddingRequest",
    "Endpoint",
    "EndpointSetting",
    "FailureKind",
    "FakeModel",
    "FakeProvider",
    "FakeServer",
    "Limits",
    "Message",
    "Patience",
    "Provider",
    "ProviderError",
    "Usage",
    "embedder",
    "find_endpoint",
    "known_endpoints",
    "open_provider",
]

_EXPORTS = {
    "EndpointSetting": "breakeven.providers.settings",
    "FakeModel": "breakeven.providers.fake",
    "FakeProvider": "breakeven.providers.fake",
    "FakeServer": "breakeven.providers.fake_app",
    "Limits": "breakeven.providers.limits",
    "Patience": "breakeven.providers.retrying",
    "find_endpoint": "breakeven.providers.endpoints",
    "known_endpoints": "breakeven.providers.endpoints",
    "open_provider": "breakeven.providers.opening",
}

if not TYPE_CHECKING:  # they know the names from the imports above
    __getattr__ = lazy_names(__name__, _EXPORTS)
