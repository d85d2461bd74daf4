"""A sample in three figures: its mean and its 5th and 95th percentiles, also where some of it is infinite.

A break-even month is infinite in the worlds that never break even. Quantiles here are always one of the
values (no interpolation, which makes NaN out of ∞ - ∞), and may be weighted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray

__all__ = ["Summary", "quantiles", "summarise"]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Mean and central 90% of a sample. The mean is infinite as soon as one value is."""

    mean: float
    p05: float
    p95: float


def summarise(x: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Summary:
    """Mean, 5th and 95th percentile of ``x``, shape (n,); ``weights`` (n,) are at least 0, and need not sum to 1."""
    values, shares = _checked(x, weights)
    if np.isposinf(values).any() and np.isneginf(values).any():
        raise InputError(
            "summary: the values hold +∞ and -∞, which have no mean; look at `quantiles` instead"
        )
    p05, p95 = _quantiles(values, shares, (0.05, 0.95))
    used = values if shares is None else values[shares > 0]
    mean = float(np.average(used, weights=None if shares is None else shares[shares > 0]))
    return Summary(mean=mean, p05=p05, p95=p95)


def quantiles(
    x: npt.ArrayLike, levels: Sequence[float], weights: npt.ArrayLike | None = None
) -> tuple[float, ...]:
    """For each level p the smallest value that at least a share p of the sample (or its weight) does not exceed."""
    if not all(0 <= p <= 1 for p in levels):
        raise InputError(f"levels {list(levels)}: shares from 0 to 1 are needed")
    return _quantiles(*_checked(x, weights), levels)


def _checked(x: npt.ArrayLike, weights: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray | None]:
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(f"summary: shape {values.shape}; one value a draw is needed, shape (n,)")
    if values.size == 0:
        raise NotEnoughEvidenceError("summary of no values; at least one is needed")
    if np.isnan(values).any():
        raise InputError(f"summary: {int(np.isnan(values).sum())} of {values.size} values are not a number")
    if weights is None:
        return values, None
    shares = np.asarray(weights, dtype=np.float64)
    if shares.shape != values.shape or not np.isfinite(shares).all() or shares.min() < 0 or shares.sum() == 0:
        raise InputError("summary: one weight a value is needed, each finite and at least 0, not all 0")
    return values, shares


def _quantiles(values: FloatArray, shares: FloatArray | None, levels: Sequence[float]) -> tuple[float, ...]:
    if shares is None:
        n = values.size
        # 0.05 × 20 is 1.0000000000000002 in floating point: the 1st value is meant, not the 2nd.
        ranks = [min(n - 1, max(0, int(np.ceil(p * n - 1e-9)) - 1)) for p in levels]
        ordered = np.partition(values, sorted(set(ranks)))
        return tuple(float(ordered[rank]) for rank in ranks)
    order = np.argsort(values, kind="stable")
    order = order[shares[order] > 0]
    reached = np.cumsum(shares[order])
    reached /= reached[-1]
    found = np.searchsorted(reached, np.asarray(levels) - 1e-12)
    return tuple(float(values[order[min(i, order.size - 1)]]) for i in found)
