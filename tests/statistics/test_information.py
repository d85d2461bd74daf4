from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from breakeven.errors import InputError
from breakeven.statistics import evpi, evppi

N = 100_000


def unit_loss(mean: float, sd: float) -> float:
    """E max(0, -X) for a normal X: what is lost by sticking to X when its mean is positive."""
    z = mean / sd
    return sd * math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - mean * 0.5 * math.erfc(z / math.sqrt(2))


@pytest.fixture(scope="module")
def toy():
    """Net benefit (0, p1 - p2), with p1 ~ N(1, 1) and p2 ~ N(0, sd 2); p3 has nothing to do with it."""
    rng = np.random.default_rng(6)
    p1, p2, p3 = rng.normal(1, 1, N), rng.normal(0, 2, N), rng.normal(0, 1, N)
    return {"p1": p1, "p2": p2, "p3": p3}, np.column_stack([np.zeros(N), p1 - p2])


def test_the_closed_forms():
    assert unit_loss(1, math.sqrt(5)) == pytest.approx(0.479811, abs=1e-6)
    assert unit_loss(1, 1) == pytest.approx(0.083315, abs=1e-6)
    assert unit_loss(1, 2) == pytest.approx(0.395593, abs=1e-6)


def test_by_hand():
    # Means 0 and 1: pick the second. Knowing the draw: 0 instead of -2 in half of them.
    assert evpi([[0, 4], [0, -2]]) == pytest.approx(1)
    assert evppi({"known": [1.0, 2.0]}, [[0, 4], [0, -2]]) == pytest.approx({"known": 1})


def test_perfect_information(toy):
    # The gain over the second candidate is max(0, -(p1 - p2)), sd 1.06: standard error .0034.
    # Sampling of the mean itself nearly cancels out of it.
    assert evpi(toy[1]) == pytest.approx(0.479811, abs=4 * 1.06 / math.sqrt(N))


@pytest.mark.parametrize("cross_fitted", [False, True])
def test_partial_information(toy, cross_fitted):
    # Standard errors: sd of the gain given the input (.30 and .90) plus, for the plain figure, the fit's own
    # noise near the decision; cross-fitted the gain carries the other input's noise, where it decides.
    found = evppi(*toy, cross_fitted=cross_fitted)
    assert found["p1"] == pytest.approx(0.083315, abs=0.007)
    assert found["p2"] == pytest.approx(0.395593, abs=0.012)
    assert found["p3"] == pytest.approx(0, abs=1e-3)


def test_inputs_known_together(toy):
    inputs, benefit = toy
    both = np.column_stack([inputs["p1"], inputs["p2"]])
    found = evppi({"both": both}, benefit)["both"]
    assert found == pytest.approx(evpi(benefit), rel=1e-3)


def test_the_plain_figure_is_paid_for_noise_and_the_cross_fitted_is_not():
    rng = np.random.default_rng(14)
    inputs, benefit = {"unrelated": rng.normal(size=500)}, rng.normal(size=(500, 4))
    # Four equal candidates and an input that tells nothing: worth 0.
    assert evppi(inputs, benefit)["unrelated"] > 0.02
    assert evppi(inputs, benefit, cross_fitted=True)["unrelated"] < 0.02


@given(
    benefit=hnp.arrays(
        float, st.tuples(st.integers(12, 40), st.integers(1, 4)), elements=st.floats(-1e6, 1e6)
    ),
    shift=st.floats(-1e6, 1e6),
)
def test_worth_is_never_negative_and_knows_no_zero_point(benefit, shift):
    x = np.arange(benefit.shape[0]) % 9
    whole = evpi(benefit)
    part = evppi({"x": x}, benefit)["x"]
    assert whole >= 0
    assert 0 <= part <= whole
    assert evpi(benefit + shift) == pytest.approx(whole, abs=1e-4)
    assert evppi({"x": x}, benefit, cross_fitted=True)["x"] >= 0


def test_one_candidate_leaves_nothing_to_learn():
    assert evpi(np.arange(20.0)[:, None]) == 0
    assert evppi({"x": np.arange(20.0)}, np.arange(20.0)[:, None]) == {"x": 0}


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="n_candidates"):
        evpi([1.0, 2.0])
    with pytest.raises(InputError, match="finite"):
        evpi([[1.0, math.nan]])
    with pytest.raises(InputError, match="3 draws"):
        evppi({"x": [1.0, 2.0, 3.0]}, [[1.0], [2.0]])
