"""Many studies at once: each one's next step, ranked by what it gains for a dollar, chosen under one budget."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from breakeven.advice.decision import Decision

__all__ = ["NextStep", "Portfolio", "choose", "next_step", "portfolio"]

_EXACT: Final = 18
"""Steps up to which every combination is tried; for more, the best for a dollar first."""

Kind = Literal["buy", "switch", "keep"]


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to do next in one study."""

    study: str
    where: str
    """The study's folder, as given."""
    kind: Kind
    what: str
    gain_usd: float
    """Expected, with its cost already taken off."""
    cost_usd: float
    """What it asks of the budget now."""
    then_usd: float
    """Expected net benefit over today's of the answer as it stands: what the step leads to."""
    enough_evidence: bool

    @property
    def per_dollar(self) -> float:
        """Gain for a dollar; inf for what costs nothing and gains."""
        if self.cost_usd > 0:
            return self.gain_usd / self.cost_usd
        return math.inf if self.gain_usd > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """All next steps by gain per dollar, with those to take."""

    steps: tuple[NextStep, ...]
    taken: tuple[bool, ...]
    because: tuple[str, ...]
    """Why a step is left out; empty for those taken."""
    budget_usd: float | None
    """None: no limit."""
    unread: Mapping[str, str]
    """Studies that could not be read, with the reason."""

    @property
    def cost_usd(self) -> float:
        """Of the steps taken."""
        return sum(s.cost_usd for s, taken in zip(self.steps, self.taken, strict=True) if taken)

    @property
    def gain_usd(self) -> float:
        """Of the steps taken."""
        return sum(s.gain_usd for s, taken in zip(self.steps, self.taken, strict=True) if taken)


def next_step(decision: Decision, where: str) -> NextStep:
    """Buy what is worth buying; else build the answer; else nothing."""
    leader = decision.candidates[decision.recommendation.candidate]
    then = leader.net_benefit_vs_today.mean
    purchase = decision.purchase
    kind: Kind
    if purchase is not None and purchase.cost_usd is not None and purchase.net_usd is not None:
        kind, what, gain, cost = "buy", purchase.what, purchase.net_usd, purchase.cost_usd
    elif leader.name != decision.today:
        kind, what, gain, cost = "switch", f"switch to {leader.name}", then, leader.upfront.mean
    else:
        kind, what, gain, cost = "keep", f"keep {leader.name}", 0.0, 0.0
    return NextStep(
        study=decision.study, where=where, kind=kind, what=what, gain_usd=gain, cost_usd=max(cost, 0.0), then_usd=then,
        enough_evidence=decision.recommendation.enough_evidence,
    )  # fmt: skip


def portfolio(
    decisions: Mapping[str, Decision],
    *,
    budget_usd: float | None = None,
    unread: Mapping[str, str] | None = None,
) -> Portfolio:
    """Rank and choose; ``decisions`` by the studies' folders."""
    found = [next_step(decision, where) for where, decision in decisions.items()]
    steps = sorted(found, key=lambda s: (s.kind == "keep", -s.per_dollar, -s.gain_usd, s.where))
    able = [k for k, s in enumerate(steps) if s.kind != "keep" and s.gain_usd > 0]
    gains, costs = [steps[k].gain_usd for k in able], [steps[k].cost_usd for k in able]
    chosen = {able[k] for k in choose(gains, costs, budget_usd)}
    left = math.inf if budget_usd is None else budget_usd - sum(steps[k].cost_usd for k in chosen)
    return Portfolio(
        steps=tuple(steps), taken=tuple(k in chosen for k in range(len(steps))),
        because=tuple("" if k in chosen else _because(s, left, budget_usd) for k, s in enumerate(steps)),
        budget_usd=budget_usd, unread=dict(unread or {}),
    )  # fmt: skip


def _because(step: NextStep, left: float, budget: float | None) -> str:
    if step.kind == "keep":
        return "nothing to buy or build: today's is best"
    if step.gain_usd <= 0:
        return "it gains nothing"
    if budget is not None and step.cost_usd > budget:
        return "dearer than the whole budget"
    return f"over budget: ${max(left, 0.0):,.0f} are left"


def choose(gains: Sequence[float], costs: Sequence[float], budget: float | None) -> frozenset[int]:
    """The steps with the highest sum of gains whose costs fit the budget; every gain is above 0.

    Exact up to 18 steps. Beyond, the best for a dollar first, or the single best where that gains more: never less than
    half of the best.
    """
    fits = [k for k, cost in enumerate(costs) if budget is None or cost <= budget]
    if budget is None or sum(costs[k] for k in fits) <= budget:
        return frozenset(fits)
    free = [k for k in fits if costs[k] <= 0]
    paid = [k for k in fits if costs[k] > 0]
    find = _best_of_all if len(paid) <= _EXACT else _greedy
    return frozenset(free) | find(paid, gains, costs, budget)


def _best_of_all(
    among: Sequence[int], gains: Sequence[float], costs: Sequence[float], budget: float
) -> frozenset[int]:
    sets = np.arange(2 ** len(among))
    cost, gain = np.zeros(sets.size), np.zeros(sets.size)
    for bit, k in enumerate(among):
        inside = (sets >> bit) & 1
        cost += inside * costs[k]
        gain += inside * gains[k]
    best = int(np.where(cost <= budget, gain, -np.inf).argmax())
    return frozenset(k for bit, k in enumerate(among) if best >> bit & 1)


def _greedy(
    among: Sequence[int], gains: Sequence[float], costs: Sequence[float], budget: float
) -> frozenset[int]:
    taken: set[int] = set()
    left = budget
    for k in sorted(among, key=lambda k: -gains[k] / costs[k]):
        if costs[k] <= left:
            taken.add(k)
            left -= costs[k]
    single = max(among, key=lambda k: gains[k])
    return frozenset(taken) if sum(gains[k] for k in taken) >= gains[single] else frozenset({single})
