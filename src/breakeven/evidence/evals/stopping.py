"""Stopping early: two candidates watched case by case, until one is shown to be the better one.

Cases are looked at in the run's random order and only as far as all before them are done, so that fast answers are not
seen first. Of each cluster one case counts. The evidence is an e-value, which may be looked at after every case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.planning import Ask
from breakeven.evidence.evals.scorers import Scored
from breakeven.evidence.evals.suite import Suite
from breakeven.statistics import e_value

__all__ = ["ENOUGH", "EarlyStop", "Settled"]

ENOUGH = 20.0
"""The e-value that settles it: false in at most one of twenty runs in which both are equally good."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What was shown."""

    better: str
    worse: str
    e_value: float
    wins: int
    """Cases on which only the better one was right."""
    losses: int
    cases: int
    """Cases that were looked at."""


class EarlyStop:
    """Watches two candidates. ``look`` costs little, and may be called after every answer."""

    def __init__(self, suite: Suite, order: Sequence[int]) -> None:
        """order: the cases' positions, in the order in which they are asked. EvidenceError unless there are two."""
        if len(suite.candidates) != 2:
            message = f"{len(suite.candidates)} candidates: a run is stopped early where two are compared"
            raise EvidenceError(
                Problem(message=message, hint="leave --stop-early out, or run two candidates")
            )
        self._names = (suite.candidates[0].name, suite.candidates[1].name)
        self._cases = suite.cases.cases
        self._repeats = suite.repeats
        self._order = order
        self._at = 0
        self._wins = [0, 0]
        self._seen: set[str] = set()

    def look(self, done: Mapping[Ask, Scored | str | None]) -> Settled | None:
        """What is shown so far, if anything is. ``done``: each run that has ended, scored or not."""
        while self._at < len(self._order):
            position = self._order[self._at]
            runs = [self._runs(name, position) for name in self._names]
            if not all(ask in done for asks in runs for ask in asks):
                return None
            self._at += 1
            self._bet(position, [self._mean(asks, done) for asks in runs])
            found = self._settled()
            if found is not None:
                return found
        return None

    def _runs(self, name: str, position: int) -> list[Ask]:
        return [Ask(candidate=name, case=position, repeat=k + 1) for k in range(self._repeats)]

    def _mean(self, asks: list[Ask], done: Mapping[Ask, Scored | str | None]) -> float | None:
        scores = [it.score for ask in asks if isinstance(it := done[ask], Scored)]
        return sum(scores) / len(scores) if scores else None

    def _bet(self, position: int, means: list[float | None]) -> None:
        """Count a case on which they differ, unless its cluster has been counted."""
        a, b = means
        cluster = self._cases[position].cluster
        if a is None or b is None or a == b or cluster in self._seen:
            return
        if cluster is not None:
            self._seen.add(cluster)
        self._wins[0 if a > b else 1] += 1

    def _settled(self) -> Settled | None:
        """Two-sided: half the stake lies on each candidate."""
        first, second = self._wins
        evidence = (e_value(first, second) + e_value(second, first)) / 2
        if evidence < ENOUGH:
            return None
        better, worse = self._names if first > second else (self._names[1], self._names[0])
        return Settled(
            better=better, worse=worse, e_value=evidence, wins=max(first, second), losses=min(first, second),
            cases=self._at,
        )  # fmt: skip
