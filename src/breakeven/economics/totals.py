"""Totals over the horizon without their months: what sensitivity and break-even volume are computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.beliefs import Draws, Values
from breakeven.economics.bill import bill
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.quality import mean_quality
from breakeven.economics.simulation import by_driver, settle_commitments
from breakeven.economics.world import SCALE_WITH_CALLS, Driver, DriverKind, Schedules, World
from breakeven.study.model import Study

__all__ = ["Totals", "break_even_volume", "inputs_of", "net_benefits", "totals"]

GROWING: Final = frozenset({DriverKind.REPLICAS, DriverKind.SHORTFALL})
"""Drivers that follow volume, but not in proportion."""
SMALLEST, LARGEST, STEPS = 1e-5, 1e6, 45
"""The multiples of today's volume between which a break-even is sought, where costs step."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """One candidate's discounted totals, each (n,) or (1,)."""

    fixed: Values
    """Cost whatever the volume."""
    variable: Values
    """Cost in proportion to volume, at the study's volume."""
    stepped: Values
    """Cost that follows volume in steps, at the study's volume."""
    consequence: Values
    value: Values
    has_steps: bool

    @property
    def cost(self) -> Values:
        """What is paid."""
        return self.fixed + self.variable + self.stepped

    @property
    def net_benefit(self) -> Values:
        """Value − consequences − cost."""
        return self.value - self.consequence - self.cost


def totals(world: World, schedules: Schedules, lines: Sequence[CostLine] = COST_LINES) -> Totals:
    """The totals of one candidate on one set of draws."""
    paid, suffered = by_driver(bill(world, lines), lines)
    settle_commitments(world, paid, schedules)
    steps = {d: r for d, r in paid.items() if d.kind in GROWING}
    calls = {d: r for d, r in paid.items() if d.kind in SCALE_WITH_CALLS}
    rest = {d: r for d, r in paid.items() if d not in steps and d not in calls}
    worth = np.zeros(1)
    if world.study.workload.value is not None:
        served = (schedules.growth * schedules.discount).sum(axis=0)
        worth = world[world.study.workload.value] * mean_quality(world, schedules) * world.volume * served
    return Totals(
        fixed=_sum(schedules, rest), variable=_sum(schedules, calls), stepped=_sum(schedules, steps),
        consequence=_sum(schedules, suffered), value=worth, has_steps=bool(steps),
    )  # fmt: skip


def _sum(schedules: Schedules, rates: Mapping[Driver, Values]) -> Values:
    total = np.zeros(1)
    for driver, rate in rates.items():
        total = total + schedules.discounted(driver) * rate
    return total


def net_benefits(
    study: Study, draws: Draws, names: Sequence[str], lines: Sequence[CostLine] = COST_LINES
) -> Values:
    """Net benefit of each named candidate, shape (n, len(names))."""
    schedules = Schedules(study, draws)
    columns = [
        totals(World(study, study.candidates[name], draws), schedules, lines).net_benefit for name in names
    ]
    return np.stack([np.broadcast_to(column, (draws.n,)) for column in columns], axis=1)


def inputs_of(
    study: Study, draws: Draws, name: str, lines: Sequence[CostLine] = COST_LINES
) -> frozenset[str]:
    """The names of the inputs that one candidate's net benefit is computed from."""
    watched, seen = draws.first(2).touched()
    totals(World(study, study.candidates[name], watched), Schedules(study, watched), lines)
    return frozenset(seen)


def break_even_volume(
    study: Study, draws: Draws, name: str, lines: Sequence[CostLine] = COST_LINES
) -> Values:
    """Calls a month from which the candidate costs less than today's over the horizon, shape (n,).

    0 where it is cheaper at any volume, inf where no volume makes it cheaper. Exact where costs are proportional to
    volume; where they step (GPU replicas, commitments) the last crossing, by bisection, up to a million times today's.
    """
    ours, todays = (_at_volume(study, draws, n, lines) for n in (name, study.today))
    volume = np.broadcast_to(draws[study.workload.volume], (draws.n,))
    if ours.has_steps or todays.has_steps:
        return volume * _last_crossing(study, draws, name, lines)
    dearer_fixed = ours.fixed - todays.fixed
    saved = todays.variable - ours.variable
    multiple = np.where(saved > 0, np.maximum(dearer_fixed, 0.0) / np.where(saved > 0, saved, 1.0), np.inf)
    multiple = np.where((saved <= 0) & (dearer_fixed <= 0) & (saved == 0), 0.0, multiple)
    found: Values = volume * np.broadcast_to(multiple, (draws.n,))
    return found


def _at_volume(study: Study, draws: Draws, name: str, lines: Sequence[CostLine]) -> Totals:
    return totals(World(study, study.candidates[name], draws), Schedules(study, draws), lines)


def _last_crossing(study: Study, draws: Draws, name: str, lines: Sequence[CostLine]) -> Values:
    """The multiple of volume above which the candidate stays cheaper, (n,)."""

    def dearer(multiple: Values) -> Values:
        volume = study.workload.volume
        scaled = draws.with_values(volume.name, draws[volume] * multiple)
        ours, todays = (_at_volume(study, scaled, n, lines) for n in (name, study.today))
        found: Values = np.broadcast_to(ours.cost - todays.cost, (draws.n,))
        return found

    grid = np.geomspace(SMALLEST, LARGEST, STEPS)
    above = np.stack([dearer(np.full(draws.n, multiple)) > 0 for multiple in grid])
    last = np.where(above.any(axis=0), STEPS - 1 - np.argmax(above[::-1], axis=0), -1)
    low, high = grid[np.maximum(last, 0)], grid[np.minimum(last + 1, STEPS - 1)]
    for _ in range(40):
        middle = np.sqrt(low * high)
        is_dearer = dearer(middle) > 0
        low, high = np.where(is_dearer, middle, low), np.where(is_dearer, high, middle)
    found: Values = np.where(last < 0, 0.0, np.where(last == STEPS - 1, np.inf, high))
    return found
