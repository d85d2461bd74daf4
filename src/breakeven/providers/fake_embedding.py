"""Embeddings of nobody: parts of words, hashed into a vector, so that texts that share words lie near each other.

Always the same for the same text, on every machine. They tell spelling, not meaning: ``card lost`` and ``lost my card``
are near, ``card lost`` and ``bank note stolen`` are not.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, Vectors32

__all__ = ["DIMENSIONS", "embedding_answer", "embedding_asked", "fake_vectors"]

DIMENSIONS: Final = 256
_GRAMS: Final = (3, 4)
_WORD: Final = re.compile(r"\w+")


def fake_vectors(texts: Sequence[str]) -> Vectors32:
    """(texts, 256), each of length 1; a text without a word has the vector of nothing."""
    return np.array([_vector(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS)


def _vector(text: str) -> Vectors32:
    found = np.zeros(DIMENSIONS)
    for part, n in Counter(_parts(text)).items():
        digest = zlib.crc32(part.encode("utf-8", "surrogatepass"))
        # The sign of a part keeps texts with nothing in common near 0 (Weinberger et al., 2009).
        found[digest % DIMENSIONS] += np.sqrt(n) * (1.0 if digest >> 16 & 1 else -1.0)
    length = float(np.linalg.norm(found))
    if not length:
        found[0] = length = 1.0
    return np.asarray(found / length, dtype=np.float32)


def _parts(text: str) -> list[str]:
    words = [f" {word} " for word in _WORD.findall(text.casefold())]
    return [word[k : k + n] for word in words for n in _GRAMS for k in range(max(1, len(word) - n + 1))]


def embedding_asked(body: dict[str, Any]) -> EmbeddingRequest:
    """The request behind an OpenAI body; raises ValueError, TypeError or KeyError where it is none."""
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise ValueError("`input` is a text or a list of texts, none of them empty")
    return EmbeddingRequest(model=f"fake/{str(body['model']).removeprefix('fake/')}", texts=tuple(texts))


def embedding_answer(reply: EmbeddingReply) -> bytes:
    """The body of an answer."""
    rows = [
        {"object": "embedding", "index": k, "embedding": [round(float(x), 7) for x in row]}
        for k, row in enumerate(reply.vectors)
    ]
    tokens = reply.usage.input_tokens or 0
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return json.dumps({"object": "list", "data": rows, "model": reply.model, "usage": usage}).encode()
