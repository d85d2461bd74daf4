"""Texts as vectors: what is asked of an embedding model, what comes back, and who can be asked.

    reply = await embedder(provider).embed(EmbeddingRequest(model="openai/text-embedding-3-small", texts=("a", "b")))
    reply.vectors        (texts, dimensions), in the order of the texts

It is the second thing that a provider may do beside ``complete``: the same keys, addresses, retries, limits and
failures hold. A provider without it says so when it is asked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from breakeven.providers.chat import Usage
from breakeven.providers.provider import ProviderError

__all__ = ["Embedder", "EmbeddingReply", "EmbeddingRequest", "Vectors32", "embedder", "text_key"]

Vectors32: TypeAlias = npt.NDArray[np.float32]
"""Rows of single precision: no provider gives more."""


@dataclass(frozen=True, kw_only=True)
class EmbeddingRequest:
    """Texts to be embedded, in one call. Two requests with the same ``key`` ask the same."""

    model: str
    """``provider/model``, as in the price book: ``openai/text-embedding-3-small``."""
    texts: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """SHA-256 over the model and the texts, hexadecimal."""
        asked = json.dumps(["embed", self.model, *self.texts], ensure_ascii=True)
        return hashlib.sha256(asked.encode()).hexdigest()


def text_key(model: str, text: str) -> str:
    """SHA-256 over a model and one text, hexadecimal: what a vector is kept under, whatever call it came with."""
    return hashlib.sha256(json.dumps([model, text], ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class EmbeddingReply:
    """The vectors of one call."""

    vectors: Vectors32
    """(texts, dimensions), in the order of the texts."""
    usage: Usage = field(default_factory=Usage)
    """There is no output: its tokens are 0 where the input's are known."""
    model: str | None = None
    """The model that the provider says answered."""
    latency_s: float | None = None
    """Of the request that was answered, for all its texts together."""
    attempts: int = 1
    maybe_billed: int = 0
    """Of the failed attempts, those that the provider may have billed all the same."""


@runtime_checkable
class Embedder(Protocol):
    """Embeds texts. Any number of calls may be under way at once."""

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of one request's texts; raises ProviderError."""
        ...


def embedder(provider: object) -> Embedder:
    """The provider as one that embeds; raises ProviderError where it can not."""
    if isinstance(provider, Embedder):
        return provider
    raise ProviderError("bad request", f"{provider!r} gives no embeddings", attempts=0)
