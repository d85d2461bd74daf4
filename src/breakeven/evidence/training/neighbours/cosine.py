"""Pairs of texts that are near by cosine, as leakage is told: every pair is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from breakeven.evidence.evals.classifying.features import character_tfidf

__all__ = ["MOST_TEXTS", "cosine_pairs"]

MOST_TEXTS: Final = 20_000
"""Texts above which looking at every pair takes minutes."""
_ROWS_AT_ONCE: Final = 256


def cosine_pairs(texts: Sequence[str], least: float) -> npt.NDArray[np.int64]:
    """(pairs, 2) texts whose TF-IDF of parts of words have a cosine of ``least`` or more."""
    vectorizer = character_tfidf()
    try:
        rows = vectorizer.fit_transform(texts)
    except ValueError:  # no text holds three letters
        return np.empty((0, 2), dtype=np.int64)
    columns = rows.T.tocsr()
    found = [np.empty((0, 2), dtype=np.int64)]
    for at in range(0, len(texts), _ROWS_AT_ONCE):
        near = (rows[at : at + _ROWS_AT_ONCE] @ columns).tocoo()
        kept = (near.data >= least) & (near.row + at < near.col)
        found.append(np.column_stack([near.row[kept] + at, near.col[kept]]).astype(np.int64))
    return np.concatenate(found)
