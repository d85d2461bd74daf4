"""What will have been observed by the end of a month, draw by draw, with the noise of observing.

Nothing is learned for free about a model that nobody trained: its quality shows only in a pilot (``staging``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.options.plans import Plans
from breakeven.study.model import PriceSteps

__all__ = ["MONTHLY_NOISE", "Learning", "scored"]

MONTHLY_NOISE: Final = 0.05
"""Standard deviation of log volume from month to month around its trend: a guess."""
PRICE_NOISE: Final = 0.2
"""Of a log price index after a year around its trend: list prices move in steps, so a trend shows late. A guess."""


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What a feature shows while it runs."""

    cases_per_month: float = 50.0
    """Scored cases that arrive each month, for candidates that need no training."""
    names: Sequence[str] = ()
    """Those candidates."""

    def observed(self, plans: Plans, months: int, rng: np.random.Generator) -> Values:
        """What is known at the end of this month, shape (n, d); inputs that are points teach nothing."""
        columns = [
            *_volume(plans, months, rng),
            *_prices(plans, months, rng),
            *self._scores(plans, months, rng),
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((plans.draws.n, 0))

    def _scores(self, plans: Plans, months: int, rng: np.random.Generator) -> list[Values]:
        cases = self.cases_per_month * months
        known = [plans.quality(name) for name in self.names]
        return [scored(q, cases, rng) for q in known if cases > 0 and np.ptp(q) > 0]


def scored(share: Values, cases: float, rng: np.random.Generator) -> Values:
    """The share of right answers as seen on so many cases: normal, with the binomial's variance."""
    noise = rng.standard_normal(share.size)
    seen: Values = share + noise * np.sqrt(np.maximum(share * (1 - share), 0.0) / max(cases, 1.0))
    return seen


def _volume(plans: Plans, months: int, rng: np.random.Generator) -> list[Values]:
    """Level and slope of log volume, as a straight line through that many months shows them."""
    workload, n = plans.study.workload, plans.draws.n
    volume, growth = plans.draws[workload.volume], plans.draws[workload.growth]
    found = []
    if volume.size > 1:
        level = np.log(np.maximum(volume, 1e-9))
        found.append(level + rng.standard_normal(n) * MONTHLY_NOISE / np.sqrt(months))
    if growth.size > 1 and months > 1:
        slope = MONTHLY_NOISE * np.sqrt(12 / (months * (months**2 - 1)))
        found.append(np.log1p(growth) + rng.standard_normal(n) * slope)
    return found


def _prices(plans: Plans, months: int, rng: np.random.Generator) -> list[Values]:
    """Each provider's log price index: as listed where it jumps, with noise around a trend."""
    study, at = plans.study, min(months, plans.study.horizon_months - 1)
    found = []
    used = {
        c.prices.provider for c in study.candidates.values() if c.prices is not None and c.per_call is None
    }
    for provider in sorted(used):
        index = plans.schedules.price_index(provider)
        if index.shape[1] == 1:
            continue
        seen = np.log(index[at])
        change = study.price_change.get(provider) or study.price_change.get("*")
        if not isinstance(change, PriceSteps):
            seen = seen + rng.standard_normal(seen.size) * PRICE_NOISE * np.sqrt(months / 12)
        found.append(seen)
    return found
