"""Handing on what is doubted: closed forms, and the value of a rule on cases that did not set it."""

from __future__ import annotations

import numpy as np
import pytest

from breakeven.errors import NotEnoughEvidenceError
from breakeven.statistics.routing import routing_curve


def world(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Small right with its own confidence, large with 95%."""
    score = rng.uniform(0.4, 1.0, n)
    return score, (rng.random(n) < score).astype(float), (rng.random(n) < 0.95).astype(float)


def test_a_score_that_tells_all_finds_all_errors() -> None:
    # 200 cases; small is right in the upper 160, large always: handing on the lower fifth makes all right.
    score = np.linspace(0.01, 0.99, 200)
    small = (np.arange(200) >= 40).astype(float)
    found = routing_curve(
        score, small, np.ones(200), np.random.default_rng(0), value_usd=1.0, extra_cost_usd=0.5
    )
    assert found.quality[0] == 0.8
    # The fifths that are judged apart do not hold exactly as many errors each.
    assert np.interp(0.2, found.shares, found.quality) > 0.97
    assert np.interp(0.3, found.shares, found.quality) == 1.0
    assert found.by_chance[-1] == found.quality[-1] == 1.0
    assert np.interp(0.5, found.shares, found.by_chance) == pytest.approx(0.9)
    assert found.best_share == pytest.approx(0.2, abs=0.02)
    # 40 errors caught at $1, 40 calls at $0.50, of 200: $0.10 a call. All handed on: 0.2 − 0.5.
    assert found.value_per_call_usd == pytest.approx(0.1, abs=0.01)
    assert found.large_per_call_usd == pytest.approx(-0.3)


def test_a_score_that_tells_nothing_is_no_better_than_chance() -> None:
    rng = np.random.default_rng(1)
    gaps = []
    for _ in range(40):
        small, large = (rng.random((2, 200)) < [[0.8], [0.9]]).astype(float)
        found = routing_curve(rng.random(200), small, large, rng)
        gaps.append(float((found.quality - found.by_chance).mean()))
    assert abs(np.mean(gaps)) < 2.5 * np.std(gaps) / np.sqrt(len(gaps)) + 0.002


def test_the_printed_value_is_what_new_cases_bring() -> None:
    rng = np.random.default_rng(2)
    found = (
        routing_curve(*world(rng, 150), rng, value_usd=0.1, extra_cost_usd=0.02).value_per_call_usd
        for _ in range(80)
    )
    printed = np.array([value for value in found if value is not None])
    assert printed.size == 80
    score = np.linspace(0.4, 1.0, 100_001)
    best = np.maximum(0.1 * (0.95 - score) - 0.02, 0.0).mean()  # the rule of who knows both chances
    assert np.mean(printed) <= best + 2.5 * np.std(printed) / np.sqrt(80)
    assert np.mean(printed) > 0.6 * best


def test_without_a_price_no_share_is_best() -> None:
    found = routing_curve(*world(np.random.default_rng(3), 60), np.random.default_rng(3))
    assert found.best_share is found.value_per_call_usd is None


def test_few_cases_are_not_enough() -> None:
    with pytest.raises(NotEnoughEvidenceError, match="29 cases; at least 30"):
        routing_curve(*world(np.random.default_rng(4), 29), np.random.default_rng(4))


def test_cases_of_one_cluster_are_judged_together() -> None:
    # Two clusters of equal cases and one that differs: whoever judged a case by its twins would know it already.
    rng = np.random.default_rng(5)
    score, small, large = world(rng, 60)
    twins = np.repeat(np.arange(20), 3)
    first = routing_curve(
        score[twins], small[twins], large[twins], np.random.default_rng(6), clusters=twins.tolist()
    )
    for cluster in range(20):
        assert np.ptp(first.gain[twins == cluster]) == 0  # equal cases, one fit
