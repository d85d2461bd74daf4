"""Volume: calls by ten minutes, and what they allow to say of a month.

The rule: a volume a month is stated from 7 complete days on, since most workloads have a weekly rhythm; growth from
14 on. Below that there is no figure, whatever the span: a log of an hour says nothing of a night or a Sunday.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from breakeven.evidence.profile.rhythm import BUCKET_S, rhythm, telling_gaps
from breakeven.evidence.profile.student import t_95

__all__ = ["BUCKET_S", "DAYS_FOR_GROWTH", "DAYS_FOR_MONTH", "DAYS_PER_MONTH", "Volume", "volume"]

DAYS_FOR_MONTH: Final = 7
DAYS_FOR_GROWTH: Final = 14
DAYS_PER_MONTH: Final = 365 / 12
_DAY: Final = 86_400 // BUCKET_S

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Volume:
    """What the calls' times say."""

    per_month: Mapping[str, float] | None
    growth_per_month: Mapping[str, float] | None
    rhythm: Mapping[str, Any]
    """Hours of the day, days of the week, peaks to mean, gaps, complete and partial days."""
    warnings: tuple[str, ...]
    first_s: float
    last_s: float
    """The span that all of it is about: without calls that stand far apart from all others."""


def volume(
    buckets: Sequence[tuple[int, float]], *, first_s: float, last_s: float, clock: str, sampling: float
) -> Volume:
    """From (bucket, calls), where a bucket is whole ten minutes since 1970 (or since the start of the clock).

    ``first_s``, ``last_s``: the first and the last call, in seconds on the same clock; of windows, their ends.
    ``sampling``: the share of all calls that the log holds.
    """
    buckets, (first_s, last_s), strays = _without_strays(buckets, first_s, last_s)
    start, stop = int(first_s // BUCKET_S), max(int(np.ceil(last_s / BUCKET_S)), int(first_s // BUCKET_S) + 1)
    series = np.zeros(stop - start)
    for bucket, calls in buckets:
        series[min(bucket - start, stop - start - 1)] += calls
    days, first_day, partial = _complete_days(series, start)
    per_month, growth, warnings = None, None, strays
    if days.size < DAYS_FOR_MONTH:
        span = _span(last_s - first_s)
        warnings.append(
            f"the log spans {span} with {days.size} complete days: at least {DAYS_FOR_MONTH} are needed for a volume "
            "a month, since a night or a weekend was not seen; none is stated"
        )
    else:
        per_month = _monthly(days, sampling)
    if days.size >= DAYS_FOR_GROWTH:
        growth = _growth(days)
    elif days.size >= DAYS_FOR_MONTH:
        warnings.append(f"{days.size} complete days: growth needs {DAYS_FOR_GROWTH}; none is stated")
    if sampling < 1:
        scaled = "the volume a month is scaled by it; " if per_month is not None else ""
        warnings.append(
            f"the log is stated to hold {sampling:.3g} of all calls: {scaled}other sums are the log's own"
        )
    warnings += _gap_warning(series, start, clock)
    found = {"partial_days": partial, **rhythm(series, start, days, first_day, clock)}
    return Volume(
        per_month=per_month,
        growth_per_month=growth,
        rhythm=found,
        warnings=tuple(warnings),
        first_s=first_s,
        last_s=last_s,
    )


_STRAY: Final = 0.01
"""Of all calls: so few, far apart from the others, come of a wrong clock rather than of the workload."""
_FAR_S: Final = 7 * 86_400


def _without_strays(
    buckets: Sequence[tuple[int, float]], first_s: float, last_s: float
) -> tuple[list[tuple[int, float]], tuple[float, float], list[str]]:
    """The calls without those few at either end that lie further off than the others span; with a warning of them.

    One call of a wrong clock, years away, would otherwise spread all others over years.
    """
    kept, ends, warnings = sorted(buckets), (first_s, last_s), []
    for last in (True, False, True):  # an early stray hides a late one
        cut = _stray_from(kept if last else kept[::-1])
        if cut is None:
            continue
        away, kept = (kept[cut:], kept[:cut]) if last else (kept[: len(kept) - cut], kept[len(kept) - cut :])
        n, gap = sum(calls for _, calls in away), abs(away[0 if last else -1][0] - kept[-1 if last else 0][0])
        edge = (kept[-1][0] + 1) * BUCKET_S if last else kept[0][0] * BUCKET_S
        ends = (ends[0], float(edge)) if last else (float(edge), ends[1])
        calls = "1 call lies" if round(n) == 1 else f"{n:,.0f} calls lie"
        warnings.append(
            f"{calls} {_span(gap * BUCKET_S)} {'after' if last else 'before'} all others: a wrong clock? Left out of "
            "volume, growth and rhythm, counted in all else"
        )
    return kept, ends, warnings


def _stray_from(buckets: Sequence[tuple[int, float]]) -> int | None:
    """Where, in this order, the few calls begin that lie further off than those before them span."""
    allowed, found, n = _STRAY * sum(calls for _, calls in buckets), None, 0.0
    for i in range(len(buckets) - 1, 0, -1):
        n += buckets[i][1]
        if n > allowed:
            break
        gap = abs(buckets[i][0] - buckets[i - 1][0]) * BUCKET_S
        span = abs(buckets[i - 1][0] - buckets[0][0]) * BUCKET_S
        found = i if gap > max(_FAR_S, span) else found
    return found


def _gap_warning(series: Array, start: int, clock: str) -> list[str]:
    gaps = telling_gaps(series, start)
    if not gaps:
        return []
    longest = max(gaps, key=lambda gap: gap["hours"])
    hours = longest["start_s"] / 3_600
    since = as_time(longest["start_s"])[:16].replace("T", " ") if clock == "absolute" else f"hour {hours:.0f}"
    several = (
        f"{len(gaps)} gaps of a day or more without a call, the longest"
        if len(gaps) > 1
        else "a gap without a call,"
    )
    return [
        f"{several} {_span(longest['hours'] * 3_600)} from {since}: "
        "quiet, or calls that are not in these files? The volume takes them for quiet"
    ]


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} seconds"
    if seconds < 7_200:
        return f"{seconds / 60:.1f} minutes"
    return f"{seconds / 3_600:.1f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"


def _complete_days(series: Array, start: int) -> tuple[Array, int, int]:
    """(calls of each complete day, its number since the clock's start, partial days at the ends).

    A day at an end is complete where the log reaches its border within ten minutes.
    """
    first_day = -(-start // _DAY)
    stop = start + series.size
    last_day = stop // _DAY
    partial = int(start % _DAY != 0) + int(stop % _DAY != 0)
    if last_day <= first_day:
        return np.zeros(0), first_day, (stop - 1) // _DAY - start // _DAY + 1
    whole = series[first_day * _DAY - start : last_day * _DAY - start]
    return whole.reshape(-1, _DAY).sum(axis=1), first_day, partial


def _monthly(days: Array, sampling: float) -> dict[str, float]:
    """Mean calls a month with a 90% interval: days vary, and neighbours are alike, so fewer of them count."""
    mean = float(days.mean())
    n = _effective(days)
    half = t_95(max(n - 1, 1.0)) * float(days.std(ddof=1)) / np.sqrt(n)
    scale = DAYS_PER_MONTH / sampling
    spread = float(np.exp(min(half / mean, 5.0))) if mean > 0 else 1.0
    return {"mean": mean * scale, "p05": mean * scale / spread, "p95": mean * scale * spread}


def _effective(values: Array) -> float:
    """Independent values that would know the mean as well: n(1−ρ)/(1+ρ) with the lag-1 correlation ρ ≥ 0."""
    centred = values - values.mean()
    power = float((centred**2).sum())
    rho = 0.0 if power == 0 else float((centred[1:] * centred[:-1]).sum()) / power
    rho = min(max(rho, 0.0), 0.9)
    return max(values.size * (1 - rho) / (1 + rho), 2.0)


def _growth(days: Array) -> dict[str, float] | None:
    """Growth a month with a 90% interval: a straight line through the logarithms, days of the week set apart.

    Least squares on whole weeks; the error grows with the correlation of neighbouring days.
    """
    weeks = days[: days.size // 7 * 7]
    if (weeks <= 0).any():
        return None
    logs, at = np.log(weeks), np.arange(weeks.size, dtype=np.float64)
    design = np.column_stack([at, *(at % 7 == weekday for weekday in range(7))])
    found, *_ = np.linalg.lstsq(design, logs, rcond=None)
    rest = logs - design @ found
    n = _effective(rest)
    free = max(n - 8, 1.0)
    leverage = float(np.linalg.inv(design.T @ design)[0, 0])
    error = np.sqrt(float((rest**2).sum()) / max(weeks.size - 8, 1) * leverage * weeks.size / n)
    slope, half = float(found[0]), float(t_95(free) * error)
    low, mid, high = (
        float(np.expm1(min(rate * DAYS_PER_MONTH, 50))) for rate in (slope - half, slope, slope + half)
    )
    return {"mean": mid, "p05": low, "p95": high}


def as_time(seconds: float) -> str:
    """A UTC time as text, to the microsecond."""
    return (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=round(seconds * 1e6))
    ).isoformat()
