from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.statistics import e_value, log_e_process, mcnemar, monitor

LINE = math.log(20)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def paths(difference: float, disagreement: float, cases: int, runs: int, seed: int = 1) -> np.ndarray:
    """Differences (b less a) of right-or-wrong scores, (runs, cases)."""
    u = rng(seed).random((runs, cases))
    b_only = (disagreement + difference) / 2
    return np.where(u < b_only, 1.0, np.where(u < disagreement, -1.0, 0.0))


def pair(wins: int, losses: int, same: int) -> tuple[np.ndarray, np.ndarray]:
    ahead = rng().permutation(np.repeat([1, -1, 0], [wins, losses, same]))
    return np.where(ahead == -1, 1.0, 0.0), np.where(ahead == 1, 1.0, 0.0)


@given(st.integers(0, 45), st.integers(0, 45), st.integers(0, 20))
def test_right_or_wrong_bets_are_the_beta_mixture(wins, losses, same):
    bets = np.repeat([1.0, -1.0, 0.0], [wins, losses, same])
    if bets.size:
        # 48 points of Gauss integrate polynomials up to degree 95 exactly.
        assert math.exp(log_e_process(bets)[-1]) == pytest.approx(e_value(wins, losses), rel=1e-8)


def coin_flips(runs: int, flips: int, seed: int) -> np.ndarray:
    """What equal candidates disagree on; the cases between change no evidence, so they may be left out."""
    return np.where(rng(seed).random((runs, flips)) < 0.5, 1.0, -1.0)


def test_peeking_at_every_case():
    # Published: 3.4% false alarms. 150 disagreements, such as 1,000 cases bring at 15%; 2,000 runs: ±.012.
    found = (log_e_process(coin_flips(2000, 150, 1)) >= LINE).any(axis=1).mean()
    assert 0.02 < found < 0.045


def test_the_exact_test_read_every_twenty_cases():
    # Published: 16.5% at a nominal 5%. 400 cases, 25% disagreement: standard error of 2,000 runs .008.
    bets = paths(0, 0.25, 400, 2000, seed=2)
    wins, losses = np.cumsum(bets > 0, axis=1)[:, 19::20], np.cumsum(bets < 0, axis=1)[:, 19::20]
    p = {pair: mcnemar(*pair) for pair in {*zip(wins.ravel().tolist(), losses.ravel().tolist(), strict=True)}}
    peeked = np.mean(
        [any(p[w, m] <= 0.05 for w, m in zip(*run, strict=True)) for run in zip(wins, losses, strict=True)]
    )
    assert 0.11 < peeked < 0.19


def test_five_points_are_found_sooner_than_by_a_fixed_design():
    # Published: a median of 178 cases where a fixed design takes 225, which is that of 7.3% disagreement. The median's
    # standard error over 1,000 runs is about 4 cases.
    hit = log_e_process(paths(0.05, 0.073, 700, 1000)) >= LINE
    assert np.median(hit.argmax(axis=1) + 1) == pytest.approx(178, abs=14)
    assert hit.any(axis=1).mean() > 0.99


@pytest.mark.parametrize("size", [1, 5])
def test_graded_clusters_keep_the_promise(size):
    # Skewed grades with mean difference 0, one bet a cluster: at most 5% may ever reach 20.
    differences = rng(3).beta(1, 4, (1000, 200)) - 0.2
    shared = differences[:, ::size] if size > 1 else differences
    assert (log_e_process(shared) >= LINE).any(axis=1).mean() < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1000)


def test_states():
    b_wins = monitor(*pair(20, 2, 78), rng=rng())
    assert b_wins.state == "b better"
    assert b_wins.stopped_after is not None
    assert b_wins.stopped_after <= 100
    assert monitor(*pair(2, 20, 78), rng=rng()).state == "a better"
    assert monitor(*pair(2, 20, 78), rng=rng(), direction="b").state == "continue"
    open_end = monitor(*pair(6, 5, 89), rng=rng())
    assert (open_end.state, open_end.p_settles) == ("continue", None)
    hopeless = monitor(*pair(6, 5, 389), rng=rng(), planned=420)
    assert hopeless.state == "cannot tell"
    assert "remaining 20 bets" in hopeless.because
    done = monitor(*pair(6, 5, 89), rng=rng(), planned=100)
    assert (done.state, done.p_settles) == ("cannot tell", 0)
    assert "all 100" in done.because


def test_either_way_is_one_promise():
    # The mean of both evidences: false alarms of both kinds together stay under 5%.
    bets = coin_flips(1500, 100, 4)
    both = np.logaddexp(log_e_process(bets), log_e_process(-bets)) - math.log(2)
    assert (both >= LINE).any(axis=1).mean() < 0.05


def test_once_settled_it_stays_settled():
    # After 12 wins in a row come losses: what was found when it was looked at still holds.
    a, b = np.repeat([0.0, 1.0], [12, 10]), np.repeat([1.0, 0.0], [12, 10])
    found = monitor(a, b, rng=rng())
    assert found.state == "b better"
    assert found.e_value < found.threshold < found.largest_e_value
    # Twelve wins: the mean of (2^13 - 1)/13 and 1/13 is past 20 after eight: (2^9 - 1)/9/2 + 1/18 = 28.4; seven: 16.
    assert found.stopped_after == 8


def test_a_cluster_is_one_bet_at_its_last_case():
    # Ten customers of three tickets: eight wins in a row are reached with customer 8, at case 24.
    found = monitor(np.zeros(30), np.ones(30), rng=rng(), clusters=np.repeat(np.arange(10), 3))
    assert (found.n_bets, found.stopped_after) == (10, 24)


def test_the_chance_of_settling_falls_with_what_is_left():
    found = [monitor(*pair(14, 6, 80), rng=rng(), planned=n) for n in (110, 200, 500)]
    chances = [one.p_settles for one in found if one.p_settles is not None]
    assert len(chances) == 3
    assert chances == sorted(chances)
    assert chances[-1] > 0.4


def test_sides_mirror():
    a, b = pair(9, 4, 60)
    one, other = monitor(a, b, rng=rng()), monitor(b, a, rng=rng())
    assert other.e_value == pytest.approx(one.e_value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: monitor([1, 0], [1], rng=rng()),
        lambda: monitor([1, 0], [1, 1], rng=rng(), planned=1),
        lambda: monitor([1, 0], [1, 1], rng=rng(), alpha=5),
        lambda: log_e_process([0.5, 1.5]),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()
