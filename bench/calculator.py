"""The published three-year calculator of document 004, told month by month: one Python function, called for each draw.

The document multiplies one month by 36. To answer the same question as a simulation it needs what changes from month to
month, so calls grow, prices move and money is discounted; nothing else is added. It knows five cost lines: input and
output tokens, what is paid to begin, hosting, and retraining.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breakeven.beliefs import Belief, Draws
from breakeven.study.model import PriceSteps, Study

__all__ = ["Answer", "Arguments", "arguments", "calculate", "loop_over_draws"]

Arguments = Mapping[str, float]
"""What ``calculate`` takes."""


@dataclass(frozen=True)
class Answer:
    """One candidate in one draw."""

    cost_usd: float
    """Discounted, over the horizon."""
    cumulative_usd: Sequence[float]
    """At each month's end."""


def calculate(
    months: int,
    *,
    calls: float,
    growth: float,
    tokens_in: float,
    tokens_out: float,
    usd_per_mtok_in: float,
    usd_per_mtok_out: float,
    price_change: float,
    upfront_usd: float,
    hosting_usd_per_month: float,
    retrain_every_months: float,
    retraining_usd: float,
    discount: float,
) -> Answer:
    """What one candidate costs, month by month."""
    total, path = upfront_usd, []
    for month in range(months):
        monthly_calls = calls * (1 + growth) ** month
        price_index = (1 + price_change) ** (month / 12)
        input_usd = monthly_calls * tokens_in / 1_000_000 * usd_per_mtok_in * price_index
        output_usd = monthly_calls * tokens_out / 1_000_000 * usd_per_mtok_out * price_index
        retrained = (month + 1) % retrain_every_months == 0
        monthly_usd = input_usd + output_usd + hosting_usd_per_month + (retraining_usd if retrained else 0)
        total += monthly_usd / (1 + discount) ** (month / 12)
        path.append(total)
    return Answer(total, path)


def loop_over_draws(
    study: Study, candidates: Mapping[str, Sequence[Arguments]]
) -> dict[str, tuple[list[float], list[int | None]]]:
    """For each candidate the cost in every draw, and the month from which it has cost less than today's for good."""
    found: dict[str, tuple[list[float], list[int | None]]] = {name: ([], []) for name in candidates}
    for draw in range(len(candidates[study.today])):
        answers = {name: calculate(study.horizon_months, **each[draw]) for name, each in candidates.items()}
        for name, answer in answers.items():
            costs, break_evens = found[name]
            costs.append(answer.cost_usd)
            break_evens.append(_break_even(answer.cumulative_usd, answers[study.today].cumulative_usd))
    return found


def _break_even(ours: Sequence[float], todays: Sequence[float]) -> int | None:
    month = len(ours)
    while month and ours[month - 1] <= todays[month - 1]:
        month -= 1
    return None if month == len(ours) else month


def arguments(study: Study, draws: Draws, name: str) -> list[Arguments]:
    """One candidate's arguments, a mapping for each draw."""
    c = study.candidates[name]
    assert c.prices is not None
    assert c.tokens is not None
    beliefs = {
        "calls": study.workload.volume,
        "growth": study.workload.growth,
        "tokens_in": c.tokens.input,
        "tokens_out": c.tokens.output,
        "usd_per_mtok_in": c.prices.input,
        "usd_per_mtok_out": c.prices.output,
        "price_change": study.price_change["*"],
        "upfront_usd": c.upfront,
        "hosting_usd_per_month": c.hosting.usd_per_month if c.hosting else None,
        "retraining_usd": c.retraining.event_usd if c.retraining else None,
        "discount": study.discount,
    }
    columns = {key: _column(draws, belief) for key, belief in beliefs.items()}
    every = c.retraining.every_months if c.retraining else None
    columns["retrain_every_months"] = [float(every or 10**6)] * draws.n
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _column(draws: Draws, belief: Belief | PriceSteps | None) -> list[float]:
    assert isinstance(belief, Belief)
    values: list[float] = np.broadcast_to(draws[belief], (draws.n,)).tolist()
    return values
