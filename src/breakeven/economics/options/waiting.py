"""The value of waiting: commit now, or keep today's candidate for some months and choose then.

Net = delay + information. Delay: the best choice that can be made without looking, taken later instead of now (what is
forgone meanwhile, or saved). Information: what looking before choosing adds; never below zero, as it can be ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.options.learning import Learning
from breakeven.economics.options.least_squares import Exercise, exercise
from breakeven.economics.options.plans import Phase, Plans, serves_until

__all__ = ["MONTHS", "Waiting", "value_of_waiting", "wait_values"]

MONTHS: Final = (3, 6, 12)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Waiting against committing now, in expected dollars of net benefit."""

    months: int | None
    """How long; None: at the latest of all dates, sooner where it pays by then."""
    value_usd: float
    information_usd: float
    delay_usd: float
    error_usd: float
    """Monte Carlo's standard error of the value."""
    p_changes: float
    """Probability that what is learned leads to another choice than the best made without looking."""
    then: str
    """The choice that would most often be made then."""


def value_of_waiting(
    plans: Plans, names: Sequence[str], commit: Values, learning: Learning, rng: np.random.Generator,
    months: Sequence[int] = MONTHS,
) -> tuple[Waiting, ...]:  # fmt: skip
    """Waiting for each of these months, and for the best of them as it turns out.

    names: what may be chosen, now or later. commit: (n,) net benefit of the choice made now. Months in which today's
    candidate no longer serves, and those past the horizon, are left out.
    """
    today, horizon = plans.study.today, plans.study.horizon_months
    last = min(serves_until(plans.study, today), horizon - 1)
    dates = [k for k in months if k <= last]
    if not dates or not names:
        return ()
    payoffs = np.stack([_payoffs(plans, names, k) for k in dates])
    states = [learning.observed(plans, k, rng) for k in dates]
    found = [
        wait_values(payoffs[[k]], states[k : k + 1], commit, names, months=date)
        for k, date in enumerate(dates)
    ]
    if len(dates) > 1:
        found.append(wait_values(payoffs, states, commit, names, months=None))
    return tuple(found)


def _payoffs(plans: Plans, names: Sequence[str], months: int) -> Values:
    """(n, names) net benefit of today's candidate for that long and then each of these."""
    today = plans.study.today
    columns = [
        plans.net_benefit(Phase(candidate=today))
        if name == today
        else plans.net_benefit(Phase(candidate=today, last=months), Phase(candidate=name, first=months + 1))
        for name in names
    ]
    return np.stack(columns, axis=1)


def wait_values(
    payoffs: Values, states: Sequence[Values], commit: Values, names: Sequence[str], *, months: int | None
) -> Waiting:
    """The split into information and delay; payoffs (dates, n, names), states for each date (n, d)."""
    means = payoffs.mean(axis=1)
    blind_date, blind = np.unravel_index(int(means.argmax()), means.shape)
    fixed = payoffs[blind_date, :, blind]
    found = exercise(payoffs, states)
    delay = float((fixed - commit).mean())
    if found.value < float(fixed.mean()):  # what is learned misleads no one who may ignore it
        found = _blindly(fixed, int(blind_date), int(blind))
    gain = found.earned - commit
    most = int(np.bincount(found.action, minlength=len(names)).argmax())
    return Waiting(
        months=months, value_usd=float(gain.mean()), information_usd=float((found.earned - fixed).mean()),
        delay_usd=delay, error_usd=float(gain.std(ddof=1) / np.sqrt(gain.size)) if gain.size > 1 else 0.0,
        p_changes=float(np.mean(found.action != blind)), then=names[most],
    )  # fmt: skip


def _blindly(fixed: Values, date: int, action: int) -> Exercise:
    return Exercise(
        earned=fixed,
        date=np.full(fixed.size, date, dtype=np.intp),
        action=np.full(fixed.size, action, dtype=np.intp),
    )
