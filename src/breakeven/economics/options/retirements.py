"""What happens when a base model retires: the forced move, its cost, and whether to leave instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.options.plans import Phase, Plans, parts_of, serves_until
from breakeven.economics.world import DriverKind
from breakeven.study.model import Study

__all__ = ["Retirement", "month_start", "retirements"]


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """One date on which a candidate's model stops answering."""

    candidate: str
    model: str
    month: int
    """Counted from the study's first."""
    date: dt.date
    """The day where it is known, else the first of its month."""
    kind: Literal["announced", "expected", "stops"]
    """announced; expected of a successor, from published lifetimes; stops: its host trains no successor."""
    move_usd: Values | None
    """(n,) or (1,), undiscounted: the forced migration; None where moving is within a prompt's upkeep."""
    leave_for: str | None
    """The candidate that would be best from that month on; None where moving on is."""
    leave_usd: float
    """What leaving earns over moving, expected; 0 where moving on is best."""
    p_leave: float
    """Probability that leaving earns more."""


def month_start(study: Study, month: int) -> dt.date:
    """The first day of a month of the study."""
    months = study.start.year * 12 + study.start.month - 1 + month - 1
    return dt.date(months // 12, months % 12 + 1, 1)


def retirements(plans: Plans, names: Sequence[str]) -> tuple[Retirement, ...]:
    """Every retirement of these candidates inside the horizon, by date; ``names`` may also be left for."""
    found = [r for name in names for r in _of(plans, name, [other for other in names if other != name])]
    return tuple(sorted(found, key=lambda r: (r.month, r.candidate)))


def _of(plans: Plans, name: str, others: Sequence[str]) -> list[Retirement]:
    study = plans.study
    c = study.candidates[name]
    retires_on = None if c.prices is None else c.prices.retires_on
    model = "its model" if c.prices is None else c.prices.key
    rows: list[tuple[int, Literal["announced", "expected", "stops"]]] = [
        (month, "expected" if k else "announced") for k, month in enumerate(c.migration_months)
    ]
    if c.ends_month is not None and c.ends_month <= study.horizon_months:
        rows = [(c.ends_month, "stops")]
    elif not rows and retires_on is not None and 1 < _month_of(study, retires_on) <= study.horizon_months:
        rows = [(_month_of(study, retires_on), "announced")]
    made = []
    for month, kind in rows:
        known = retires_on is not None and _month_of(study, retires_on) == month
        leave_for, usd, p = _leaving(plans, name, others, month, must=kind == "stops")
        made.append(
            Retirement(
                candidate=name, model=model, month=month, kind=kind,
                date=retires_on if known and retires_on is not None else month_start(study, month),
                move_usd=_move(plans, name) if c.migration_months and kind != "stops" else None,
                leave_for=leave_for, leave_usd=usd, p_leave=p,
            )
        )  # fmt: skip
    return made


def _month_of(study: Study, day: dt.date) -> int:
    return (day.year - study.start.year) * 12 + day.month - study.start.month + 1


def _move(plans: Plans, name: str) -> Values:
    paid = plans.paid(name)
    return sum((r for d, r in paid.items() if d.kind is DriverKind.MIGRATE and d.of == name), np.zeros(1))


def _leaving(
    plans: Plans, name: str, others: Sequence[str], month: int, *, must: bool
) -> tuple[str | None, float, float]:
    """The best other candidate from this month on, what it earns over moving, and how surely."""
    study = plans.study
    able = [
        o for o in others if serves_until(study, o) >= study.horizon_months and name not in parts_of(study, o)
    ]
    if not able or month < 2:
        return None, 0.0, 0.0
    stay = plans.net_benefit(Phase(candidate=name))
    gains = {
        o: plans.net_benefit(Phase(candidate=name, last=month - 1), Phase(candidate=o, first=month)) - stay
        for o in able
    }
    best = max(gains, key=lambda o: float(gains[o].mean()))
    gain, p = float(gains[best].mean()), float(np.mean(gains[best] > 0))
    if must:
        return best, gain, 1.0
    return (best, gain, p) if gain > 0 else (None, 0.0, p)
