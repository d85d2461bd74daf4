"""Where errors have no price: what a result is worth that lets a candidate be chosen, or bars one."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

from breakeven.advice.decide import decide
from breakeven.advice.purchases.permission import Permission, permission_of
from breakeven.advice.ranking import NOT_WORSE, rank
from breakeven.beliefs import Values
from breakeven.economics import simulate
from tests.examples.studies import sampled, study

N = 20_000
SD, ERROR, SAVED = 0.03, 0.02, 100.0


def problem(mean: float, *, allowed: bool) -> tuple[Permission, Values, Values]:
    """A candidate that saves $100 and is ``mean`` ± 3 points from today's, seen with an error of 2 points."""
    rng = np.random.default_rng(7)
    gap = rng.normal(mean, SD, N)
    good = np.zeros((N, 4))
    good[:, 0], good[:, 1] = 1, gap >= -NOT_WORSE
    found = Permission(names=("today", "cheap"), allowed=np.array([True, allowed]), good=good)
    benefits = np.stack([np.zeros(N), np.full(N, SAVED)], axis=1)
    return found, (gap + rng.normal(0, ERROR, N))[:, None], benefits


@pytest.mark.parametrize("mean", [-0.02, -0.03, -0.05])
def test_letting_a_cheap_candidate_in_is_worth_the_closed_form(mean: float):
    # Given a result, the gap is normal: P(keeps) ≥ ½ where its mean is at least −1 point. Before the result that mean
    # is normal with sd²/√(sd² + error²): so the saving comes with probability Φ((mean + 0.01)/that).
    permission, seen, benefits = problem(mean, allowed=False)
    before = SD**2 / sqrt(SD**2 + ERROR**2)
    closed = SAVED * (1 + erf((mean + NOT_WORSE) / before / sqrt(2))) / 2
    worth, bars = permission.worth(seen, benefits)
    # Probabilities near one half, within the error of their fit, leave it barred: 2·½·√(7/20,000) = 2% above one half
    # moves the threshold by a twentieth of a deviation, which is 1% of results or 2; nothing is gained by it.
    assert closed - 0.03 * SAVED < worth.cross_fitted < closed + 2 * worth.cross_fitted_error
    assert worth.value == pytest.approx(worth.cross_fitted, abs=2 * worth.cross_fitted_error)
    assert not bars


def test_a_result_that_can_only_bar_is_worth_no_money():
    permission, seen, benefits = problem(0.0, allowed=True)
    worth, bars = permission.worth(seen, benefits)
    assert worth.cross_fitted == 0
    assert bars


def test_a_figure_that_says_nothing_of_quality_changes_nobodys_standing():
    permission, seen, benefits = problem(-NOT_WORSE, allowed=False)  # the toss of a coin
    worth, bars = permission.worth(np.random.default_rng(1).permutation(seen), benefits)
    assert worth.cross_fitted == 0
    assert not bars


def test_nothing_is_judged_where_errors_have_a_price_or_nothing_is_open():
    for name, expected in (("with-evals", False), ("startup-10m", False), ("self-hosted", True)):
        opened = study(name)
        outcome = simulate(opened, opened.sample(1000, 0))
        found = permission_of(opened, outcome, rank(opened, outcome), 1000)
        assert (found is not None) is expected


def test_a_pilot_that_only_guards_quality_says_so():
    pilot = next(p for p in sampled("self-hosted").buy_next if p.kind == "pilot")
    assert pilot.value_usd == 0
    assert pilot.because == "it can only bar own: that guards quality, which has no price here"


def test_a_pilot_may_let_a_barred_candidate_in():
    # Self-hosting saves $240K. Here it is believed some points worse than today's, so it is barred until a pilot shows
    # otherwise; that happens in some results, and only there is it chosen.
    found = decide(
        study("self-hosted", ("    kind: tuned\n", "    kind: tuned\n    quality: 80%..91%\n")), draws=4000, seed=0
    )  # fmt: skip
    assert found.recommendation.candidate == "api"
    saved = found.candidates["own"].net_benefit_vs_today.mean
    pilot = max((p for p in found.buy_next if p.kind == "pilot"), key=lambda p: p.value_usd)
    low, high = pilot.rule
    assert (low.candidate, high.candidate) == ("api", "own")
    assert pilot.value_usd == pytest.approx(high.p * saved, rel=0.25)
    assert pilot.worth_it
