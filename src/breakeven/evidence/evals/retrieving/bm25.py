"""BM25 (Robertson & Zaragoza, 2009), with the weights of words that are never negative, as Lucene counts them.

Thirty lines of NumPy: the usual packages bring no more than speed on millions of passages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from breakeven.statistics.arrays import FloatArray, IntArray

__all__ = ["BM25", "words_of"]

K1: Final = 1.2
"""How soon a further occurrence of a word stops to count."""
B: Final = 0.75
"""How much a long passage is held to account for its length."""
_WORD: Final = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Words without case; no stemming, no stop words: it holds for every language that puts spaces between them."""
    return _WORD.findall(text.casefold())


class BM25:
    """An index over passages."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(words_of(text)) for text in texts]
        lengths = np.array([one.total() for one in counts], dtype=np.float64)
        mean = float(lengths.mean()) or 1.0
        self._n = len(counts)
        self._norm = K1 * (1 - B + B * lengths / mean)
        places: dict[str, list[int]] = {}
        times: dict[str, list[int]] = {}
        for k, one in enumerate(counts):
            for word, n in one.items():
                places.setdefault(word, []).append(k)
                times.setdefault(word, []).append(n)
        self._places = {word: np.array(at, dtype=np.int64) for word, at in places.items()}
        self._times = {word: np.array(n, dtype=np.float64) for word, n in times.items()}

    def scores(self, query: str) -> FloatArray:
        """The score of each passage, from 0 on."""
        found = np.zeros(self._n)
        for word, times in Counter(words_of(query)).items():
            at = self._places.get(word)
            if at is None:
                continue
            n = self._times[word]
            weight = np.log1p((self._n - at.size + 0.5) / (at.size + 0.5))
            found[at] += times * weight * n * (K1 + 1) / (n + self._norm[at])
        return found

    def top(self, query: str, k: int) -> IntArray:
        """Positions of the best passages, best first; of equals the earlier one; none without a word in common."""
        scores = self.scores(query)
        best = np.argsort(-scores, kind="stable")[:k]
        return np.asarray(best[scores[best] > 0], dtype=np.int64)
