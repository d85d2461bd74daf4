from __future__ import annotations

import math

import numpy as np
import pytest

from breakeven.errors import InputError
from breakeven.statistics import (
    beta_binomial_evsi,
    enbs,
    evsi,
    evsi_by_weights,
    normal_evsi,
    population_factor,
    unit_normal_loss,
    value_of_input,
    value_of_inputs,
    value_of_perfect,
)

N = 40_000


@pytest.fixture(scope="module")
def toy():
    """Net benefit (0, p1 - p2), with p1 ~ N(1, 1) and p2 ~ N(0, sd 2)."""
    rng = np.random.default_rng(11)
    p1, p2 = rng.normal(1, 1, N), rng.normal(0, 2, N)
    return p1, p2, np.column_stack([np.zeros(N), p1 - p2])


def mean_of(n):
    """What n observations of sd 1 show: their mean."""
    return lambda p1, rng: p1 + rng.normal(0, 1 / math.sqrt(n), p1.shape)


PUBLISHED = [(1, 0.025127), (3, 0.053276), (10, 0.072325), (100, 0.082118), (1000, 0.083195)]
"""EVSI of n observations of p1."""


@pytest.mark.parametrize(("n", "worth"), PUBLISHED)
def test_the_closed_form_gives_the_published_figures(n, worth):
    # The gain of the second candidate is 1 now; its posterior mean varies with sd 1/sqrt(1 + 1/n).
    assert normal_evsi(1, 1, 1, n) == pytest.approx(worth, abs=1e-6)
    assert float(unit_normal_loss(1, 1 / math.sqrt(1 + 1 / n))) == pytest.approx(worth, abs=1e-6)


@pytest.mark.parametrize(("n", "worth"), PUBLISHED)
def test_regression_finds_the_published_figures_within_its_error(toy, n, worth):
    p1, _, benefit = toy
    found = evsi(p1, mean_of(n), benefit, np.random.default_rng(n))
    assert found.value == pytest.approx(worth, abs=3 * found.standard_error)
    assert found.cross_fitted == pytest.approx(worth, abs=3 * found.cross_fitted_error)
    assert 0 < found.standard_error < 0.007


def test_perfect_and_partial_information_come_with_their_error(toy):
    p1, p2, benefit = toy
    whole = value_of_perfect(benefit)
    assert whole.value == pytest.approx(0.479811, abs=3 * whole.standard_error)
    for x, worth in ((p1, 0.083315), (p2, 0.395593)):
        part = value_of_input(x, benefit)
        assert part.value == pytest.approx(worth, abs=3 * part.standard_error)
        assert part.cross_fitted == pytest.approx(worth, abs=3 * part.cross_fitted_error)


def test_the_standard_error_is_that_of_repeated_runs():
    """200 decisions on 1,000 draws each: the stated error against the spread of the figures."""
    values, errors = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        p1, p2 = rng.normal(1, 1, 1000), rng.normal(0, 2, 1000)
        found = value_of_input(p1, np.column_stack([np.zeros(1000), p1 - p2]))
        values.append(found.value)
        errors.append(found.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)


def test_a_group_is_worth_what_its_inputs_do_together():
    # Gain x·y with x, y = ±1 by fair coins: either alone tells nothing; both tell all: E max(0, xy) = 1/2.
    rng = np.random.default_rng(4)
    x, y = rng.choice([-1.0, 1.0], (2, 20_000))
    benefit = np.column_stack([np.full(20_000, 0.001), x * y])
    found = value_of_inputs({"x": x, "y": y, "both": np.column_stack([x, y])}, benefit)
    assert found["x"].value < 0.02
    assert found["y"].value < 0.02
    assert found["both"].value == pytest.approx(0.5, abs=4 * found["both"].standard_error + 0.001)


# Two ways to the same figure.


def test_regression_and_weights_agree_on_a_normal_measurement(toy):
    p1, _, benefit = (values[:10_000] for values in toy)
    rng = np.random.default_rng(3)
    shown = mean_of(10)(p1, rng)
    fitted = value_of_input(shown, benefit)
    # Results from draws of their own: 600 more truths, one observed mean each.
    results = rng.normal(1, 1, 600) + rng.normal(0, 1 / math.sqrt(10), 600)
    weighed = evsi_by_weights(results, lambda s: -5 * (s[:, None] - p1) ** 2, benefit)
    apart = math.hypot(fitted.standard_error, weighed.standard_error)
    assert fitted.value == pytest.approx(weighed.value, abs=3 * apart)
    assert weighed.value == pytest.approx(0.072325, abs=4 * weighed.standard_error)


def test_regression_and_weights_agree_on_counted_cases():
    # p ~ Beta(8, 4) right of 1; worth 10·p - 7 over doing nothing; 40 cases are scored.
    rng = np.random.default_rng(8)
    p = rng.beta(8, 4, 20_000)
    benefit = np.column_stack([np.zeros(p.size), 10 * p - 7])
    exact = beta_binomial_evsi(8, 4, 40, slope=10, intercept=-7)
    fitted = evsi(p, lambda truth, r: r.binomial(40, truth), benefit, rng)
    results = rng.binomial(40, rng.beta(8, 4, 600)).astype(float)

    def log_likelihood(seen):
        return seen[:, None] * np.log(p) + (40 - seen[:, None]) * np.log1p(-p)

    weighed = evsi_by_weights(results, log_likelihood, benefit)
    assert fitted.value == pytest.approx(exact, abs=3 * fitted.standard_error)
    assert weighed.value == pytest.approx(exact, abs=3 * weighed.standard_error)
    assert fitted.value == pytest.approx(
        weighed.value, abs=3 * math.hypot(fitted.standard_error, weighed.standard_error)
    )


def test_one_case_by_hand():
    # Uniform prior, worth 2p - 1: after a right case E p = 2/3, worth 1/3; after a wrong one nothing. Half of 1/3.
    assert beta_binomial_evsi(1, 1, 1, slope=2, intercept=-1) == pytest.approx(1 / 6)
    # So many cases that p is known: E max(0, 2p - 1) = 1/4.
    assert beta_binomial_evsi(1, 1, 5000, slope=2, intercept=-1) == pytest.approx(0.25, abs=1e-4)


def test_a_measurement_of_nothing_is_worth_nothing(toy):
    p1, _, benefit = toy
    noise = evsi(p1, lambda p, rng: rng.normal(size=p.shape), benefit, np.random.default_rng(2))
    assert noise.cross_fitted <= 3 * noise.cross_fitted_error
    assert normal_evsi(1, 1, 1, 0) == 0


def test_what_is_left_after_paying():
    # 1,000 decisions a year for 10 years at 3.5%: 1000/.035·(1 - e^-.35) = 8437.5.
    assert population_factor(1000, 0.035, 10) == pytest.approx(8437.48, abs=0.01)
    assert population_factor(1000, 0, 10) == 10_000
    assert population_factor(1000, 1e-12, 10) == pytest.approx(10_000)
    assert enbs(0.5, 300, population_factor(1000, 0, 1)) == 200
    assert enbs(14.6, 4.5) == pytest.approx(10.1)


def test_wrong_input_is_named(toy):
    with pytest.raises(InputError, match="log likelihood"):
        evsi_by_weights([1.0, 2.0], lambda s: np.zeros((2, 3)), toy[2])
    with pytest.raises(InputError, match="at least 0"):
        population_factor(-1, 0, 1)
