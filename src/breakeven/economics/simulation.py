"""The simulation: every candidate on the same sampled worlds, in chunks that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from breakeven.beliefs import Draws, Values
from breakeven.economics.bill import Bill, bill
from breakeven.economics.break_even import crossing_months
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.economics.quality import mean_quality
from breakeven.economics.world import LUMPS, Driver, DriverKind, Schedules, World
from breakeven.study.model import Candidate, Study

__all__ = ["by_driver", "settle_commitments", "simulate"]

CHUNK: Final = 2048
"""Draws at a time: 36 months × 2,048 draws of 8 bytes are 0.6 MB, which a core's cache holds."""
KEPT: Final = 4000
"""Draws whose cumulative cost is kept for the fan."""


def simulate(
    study: Study, draws: Draws, *, lines: Sequence[CostLine] = COST_LINES, only: Sequence[str] | None = None
) -> Outcome:
    """All candidates (or ``only`` these and today's) on these draws.

    Deterministic when ``draws`` is ``study.centres()``. Cost is linear in draws × candidates, memory in draws.
    """
    names = [n for n in study.candidates if only is None or n in only or n == study.today]
    tallies = {name: _Tally(study, name, draws.n, lines) for name in names}
    for start in range(0, draws.n, CHUNK):
        part = draws.rows(start, start + CHUNK)
        schedules = Schedules(study, part)
        flows = {name: _flow(World(study, study.candidates[name], part), schedules, lines) for name in names}
        for name, tally in tallies.items():
            tally.add(start, flows[name], flows[study.today], schedules)
    return Outcome(
        n=draws.n,
        horizon_months=study.horizon_months,
        today=study.today,
        candidates={name: tally.outcome() for name, tally in tallies.items()},
    )


@dataclass(frozen=True, kw_only=True)
class _Flow:
    """One candidate's money in one chunk; shapes (horizon, n)."""

    bill: Bill
    quality: Values
    lumps: Values
    """Paid at the start of each month, undiscounted."""
    running: Values
    """Paid through each month, undiscounted."""
    cumulative: Values
    """Discounted, at each month's end."""
    once: Values
    """(n,) the part of the lumps that builds."""
    consequence: Values
    """(n,) discounted."""
    value: Values
    """(n,) discounted."""


def _flow(world: World, schedules: Schedules, lines: Sequence[CostLine]) -> _Flow:
    n, months = world.draws.n, world.study.horizon_months
    found = bill(world, lines)
    paid, consequences = by_driver(found, lines)
    settle_commitments(world, paid, schedules)
    discount = schedules.discount
    lumps = follow(schedules, {d: r for d, r in paid.items() if d.kind in LUMPS}, months, n)
    running = follow(schedules, {d: r for d, r in paid.items() if d.kind not in LUMPS}, months, n)
    once = sum((r for d, r in paid.items() if d.kind is DriverKind.ONCE), np.zeros(n))
    suffered = sum((schedules.discounted(d) * r for d, r in consequences.items()), np.zeros(n))
    quality = mean_quality(world, schedules)
    worth = world.get(world.study.workload.value) * quality * world.volume
    calls = (schedules.growth * discount).sum(axis=0)
    return _Flow(
        bill=found, quality=np.broadcast_to(quality, (n,)), lumps=lumps, running=running,
        cumulative=_running_sum((lumps + running) * discount), once=once,
        consequence=suffered, value=np.broadcast_to(worth * calls, (n,)),
    )  # fmt: skip


def by_driver(found: Bill, lines: Sequence[CostLine]) -> tuple[dict[Driver, Values], dict[Driver, Values]]:
    """The bill's rates summed by driver: what is paid, and what is suffered."""
    consequence = {line.key for line in lines if line.consequence}
    paid: dict[Driver, Values] = {}
    suffered: dict[Driver, Values] = {}
    for key, terms in found.items():
        into = suffered if key in consequence else paid
        for driver, rate in terms.items():
            into[driver] = into[driver] + rate if driver in into else rate
    return paid, suffered


def settle_commitments(world: World, paid: Mapping[Driver, Values], schedules: Schedules) -> None:
    """What a month's model bill stays under the commitment is only known once the bill is."""
    for driver in paid:
        commitment = world.study.candidates[driver.of].commitment if driver.kind is DriverKind.SHORTFALL else None
        if commitment is None:
            continue
        api = {d: r for d, r in paid.items() if d.kind is DriverKind.API}
        used = follow(schedules, api, world.study.horizon_months, world.draws.n)
        schedules.bill(driver, world[commitment], used)


def follow(schedules: Schedules, rates: Mapping[Driver, Values], months: int, n: int) -> Values:
    """Σ schedule × rate, shape (horizon, n). Schedules that are the same in every draw go through one product."""
    same = {d: r for d, r in rates.items() if schedules[d].shape[1] == 1}
    total = np.zeros((months, n))
    if same:
        monthsby_driver = np.concatenate([schedules[d] for d in same], axis=1)
        np.matmul(monthsby_driver, np.stack([np.broadcast_to(r, (n,)) for r in same.values()]), out=total)
    for driver, rate in rates.items():
        if driver not in same:
            total += schedules[driver] * rate
    return total


def _running_sum(months: Values) -> Values:
    """Cumulative sum over the months, in place: a loop over rows is faster than cumsum along the first axis."""
    for month in range(1, months.shape[0]):
        months[month] += months[month - 1]
    return months


@dataclass
class _Tally:
    """What is kept of one candidate, chunk by chunk."""

    study: Study
    name: str
    n: int
    lines: Sequence[CostLine]
    line_usd: dict[str, float] = field(default_factory=dict)
    line_months: dict[str, Values] = field(default_factory=dict)

    def __post_init__(self) -> None:
        months, kept = self.study.horizon_months, min(self.n, KEPT)
        self.cost, self.upfront, self.monthly = np.empty(self.n), np.empty(self.n), np.empty(self.n)
        self.consequence, self.value, self.quality = np.empty(self.n), np.empty(self.n), np.empty(self.n)
        self.break_even = np.empty(self.n)
        self.cumulative = np.empty((kept, months + 1))

    @property
    def candidate(self) -> Candidate:
        return self.study.candidates[self.name]

    def add(self, start: int, flow: _Flow, today: _Flow, schedules: Schedules) -> None:
        rows = slice(start, start + flow.lumps.shape[1])
        discount = schedules.discount
        cumulative = flow.cumulative
        first_year = min(12, self.study.horizon_months)
        repeated = flow.lumps[:first_year].sum(axis=0) - flow.once * (flow.lumps[:first_year].any())
        self.cost[rows] = cumulative[-1]
        self.upfront[rows] = flow.once
        self.monthly[rows] = (flow.running[:first_year].sum(axis=0) + np.maximum(repeated, 0.0)) / first_year
        self.consequence[rows], self.value[rows] = flow.consequence, flow.value
        self.quality[rows] = flow.quality
        if self.name == self.study.today:
            self.break_even[rows] = 0.0
        else:
            self.break_even[rows] = crossing_months(
                cumulative - today.cumulative,
                (flow.lumps - today.lumps) * discount,
                np.abs(cumulative[-1]) + np.abs(today.cumulative[-1]),
            )
        self._keep(start, flow, cumulative, discount)
        self._add_lines(flow, schedules)

    def _keep(self, start: int, flow: _Flow, cumulative: Values, discount: Values) -> None:
        stop = min(start + cumulative.shape[1], self.cumulative.shape[0])
        if stop > start:
            self.cumulative[start:stop, 0] = (flow.lumps * discount)[0, : stop - start]
            self.cumulative[start:stop, 1:] = cumulative[:, : stop - start].T

    def _add_lines(self, flow: _Flow, schedules: Schedules) -> None:
        n = flow.lumps.shape[1]
        weight = n / self.n
        for key, terms in flow.bill.items():
            for driver, rate in terms.items():
                schedule = schedules[driver]
                by_month = schedule[:, 0] * rate.mean() if schedule.shape[1] == 1 else _mean_product(schedule, rate)
                self.line_months[key] = self.line_months.get(key, 0.0) + weight * by_month
                usd = float(np.mean(schedules.discounted(driver) * rate))
                self.line_usd[key] = self.line_usd.get(key, 0.0) + weight * usd

    def outcome(self) -> CandidateOutcome:
        order = [line.key for line in self.lines if line.key in self.line_usd]
        return CandidateOutcome(
            name=self.name, kind=self.candidate.kind, cost_usd=self.cost, upfront_usd=self.upfront,
            monthly_usd=self.monthly, consequence_usd=self.consequence, value_usd=self.value, quality=self.quality,
            break_even_months=self.break_even, lines_usd={key: self.line_usd[key] for key in order},
            line_months_usd={key: self.line_months[key] for key in order}, cumulative_usd=self.cumulative,
        )  # fmt: skip


def _mean_product(schedule: Values, rate: Values) -> Values:
    """Mean over draws of schedule (horizon, n) × rate (n or 1)."""
    full = np.broadcast_to(rate, (schedule.shape[1],))
    product: Values = schedule @ full / schedule.shape[1]
    return product
