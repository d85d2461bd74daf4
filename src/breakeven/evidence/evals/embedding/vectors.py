"""Vectors by the content that they stand for: whatever call a text came with, it is paid for once."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest, Vectors32, text_key

__all__ = ["EMBEDDINGS", "Embedded", "Vectors", "from_line", "to_line"]

EMBEDDINGS: Final = "embeddings.jsonl"
"""The journal of vectors, beside that of answers: it is long, and read only where vectors are wanted."""


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """The vector of one text."""

    vector: Vectors32
    """(dimensions), as it came."""
    tokens: int | None
    """The text's share of what was billed for its batch, by its bytes; None: the provider did not say."""
    latency_s: float | None = None
    """Of its call, where it was sent alone."""


class Vectors:
    """All vectors that are known, by model and text. Blank texts have none: no provider takes them."""

    def __init__(self, known: Mapping[str, Embedded] | None = None) -> None:
        self._known = dict(known or {})

    def get(self, model: str, text: str) -> Embedded | None:
        """What is known of a text."""
        return self._known.get(text_key(model, text))

    def missing(self, model: str, texts: Iterable[str]) -> tuple[str, ...]:
        """Those of the texts that have no vector yet, each once."""
        wanted = dict.fromkeys(text for text in texts if text.strip())
        return tuple(text for text in wanted if text_key(model, text) not in self._known)

    def add(self, found: Mapping[str, Embedded]) -> None:
        """Further vectors."""
        self._known.update(found)

    def rows(self, model: str, texts: Sequence[str]) -> Vectors32:
        """(texts, dimensions), each of length 1; a blank text is all zeros.

        Raises EvidenceError where a text has no vector, or vectors of one model differ in length.
        """
        found = [self.get(model, text) for text in texts]
        sizes = {one.vector.size for one in found if one is not None}
        if len(sizes) > 1:
            raise EvidenceError(
                f"{model} gave vectors of {len(sizes)} lengths: begin anew in another folder, -o"
            )
        if any(one is None and text.strip() for one, text in zip(found, texts, strict=True)) or not sizes:
            raise EvidenceError(f"texts are left that {model} has not embedded")
        rows = np.zeros((len(texts), sizes.pop()), dtype=np.float32)
        for k, one in enumerate(found):
            if one is not None:
                rows[k] = one.vector
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    def cosine(self, model: str, a: str, b: str) -> float | None:
        """The cosine of two texts, within -1..1; None: one of them has no vector."""
        if self.get(model, a) is None or self.get(model, b) is None:
            return None
        one, other = self.rows(model, (a, b)).astype(np.float64)
        return float(np.clip(one @ other, -1.0, 1.0))

    def tokens(self, model: str, texts: Iterable[str]) -> int | None:
        """What the known ones of these texts were billed, each once; None: of one of them it is not known."""
        known = [one for text in dict.fromkeys(texts) if (one := self.get(model, text)) is not None]
        counts = [one.tokens for one in known]
        return None if None in counts else sum(n for n in counts if n is not None)


def to_line(request: EmbeddingRequest, reply: EmbeddingReply) -> dict[str, Any]:
    """What a journal keeps of one call."""
    shares = _shares(reply.usage.input_tokens, request.texts)
    return {
        "embedded": request.key, "model": request.model, "texts": [text_key(request.model, t) for t in request.texts],
        "vectors": base64.b64encode(reply.vectors.astype("<f4").tobytes()).decode("ascii"),
        **({} if shares is None else {"tokens": shares}),
        **({} if reply.latency_s is None else {"latency_s": reply.latency_s}),
    }  # fmt: skip


def from_line(line: Mapping[str, Any]) -> dict[str, Embedded]:
    """The vectors of one line, by the key of each text; raises ValueError, KeyError or TypeError where it is none."""
    keys = [str(key) for key in line["texts"]]
    rows = np.frombuffer(base64.b64decode(line["vectors"], validate=True), dtype="<f4")
    tokens = line.get("tokens") or [None] * len(keys)
    if not keys or not rows.size or rows.size % len(keys) or len(tokens) != len(keys):
        raise ValueError("no vectors")
    alone = line.get("latency_s") if len(keys) == 1 else None
    return {
        key: Embedded(vector=row, tokens=n, latency_s=alone)
        for key, row, n in zip(keys, rows.reshape(len(keys), -1), tokens, strict=True)
    }


def _shares(total: int | None, texts: Sequence[str]) -> list[int] | None:
    """A batch's tokens on its texts by their bytes, whole numbers that add up."""
    if total is None:
        return None
    sizes = np.array([len(text.encode("utf-8", "surrogatepass")) for text in texts], dtype=np.float64)
    ends = np.round(np.cumsum(sizes) / sizes.sum() * total).astype(int)
    return [int(n) for n in np.diff(ends, prepend=0)]
