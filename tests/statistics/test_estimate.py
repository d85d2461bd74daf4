from __future__ import annotations

import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import Estimate


def made(value=0.9, low: float | None = 0.8, high: float | None = 0.95, level=0.95, n=50):
    return Estimate(value=value, low=low, high=high, level=level, n=n, method="Wilson")


def test_prints_its_worth():
    assert str(made()) == "0.9 [0.8, 0.95] (95%, n=50, Wilson)"


def test_no_interval_is_not_an_error_of_zero():
    single = made(low=None, high=None, n=1)
    assert not single.enough
    assert "not enough data" in str(single)
    with pytest.raises(NotEnoughEvidenceError, match="n=1"):
        _ = single.interval


def test_an_interval_unpacks():
    low, high = made().interval
    assert (low, high) == (0.8, 0.95)


@pytest.mark.parametrize(
    "wrong",
    [{"level": 0.0}, {"level": 95.0}, {"low": None}, {"low": 0.91}, {"high": 0.89}],
    ids=str,
)
def test_refuses_what_is_no_estimate(wrong):
    with pytest.raises(InputError):
        made(**wrong)


def test_refuses_an_estimate_from_nothing():
    with pytest.raises(NotEnoughEvidenceError):
        made(n=0)
