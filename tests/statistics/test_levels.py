"""Levels under Jeffreys' prior: exact for one candidate, and the pairing of several is left as it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from breakeven.statistics.joint import joint_posterior
from breakeven.statistics.levels import with_jeffreys_levels

DRAWS = 20_000


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_one_candidate_has_jeffreys_posterior() -> None:
    # 17 of 20 right: Beta(17.5, 3.5).
    scores = np.array([[1.0]] * 17 + [[0.0]] * 3)
    moved = with_jeffreys_levels(joint_posterior(scores, rng(), DRAWS), scores)
    for p in (0.05, 0.3, 0.5, 0.7, 0.95):
        assert special.betainc(17.5, 3.5, np.quantile(moved[:, 0], p)) == pytest.approx(p, abs=0.015)


def test_all_right_is_not_certain() -> None:
    scores = np.ones((30, 1))
    moved = with_jeffreys_levels(joint_posterior(scores, rng(), DRAWS), scores)
    assert moved.mean() == pytest.approx(30.5 / 31, abs=1e-3)
    assert moved.max() < 1


def test_clusters_count_as_what_they_are_worth() -> None:
    # 6 customers of 10 cases, all right: as little is known as from 6 cases, Beta(6.5, 0.5).
    scores, clusters = np.ones((60, 1)), np.repeat(np.arange(6), 10)
    moved = with_jeffreys_levels(joint_posterior(scores, rng(), DRAWS, clusters), scores, clusters)
    assert moved.mean() == pytest.approx(6.5 / 7, abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 200), st.floats(0.3, 0.99), st.integers(0, 2**31))
def test_order_and_pairing_stay(n: int, share: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    ease = 0.7 * generator.random((n, 1)) + 0.3 * generator.random((n, 2))
    scores = (ease < [share, share - 0.05]).astype(float)
    draws = joint_posterior(scores, generator, 2_000)
    moved = with_jeffreys_levels(draws, scores)
    for before, after in zip(draws.T, moved.T, strict=True):
        assert (np.diff(after[np.argsort(before)]) >= 0).all()
    assert ((moved >= 0) & (moved <= 1)).all()
    # Near the end of the scale less prior means less spread; elsewhere a difference keeps its own.
    kept = float(np.std(moved[:, 1] - moved[:, 0]) / np.std(draws[:, 1] - draws[:, 0]))
    assert (0.9 if 0.4 < scores.mean() < 0.85 else 0.5) < kept < 1.1
