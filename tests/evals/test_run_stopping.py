"""Stopping early: seldom by mistake, never by an unfair look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.planning import Ask
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.stopping import EarlyStop, Settled


@dataclass
class Named:
    name: str


@dataclass
class FakeSuite:
    """As much of a suite as the watch looks at."""

    cases: Any
    candidates: tuple[Named, ...] = (Named("a"), Named("b"))
    repeats: int = 1


@dataclass
class Some:
    cases: tuple[Case, ...]


def suite_of(n: int, *, clusters: int | None = None) -> Any:
    cluster = (lambda k: f"g{k % clusters}") if clusters else (lambda k: None)
    return FakeSuite(cases=Some(tuple(Case(id=f"c{k}", variables={}, cluster=cluster(k)) for k in range(n))))


def done(a: list[float | None], b: list[float | None]) -> dict[Ask, Scored | str | None]:
    found: dict[Ask, Scored | str | None] = {}
    for name, scores in (("a", a), ("b", b)):
        for k, score in enumerate(scores):
            ask = Ask(candidate=name, case=k, repeat=1)
            found[ask] = None if score is None else Scored(score=score)
    return found


def look(
    n: int, a: list[float | None], b: list[float | None], *, clusters: int | None = None
) -> Settled | None:
    return EarlyStop(suite_of(n, clusters=clusters), range(n)).look(done(a, b))


def test_nine_wins_settle_it_and_eight_do_not() -> None:
    # One-sided, E(n wins, 0 losses) = (2^(n+1) - 1) / (n + 1): 2^n times the mean of θ^n over (½, 1). Against it,
    # E(0, n) = 1 / (n + 1). Half of each: n = 7 gives (255/8 + 1/8) / 2 = 16, n = 8 gives (511/9 + 1/9) / 2 = 28.4.
    assert look(7, [1.0] * 7, [0.0] * 7) is None
    found = look(8, [0.0] * 8, [1.0] * 8)
    assert found is not None
    assert (found.better, found.wins, found.losses, found.cases) == ("b", 8, 0, 8)
    assert found.e_value == pytest.approx((511 / 9 + 1 / 9) / 2)


def test_what_comes_out_of_turn_waits() -> None:
    watch = EarlyStop(suite_of(20), range(20))
    everything = done([1.0] * 20, [0.0] * 20)
    first = Ask(candidate="a", case=0, repeat=1)
    late = {ask: score for ask, score in everything.items() if ask != first}
    assert watch.look(late) is None
    assert watch.look(everything) is not None


def test_cases_of_one_cluster_count_once_and_unscored_ones_not_at_all() -> None:
    assert look(40, [1.0] * 40, [0.0] * 40, clusters=4) is None
    assert look(40, [None] * 40, [0.0] * 40) is None


def test_equal_candidates_are_seldom_told_apart() -> None:
    """Looked at after each of 200 cases; the nominal rate of false alarms is at most 5%."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        a, b = (rng.random((2, 200)) < 0.8).astype(float).tolist()
        alarms += look(200, a, b) is not None
    # 300 runs at 5%: 15 expected at most, and more than 24 in fewer than 1 of 100 tries.
    assert alarms <= 24


def test_it_needs_two_candidates() -> None:
    suite = suite_of(3)
    suite.candidates = (Named("a"),)
    with pytest.raises(EvidenceError, match="two are compared"):
        EarlyStop(suite, range(3))
