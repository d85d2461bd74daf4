"""The rhythm of a workload: hours of the day and days of the week as factors with intervals, peaks, gaps."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from breakeven.evidence.profile.student import t_95

__all__ = ["BUCKET_S", "rhythm", "telling_gaps"]

BUCKET_S: Final = 600
_DAY: Final = 86_400 // BUCKET_S
_HOUR: Final = 3_600 // BUCKET_S
_NAMES: Final = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")
"""Days of the week by the number of the day since 1970-01-01, a Thursday."""
_WEEKEND: Final = (2, 3)
_TWO_WEEKS: Final = 14
_TELLING: Final = 10
"""Calls that a stretch would have held at the usual rate, for its silence to be no accident: e^-10 under chance."""

Array = np.ndarray[Any, np.dtype[np.float64]]


def rhythm(series: Array, start: int, days: Array, first_day: int, clock: str) -> dict[str, Any]:
    """Factors of hours and days of the week against their mean, peaks to mean, gaps.

    ``series``: calls of each ten minutes from bucket ``start`` on; ``days``: calls of each complete day from
    ``first_day`` on. A factor's 90% interval comes from how complete days differ; a day of the week needs to be seen
    twice. Without dates, seven days of an unknown week take the place of weekdays.
    """
    found: dict[str, Any] = {
        "complete_days": int(days.size),
        "empty_days": int((days == 0).sum()),
        "calls_by_day": [round(float(day)) for day in days],
        "gaps": _gaps(series, start),
        "peak_to_mean": _peaks(series),
        **_hours(days, series, start, first_day),
    }
    if clock == "absolute" and days.size >= 7 and days.sum() > 0:
        found |= {"weekday": _weekdays(days, first_day), **_weekend(days, first_day)}
    elif days.size >= _TWO_WEEKS and days.sum() > 0:
        found["day_of_seven"] = _of_seven(days, first_day)
    return found


def telling_gaps(series: Array, start: int) -> list[dict[str, float]]:
    """Gaps of a day or more that chance does not make: calls were to be expected in them."""
    total, size = float(series.sum()), float(series.size)
    found = []
    for gap in _gaps(series, start):
        width = gap["hours"] * _HOUR
        if gap["hours"] >= 24 and width < size and total * width / (size - width) >= _TELLING:
            found.append(gap)
    return found


def _interval(values: Array, usual: float) -> dict[str, float | None]:
    """The mean factor with its 90% interval by Student's t; of one value, the mean alone.

    ``usual``: the calls that a factor of 1 stands for, over all values. Counts scatter at least as chance has it, so
    that no call at all is not taken for certain.
    """
    mean = float(values.mean())
    if values.size < 2:
        return {"mean": mean, "p05": None, "p95": None}
    chance = (mean * usual + 1) / usual**2
    error = np.sqrt(max(float(values.var(ddof=1)) / values.size, chance))
    half = float(t_95(values.size - 1) * error)
    return {"mean": mean, "p05": max(mean - half, 0.0), "p95": mean + half}


def _peaks(series: Array) -> dict[str, float]:
    """The busiest ten minutes and the busiest hour against the mean of all, first and last windows included."""
    found = {"ten_minutes": float(series.max() / series.mean())} if series.size >= 3 else {}
    hours = series[: series.size // _HOUR * _HOUR].reshape(-1, _HOUR).sum(axis=1)
    if hours.size >= 3:
        found["hour"] = float(hours.max() / hours.mean())
    return found


def _gaps(series: Array, start: int) -> list[dict[str, float]]:
    """Stretches of six hours or more without a call, the longest ten: outages, or logs that were lost."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (series == 0).astype(int), [0]))))
    stretches = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= 6 * _HOUR]
    longest = sorted(stretches, key=lambda ends: ends[0] - ends[1])[:10]
    return [{"start_s": (start + a) * BUCKET_S, "hours": (b - a) / _HOUR} for a, b in sorted(longest)]


def _hours(days: Array, series: Array, start: int, first_day: int) -> dict[str, Any]:
    """The share of a day's calls in each hour (UTC, or since the start), over complete days."""
    if days.size == 0 or days.sum() == 0:
        return {}
    at = first_day * _DAY - start
    table = series[at : at + days.size * _DAY].reshape(days.size, 24, _HOUR).sum(axis=2)
    share = table.sum(axis=0) / table.sum()
    busiest, quietest = int(share.argmax()), int(share.argmin())
    ratio = float(share[busiest] / share[quietest]) if share[quietest] > 0 else None
    found: dict[str, Any] = {
        "share": [round(float(s), 6) for s in share],
        "factor": [
            _interval(24 * days.size * table[:, hour] / table.sum(), float(table.sum()) / 24)
            for hour in range(24)
        ],
        "busiest": busiest,
        "quietest": quietest,
    }
    return {"hour_of_day": {**found, "ratio": ratio}}


def _weekdays(days: Array, first_day: int) -> dict[str, Any]:
    """Calls on each day of the week against the mean day, with a 90% interval where it was seen twice or more."""
    at = (first_day + np.arange(days.size)) % 7
    found = {}
    for number in (4, 5, 6, 0, 1, 2, 3):
        seen = days[at == number] / days.mean()
        if seen.size:
            found[_NAMES[number]] = _interval(seen, float(days.mean()) * seen.size)
    return found


def _weekend(days: Array, first_day: int) -> dict[str, Any]:
    """A day of the weekend against a working day, its 90% interval from both (Welch); from two of each on."""
    off = np.isin((first_day + np.arange(days.size)) % 7, _WEEKEND)
    if off.sum() < 2 or (~off).sum() < 2 or days[~off].mean() == 0:
        return {}
    rest, work = days[off], days[~off]
    ratio = float(rest.mean() / work.mean())
    parts = np.array([rest.var(ddof=1) / rest.size, ratio**2 * work.var(ddof=1) / work.size])
    error = float(np.sqrt(parts.sum())) / float(work.mean())
    free = 1.0
    if parts.sum() > 0:
        free = float(parts.sum() ** 2 / (parts**2 / np.array([rest.size - 1, work.size - 1])).sum())
    half = t_95(free) * error
    return {"weekend_to_weekday": {"mean": ratio, "p05": max(ratio - half, 0.0), "p95": ratio + half}}


def _of_seven(days: Array, first_day: int) -> list[dict[str, Any]]:
    """The seven days that repeat, against the mean day: a week whose first day is not known."""
    at = (first_day + np.arange(days.size)) % 7
    mean = float(days.mean())
    found = ((day, days[at == day] / mean) for day in range(7))
    return [{"day": day + 1, **_interval(seen, mean * seen.size)} for day, seen in found]
