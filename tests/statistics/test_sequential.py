from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.statistics import e_value, mcnemar

counts = st.integers(0, 120)


@pytest.mark.parametrize(("wins", "losses", "printed"), [(8, 1, 11.26), (12, 3, 8.91), (5, 5, 0.37)])
def test_check_values(wins, losses, printed):
    assert e_value(wins, losses) == pytest.approx(printed, abs=0.005)


def test_closed_forms():
    assert e_value(0, 0) == pytest.approx(1)
    # Over θ uniform on (½, 1), 2^n times the mean of θ^n: 2^(n+1) (1 - 2^-(n+1)) / (n + 1).
    assert e_value(5, 0) == pytest.approx((2**6 - 1) / 6)
    # And of (1-θ)^n: 1 / (n + 1).
    assert e_value(0, 5) == pytest.approx(1 / 6)


def test_far_out_it_neither_breaks_nor_vanishes():
    assert e_value(0, 3000) == pytest.approx(1 / 3001)
    assert e_value(5000, 0) == math.inf
    assert 0 < e_value(1000, 3000) < 1


@given(wins=counts, losses=counts)
def test_a_fair_game(wins, losses):
    # While both are equally good the next disagreement is a coin flip, and the expected evidence stays put.
    ahead, behind = e_value(wins + 1, losses), e_value(wins, losses + 1)
    assert (ahead + behind) / 2 == pytest.approx(e_value(wins, losses), rel=1e-9)


@given(wins=counts, losses=counts)
def test_more_wins_are_more_evidence(wins, losses):
    assert e_value(wins + 1, losses) > e_value(wins, losses) > e_value(wins, losses + 1)


def test_peeking_at_every_case_keeps_its_promise():
    # 4,000 comparisons of equals, read after each of 200 disagreements: a level of 5% is promised, about 3% seen.
    # The exact test read in the same way every 20 cases is wrong far more often.
    rng = np.random.default_rng(11)
    wins = np.cumsum(rng.random((4000, 200)) < 0.5, axis=1)
    n = np.arange(1, 201)
    evidence = {(int(w), int(m)): e_value(int(w), int(m - w)) for m in n for w in np.unique(wins[:, m - 1])}
    stopped = sum(any(evidence[int(w), int(m)] >= 20 for w, m in zip(path, n, strict=True)) for path in wins)
    assert 0.01 < stopped / 4000 < 0.05
    peeked = sum(
        any(mcnemar(int(path[m - 1]), int(m - path[m - 1])) <= 0.05 for m in range(20, 201, 20))
        for path in wins[:1000]
    )
    assert peeked / 1000 > 0.1


def test_refuses_counts_below_zero():
    with pytest.raises(InputError):
        e_value(-1, 3)
