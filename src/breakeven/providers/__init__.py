"""Providers: the seam to models. One protocol, one wire for every OpenAI-compatible endpoint, one fake that ships.

::

    chat          a request and its reply
    provider      the protocol, and why a call may bring no answer
    opening       from models to one provider: ``open_provider``
    endpoint      where a provider's models are asked; ``known`` lists them, ``endpoints`` finds them,
                  ``settings`` reads a suite's own
    openai_wire   OpenAI's chat completions over aiohttp; ``openai_format`` as data, with ``usage``, ``structured`` and
                  ``failures`` for its parts
    sdk           other wires, through any-llm
    retrying      asking again what may pass
    limits        pace, concurrency, time-out
    fake          a provider that asks nobody; ``fake_server`` serves it, ``examples`` fits a schema

What is heavy (aiohttp, any-llm) is loaded when a provider is opened.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from breakeven.providers.chat import ChatReply, ChatRequest, Message, Usage
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.provider import FailureKind, Provider, ProviderError

if TYPE_CHECKING:
    from breakeven.providers.endpoints import find_endpoint, known_endpoints
    from breakeven.providers.fake import FakeModel, FakeProvider
    from breakeven.providers.fake_server import FakeServer
    from breakeven.providers.limits import Limits
    from breakeven.providers.opening import open_provider
    from breakeven.providers.retrying import Patience
    from breakeven.providers.settings import EndpointSetting

__all__ = [
    "ChatReply",
    "ChatRequest",
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
    "find_endpoint",
    "known_endpoints",
    "open_provider",
]

_LATER = {
    "EndpointSetting": "settings",
    "FakeModel": "fake",
    "FakeProvider": "fake",
    "FakeServer": "fake_server",
    "Limits": "limits",
    "Patience": "retrying",
    "find_endpoint": "endpoints",
    "known_endpoints": "endpoints",
    "open_provider": "opening",
}


def __getattr__(name: str) -> object:
    """Names whose modules cost time to load, when they are first used."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
