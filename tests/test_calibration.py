"""What `decide` states comes true in simulated worlds: a small run of `bench.calibration` with a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from bench.calibration import Held, Stated, World, deciles, held_by_interval, statements, worlds

N_WORLDS = 18


@cache
def simulated() -> tuple[tuple[Stated, ...], tuple[Held, ...]]:
    found = [statements(_quick(world, k)) for k, world in enumerate(worlds(N_WORLDS, seed=7))]
    return tuple(s for some, _ in found for s in some), tuple(h for _, some in found for h in some)


def _quick(world: World, k: int) -> World:
    """One in six with logs, of few days: reading them takes most of the time."""
    return replace(world, days=9 if k % 6 == 0 else 0)


def _surprise(found: Sequence[Stated]) -> float:
    """Mean log loss less what the stated probabilities themselves expect, in standard errors; about 0 when honest."""
    p = np.clip([s.p for s in found], 0.005, 0.995)
    true = np.array([s.true for s in found])
    loss = -np.where(true, np.log(p), np.log(1 - p))
    expected = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    variance = p * (1 - p) * np.log(p / (1 - p)) ** 2
    # A world's ten statements hang together: they count as three.
    return float((loss - expected).sum() / np.sqrt(variance.sum() * 10 / 3))


def test_what_is_stated_comes_true() -> None:
    stated, held = simulated()
    assert len(stated) == 10 * N_WORLDS
    assert abs(_surprise(stated)) < 3
    for estimate in held_by_interval(held).values():
        assert estimate.high is not None
        assert estimate.high > 0.85
        assert estimate.value > 0.75


def test_the_check_notices_statements_that_are_too_sure() -> None:
    stated, _ = simulated()
    sharper = [replace(s, p=s.p**4 / (s.p**4 + (1 - s.p) ** 4)) for s in stated]
    turned = [replace(s, p=1 - s.p) for s in stated]
    assert _surprise(sharper) > 2 * max(_surprise(stated), 1)
    assert _surprise(turned) > 5


def test_tenths_by_hand() -> None:
    found = [
        Stated(what="x", p=p, true=t) for p, t in [(0.0, False), (0.05, True), (0.62, True), (1.0, True)]
    ]
    low, middle, high = deciles(found)
    assert (low.stated, low.seen.value, low.seen.n) == (0.025, 0.5, 2)
    assert middle.off == pytest.approx(0.38)
    assert high.off == 0
