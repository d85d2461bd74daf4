"""Volume and percentiles against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.profile.histogram import Histogram
from breakeven.evidence.profile.volume import volume

DAY = 86_400
MONDAY = 4  # 1970-01-05


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.floats(0, 1))
def test_percentiles_equal_numpys(values, p):
    pairs = [(float(v), values.count(v)) for v in set(values)]
    assert Histogram.of(pairs).quantile(p) == pytest.approx(np.quantile(values, p), abs=1e-9)


def _made(days, **options):
    """One call a ten minutes, times the day's factor."""
    buckets = [(144 * (MONDAY + d) + i, float(n)) for d, n in enumerate(days) for i in range(144)]
    first, last = MONDAY * DAY, (MONDAY + len(days)) * DAY - 1
    return volume(buckets, first_s=first, last_s=last, **{"clock": "absolute", "sampling": 1.0, **options})


def test_six_days_state_no_month_and_seven_do():
    assert _made([1, 2, 3, 1, 2, 3]).per_month is None
    assert "at least 7" in _made([1] * 6).warnings[0]
    seven = _made([1, 2, 3, 4, 3, 2, 1])
    # 16 × 144 calls in 7 days, a month being 365/12 days
    assert seven.per_month["mean"] == pytest.approx(16 * 144 / 7 * 365 / 12)
    assert seven.per_month["p05"] < seven.per_month["mean"] < seven.per_month["p95"]
    assert seven.growth_per_month is None


def test_growth_of_one_per_cent_a_day_is_found():
    growth = _made([100 * 1.01**d for d in range(28)]).growth_per_month
    # 1.01 to the power of 365/12
    assert growth["mean"] == pytest.approx(1.01 ** (365 / 12) - 1, rel=0.02)


def test_a_weekend_is_a_weekday_factor_not_growth():
    made = _made([10, 10, 10, 10, 10, 3, 3] * 4)
    assert made.growth_per_month["mean"] == pytest.approx(0, abs=1e-9)
    week = made.rhythm["weekday"]
    assert week["Saturday"]["mean"] == pytest.approx(3 / 8)  # the mean day has (5·10 + 2·3)/7 = 8
    assert week["Monday"]["mean"] == pytest.approx(10 / 8)


def test_a_lost_day_is_a_gap():
    gaps = _made([1, 1, 0, 1, 1, 1, 1, 1]).rhythm["gaps"]
    assert gaps == [{"start_s": (MONDAY + 2) * DAY, "hours": 24.0}]


def test_partial_days_at_the_ends_do_not_count():
    buckets = [(144 * MONDAY + i, 1.0) for i in range(72, 144 * 9 + 72)]
    made = volume(
        buckets, first_s=(MONDAY + 0.5) * DAY, last_s=(MONDAY + 9.5) * DAY, clock="absolute", sampling=1.0
    )
    assert (made.rhythm["complete_days"], made.rhythm["partial_days"]) == (8, 2)
    assert made.per_month is not None
    assert made.per_month["mean"] == pytest.approx(144 * 365 / 12)


def test_a_call_of_a_wrong_clock_does_not_stretch_the_log():
    # 10 days of 24 calls an hour; one call in 2016, two in 2031
    start = 1_767_225_600 // 600  # 2026-01-01, in ten minutes
    usual = [(start + i, 4.0) for i in range(10 * 144)]
    strays = [(1_451_606_400 // 600, 1.0), (1_924_992_000 // 600, 1.0), (1_924_992_600 // 600, 1.0)]
    ends = {"first_s": 1_451_606_400.0, "last_s": 1_924_993_000.0}
    found = volume([*strays, *usual], **ends, clock="absolute", sampling=1.0)
    assert found.rhythm["complete_days"] == 10
    assert found.per_month is not None
    assert found.per_month["mean"] == pytest.approx(576 * 365 / 12)
    assert (found.first_s, found.last_s) == (start * 600, (start + 1_440) * 600)
    early, late = sorted(one for one in found.warnings if "a wrong clock?" in one)
    assert early.startswith("1 call lies")
    assert late.startswith("2 calls lie")


def test_many_calls_after_a_long_gap_are_no_strays():
    usual = [(i, 4.0) for i in range(7 * 144)]
    later = [(i + 100 * 144, 4.0) for i in range(144)]  # a day, 100 days later: an eighth of all
    found = volume([*usual, *later], first_s=0.0, last_s=101 * 86_400.0, clock="absolute", sampling=1.0)
    assert found.rhythm["complete_days"] == 101
    assert not any("wrong clock" in warning for warning in found.warnings)
