"""Pairs that are probably alike: MinHash signatures by rensa, compared band by band.

Two texts whose sets overlap by J agree in one place of their signatures with probability J, in a band of r places with
J^r, and in any of b bands with 1 − (1 − J^r)^b. For 32 bands of 8 that is .997 at J = 0.8, .12 at 0.5, .002 at 0.3.
Source: Broder (1997); Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from breakeven.errors import MissingExtraError
from breakeven.evidence.training.neighbours.shingles import Shingles, joined, shingles

__all__ = ["Buckets", "Scheme", "buckets", "scheme_for"]

Scheme = tuple[int, int]
"""Bands, and places in a band."""
Buckets = list[npt.NDArray[np.int64]]
"""Texts that share a band, each bucket in order."""
_SCHEMES: Final[tuple[Scheme, ...]] = ((16, 8), (32, 8), (32, 5), (64, 4), (64, 3), (64, 2), (128, 1))
_MISSED_AT_MOST: Final = 0.005
_TEXTS_AT_ONCE: Final = 4_096
_LETTERS_AT_ONCE: Final = 1 << 26
"""Above it, half a gigabyte of hashes, signatures are made part by part, which is slower."""
_SEED: Final = 42


def scheme_for(similarity: float) -> Scheme:
    """The scheme with the longest bands, and so the fewest candidates, that misses a pair at ``similarity`` by .5%."""
    for bands, rows in _SCHEMES:
        if (1 - similarity**rows) ** bands <= _MISSED_AT_MOST:
            return bands, rows
    return _SCHEMES[-1]


def buckets(texts: Sequence[str], scheme: Scheme) -> Iterator[Buckets]:
    """For each band, the buckets of two texts and more."""
    alike = _sharing_a_band(texts, scheme)
    if alike.size < 2:
        return
    bands, rows = scheme
    signatures = _signatures([texts[k] for k in alike], bands * rows)
    for band in range(bands):
        yield [alike[found] for found in _groups(signatures[:, band * rows : (band + 1) * rows])]


def _sharing_a_band(texts: Sequence[str], scheme: Scheme) -> npt.NDArray[np.int64]:
    """The few texts that share a band with any other one: only their signatures need to leave rensa."""
    bands, rows = scheme
    if sum(map(len, texts)) <= _LETTERS_AT_ONCE:
        index = _rensa().RMinHashLSH(threshold=0.5, num_perm=bands * rows, num_bands=bands)
        pieces = [shingles(part) for part in _parts(texts)]
        matrix = _digests(joined(pieces), bands * rows)
        return np.flatnonzero(np.array(index.query_duplicate_flags_matrix_one_shot(matrix), dtype=bool))
    parts = [_digests(shingles(part), bands * rows) for part in _parts(texts)]
    # An index tells who comes after one alike; read from both ends, it tells who comes before one as well.
    flags = [np.array(found, dtype=bool) for found in _flagged(parts, scheme)]
    back = [np.array(found, dtype=bool) for found in _flagged(parts[::-1], scheme)][::-1]
    return np.flatnonzero(np.concatenate([a | b for a, b in zip(flags, back, strict=True)]))


def _flagged(parts: Sequence[Any], scheme: Scheme) -> Iterator[list[bool]]:
    bands, rows = scheme
    index = _rensa().RMinHashLSH(threshold=0.5, num_perm=bands * rows, num_bands=bands)
    at = 0
    for part in parts:
        yield index.insert_matrix_and_query_duplicate_flags(part, at)
        at += part.len()


def _signatures(texts: Sequence[str], places: int) -> npt.NDArray[np.uint32]:
    rows = [np.array(_digests(shingles(part), places).to_rows(), dtype=np.uint32) for part in _parts(texts)]
    return np.concatenate(rows)


def _groups(bands: npt.NDArray[np.uint32]) -> Iterator[npt.NDArray[np.int64]]:
    """Indices of rows that are equal, two and more at a time."""
    keys = np.ascontiguousarray(bands).view(np.dtype((np.void, bands.shape[1] * bands.itemsize))).ravel()
    _, codes, counts = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(codes.ravel(), kind="stable")
    ends = np.cumsum(counts)
    for end, count in zip(ends[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True):
        yield order[end - count : end]


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(texts), _TEXTS_AT_ONCE):
        yield texts[at : at + _TEXTS_AT_ONCE]


def _digests(pieces: Shingles, places: int) -> Any:
    return _rensa().RMinHash.digest_matrix_from_flat_token_hashes(
        pieces.hashes, pieces.starts.astype(np.uint64), num_perm=places, seed=_SEED
    )


def _rensa() -> Any:
    try:
        import rensa
    except ImportError as exc:
        raise MissingExtraError("rensa", "data") from exc
    return rensa
