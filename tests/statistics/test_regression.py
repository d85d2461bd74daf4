from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import conditional_mean


def rng() -> np.random.Generator:
    return np.random.default_rng(2)


def test_a_line_is_found_exactly():
    x = rng().normal(size=500)
    assert conditional_mean(x, 3 - 2 * x) == pytest.approx(3 - 2 * x)


def test_it_runs_on_straight_beyond_the_knots():
    # One wild draw: a cubic there would be far off; a straight line meets it.
    x = np.append(rng().normal(size=999), 50.0)
    assert conditional_mean(x, x)[-1] == pytest.approx(50)


def test_a_curve_is_found_under_noise():
    # E[y|x] = sin(2x); noise of sd 1 on 20,000 draws leaves about sqrt(8 / 20,000) = .02.
    x = rng().uniform(-2, 2, 20_000)
    y = np.sin(2 * x) + rng().normal(size=x.size)
    for cross_fitted in (False, True):
        error = conditional_mean(x, y, cross_fitted=cross_fitted) - np.sin(2 * x)
        assert np.sqrt((error**2).mean()) < 0.05


def test_few_values_get_their_own_means():
    x = np.array([1.0, 1, 5, 5, 9, 9, 9])
    y = np.array([0.0, 2, 7, 9, 1, 2, 3])
    assert conditional_mean(x, y) == pytest.approx([1, 1, 8, 8, 2, 2, 2])


def test_a_constant_tells_nothing():
    assert conditional_mean(np.ones(4), [1, 2, 3, 6]) == pytest.approx([3, 3, 3, 3])


def test_nearly_one_value_does_not_break():
    x = np.zeros(5000)
    x[:20] = np.arange(20)
    assert np.isfinite(conditional_mean(x, rng().normal(size=5000))).all()


def test_an_interaction_needs_the_products():
    x = rng().normal(size=(20_000, 2))
    y = x[:, 0] * x[:, 1]
    plain = np.corrcoef(conditional_mean(x, y), y)[0, 1]
    with_products = np.corrcoef(conditional_mean(x, y, tensor=True), y)[0, 1]
    assert plain < 0.1
    assert with_products > 0.99


def test_several_outcomes_at_once():
    x = rng().normal(size=300)
    y = np.column_stack([x, x**2, np.ones(300)])
    fitted = conditional_mean(x, y)
    assert fitted.shape == y.shape
    for column, outcome in zip(fitted.T, y.T, strict=True):
        assert column == pytest.approx(conditional_mean(x, outcome))


def test_no_draw_explains_itself():
    # A single wild draw pulls its own fitted value, unless it is left out of the fit.
    x = rng().uniform(size=100)
    y = np.zeros(100)
    y[17] = 1000
    assert conditional_mean(x, y)[17] > 20
    others = np.arange(100) % 5 != 17 % 5
    refitted = conditional_mean(x[others], y[others])
    assert refitted == pytest.approx(0)  # without draw 17 all is zero …
    centred = conditional_mean(x, y - y.mean(), cross_fitted=True)[17]
    assert centred == pytest.approx(-10, abs=1e-6)  # … so its own value is unseen


@settings(max_examples=30)
@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3))
def test_units_do_not_matter(scale, shift):
    x = rng().normal(size=400)
    y = np.sin(x)
    assert conditional_mean(scale * x + shift, y) == pytest.approx(conditional_mean(x, y), abs=1e-4)


@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=60))
def test_it_keeps_the_mean(values):
    x = rng().normal(size=len(values))
    assert conditional_mean(x, values).mean() == pytest.approx(np.mean(values), abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: conditional_mean([1, 2], [1, 2, 3]),
        lambda: conditional_mean([1, np.inf], [1, 2]),
        lambda: conditional_mean([1, 2], [1, 2], knots=2),
        lambda: conditional_mean(np.ones((2, 2, 2)), [1, 2]),
        lambda: conditional_mean([1, 2, 3], [1, 2, 3], cross_fitted=True),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()


def test_no_draws():
    with pytest.raises(NotEnoughEvidenceError):
        conditional_mean([], [])
