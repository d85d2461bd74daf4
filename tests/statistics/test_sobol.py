"""Sobol indices against closed forms, and against SALib where it is installed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from breakeven.beliefs import Draws
from breakeven.economics.totals import net_benefits
from breakeven.errors import InputError
from breakeven.statistics import first_order_from_draws, sobol_indices
from tests.examples.studies import study

A, B = 7.0, 0.1


def ishigami(u):
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def closed_form():
    """Ishigami and Homma (1990): V1, V2 and V13 in terms of a and b."""
    v1 = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    v2 = A**2 / 8
    v13 = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    return np.array([v1, v2, 0]) / whole, np.array([v1 + v13, v2, v13]) / whole


def test_ishigami():
    first, total = closed_form()
    found = sobol_indices(ishigami, 3, np.random.default_rng(0), n=8192)
    assert found.first == pytest.approx(first, abs=0.03)
    assert found.total == pytest.approx(total, abs=0.03)
    wide = found.first_interval[:, 1] - found.first_interval[:, 0]
    assert np.all(np.abs(found.first - first) <= wide)  # twice the half width


def test_an_interval_holds_the_truth_about_as_often_as_it_says():
    first, total = closed_form()
    held = []
    for seed in range(60):
        found = sobol_indices(ishigami, 3, np.random.default_rng(seed), n=512, resamples=100)
        for truth, ends in ((first, found.first_interval), (total, found.total_interval)):
            held.append((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
    assert np.mean(held) > 0.88  # nominal .95 over 360 intervals, six of each run


def test_ishigami_from_draws():
    # Given data: 2,000 draws that nobody planned. x3 alone explains nothing.
    u = np.random.default_rng(1).random((2000, 3))
    found = first_order_from_draws({"x1": u[:, 0], "x2": u[:, 1], "x3": u[:, 2]}, ishigami(u), knots=8)
    first, _ = closed_form()
    assert [found["x1"], found["x2"], found["x3"]] == pytest.approx(first.tolist(), abs=0.06)


def gain_of(name, other):
    """A study's net benefit over today's as a function of its uncertain inputs on the unit cube, apart."""
    opened = study(name)
    drawn = [b for b in opened.beliefs if not b.is_point]

    def model(u):
        scores = special.ndtri(np.clip(u, 1e-9, 1 - 1e-9))
        values = {b.name: b.at(np.zeros(1)) for b in opened.beliefs if b.is_point}
        values |= {b.name: b.at(scores[:, k]) for k, b in enumerate(drawn)}
        both = net_benefits(opened, Draws(len(u), values), [opened.today, other])
        return both[:, 1] - both[:, 0]

    return model, len(drawn)


CASES = [("loan-documents", "cascade"), ("with-evals", "tuned")]


@pytest.mark.parametrize(("name", "other"), [("ishigami", ""), *CASES])
def test_salib_finds_the_same(name, other):
    sobol = pytest.importorskip("SALib.analyze.sobol")
    sampling = pytest.importorskip("SALib.sample.sobol")
    model, d = (ishigami, 3) if name == "ishigami" else gain_of(name, other)
    problem = {"num_vars": d, "names": [f"x{k}" for k in range(d)], "bounds": [[0, 1]] * d}
    points = sampling.sample(problem, 2048, calc_second_order=False, seed=1)
    outcome = np.asarray(model(points), dtype=float)
    theirs = sobol.analyze(problem, outcome, calc_second_order=False, seed=1, num_resamples=20)
    ours = sobol_indices(lambda u: np.broadcast_to(model(u), len(u)), d, np.random.default_rng(2), n=8192)
    assert ours.first == pytest.approx(theirs["S1"], abs=0.05)
    assert ours.total == pytest.approx(theirs["ST"], abs=0.05)


def test_a_constant_has_nothing_to_explain():
    found = sobol_indices(lambda u: np.ones(len(u)), 2, np.random.default_rng(0), n=64)
    assert found.total.tolist() == [0, 0]
    assert first_order_from_draws({"x": np.arange(20.0)}, np.ones(20)) == {"x": 0.0}


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="at least 1 and 16"):
        sobol_indices(ishigami, 3, np.random.default_rng(0), n=4)
    with pytest.raises(InputError, match="one outcome each"):
        sobol_indices(lambda u: u, 3, np.random.default_rng(0), n=64)
