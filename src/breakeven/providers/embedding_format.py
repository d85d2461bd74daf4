"""OpenAI's embeddings as data: the body of a request, and the vectors in the body of an answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from breakeven.providers.chat import Usage
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, Vectors32
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.failures import malformed
from breakeven.providers.usage import read_usage

__all__ = ["embedding_fields", "read_embeddings"]


def embedding_fields(request: EmbeddingRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The body of a request. Numbers are asked for, since not every server knows base64."""
    return {
        "model": endpoint.model_at(request.model), "input": list(request.texts), "encoding_format": "float",
    }  # fmt: skip


def read_embeddings(
    raw: bytes, n: int, *, where: str, latency_s: float | None = None, key: str | None = None
) -> EmbeddingReply:
    """The ``n`` vectors of an answer; raises ProviderError where it does not hold them."""
    try:
        data: Any = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise malformed(where, "it is no JSON", key=key) from exc
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        raise malformed(where, "it holds no embeddings", key=key)
    usage = read_usage(data.get("usage"))
    given = usage.input_tokens
    usage = Usage() if given is None else Usage(input_tokens=given, output_tokens=usage.output_tokens or 0)
    model = data.get("model")
    return EmbeddingReply(
        vectors=_vectors(data["data"], n, where, usage, key), usage=usage, latency_s=latency_s,
        model=model if isinstance(model, str) else None,
    )  # fmt: skip


def _vectors(rows: list[Any], n: int, where: str, usage: Usage, key: str | None) -> Vectors32:
    """The rows by their ``index``: the format does not promise their order."""
    billed = None if usage == Usage() else usage
    if len(rows) != n:
        raise malformed(where, f"{n} texts were sent, {len(rows)} vectors came", usage=billed, key=key)
    try:
        placed = {int(row.get("index", k)): row["embedding"] for k, row in enumerate(rows)}
        found = np.array([placed[k] for k in range(n)], dtype=np.float32)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise malformed(where, "its vectors can not be read", usage=billed, key=key) from exc
    if found.ndim != 2 or not found.shape[1] or not np.isfinite(found).all():
        raise malformed(where, "its vectors are not all numbers", usage=billed, key=key)
    return found
