"""When and from which volume a candidate is cheaper: over the simulated months, and in the published short forms."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values

__all__ = ["crossing_months", "first_year_calls", "simple_months"]


def crossing_months(ends: Values, lumps: Values, scale: Values) -> Values:
    """Months until the cumulative difference falls to zero for good, shape (n,); inf where it does not.

    ``ends`` is the cumulative difference (candidate − today) at each month's end and ``lumps`` the part of each month
    that is paid at its start, both discounted, shape (months, n); ``scale`` (n,) is the size of the sums compared, for
    rounding. What is no lump flows evenly, so 0.75 is three quarters into month 1. A candidate that is never dearer
    breaks even at 0.
    """
    months, n = ends.shape
    least = 1e-12 * scale
    dearer = ends > least
    last = months - 1 - np.argmax(dearer[::-1], axis=0)
    crossing = np.where(dearer[last, np.arange(n)], last + 1.0, 0.0)
    never = dearer[-1]
    for month in np.flatnonzero(lumps.any(axis=1)):
        start = lumps[month] + (ends[month - 1] if month else 0.0)
        inside = (start > least) & (month >= crossing)
        fraction = start / np.where(inside, np.maximum(start - ends[month], 1e-300), 1.0)
        crossing = np.where(inside, month + fraction, crossing)
    flowing = _inside_the_next(crossing, ends, lumps)
    found: Values = np.where(never, np.inf, flowing)
    return found


def _inside_the_next(crossing: Values, ends: Values, lumps: Values) -> Values:
    """Where the last dearer point is a month's end, the crossing lies in the next month, on its even flow."""
    months, n = ends.shape
    at_end = (crossing >= 1) & (crossing < months) & (crossing == np.floor(crossing))
    month, columns = np.where(at_end, crossing, 1).astype(int), np.arange(n)
    start = ends[month - 1, columns] + lumps[np.minimum(month, months - 1), columns]
    fall = start - ends[np.minimum(month, months - 1), columns]
    inside = at_end & (start > 0) & (fall > 0)
    moved: Values = crossing + np.where(inside, start / np.where(inside, fall, 1.0), 0.0)
    return moved


def simple_months(upfront_difference_usd: float, monthly_saving_usd: float) -> float:
    """The simple form of document 001: up-front difference ÷ monthly saving, in *months*; inf where nothing is saved."""
    if monthly_saving_usd <= 0:
        return 0.0 if upfront_difference_usd <= 0 else float("inf")
    return max(0.0, upfront_difference_usd / monthly_saving_usd)


def first_year_calls(upfront_usd: float, yearly_upkeep_usd: float, saving_per_call_usd: float) -> float:
    """The first-year form of document 000: (up front + a year's upkeep) ÷ saving per call, in calls a *year*."""
    return float("inf") if saving_per_call_usd <= 0 else (upfront_usd + yearly_upkeep_usd) / saving_per_call_usd
