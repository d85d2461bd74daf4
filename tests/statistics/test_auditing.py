"""What an audit proves: closed forms, and that looking often does not fool it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import audit_claim, audit_e_value, audit_stop, cases_to_claim, rows_to_stop

NEEDED = {0: 59, 1: 93, 2: 124, 3: 153, 4: 181, 5: 208}


@pytest.mark.parametrize(("errors", "n"), NEEDED.items())
def test_rows_needed_by_the_exact_bound(errors: int, n: int) -> None:
    # P(X <= e) for X ~ Binomial(n, .05), summed by hand: at n under 5% for the first time.
    def tail(size: int) -> float:
        return sum(math.comb(size, k) * 0.05**k * 0.95 ** (size - k) for k in range(errors + 1))

    assert tail(n) <= 0.05 < tail(n - 1)
    assert audit_claim(errors, n).holds
    assert not audit_claim(errors, n - 1).holds
    assert audit_claim(errors, n - 1).more_rows == 1


def test_the_bound_and_the_verdict_agree() -> None:
    for errors, n in itertools.product(range(6), (40, 59, 93, 100, 150, 208, 400)):
        found = audit_claim(errors, n)
        assert found.holds == (found.low >= 0.95)
        assert found.accuracy.low is not None
        assert found.accuracy.low < found.low < found.accuracy.value  # two-sided is wider than one-sided


def test_no_error_among_n_has_a_closed_form() -> None:
    # The bound solves p^n = 5%.
    assert audit_claim(0, 59).low == pytest.approx(0.05 ** (1 / 59))
    assert audit_claim(3, 3).low == 0.0


@given(errors=st.integers(0, 40))
def test_forty_rows_never_prove_95_percent(errors: int) -> None:
    found = audit_claim(errors, 40)
    assert not found.holds
    assert not found.holds_at_any_look
    assert found.more_rows >= 19


def test_one_error_in_59_needs_34_more() -> None:
    found = audit_claim(1, 59)
    assert (found.more_rows, found.more_rows_at_any_look) == (34, 128 - 59)


@pytest.mark.parametrize(("errors", "n"), [(0, 10), (1, 59), (3, 40), (7, 300)])
def test_the_e_value_is_the_mean_likelihood_ratio(errors: int, n: int) -> None:
    rate = 0.05

    def prior(theta: float) -> float:
        return float(theta**-0.5 * (1 - theta) ** (1.5 / rate - 1))

    def ratio(theta: float) -> float:
        return float((theta / rate) ** errors * ((1 - theta) / (1 - rate)) ** (n - errors))

    above, _ = integrate.quad(lambda t: prior(t) * ratio(t), 0, rate)
    below, _ = integrate.quad(prior, 0, rate)
    assert audit_e_value(errors, n) == pytest.approx(above / below, rel=1e-6)


@given(n=st.integers(0, 80), errors=st.integers(0, 80))
def test_at_the_edge_of_the_claim_it_is_a_fair_bet(n: int, errors: int) -> None:
    # At an error rate of exactly 5% the evidence is expected to stay as it is, whatever the next row says.
    errors = min(errors, n)
    expected = 0.05 * audit_e_value(errors + 1, n + 1) + 0.95 * audit_e_value(errors, n + 1)
    assert expected == pytest.approx(audit_e_value(errors, n), rel=1e-6)


def _ever_passes(bounds: list[int], rate: float) -> float:
    """Probability of ever standing at ``bounds[e]`` rows or more with e errors, exactly, row by row."""
    alive = np.zeros(len(bounds) + 1)
    alive[0], passed = 1.0, 0.0
    for n in range(1, max(bounds) + 1):
        alive[1:] = alive[1:] * (1 - rate) + alive[:-1] * rate
        alive[0] *= 1 - rate
        alive[-1] = 0.0
        for errors, bound in enumerate(bounds):
            if n >= bound:
                passed += alive[errors]
                alive[errors] = 0.0
    return passed


def test_looking_after_every_row_keeps_the_promise_only_with_the_e_value() -> None:
    exact = [cases_to_claim(0.95, errors=e) for e in range(6)]
    anytime = [rows_to_stop(e) for e in range(60)]
    assert _ever_passes(exact, 0.05) == pytest.approx(0.1265, abs=0.0005)
    assert 0.03 < _ever_passes(anytime, 0.05) <= 0.05
    assert _ever_passes(anytime, 0.01) > 0.99
    assert anytime[:4] == [69, 128, 174, 214]


@given(wrong=st.lists(st.integers(0, 30).map(lambda k: k == 0), max_size=250))
def test_the_stop_is_the_first_row_with_enough_evidence(wrong: list[bool]) -> None:
    counts = [audit_e_value(sum(wrong[:n]), n) >= 20 for n in range(1, len(wrong) + 1)]
    expected = counts.index(True) + 1 if True in counts else None
    assert audit_stop(wrong) == expected


def test_far_in_the_tail_the_evidence_is_small_not_undefined() -> None:
    # Only error rates next to 5% are still likely: E is about the prior's density there over the slope of the
    # log-likelihood (Laplace at the end of the range).
    below, _ = integrate.quad(lambda t: t**-0.5 * (1 - t) ** 29, 0, 0.05)
    density = 0.05**-0.5 * 0.95**29 / below
    slope = 9_000 / 0.05 - 1_000 / 0.95
    assert audit_e_value(9_000, 10_000) == pytest.approx(density / slope, rel=0.01)
    assert audit_e_value(0, 100_000) == math.inf
    found = audit_claim(900, 1_000)
    assert found.more_rows_at_any_look > found.more_rows > 10_000


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(NotEnoughEvidenceError, match="no audited rows"):
        audit_claim(0, 0)
    with pytest.raises(InputError, match="5 errors among 4"):
        audit_claim(5, 4)
    with pytest.raises(InputError, match="target"):
        audit_claim(0, 10, target=1.0)


def test_a_planned_sample_and_then_every_row() -> None:
    # What the command does: 59 rows by the exact bound, everything after it by the e-value.
    bounds = [59, *(rows_to_stop(e) for e in range(1, 60))]
    assert _ever_passes(bounds, 0.05) == pytest.approx(0.064, abs=0.001)
