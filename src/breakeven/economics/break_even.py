"""When and from which volume a candidate is cheaper: over the simulated months, and in the published short forms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Values

__all__ = ["Months", "crossing_months", "crossing_of", "first_year_calls", "simple_months"]

Months = NDArray[np.intp]
"""Some of the horizon's months, ascending."""


def crossing_months(ends: Values, lumps: Values, scale: Values, *, at: Months | None = None) -> Values:
    """Months until the cumulative difference falls to zero for good, shape (n,); inf where it does not.

    ``ends`` is the cumulative difference (candidate − today) at each month's end, shape (months, n), and ``lumps`` the
    part of it that is paid at a month's start, both discounted; ``at`` names the months, from 0, that ``lumps`` has a
    row for (None: all). ``scale`` (n,) is the size of the sums compared, for rounding. What is no lump flows evenly, so
    0.75 is three quarters into month 1. A candidate that is never dearer breaks even at 0.
    """
    at = np.arange(ends.shape[0]) if at is None else at
    return crossing_of(np.concatenate([ends, lumps]), at, scale)


def crossing_of(points: Values, at: Months, scale: Values) -> Values:
    """``crossing_months`` with ``ends`` and, in the rows behind them, ``lumps`` in one array, which is overwritten."""
    months = points.shape[0] - at.size
    first = int(at.size > 0 and at[0] == 0)  # nothing comes before month 1
    points[months + first :] += points[at[first:] - 1]  # from a lump to the difference just after it
    times = np.concatenate([np.arange(1, months + 1), at])
    order = np.argsort(times, kind="stable")  # a month's end, then the lump that opens the next
    last = _last(points > 1e-12 * scale, order)
    found: Values = np.where(last < 0, 0.0, np.inf)
    some = np.flatnonzero((last >= 0) & (last < times.size - 1))
    row, after = order[last[some]], order[last[some] + 1]
    dearer, cheaper = points[row, some], points[after, some]
    passed = times[after] - times[row]  # no time passes from an end to the lump behind it
    found[some] = times[row] + passed * dearer / (dearer - cheaper)
    return found


def _last(dearer: NDArray[np.bool_], order: Months) -> Months:
    """For each column the place in time, from 0, of the last row that is dearer; −1 where none is."""
    small = np.min_scalar_type(order.size)  # bytes go eight times as fast as words
    place = np.empty(order.size, dtype=small)
    place[order] = np.arange(1, order.size + 1)
    return np.asarray((dearer * place[:, None]).max(axis=0), dtype=np.intp) - 1


def simple_months(upfront_difference_usd: float, monthly_saving_usd: float) -> float:
    """The simple form of document 001: up-front difference ÷ monthly saving, in *months*; inf if nothing is saved."""
    if monthly_saving_usd <= 0:
        return 0.0 if upfront_difference_usd <= 0 else float("inf")
    return max(0.0, upfront_difference_usd / monthly_saving_usd)


def first_year_calls(upfront_usd: float, yearly_upkeep_usd: float, saving_per_call_usd: float) -> float:
    """The first-year form of document 000: (up front + a year's upkeep) ÷ saving per call, in calls a *year*."""
    if saving_per_call_usd <= 0:
        return float("inf")
    return (upfront_usd + yearly_upkeep_usd) / saving_per_call_usd
