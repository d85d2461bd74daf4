"""Texts that equal or nearly equal each other: candidates checked on the sets of their pieces, and linked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.evidence.training.neighbours.candidates import Buckets, buckets, scheme_for
from breakeven.evidence.training.neighbours.rows import normalised
from breakeven.evidence.training.neighbours.shingles import shingles
from breakeven.statistics.arrays import FloatArray

__all__ = ["SIMILARITY", "Neighbours", "components", "find_neighbours", "links_within"]

SIMILARITY: Final = 0.8
"""Share of pieces of four letters that two texts have in common, of all that either has (Jaccard)."""
_WHOLE_BUCKET: Final = 256
_PAIRS_AT_ONCE: Final = 50_000
_TOLERANCE: Final = 1e-12

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """For each of n texts: which earlier one it equals, and with which it hangs together."""

    equal: IntArray
    """(n,) the first text that equals it but for case, punctuation and spacing; its own index where it is that."""
    cluster: IntArray
    """(n,) the first text of its cluster: all that are linked, directly or over others."""
    links: IntArray
    """(links, 2) pairs of different texts at ``similarity`` or above: enough to link each cluster, not all."""
    link_similarity: FloatArray
    """(links,) of each link: Jaccard, computed on the sets themselves."""
    similarity: float

    @property
    def n_equal(self) -> int:
        """Texts that repeat an earlier one."""
        return int((self.equal != np.arange(self.equal.size)).sum())

    @property
    def n_repeated(self) -> int:
        """Texts that repeat or nearly repeat another one: all but one of each cluster."""
        return int((self.cluster != np.arange(self.cluster.size)).sum())

    def members(self) -> list[IntArray]:
        """The clusters of two texts and more, in the order of their first text."""
        order = np.argsort(self.cluster, kind="stable")
        firsts = np.flatnonzero(np.diff(self.cluster[order], prepend=-1))
        return [found for found in np.split(order, firsts[1:]) if found.size > 1] if order.size else []


def find_neighbours(texts: Sequence[str], *, similarity: float = SIMILARITY) -> Neighbours:
    """Which texts equal each other, and which have ``similarity`` of their pieces in common.

    Every link is checked on the sets of pieces, so none is below ``similarity``. Of pairs at ``similarity`` less than 1
    in 200 is not found, of closer ones fewer; most of them are linked over others. A bucket of more than 256 texts, as
    a template makes them, is compared with 256 of its texts at most. Raises InputError for a similarity that is none.
    """
    if not 0 < similarity <= 1:
        raise InputError(f"similarity {similarity:g}: a share above 0 and up to 1 is needed")
    plain = [normalised(text) for text in texts]
    first: dict[str, int] = {}
    equal = np.fromiter(
        (first.setdefault(text, k) for k, text in enumerate(plain)), dtype=np.int64, count=len(plain)
    )
    kept = np.fromiter(first.values(), dtype=np.int64, count=len(first))
    links, found, labels = _linked(list(first), similarity)
    # The first text of each component, in the numbers of the caller.
    firsts = np.full(int(labels.max(initial=-1)) + 1, len(plain), dtype=np.int64)
    np.minimum.at(firsts, labels, kept)
    place = np.zeros(len(plain), dtype=np.int64)
    place[kept] = firsts[labels]
    return Neighbours(
        equal=equal,
        cluster=place[equal],
        links=kept[links].reshape(-1, 2),
        link_similarity=found,
        similarity=similarity,
    )


def links_within(texts: Sequence[str], similarity: float) -> IntArray:
    """Every pair of some texts at ``similarity`` or above, (pairs, 2): time and memory grow with their square."""
    sets = shingles([normalised(text) for text in texts]).as_sets()
    sizes = np.diff(sets.indptr)
    shared = (sets @ sets.T).tocoo()
    upper = shared.row < shared.col
    a, b, both = shared.row[upper], shared.col[upper], shared.data[upper]
    near = both / (sizes[a] + sizes[b] - both) >= similarity - _TOLERANCE
    return np.column_stack([a[near], b[near]]).astype(np.int64)


def _linked(texts: Sequence[str], similarity: float) -> tuple[IntArray, FloatArray, IntArray]:
    """Links among different texts, the similarity of each, and the component of each text."""
    graph = _Graph(len(texts))
    sets: _Sets | None = None
    for band in buckets(texts, scheme_for(similarity)):
        sets = sets or _Sets(texts)
        for pairs in _rounds(band):
            new = graph.unknown(pairs)
            alike = sets.jaccard(new)
            graph.add(new, alike, alike >= similarity - _TOLERANCE)
    return (*graph.links(), graph.labels)


def _rounds(band: Buckets) -> Iterator[IntArray]:
    """Pairs to compare: all of small buckets at once; of large ones, one text with all others at a time."""
    small = [bucket for bucket in band if bucket.size <= _WHOLE_BUCKET]
    by_size: dict[int, list[IntArray]] = {}
    for bucket in small:
        by_size.setdefault(bucket.size, []).append(bucket)
    for size, found in by_size.items():
        a, b = np.triu_indices(size, 1)
        rows = np.stack(found)
        yield np.column_stack([rows[:, a].ravel(), rows[:, b].ravel()])
    for bucket in band:
        if bucket.size > _WHOLE_BUCKET:
            for leader in bucket[:_WHOLE_BUCKET].tolist():
                others = bucket[bucket != leader]
                yield np.column_stack([np.full(others.size, leader), others])


class _Graph:
    """What is linked so far, so that no pair is compared whose answer would change nothing."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.labels: IntArray = np.arange(n, dtype=np.int64)
        self._links: list[IntArray] = [np.empty((0, 2), dtype=np.int64)]
        self._alike: list[FloatArray] = [np.empty(0)]
        self._unlike: IntArray = np.empty(0, dtype=np.int64)

    def unknown(self, pairs: IntArray) -> IntArray:
        """Those of the pairs that are not linked yet, and not known to be unlike."""
        pairs = pairs[self.labels[pairs[:, 0]] != self.labels[pairs[:, 1]]]
        codes = np.unique(pairs.min(axis=1) * self.n + pairs.max(axis=1)) if pairs.size else pairs.ravel()
        codes = codes[~np.isin(codes, self._unlike, assume_unique=True)]
        return np.column_stack([codes // max(self.n, 1), codes % max(self.n, 1)])

    def add(self, pairs: IntArray, alike: FloatArray, linked: npt.NDArray[np.bool_]) -> None:
        """What a comparison found."""
        unlike = pairs[~linked]
        self._unlike = np.concatenate([self._unlike, unlike[:, 0] * self.n + unlike[:, 1]])
        if linked.any():
            self._links.append(pairs[linked])
            self._alike.append(alike[linked])
            self.labels = components(self.n, np.concatenate(self._links))

    def links(self) -> tuple[IntArray, FloatArray]:
        """All links and the similarity of each."""
        return np.concatenate(self._links), np.concatenate(self._alike)


class _Sets:
    """The pieces of the texts that are compared, as rows of a sparse matrix."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def jaccard(self, pairs: IntArray) -> FloatArray:
        """Of each pair: pieces in both over pieces in either."""
        found = [self._part(pairs[at : at + _PAIRS_AT_ONCE]) for at in range(0, len(pairs), _PAIRS_AT_ONCE)]
        return np.concatenate([np.empty(0), *found])

    def _part(self, pairs: IntArray) -> FloatArray:
        rows, places = np.unique(pairs, return_inverse=True)
        sets: Any = shingles([self._texts[k] for k in rows]).as_sets()
        sizes = np.diff(sets.indptr)
        a, b = places.reshape(-1, 2).T
        both = np.asarray(sets[a].multiply(sets[b]).sum(axis=1)).ravel()
        return np.asarray(both / (sizes[a] + sizes[b] - both), dtype=np.float64)


def components(n: int, links: IntArray) -> IntArray:
    """The component of each of n things, numbered from 0, that these links make."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(links), dtype=np.int32), (links[:, 0], links[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
