"""Percentiles of counted values: exact, in memory that grows with different values, not with calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Histogram"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Histogram:
    """Values in ascending order, and how often each was seen."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    counts: np.ndarray[Any, np.dtype[np.int64]]

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, int]]) -> Histogram:
        """From (value, count) pairs in any order."""
        ordered = sorted(pairs)
        return cls(
            values=np.array([value for value, _ in ordered], dtype=np.float64),
            counts=np.array([count for _, count in ordered], dtype=np.int64),
        )

    @property
    def n(self) -> int:
        """How many values were seen."""
        return int(self.counts.sum())

    def total(self) -> float:
        """The sum of all values; exact for whole numbers below 2**53."""
        return float((self.values * self.counts).sum())

    def quantile(self, p: float) -> float:
        """The value that a share ``p`` lies below, between neighbours by a straight line (NumPy's default)."""
        place = p * (self.n - 1)
        below = int(np.floor(place))
        ends = np.searchsorted(np.cumsum(self.counts), [below, min(below + 1, self.n - 1)], side="right")
        low, high = self.values[ends]
        return float(low + (high - low) * (place - below))

    def summary(self, *, digits: int | None = None) -> dict[str, float | int] | None:
        """n, sum, mean, p50, p90, p95, p99, max; None where nothing was seen."""
        if self.n == 0:
            return None
        found: dict[str, float | int] = {"n": self.n, "sum": _plain(self.total(), digits)}
        found["mean"] = _plain(self.total() / self.n, None if digits is None else digits + 3)
        for name, p in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
            found[name] = _plain(self.quantile(p), digits)
        found["max"] = _plain(float(self.values[-1]), digits)
        return found


def _plain(value: float, digits: int | None) -> float | int:
    rounded = value if digits is None else round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded
