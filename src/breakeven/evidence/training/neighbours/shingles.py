"""Texts as sets of short pieces, hashed to 64 bits: all arithmetic is on whole arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["LETTERS", "Shingles", "joined", "shingles"]

LETTERS: Final = 4
"""Letters in a piece. Three are common to too many long texts, five leave too few of a question of ten words."""
_FACTORS: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64
)
_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_END: Final = "\x00"


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """The pieces of n texts, one after the other; a piece that comes twice stands there twice."""

    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    """(n + 1,) where each text's pieces start in ``hashes``."""

    def as_sets(self) -> Any:
        """A sparse matrix (n, different pieces) of ones: each row is the set of one text's pieces."""
        from scipy.sparse import csr_matrix

        n = self.starts.size - 1
        _, columns = np.unique(self.hashes, return_inverse=True)
        sets = csr_matrix(
            (np.ones(columns.size, dtype=np.int32), columns.ravel(), self.starts),
            shape=(n, columns.max() + 1),
        )
        sets.sum_duplicates()
        sets.data[:] = 1
        return sets


def shingles(texts: Sequence[str]) -> Shingles:
    """The pieces of each text. One shorter than a piece is padded to one, so that no text is an empty set."""
    padded = [text.ljust(LETTERS, _END) for text in texts]
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.concatenate([[0], np.cumsum(lengths - LETTERS + 1)])
    if not padded:
        return Shingles(hashes=np.empty(0, dtype=np.uint64), starts=starts)
    whole = np.zeros(letters.size - LETTERS + 1, dtype=np.uint64)
    for k, factor in enumerate(_FACTORS):
        whole += letters[k : k + whole.size].astype(np.uint64) * factor
    # A piece that starts in a text's last letters would run over into the next text.
    inside = np.ones(whole.size + LETTERS - 1, dtype=bool)
    ends = np.cumsum(lengths)
    for back in range(1, LETTERS):
        inside[ends - back] = False
    return Shingles(hashes=_mixed(whole[inside[: whole.size]]), starts=starts)


def joined(parts: Sequence[Shingles]) -> Shingles:
    """The pieces of several parts, one part after the other."""
    counts = [np.diff(part.starts) for part in parts]
    none = Shingles(hashes=np.empty(0, dtype=np.uint64), starts=np.zeros(1, dtype=np.int64))
    return Shingles(
        hashes=np.concatenate([part.hashes for part in (none, *parts)]),
        starts=np.concatenate([[0], np.cumsum(np.concatenate([none.starts[1:], *counts]))]).astype(np.int64),
    )


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread over all bits, so that near sums are no near hashes (the last steps of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))
