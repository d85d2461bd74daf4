"""What one can buy to know more: an offer says what it would show in each world, what it costs and how long it takes.

A ``PurchaseKind`` is one entry of the catalogue: from a study it makes offers. Adding one is adding one entry.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Draws, Values
from breakeven.economics.lines import COST_LINES
from breakeven.economics.lines.tokens import call_cost
from breakeven.economics.world import World
from breakeven.study.model import Candidate, Study

__all__ = ["CaseSet", "Finding", "Offer", "PurchaseKind", "Scene"]

SHARED_CASES: Final = 0.5
"""Share of eval cases that all candidates find equally easy or hard. Two candidates of 92% then disagree on 7% of
cases, as in published paired evals; were cases right or wrong independently it would be 15%."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One figure that a purchase would show."""

    words: str
    """As the rule says it: ``tuned gains``."""
    values: Values
    """(n,) what would be seen in each draw."""
    kind: str
    """Its kind of quantity, for showing: ``points``, ``share``, ``volume``."""
    on: str = ""
    """Where it is seen: ``over prompt on the same 200 cases``."""
    derived: bool = False
    """Whether it follows from the findings before it: for the rule's words only."""


@dataclass(frozen=True, kw_only=True)
class CaseSet:
    """Labelled cases that an offer has answered and scored. Two offers bought together share the larger set."""

    count: int
    label_usd: float
    """For each case, whoever answers it."""
    truths: Mapping[str, Values]
    """Who answers → true share of right answers, (n,)."""
    answer_usd: Mapping[str, float]
    """Who answers → what one answer costs, its judging included."""
    against: str = ""
    """Whose score the others are held against; empty: nobody's."""

    def usd(self, count: int) -> float:
        """What ``count`` such cases cost: labels, and everybody's answers."""
        return count * (self.label_usd + sum(self.answer_usd.values()))


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing that can be bought."""

    what: str
    """``200 more eval cases``; names it on the page and in JSON."""
    ask: str
    """How the answer asks for it: ``the {cost} pilot fine-tune of tuned``."""
    informs: tuple[str, ...]
    """The inputs that it narrows."""
    findings: tuple[Finding, ...]
    cost_usd: float | None
    """None: not known, see ``state``. Never zero for want of a figure."""
    days: float
    """Until its result is there."""
    state: tuple[str, ...] = ()
    """Fields of the study file that would price it."""
    if_useless: str = ""
    """Why it is worth nothing, where that can be said better than by the figures."""
    cases: CaseSet | None = None
    """What is scored for it, with the cost of that in ``cost_usd``: for buying it together with another."""


@dataclass(frozen=True, kw_only=True)
class PurchaseKind:
    """An entry of the catalogue."""

    key: str
    """Short and stable: ``eval-cases``."""
    title: str
    source: str
    """Where its precision is from."""
    offers: Callable[[Scene], Iterable[Offer]]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A study in the worlds that it was decided in, with what offers need to be simulated and priced."""

    study: Study
    draws: Draws
    qualities: Mapping[str, Values]
    """Share of right answers of each candidate, (n,)."""
    seed: int
    memory: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n(self) -> int:
        """Draws."""
        return self.draws.n

    def rng(self, key: str) -> np.random.Generator:
        """A stream of its own for each offer: adding one leaves the others as they were."""
        return np.random.default_rng(
            np.random.SeedSequence([self.seed, zlib.crc32(f"purchase: {key}".encode())])
        )

    def values(self, belief: Belief) -> Values:
        """(n,) draws of an input."""
        return np.broadcast_to(self.draws[belief], (self.n,))

    def mean(self, belief: Belief | None) -> float:
        """Its expected value; 0 where nothing is stated."""
        return 0.0 if belief is None else float(self.draws[belief].mean())

    def world(self, name: str, draws: Draws | None = None) -> World:
        """One candidate, as cost lines see it."""
        return World(study=self.study, candidate=self.study.candidates[name], draws=draws or self.draws)

    def line_usd(self, key: str, name: str, draws: Draws | None = None) -> float:
        """What one cost line charges a candidate once, in dollars."""
        line = next(line for line in COST_LINES if line.key == key)
        return sum(float(rate.mean()) for rate in line.terms(self.world(name, draws)).values())

    def call_usd(self, name: str) -> float:
        """What one call of a candidate costs; a hybrid pays both of its parts."""
        c = self.study.candidates[name]
        if c.kind == "hybrid" and c.small and c.large:
            return self.call_usd(c.small) + self.mean(c.escalate) * self.call_usd(c.large)
        return float(call_cost(self.world(name)).mean())

    def work_usd(self, hours: float) -> float:
        """What some hours cost, at the study's wage."""
        return hours * self.mean(self.study.wage)

    def knows_quality(self, name: str) -> bool:
        """Whether nothing is left to learn about how often it is right."""
        return self.is_certain(self.qualities[name])

    @staticmethod
    def is_certain(truth: Values) -> bool:
        """Whether a share is one and the same in all draws."""
        return bool(np.ptp(truth) < 1e-12)

    def can_be_asked(self, name: str) -> bool:
        """Whether it can answer a case today: a prompt, or a model that is there."""
        c = self.study.candidates[name]
        if c.kind in ("tuned", "classifier"):
            return exists(c)
        if c.kind == "hybrid" and c.small and c.large:
            return self.can_be_asked(c.small) and self.can_be_asked(c.large)
        return c.kind == "prompt"

    def label_usd(self) -> tuple[float | None, tuple[str, ...]]:
        """What a label on an eval case costs, and what to state where nothing says."""
        makers = [(name, c.training) for name, c in self.study.candidates.items() if c.training is not None]
        for _, training in makers:
            known = training.eval_label_cost or training.label_cost
            if self.mean(known) > 0:
                return self.mean(known), ()
        name = next(
            (n for n, c in self.study.candidates.items() if c.kind in ("tuned", "classifier")), "tuned"
        )
        return None, (f"candidates.{name}.label_cost",)


def exists(candidate: Candidate) -> bool:
    """Whether a tuned model or classifier was made already: it serves, or it was scored."""
    return candidate.trained_already or candidate.quality.n_cases is not None


def scored(qualities: Iterable[Values], cases: int, rng: np.random.Generator) -> list[Values]:
    """Shares of ``cases`` that candidates of these true qualities get right, each (n,).

    Each count is binomial. Half of the cases are equally hard for all: who is better gets those right that the other
    does, and more; the other half fall right or wrong for each alone. So a part of the error is shared and cancels in
    differences.
    """
    truths = [np.clip(q, 0.0, 1.0) for q in qualities]
    common = round(SHARED_CASES * cases)
    together = _nested(np.stack(truths, axis=1), common, rng)
    return [(together[:, k] + rng.binomial(cases - common, q)) / cases for k, q in enumerate(truths)]


def _nested(truths: Values, cases: int, rng: np.random.Generator) -> Values:
    """Counts on cases of one common difficulty: the better candidate's right answers hold those of the next."""
    order = np.argsort(-truths, axis=1)
    ranked = np.take_along_axis(truths, order, axis=1)
    counts = np.empty(truths.shape)
    left, above = np.full(truths.shape[0], cases), np.ones(truths.shape[0])
    for k in range(truths.shape[1]):
        left = rng.binomial(left, np.clip(ranked[:, k] / np.maximum(above, 1e-12), 0.0, 1.0))
        counts[:, k], above = left, ranked[:, k]
    found = np.empty(truths.shape)
    np.put_along_axis(found, order, counts, axis=1)
    return found
