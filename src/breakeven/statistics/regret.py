"""What a choice may lose against the best one: regret draw by draw, its mean, and its bad end."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from breakeven.statistics.arrays import FloatArray, check_level, finite
from breakeven.statistics.information import matrix

__all__ = ["cvar", "regrets"]


def regrets(net_benefit: npt.ArrayLike) -> FloatArray:
    """(n, C) what each candidate loses in each draw against the best in it; the mean of the best one's is the EVPI."""
    benefit = matrix(net_benefit)
    return np.asarray(benefit.max(axis=1, keepdims=True) - benefit)


def cvar(losses: npt.ArrayLike, level: float = 0.9) -> FloatArray:
    """Mean loss in the worst 1 − level of draws, of each column of (n,) or (n, C): conditional value at risk.

    The draw at the quantile counts with the part that belongs to the tail, so that the figure is exact for the sample
    (Rockafellar and Uryasev, 2002).
    """
    check_level(level)
    ordered = np.sort(finite(losses, "losses"), axis=0)[::-1]
    tail = (1 - level) * ordered.shape[0]
    weights = np.clip(tail - np.arange(ordered.shape[0]), 0.0, 1.0)
    return np.asarray(np.tensordot(weights, ordered, axes=1) / tail)
