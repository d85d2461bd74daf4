"""Cases that a classifier has seen in training, or nearly: they flatter it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from breakeven.evidence.evals.classifying.features import character_tfidf
from breakeven.statistics.arrays import FloatArray

__all__ = ["NEAR", "Leakage", "find_leakage", "plain_text"]

NEAR: Final = 0.90
"""Cosine of TF-IDF over parts of words from which two texts count as near-duplicates."""
_ROWS_AT_ONCE: Final = 256
_NO_WORD: Final = re.compile(r"[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class Leakage:
    """For each case: whether a training text equals it, and how near the nearest one is."""

    equal: npt.NDArray[np.bool_]
    """Equal but for case, punctuation and spacing."""
    cosine: FloatArray
    """Of the nearest training text, 0..1."""
    nearest: npt.NDArray[np.int64]
    """Which one that is; where several are as near, the first."""

    @property
    def near(self) -> npt.NDArray[np.bool_]:
        """Cases with a training text at ``NEAR`` or above."""
        return np.asarray(self.cosine >= NEAR - 1e-9)

    @property
    def clean(self) -> npt.NDArray[np.bool_]:
        """Cases that are neither."""
        return np.asarray(~(self.equal | self.near))


def plain_text(text: str) -> str:
    """A text without case, punctuation and runs of white space."""
    return " ".join(_NO_WORD.sub(" ", text.lower()).split())


def find_leakage(train: Sequence[str], cases: Sequence[str]) -> Leakage:
    """How much of the cases stands in the training texts."""
    known = set(map(plain_text, train))
    equal = np.array([plain_text(text) in known for text in cases], dtype=bool)
    nearest, cosine = _nearest(train, cases)
    return Leakage(equal=equal, cosine=cosine, nearest=nearest)


def _nearest(train: Sequence[str], cases: Sequence[str]) -> tuple[npt.NDArray[np.int64], FloatArray]:
    try:
        known = character_tfidf().fit_transform([*train, *cases])
    except ValueError:  # no text holds three letters
        return np.zeros(len(cases), dtype=np.int64), np.zeros(len(cases))
    columns, rows = known[: len(train)].T.tocsr(), known[len(train) :]
    parts = [
        _largest((rows[at : at + _ROWS_AT_ONCE] @ columns).tocsr())
        for at in range(0, len(cases), _ROWS_AT_ONCE)
    ]
    nearest, cosine = (np.concatenate(found) for found in zip(*parts, strict=True))
    return nearest, np.asarray(np.clip(cosine, 0.0, 1.0))


def _largest(found: Any) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """(rows,) the first column of each row's largest value, and that value; 0 and 0 where a row is empty.

    SciPy's own ``argmax`` sorts every row first, which takes as long as the product.
    """
    column, value = np.zeros(found.shape[0], dtype=np.int64), np.zeros(found.shape[0])
    full = np.flatnonzero(np.diff(found.indptr))
    if full.size:
        starts = found.indptr[full]
        value[full] = np.maximum.reduceat(found.data, starts)
        largest = found.data == np.repeat(value, np.diff(found.indptr))
        column[full] = np.minimum.reduceat(np.where(largest, found.indices, found.shape[1]), starts)
    return column, value
