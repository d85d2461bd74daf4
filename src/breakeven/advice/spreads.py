"""Draws as a figure with its interval."""

from __future__ import annotations

import numpy as np

from breakeven.advice.decision import Spread
from breakeven.beliefs import Values

__all__ = ["spread"]


def spread(x: Values) -> Spread:
    """Mean and 90% interval; a point has no interval, not even that of rounding."""
    if x.min() == x.max():
        return Spread(mean=float(x[0]), p05=float(x[0]), p95=float(x[0]))
    low, high = np.quantile(x, (0.05, 0.95))
    return Spread(mean=float(x.mean()), p05=float(low), p95=float(high))
