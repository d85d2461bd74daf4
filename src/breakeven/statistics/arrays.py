"""The arrays that statistics work on: their types, and the checks at the door.

A wrong shape or a NaN is caught here, once, so that the formulas after it stay bare.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError

__all__ = [
    "FloatArray",
    "IntArray",
    "average_by",
    "check_level",
    "encode",
    "finite",
    "scores_matrix",
    "scores_vector",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def finite(values: npt.ArrayLike, what: str) -> FloatArray:
    """``values`` as an array of finite numbers; raises InputError that names ``what`` otherwise."""
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        raise NotEnoughEvidenceError(f"{what}: no values; at least one is needed")
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InputError(f"{what}: the value at {where} is {array[where]}; all values must be finite")
    return array


def scores_vector(scores: npt.ArrayLike, what: str = "scores") -> FloatArray:
    """One score a case, each from 0 to 1."""
    array = finite(scores, what)
    if array.ndim != 1:
        raise InputError(f"{what}: shape {array.shape}; one score a case is needed, shape (n_cases,)")
    return _within_0_1(array, what)


def scores_matrix(scores: npt.ArrayLike, what: str = "scores") -> FloatArray:
    """Scores of shape (n_cases, n_candidates), each from 0 to 1: a row is one case, seen by all candidates."""
    array = finite(scores, what)
    if array.ndim != 2:
        raise InputError(f"{what}: shape {array.shape}; (n_cases, n_candidates) is needed")
    return _within_0_1(array, what)


def _within_0_1(array: FloatArray, what: str) -> FloatArray:
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise InputError(f"{what}: values from {low:g} to {high:g}; scores lie within 0..1")
    return array


def check_level(level: float) -> None:
    """Raise InputError unless ``level`` is a share: 0.95, not 95."""
    if not 0 < level < 1:
        raise InputError(f"level {level:g}: a share between 0 and 1 is needed, such as 0.95")


def encode(labels: Iterable[Hashable | None] | npt.NDArray[np.generic], n: int, what: str) -> IntArray:
    """Group labels as codes 0, 1, … in order of appearance; a None stands alone, in a group of its own."""
    items = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    if len(items) != n:
        raise InputError(f"{what}: {len(items)} labels for {n} scores; one label a score is needed")
    seen: dict[Hashable, int] = {}
    codes = np.empty(n, dtype=np.int64)
    for i, label in enumerate(items):
        key: Hashable = ("alone", i) if label is None else ("label", label)
        codes[i] = seen.setdefault(key, len(seen))
    return codes


def average_by(values: FloatArray, codes: IntArray) -> tuple[FloatArray, IntArray]:
    """Mean of ``values`` in each group, in order of code, and the size of each group.

    ``values`` has shape (n,) or (n, k); the means have shape (groups,) or (groups, k).
    """
    sizes = np.bincount(codes)
    if values.ndim == 1:
        return np.bincount(codes, weights=values) / sizes, sizes.astype(np.int64)
    columns = [np.bincount(codes, weights=column) / sizes for column in values.T]
    return np.column_stack(columns), sizes.astype(np.int64)
