"""What the decision's pictures show besides its tables, from the decision's own draws and the evidence it read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from breakeven.advice.plot_types import AcceptabilityGrid
from breakeven.advice.ranking import Ranking, can_serve
from breakeven.beliefs import Belief, Draws, Values
from breakeven.economics.outcome import Outcome
from breakeven.statistics.cost_effectiveness import IcerRow, acceptability, icers
from breakeven.statistics.regret import cvar, regrets
from breakeven.study.model import Study

__all__ = ["acceptability_grids", "bad_end_of_regret", "discounted_calls", "icer_rows"]

STEPS: Final = 41
GRID_DRAWS: Final = 2000
FEWEST_DRAWS: Final = 100
TAIL: Final = 0.95
"""The worst twentieth of draws."""
TAIL_DRAWS: Final = 20_000
FAR: Final = 5.0
"""How far beyond what is believed a crossing is still shown."""


def bad_end_of_regret(ranking: Ranking) -> dict[str, float]:
    """Mean regret of each candidate in the worst twentieth of draws (CVaR), against those that may be chosen."""
    benefits = ranking.benefits[:TAIL_DRAWS]
    able = list(ranking.eligible)
    if benefits.shape[0] < FEWEST_DRAWS:
        return {}
    ends = cvar(regrets(benefits[:, able]), TAIL)
    names = [name for name, ok in zip(ranking.names, able, strict=True) if ok]
    return dict(zip(names, ends.tolist(), strict=True))


def icer_rows(outcome: Outcome) -> tuple[IcerRow, ...]:
    """What one more point of quality costs from one candidate to the next, on the means; with dominance."""
    all_ = list(outcome.candidates.values())
    costs = [float(np.mean(c.cost_usd)) for c in all_]
    points = [100 * float(np.mean(c.quality)) for c in all_]
    if len(all_) < 2 or not np.isfinite([*costs, *points]).all():
        return ()
    return icers([c.name for c in all_], costs, points)


def discounted_calls(study: Study, draws: Draws) -> Values:
    """Calls over the horizon in each draw, later ones weighing less, (n,)."""
    growth, discount = draws[study.workload.growth], draws[study.discount]
    rate = (1 + growth) * (1 + discount) ** (-1 / 12)
    away = np.where(np.abs(rate - 1) < 1e-9, 1e-9, rate - 1)
    factor = ((1 + away) ** study.horizon_months - 1) / away
    return np.broadcast_to(draws[study.workload.volume] * factor, (draws.n,))


def acceptability_grids(
    study: Study, draws: Draws, outcome: Outcome, ranking: Ranking
) -> tuple[AcceptabilityGrid, ...]:
    """How often each candidate is best over the price of an error, and over the worth of a point of quality.

    Both from the same draws: net benefit without the price of errors, less the price times the wrong answers.
    """
    names = [name for name in can_serve(study) if name in ranking.names]
    if draws.n < FEWEST_DRAWS or len(names) < 2:
        return ()
    draws = draws.first(GRID_DRAWS)
    n, calls = draws.n, discounted_calls(study, draws)
    columns = [ranking.names.index(name) for name in names]
    quality = np.stack(
        [np.broadcast_to(outcome.candidates[k].quality, (outcome.n,))[:n] for k in names], axis=1
    )
    wrong = calls[:, None] * (1 - quality)
    stated = study.workload.error_cost
    now = np.zeros(n) if stated is None else np.broadcast_to(draws[stated], (n,))
    without = ranking.benefits[:n, columns] + now[:, None] * wrong
    if not np.isfinite(without).all():
        return ()
    prices = np.linspace(0.0, _top(without.mean(axis=0), wrong.mean(axis=0), stated), STEPS)
    per_point = 0.01 * float(calls.mean())
    believed = None if stated is None else (stated.low, float(now.mean()), stated.high)
    by_error = acceptability(-wrong, -without, prices)
    by_point = acceptability(100 * quality, -without, prices * per_point)
    worth = (
        None
        if believed is None
        else (believed[0] * per_point, believed[1] * per_point, believed[2] * per_point)
    )
    return (
        AcceptabilityGrid(
            over="error cost", names=tuple(names), values_usd=prices, p_best=by_error.p_best,
            frontier=tuple(names[k] for k in by_error.frontier), believed=believed,
        ),
        AcceptabilityGrid(
            over="value per point", names=tuple(names), values_usd=by_point.values, p_best=by_point.p_best,
            frontier=tuple(names[k] for k in by_point.frontier), believed=worth,
        ),
    )  # fmt: skip


def _top(benefit: Values, wrong: Values, stated: Belief | None) -> float:
    """Where the scale of prices ends: past what is believed, and past the last change of the frontier near it."""
    crossings = _crossings(benefit, wrong)
    if stated is not None and stated.high > 0:
        near = [k for k in crossings if k <= FAR * stated.high]
        return max(2 * stated.high, 1.5 * max(near, default=0.0))
    if crossings:
        return 2 * max(crossings)
    dear = float(np.abs(benefit).max() / max(float(wrong.max()), 1e-9))
    return dear or 1.0


def _crossings(benefit: Values, wrong: Values) -> list[float]:
    """Prices of an error at which the expected lead changes hands."""
    found: list[float] = []
    for a, b in combinations(range(benefit.size), 2):
        fewer = float(wrong[a] - wrong[b])
        price = float(benefit[a] - benefit[b]) / fewer if abs(fewer) > 1e-9 else -1.0
        if price > 0 and _leads_at(price, benefit, wrong, (a, b)):
            found.append(price)
    return found


def _leads_at(price: float, benefit: Values, wrong: Values, pair: Sequence[int]) -> bool:
    worth = benefit - price * wrong
    best = float(worth.max())
    return all(worth[k] >= best - 1e-9 * max(abs(best), 1.0) for k in pair)
