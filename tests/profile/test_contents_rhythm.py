"""Seasonality against closed forms: factors, their intervals, silences that are no chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from breakeven.evidence.profile.volume import volume

DAY = 86_400
MONDAY = 4  # 1970-01-05


def _made(days, clock="absolute", **options):
    """``days``: calls of each ten minutes, by day."""
    buckets = [
        (144 * (MONDAY + d) + i, float(n)) for d, row in enumerate(days) for i, n in enumerate(row) if n
    ]
    first, last = MONDAY * DAY, (MONDAY + len(days)) * DAY - 1
    return volume(buckets, first_s=first, last_s=last, clock=clock, **{"sampling": 1.0, **options})


def _flat(days):
    return [[n] * 144 for n in days]


def test_an_hours_factor_is_its_calls_to_the_mean_hours():
    day = [10] * 144
    day[60:66] = [34] * 6  # 10:00 to 11:00: the mean bucket has (138·10 + 6·34)/144 = 11
    factor = _made([day] * 7).rhythm["hour_of_day"]["factor"][10]
    assert factor["mean"] == pytest.approx(34 / 11)
    assert factor["p05"] < 34 / 11 < factor["p95"]


def test_an_hour_never_seen_busy_is_not_taken_for_certainly_empty():
    day = [0] * 6 + [1] * 138
    factor = _made([day] * 7).rhythm["hour_of_day"]["factor"][0]
    assert factor["mean"] == factor["p05"] == 0
    # no call where 7·138/24 = 40.25 were to be expected: Student's t on 6 degrees, by √1/40.25
    assert factor["p95"] == pytest.approx(stats.t.ppf(0.95, 6) / 40.25)


def test_a_weekend_is_a_share_of_a_working_day():
    made = _made(_flat([90, 110, 90, 110, 100, 18, 22] * 2))
    weekend = made.rhythm["weekend_to_weekday"]
    assert weekend["mean"] == pytest.approx(0.2)
    # Welch: the means of four and of ten days, the ratio's error by first order
    rest, work = np.array([18, 22, 18, 22]) * 144.0, np.array([90, 110, 90, 110, 100] * 2) * 144.0
    parts = np.array([rest.var(ddof=1) / 4, 0.04 * work.var(ddof=1) / 10])
    free = parts.sum() ** 2 / (parts**2 / [3, 9]).sum()
    half = stats.t.ppf(0.95, free) * np.sqrt(parts.sum()) / work.mean()
    assert weekend["p95"] - weekend["mean"] == pytest.approx(half)


def test_without_dates_seven_days_repeat():
    rhythm = _made(_flat([10, 10, 10, 10, 10, 3, 3] * 3), clock="relative").rhythm
    assert "weekday" not in rhythm
    assert [one["mean"] for one in rhythm["day_of_seven"]] == pytest.approx(
        np.roll(np.array([10, 10, 10, 10, 10, 3, 3]) / 8, MONDAY)
    )


def test_a_lost_day_is_warned_of_and_a_quiet_log_is_not():
    lost = _made(_flat([5, 5, 0, 5, 5, 5, 5, 5]))
    said = "a gap without a call, 24.0 hours from 1970-01-07"
    assert any(said in warning for warning in lost.warnings)
    assert lost.rhythm["empty_days"] == 1
    quiet = [[0] * 144 for _ in range(14)]
    for day in quiet[::2]:
        day[5] = 1  # a call every other day: a day without one is no news
    assert not any("gap" in warning for warning in _made(quiet).warnings)


def test_a_log_within_one_day_has_one_partial_day():
    made = volume([(144 * MONDAY + 3, 1.0), (144 * MONDAY + 9, 1.0)], first_s=MONDAY * DAY + 1_900,
                  last_s=MONDAY * DAY + 5_500, clock="absolute", sampling=1.0)  # fmt: skip
    assert made.rhythm["partial_days"] == 1
