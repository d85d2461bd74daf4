"""What a study takes from a profile: the measured peak, and what to state where tokens are not known."""

from __future__ import annotations

import json

import pytest

from breakeven.study.given import MisreadError
from breakeven.study.profile import read_profile

DAYS = {"complete_days": 14, "peak_to_mean": {"ten_minutes": 3.3, "hour": 2.1}}


def _profile(**more):
    tokens = {"input": {"mean": 500.0}, "output": {"mean": 50.0}}
    return json.dumps(
        {"calls": 100_000, "span_days": 14.0, "last": "2026-03-20", "calls_per_month": None, "tokens": tokens}
        | more
    )


def test_a_measured_peak_reaches_from_the_busiest_hour_to_the_busiest_ten_minutes():
    peak = read_profile(_profile(rhythm=DAYS), "p.json").peak_to_mean
    assert peak is not None
    assert peak.source is not None
    assert (peak.numbers, peak.source.kind) == ((2.1, 3.3), "measured")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"rhythm": {**DAYS, "complete_days": 3}},
        {"rhythm": DAYS, "calls": 300},
        {"rhythm": {"complete_days": 14}},
    ],
)
def test_a_peak_of_few_days_or_few_calls_is_not_taken(more):
    assert read_profile(_profile(**more), "p.json").peak_to_mean is None


def test_tokens_that_logs_do_not_tell_are_left_open():
    found = read_profile(_profile(tokens={"input": None, "output": {"mean": 50.0}}), "p.json")
    assert found.tokens_in is None
    assert found.tokens_out is not None


def test_tokens_that_are_not_there_at_all_are_an_error():
    with pytest.raises(MisreadError, match=r"tokens\.input\.mean"):
        read_profile(_profile(tokens={}), "p.json")
