"""The simulation: every candidate on the same sampled worlds, in chunks that stay in the processor's cache.

A total needs no months: it is a rate times its driver's discounted sum. Only the break-even and the fan look at them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from breakeven.beliefs import Draws, Values
from breakeven.economics.bill import Bill, bill
from breakeven.economics.break_even import Months, crossing_of
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.economics.quality import mean_quality
from breakeven.economics.world import LUMPS, Driver, DriverKind, Schedules, World
from breakeven.study.model import Candidate, Study

__all__ = ["by_driver", "settle_commitments", "simulate"]

CHUNK: Final = 2500
"""Draws at a time: 36 months × 2,500 draws of 8 bytes are 0.7 MB, which a core's cache holds."""
KEPT: Final = 4000
"""Draws whose cumulative cost is kept for the fan."""

EVERY: Final = slice(None)

Rates = Mapping[Driver, Values]
"""Dollars for each unit of a driver, summed over cost lines."""


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
        schedules, memory = Schedules(study, part), dict[Hashable, object]()
        worlds = {name: World(study, study.candidates[name], part, memory) for name in names}
        flows = {name: _flow(world, schedules, lines) for name, world in worlds.items()}
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
    """One candidate's money in one chunk."""

    bill: Bill
    paid: Rates
    cost: Values
    """(n,) discounted."""
    consequence: Values
    """(n,) discounted."""
    value: Values
    """(n,) discounted."""
    quality: Values
    """(n,)"""


def _flow(world: World, schedules: Schedules, lines: Sequence[CostLine]) -> _Flow:
    n = world.draws.n
    found = bill(world, lines)
    paid, suffered = by_driver(found, lines)
    settle_commitments(world, paid, schedules)
    quality = np.broadcast_to(mean_quality(world, schedules), (n,))
    worth = world.get(world.study.workload.value)
    calls = world.volume * schedules.discounted(Driver(DriverKind.CALLS))
    return _Flow(
        bill=found, paid=paid, cost=_total(schedules.discounted, paid, n), quality=quality,
        consequence=_total(schedules.discounted, suffered, n), value=worth * quality * calls,
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
        if driver.kind is not DriverKind.SHORTFALL:
            continue
        commitment = world.study.candidates[driver.of].commitment
        if commitment is not None:
            api = {d: r for d, r in paid.items() if d.kind is DriverKind.API}
            schedules.bill(driver, world[commitment], follow(schedules, api, world.draws.n))


def follow(
    schedules: Schedules, rates: Rates, n: int, at: slice | Months = EVERY, out: Values | None = None
) -> Values:
    """Σ schedule × rate in these months, shape (months, n); schedules that all draws share go through one product."""
    found = [(schedules[driver][at], rate) for driver, rate in rates.items()]
    shared = [(schedule, rate) for schedule, rate in found if schedule.shape[1] == 1]
    total = np.empty((schedules.discount[at].shape[0], n)) if out is None else out
    if shared:
        columns = np.concatenate([schedule for schedule, _ in shared], axis=1)
        np.matmul(columns, _rows([rate for _, rate in shared], n), out=total)
    else:
        total[:] = 0.0
    product = schedules.scratch[: total.shape[0]]
    for schedule, rate in found:
        if schedule.shape[1] > 1:
            total += np.multiply(schedule, rate, out=product)
    return total


def _rows(rates: Sequence[Values], n: int) -> Values:
    """One row for each rate, shape (rates, n)."""
    rows = np.empty((len(rates), n))
    for row, rate in zip(rows, rates, strict=True):
        row[:] = rate
    return rows


def _total(weight: Callable[[Driver], Values], rates: Rates, n: int) -> Values:
    """Σ weight × rate, shape (n,)."""
    return sum((weight(driver) * rate for driver, rate in rates.items()), np.zeros(n))


def _cumulative(schedules: Schedules, rates: Rates, n: int, out: Values | None = None) -> Values:
    """Discounted, at each month's end, shape (horizon, n)."""
    months = follow(schedules, rates, n, out=out)
    months *= schedules.discount
    for month in range(1, months.shape[0]):  # faster than cumsum along the first axis
        months[month] += months[month - 1]
    return months


def _break_even(ours: _Flow, todays: _Flow, schedules: Schedules) -> Values:
    """Months until ours has cost less than today's for good, (n,)."""
    n = ours.cost.size
    dearer = dict(ours.paid)
    for driver, rate in todays.paid.items():
        dearer[driver] = dearer[driver] - rate if driver in dearer else -rate
    lumps = {driver: rate for driver, rate in dearer.items() if driver.kind in LUMPS}
    at = schedules.months_of(lumps)
    points = np.empty((schedules.horizon_months + at.size, n))
    ends, starts = points[: schedules.horizon_months], points[schedules.horizon_months :]
    _cumulative(schedules, dearer, n, out=ends)
    follow(schedules, lumps, n, at, out=starts)
    starts *= schedules.discount[at]
    return crossing_of(points, at, np.abs(ours.cost) + np.abs(todays.cost))


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
        self.break_even = np.zeros(self.n)
        self.cumulative = np.empty((kept, months + 1))

    @property
    def candidate(self) -> Candidate:
        return self.study.candidates[self.name]

    def add(self, start: int, flow: _Flow, today: _Flow, schedules: Schedules) -> None:
        n = flow.cost.size
        rows = slice(start, start + n)
        once = {d: r for d, r in flow.paid.items() if d.kind is DriverKind.ONCE}
        repeated = {d: r for d, r in flow.paid.items() if d.kind is not DriverKind.ONCE}
        self.cost[rows] = flow.cost
        self.upfront[rows] = sum(once.values(), np.zeros(n))
        self.monthly[rows] = _total(schedules.first_year_mean, repeated, n)
        self.consequence[rows], self.value[rows] = flow.consequence, flow.value
        self.quality[rows] = flow.quality
        if self.name != self.study.today:
            self.break_even[rows] = _break_even(flow, today, schedules)
        if start < KEPT:
            self._keep(start, flow, schedules)
        self._add_lines(flow, schedules)

    def _keep(self, start: int, flow: _Flow, schedules: Schedules) -> None:
        n = flow.cost.size
        stop = min(start + n, self.cumulative.shape[0])
        lumps = {driver: rate for driver, rate in flow.paid.items() if driver.kind in LUMPS}
        self.cumulative[start:stop, 0] = follow(schedules, lumps, n, slice(1))[0, : stop - start]
        self.cumulative[start:stop, 1:] = _cumulative(schedules, flow.paid, n)[:, : stop - start].T

    def _add_lines(self, flow: _Flow, schedules: Schedules) -> None:
        """Every line's mean; those of one driver together, as products of matrices."""
        n = flow.cost.size
        terms: dict[Driver, list[tuple[str, Values]]] = {}
        for key, found in flow.bill.items():
            for driver, rate in found.items():
                terms.setdefault(driver, []).append((key, rate))
        for driver, rated in terms.items():
            rates = _rows([rate for _, rate in rated], n)
            usd = _sum_product(rates, schedules.discounted(driver)[None, :])[:, 0] / self.n
            by_month = _sum_product(rates, schedules[driver]) / self.n
            for row, (key, _) in enumerate(rated):
                self.line_usd[key] = self.line_usd.get(key, 0.0) + float(usd[row])
                self.line_months[key] = self.line_months.get(key, 0.0) + by_month[row]

    def outcome(self) -> CandidateOutcome:
        order = [line.key for line in self.lines if line.key in self.line_usd]
        return CandidateOutcome(
            name=self.name, kind=self.candidate.kind, cost_usd=self.cost, upfront_usd=self.upfront,
            monthly_usd=self.monthly, consequence_usd=self.consequence, value_usd=self.value, quality=self.quality,
            break_even_months=self.break_even, lines_usd={key: self.line_usd[key] for key in order},
            line_months_usd={key: self.line_months[key] for key in order}, cumulative_usd=self.cumulative,
        )  # fmt: skip


def _sum_product(rates: Values, schedule: Values) -> Values:
    """Sum over draws of rates (k, n) × schedule (months, n or 1), shape (k, months)."""
    if schedule.shape[1] == 1:
        total: Values = rates.sum(axis=1, keepdims=True) * schedule.T
    else:
        total = rates @ schedule.T
    return total
