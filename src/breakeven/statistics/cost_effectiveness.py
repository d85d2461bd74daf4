"""What more quality costs: incremental ratios, incremental benefit, and who is best at each value of a point.

Effects are what is bought (points of quality, errors avoided) and costs what is paid; ``value`` is what one unit of
effect is worth in the unit of cost. Terms as in health economics (Drummond and others, 2015; Fenwick, Claxton and
Sculpher, 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, IntArray, finite

__all__ = ["Acceptability", "IcerRow", "acceptability", "icers", "incremental_benefit"]

Status = Literal["frontier", "dominated", "extended dominance"]


@dataclass(frozen=True, kw_only=True)
class IcerRow:
    """One candidate in the table of incremental ratios."""

    name: str
    cost: float
    effect: float
    incremental_cost: float | None
    """Against the one before it on the frontier; None for the first, and off the frontier."""
    incremental_effect: float | None
    icer: float | None
    """Cost of one more unit of effect."""
    status: Status


def icers(names: Sequence[str], costs: npt.ArrayLike, effects: npt.ArrayLike) -> tuple[IcerRow, ...]:
    """The frontier by rising cost, then those off it: dominated (another is cheaper and as good), or extendedly.

    Extended dominance: a mix of two others is cheaper and as good, so its ratio is above that of the next.
    """
    cost, effect = finite(costs, "costs"), finite(effects, "effects")
    if not cost.shape == effect.shape == (len(names),):
        raise InputError(
            f"icers: {len(names)} names, costs {cost.shape}, effects {effect.shape}; one each a name"
        )
    order = sorted(range(len(names)), key=lambda k: (cost[k], -effect[k]))
    strong: list[int] = []
    for k in order:
        if not strong or effect[k] > effect[strong[-1]]:
            strong.append(k)
    frontier = _hull(strong, cost, effect)
    off = [k for k in order if k not in frontier]
    rows = [_row(names, cost, effect, frontier[at - 1] if at else None, k) for at, k in enumerate(frontier)]
    rows += [
        IcerRow(
            name=names[k], cost=float(cost[k]), effect=float(effect[k]), incremental_cost=None,
            incremental_effect=None, icer=None, status="extended dominance" if k in strong else "dominated",
        )
        for k in off
    ]  # fmt: skip
    return tuple(rows)


def _hull(strong: list[int], cost: FloatArray, effect: FloatArray) -> list[int]:
    """Those whose ratios rise from one to the next."""
    kept: list[int] = []
    for k in strong:
        while len(kept) >= 2 and _ratio(kept[-1], k, cost, effect) <= _ratio(
            kept[-2], kept[-1], cost, effect
        ):
            kept.pop()
        kept.append(k)
    return kept


def _ratio(low: int, high: int, cost: FloatArray, effect: FloatArray) -> float:
    return float((cost[high] - cost[low]) / (effect[high] - effect[low]))


def _row(names: Sequence[str], cost: FloatArray, effect: FloatArray, before: int | None, k: int) -> IcerRow:
    pair = None if before is None else (cost[k] - cost[before], effect[k] - effect[before])
    return IcerRow(
        name=names[k], cost=float(cost[k]), effect=float(effect[k]),
        incremental_cost=None if pair is None else float(pair[0]),
        incremental_effect=None if pair is None else float(pair[1]),
        icer=None if pair is None else float(pair[0] / pair[1]), status="frontier",
    )  # fmt: skip


def incremental_benefit(
    incremental_effect: npt.ArrayLike, incremental_cost: npt.ArrayLike, values: npt.ArrayLike
) -> FloatArray:
    """Value·Δeffect − Δcost in each draw, shape (values, draws)."""
    effect, cost = finite(incremental_effect, "effect"), finite(incremental_cost, "cost")
    return np.asarray(np.multiply.outer(finite(values, "values"), effect) - cost)


@dataclass(frozen=True, kw_only=True)
class Acceptability:
    """Who is best at each value of a unit of effect."""

    values: FloatArray
    """(g,)."""
    p_best: FloatArray
    """(g, C) share of draws in which each candidate is best; ties are shared. The acceptability curves (CEAC)."""
    expected: FloatArray
    """(g, C) expected net benefit."""
    frontier: IntArray
    """(g,) the candidate with the highest *expected* net benefit, which need not be best in most draws."""
    p_frontier: FloatArray
    """(g,) its share of draws: the acceptability frontier (CEAF)."""
    evpi: FloatArray
    """(g,) expected value of perfect information at each value."""


def acceptability(effects: npt.ArrayLike, costs: npt.ArrayLike, values: npt.ArrayLike) -> Acceptability:
    """Acceptability curves with their frontier, from (n, C) draws of effects and costs, at each of ``values``."""
    effect, cost, grid = finite(effects, "effects"), finite(costs, "costs"), finite(values, "values").ravel()
    if effect.shape != cost.shape or effect.ndim != 2:
        raise InputError(f"effects {effect.shape} and costs {cost.shape}: (n_draws, n_candidates) for both")
    p_best, expected = np.empty((2, grid.size, effect.shape[1]))
    most = np.empty(grid.size)
    for at, value in enumerate(grid):
        benefit = value * effect - cost
        best = benefit.max(axis=1)
        ties = benefit == best[:, None]
        p_best[at] = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
        expected[at], most[at] = benefit.mean(axis=0), best.mean()
    frontier = expected.argmax(axis=1)
    return Acceptability(
        values=grid, p_best=p_best, expected=expected, frontier=frontier,
        p_frontier=p_best[np.arange(grid.size), frontier],
        evpi=np.maximum(0.0, most - expected.max(axis=1)),
    )  # fmt: skip
