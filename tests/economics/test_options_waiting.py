"""Acting at the best of several dates, and what waiting is worth: closed forms first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.beliefs import Values
from breakeven.economics.options.least_squares import exercise
from breakeven.economics.options.waiting import wait_values
from breakeven.errors import InputError

NAMES = ["keep", "build"]


def coin(n: int = 1000) -> Values:
    """A coin that falls heads in every second pair of draws, so that both halves hold as many of each."""
    return np.tile([1.0, 1.0, 0.0, 0.0], n // 4)


def test_two_periods_by_hand() -> None:
    """Heads: building earns 100, tails: −80; keeping earns 0. Waiting shows the coin and takes a twentieth.

    Now: ½·100 − ½·80 = 10. Later, blind: .95·10 = 9.5, a delay of −0.5. Later, seeing: ½·95 = 47.5, so information is
    38 and waiting is worth 37.5.
    """
    heads = coin()
    build = np.where(heads == 1, 100.0, -80.0)
    later = np.stack([np.zeros_like(build), 0.95 * build], axis=1)[None]
    found = wait_values(later, [heads[:, None]], build, NAMES, months=6)
    assert found.delay_usd == pytest.approx(-0.5)
    assert found.information_usd == pytest.approx(38)
    assert found.value_usd == pytest.approx(37.5)
    assert found.p_changes == pytest.approx(0.5)


def test_waiting_in_two_steps_by_hand() -> None:
    """The coin is shown at the second date only; the first is a tenth dearer to miss: nobody acts at the first.

    First date: build earns .95·10 blind. Second: ½·85 seen. Waiting to the second: 42.5.
    """
    heads = coin()
    build = np.where(heads == 1, 100.0, -80.0)
    payoffs = np.stack(
        [np.stack([0 * build, 0.95 * build], axis=1), np.stack([0 * build, 0.85 * build], axis=1)]
    )
    found = exercise(payoffs, [np.zeros((heads.size, 0)), heads[:, None]])
    assert found.value == pytest.approx(42.5)
    assert set(found.date) == {1}


def test_where_nothing_is_learned_information_is_worth_nothing() -> None:
    rng = np.random.default_rng(0)
    build = rng.normal(10, 100, 2000)
    later = np.stack([np.zeros(2000), 0.9 * build], axis=1)[None]
    found = wait_values(later, [np.zeros((2000, 0))], build, NAMES, months=3)
    assert found.information_usd == 0
    assert found.p_changes == 0
    assert found.value_usd == pytest.approx(-0.1 * build.mean())


def test_noise_teaches_nothing_either() -> None:
    """A state that has nothing to do with the payoff: the split halves hold no foresight."""
    rng = np.random.default_rng(1)
    build = rng.normal(0, 100, 4000)
    later = np.stack([np.zeros(4000), build], axis=1)[None]
    found = wait_values(later, [rng.normal(size=(4000, 3))], build, NAMES, months=3)
    assert (
        found.information_usd < 4.0
    )  # three standard errors of 100/√4000 and less than a twentieth of E[max]


def test_an_american_put() -> None:
    """Longstaff and Schwartz (2001), table 1: spot 36, strike 40, rate 6%, volatility 20%, a year, 50 dates.

    Finite differences: 4.478; the European put: 3.844. A rule fitted elsewhere errs a little downwards.
    """
    rng, n, dates, step = np.random.default_rng(7), 16_000, 50, 1 / 50
    half = rng.standard_normal((dates, n // 2))
    shocks = np.concatenate([half, -half], axis=1).reshape(dates, 2, -1).transpose(0, 2, 1).reshape(dates, n)
    # Antithetic twins stand side by side; pairs are spread over both halves so that each half keeps its own.
    spot = 36 * np.exp(np.cumsum((0.06 - 0.02) * step + 0.2 * np.sqrt(step) * shocks, axis=0))
    worth = np.maximum(40 - spot, 0.0)
    discount = np.exp(-0.06 * step * np.arange(1, dates + 1))[:, None]
    states = [np.stack([s, w], axis=1) for s, w in zip(spot, worth, strict=True)]
    found = exercise((worth * discount)[..., None], states, known=True)
    assert 4.40 < found.value < 4.50
    assert np.mean((worth * discount)[-1]) == pytest.approx(3.844, abs=0.05)


@given(st.integers(0, 10_000), st.floats(0.2, 1.0), st.floats(-50, 50), st.floats(1, 200), st.integers(0, 3))
def test_the_split_adds_up_and_information_is_never_negative(
    seed: int, kept: float, mean: float, sd: float, seen: int
) -> None:
    rng = np.random.default_rng(seed)
    build = rng.normal(mean, sd, 200)
    later = np.stack([np.zeros(200), kept * build], axis=1)[None]
    state = (
        np.stack([build + rng.normal(0, sd, 200) for _ in range(seen)], axis=1)
        if seen
        else np.zeros((200, 0))
    )
    found = wait_values(later, [state], np.maximum(build.mean(), 0) * np.ones(200), NAMES, months=6)
    assert found.information_usd >= -1e-9
    assert found.value_usd == pytest.approx(found.information_usd + found.delay_usd, abs=1e-6)


def test_a_rule_never_earns_more_than_foresight() -> None:
    rng = np.random.default_rng(3)
    payoffs = rng.normal(0, 10, (3, 500, 2))
    found = exercise(payoffs, [payoffs[k] for k in range(3)])
    assert np.all(found.earned <= payoffs.max(axis=(0, 2)) + 1e-9)


def test_one_world_needs_no_halves() -> None:
    payoffs = np.array([[[1.0, 5.0]], [[2.0, 4.0]]])
    found = exercise(payoffs, [np.zeros((1, 0)), np.zeros((1, 0))])
    assert (found.value, found.error) == (5.0, 0.0)


def test_states_must_fit() -> None:
    with pytest.raises(InputError, match="1 states for 2 dates"):
        exercise(np.zeros((2, 4, 1)), [np.zeros((4, 0))])
