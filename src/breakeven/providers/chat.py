"""One chat call: what is asked, and what came back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["ChatReply", "ChatRequest", "Message", "Usage"]

# Made once: json.dumps makes an encoder at every call that states an option.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=dict).encode

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens that a provider billed for one call; None: it did not say."""

    input_tokens: int | None = None
    """All input, cached or not."""
    cached_tokens: int | None = None
    """The part of the input that was read from the prompt cache."""
    cache_write_tokens: int | None = None
    """The part of the input that was written to the prompt cache, where that is billed apart."""
    output_tokens: int | None = None
    """All output, reasoning included."""
    reasoning_tokens: int | None = None
    """The part of the output that is not shown."""


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What is asked of a model. Two requests with the same ``key`` ask the same."""

    model: str
    """``provider/model``, as in the price book: ``openai/gpt-4.1-mini``."""
    messages: tuple[Message, ...]
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    """The schema that the answer is held to (structured output)."""
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Further fields of the provider's own request, passed on as they are: ``{'reasoning_effort': 'low'}``."""
    repeat: int = 1
    """Which run of the same question this is, so that repeats are asked anew and not taken from a cache."""

    @cached_property
    def key(self) -> str:
        """SHA-256 over everything that may change the answer, hexadecimal; 0 and 0.0, tuples and lists are the same."""
        asked = {
            "model": self.model,
            "messages": [[message.role, message.content] for message in self.messages],
            "temperature": None if self.temperature is None else float(self.temperature),
            "top_p": None if self.top_p is None else float(self.top_p),
            "max_output_tokens": self.max_output_tokens,
            "seed": self.seed,
            "stop": list(self.stop),
            "json_schema": self.json_schema,
            "extra": dict(self.extra),
            "repeat": self.repeat,
        }
        return hashlib.sha256(_canonical(asked).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ChatReply:
    """What a model answered."""

    text: str
    usage: Usage = Usage()
    finish_reason: str | None = None
    """``stop``, ``length``, ``content_filter`` or ``tool_calls``, in OpenAI's words."""
    model: str | None = None
    """The model that the provider says answered."""
    latency_s: float | None = None
    """From sending the request that was answered to the end of its answer; earlier attempts and waits do not count."""
    attempts: int = 1
    """Requests that were sent for this answer, failed ones included."""
    maybe_billed: int = 0
    """Of the failed ones among them, those that the provider may have billed all the same: time-outs, resets and
    answers that could not be read."""
