"""Draws as smooth shapes, on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from breakeven.beliefs import Values
from breakeven.report.chart_base import Density

__all__ = ["densities"]

_BINS: Final = 72
_MIN_DRAWS: Final = 200


def densities(all_draws: Sequence[Values]) -> list[Density | None]:
    """A smoothed histogram for each, over its own 0.5% to 99.5% range, heights on one scale."""
    shapes = [_density(draws) for draws in all_draws]
    tops = [float(shape[1].max()) for shape in shapes if shape is not None]
    top = max(tops, default=1.0)
    return [None if shape is None else Density(usd=shape[0], height=shape[1] / top) for shape in shapes]


def _density(draws: Values) -> tuple[Values, Values] | None:
    known = draws[np.isfinite(draws)]
    if known.size < _MIN_DRAWS:
        return None
    low, high = np.quantile(known, [0.005, 0.995])
    if not high > low:
        return None
    spare = 0.04 * (high - low)
    counts, edges = np.histogram(known, bins=_BINS, range=(low - spare, high + spare))
    kernel = np.exp(-0.5 * (np.arange(-6, 7) / 2.2) ** 2)
    smooth = np.convolve(counts / (known.size * (edges[1] - edges[0])), kernel / kernel.sum(), mode="same")
    return (edges[:-1] + edges[1:]) / 2, smooth
