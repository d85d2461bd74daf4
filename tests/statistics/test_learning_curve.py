from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import fit_learning_curve
from breakeven.statistics.curve_shapes import progress, shapes
from tests.statistics.real import setfit_curves

SIZES = np.repeat([100.0, 200, 400, 800, 1600], 2)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def power(sizes):
    return 0.95 - 0.9 * np.asarray(sizes, dtype=float) ** -0.35


def logistic(sizes):
    return 0.4 + 0.5 / (1 + (np.asarray(sizes, dtype=float) / 700) ** -1.5)


def broken(sizes):
    sizes = np.asarray(sizes, dtype=float)
    return 0.93 - 0.4 * sizes**-0.02 * (1 + (sizes / 500) ** 2) ** -0.25


def runs(curve, seed: int = 1, noise: float = 0.01) -> np.ndarray:
    return np.asarray(np.clip(curve(SIZES) + noise * rng(seed).standard_normal(SIZES.size), 0, 1))


@pytest.mark.parametrize("curve", [power, logistic, broken])
@pytest.mark.parametrize("times", [1, 2, 4])
def test_curves_of_each_family_are_forecast(curve, times):
    # 20 noisy histories each: by chance a 90% interval misses more than 6 of them once in 400 times.
    held, errors = 0, []
    for seed in range(20):
        fitted = fit_learning_curve(SIZES, runs(curve, seed))
        found = fitted.at(1600 * times, rng(), one_run=False, draws=2000)
        low, high = found.interval
        held += low <= curve(1600 * times) <= high
        errors.append(abs(found.value - curve(1600 * times)))
    assert held >= 14
    assert np.mean(errors) < 0.01 * (1 + times)


def test_farther_is_less_sure():
    fitted = fit_learning_curve(SIZES, runs(power))
    spread = [fitted.draws(size, rng()).std() for size in (1600, 3200, 6400)]
    assert spread == sorted(spread)


def test_one_run_scatters_more_than_the_mean():
    fitted = fit_learning_curve(SIZES, runs(power, noise=0.03))
    assert fitted.run_draws(1600, rng()).std() > 1.5 * fitted.draws(1600, rng()).std()
    assert fitted.noise_sd == pytest.approx(0.03, rel=0.6)


def test_families_share_the_belief():
    assert sum(fit_learning_curve(SIZES, runs(power)).weights.values()) == pytest.approx(1)
    # A late step is no power law.
    late = np.repeat([0.3, 0.3, 0.31, 0.5, 0.8], 2) + np.tile([0.003, -0.003], 5)
    assert fit_learning_curve(SIZES, late).weights["power law"] < 0.05


def test_no_forecast_without_the_evidence_for_it():
    y = runs(power)
    with pytest.raises(NotEnoughEvidenceError, match="3 sizes"):
        fit_learning_curve(SIZES[:6], y[:6])
    with pytest.raises(NotEnoughEvidenceError, match="another seed"):
        fit_learning_curve(SIZES[::2], y[::2])
    fitted = fit_learning_curve([*SIZES[::2], 100], [*y[::2], y[1]])
    assert fitted.at(6400, rng()).enough
    with pytest.raises(NotEnoughEvidenceError, match="at least 1750"):
        fitted.at(7000, rng())
    with pytest.raises(NotEnoughEvidenceError):
        fitted.draws(10, rng())


def test_extrapolation_is_said_in_capitals():
    fitted = fit_learning_curve(SIZES, runs(power))
    assert "EXTRAPOLATED 2.0×" in fitted.at(3200, rng()).method
    assert "EXTRAPOLATED" not in fitted.at(1600, rng()).method
    assert fitted.at(3200, rng()).n == 10


def test_the_size_that_reaches_a_target():
    # .95 - .9·n^-.35 = .86 at n = 10^(1/.35) = 720; .97 is above its end.
    fitted = fit_learning_curve(SIZES, runs(power, noise=0.004))
    found = fitted.reach(0.86, rng())
    assert found.p05 < 10 ** (1 / 0.35) < found.p95
    assert found.p50 == pytest.approx(720, rel=0.2)
    assert found.p_within > 0.99
    never = fitted.reach(0.97, rng())
    assert never.p_within < 0.2
    assert never.p95 == math.inf
    assert never.farthest == 6400


def test_flat_is_flat():
    fitted = fit_learning_curve(SIZES, np.tile([0.80, 0.81], 5))
    low, high = fitted.at(3200, rng(), one_run=False).interval
    assert low < 0.805 < high
    assert high - low < 0.06


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=8, max_size=8), st.floats(1, 4))
def test_whatever_the_scores_draws_are_shares(scores, times):
    fitted = fit_learning_curve(np.repeat([10, 20, 40, 80], 2), scores)
    for drawn in (fitted.draws(80 * times, rng(), 200), fitted.run_draws(80 * times, rng(), 200)):
        assert drawn.shape == (200,)
        assert drawn.min() >= 0
        assert drawn.max() <= 1


def test_units_of_size_do_not_matter():
    y = runs(logistic)
    one, other = fit_learning_curve(SIZES, y), fit_learning_curve(SIZES * 1000, y)
    assert other.at(3.2e6, rng()).value == pytest.approx(one.at(3200, rng()).value, abs=0.01)


def test_every_shape_rises_from_0_to_1():
    for shape in shapes(2, 64):
        done = progress(shape, np.array([2.0, 8, 32, 64, 256]), 2, 64)
        assert done[[0, 3]] == pytest.approx([0, 1])
        assert (np.diff(done) > 0).all()
    assert sum(shape.prior for shape in shapes(2, 64)) == pytest.approx(1)


def test_real_curves(real_data):
    # SetFit's published runs, 16 curves of ten seeds: the score of one run at 64 shots, forecast from two runs at each
    # of 2 to 32. Published for 176 curves: coverage .96, mean error 2.7 points, against 5.5 for "no change".
    # 48 forecasts here: three standard errors of a coverage of .95 are .094.
    held, error, no_change = [], [], []
    for seen in setfit_curves(real_data).values():
        for seed in (0, 4, 7):
            known = [(size, s) for size in (2, 4, 8, 16, 32) for s in (seed, seed + 1)]
            fitted = fit_learning_curve([size for size, _ in known], [seen[run] for run in known])
            truth = seen[64, seed]
            found = fitted.at(64, rng(seed), level=0.95, draws=4000)
            low, high = found.interval
            held.append(low <= truth <= high)
            error.append(abs(found.value - truth))
            no_change.append(abs(seen[32, seed] - truth))
    assert len(held) == 48
    assert np.mean(held) > 0.95 - 0.094
    assert np.mean(error) < 0.04
    assert np.mean(error) < 0.75 * np.mean(no_change)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: fit_learning_curve([1, 2], [0.5]),
        lambda: fit_learning_curve([0, 1, 2, 3, 3], [0.1, 0.2, 0.3, 0.4, 0.4]),
        lambda: fit_learning_curve([1, 2, 3, 4, 4], [10, 20, 30, 40, 40]),
        lambda: fit_learning_curve(SIZES, runs(power)).reach(93, rng()),
        lambda: fit_learning_curve(SIZES, runs(power)).at(0, rng()),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()
