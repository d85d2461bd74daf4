from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import quantiles, summarise

numbers = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60)


def test_one_to_a_hundred():
    found = summarise(np.arange(1, 101))
    assert (found.mean, found.p05, found.p95) == (50.5, 5, 95)


def test_twenty_values_have_their_fifth_percentile_first():
    assert quantiles(np.arange(1, 21), [0.0, 0.05, 0.5, 0.95, 1.0]) == (1, 1, 10, 19, 20)


def test_months_that_never_come():
    found = summarise([3.0] * 90 + [math.inf] * 10)
    assert (found.mean, found.p05, found.p95) == (math.inf, 3, math.inf)
    assert summarise([math.inf, math.inf]).p05 == math.inf


def test_weights_by_hand():
    found = summarise([10.0, 20.0, 30.0], weights=[0.04, 0.9, 0.06])
    assert (found.p05, found.p95) == (20, 30)
    assert found.mean == pytest.approx(20.2)


def test_a_value_without_weight_is_not_there():
    found = summarise([1.0, math.inf], weights=[1, 0])
    assert (found.mean, found.p05, found.p95) == (1, 1, 1)


@given(numbers, st.integers(1, 5))
def test_equal_weights_are_no_weights(values, weight):
    plain, weighted = summarise(values), summarise(values, weights=[weight] * len(values))
    assert weighted.mean == pytest.approx(plain.mean, rel=1e-9, abs=1e-6)
    assert (weighted.p05, weighted.p95) == (plain.p05, plain.p95)


@given(numbers)
def test_percentiles_are_values_and_in_order(values):
    found = summarise(values)
    assert found.p05 in values
    assert found.p95 in values
    assert found.p05 <= found.p95


@given(numbers, st.floats(0, 1))
def test_at_least_that_share_lies_at_or_below(values, level):
    (found,) = quantiles(values, [level])
    assert np.mean(np.asarray(values) <= found) >= level - 1e-9


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: summarise([1, math.nan]),
        lambda: summarise([math.inf, -math.inf]),
        lambda: summarise([[1.0]]),
        lambda: summarise([1.0], weights=[0]),
        lambda: summarise([1.0], weights=[1, 2]),
        lambda: summarise([1.0, 2.0], weights=[-1, 2]),
        lambda: quantiles([1.0], [5]),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()


def test_nothing_has_no_summary():
    with pytest.raises(NotEnoughEvidenceError):
        summarise([])
