"""Net benefit of a plan: which candidate serves which share of the calls in which months.

The rates of a bill know no months, so a candidate's bill is computed once and laid over any window. A plan of one
candidate to the horizon is that candidate; one of two in a row is what ``kind: wait`` computes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from breakeven.beliefs import Draws, Values
from breakeven.economics.bill import bill
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.quality import quality
from breakeven.economics.simulation import by_driver, settle_commitments
from breakeven.economics.world import SCALE_WITH_CALLS, Driver, DriverKind, Schedules, World
from breakeven.errors import InputError
from breakeven.study.model import Study

__all__ = ["Phase", "Plans", "parts_of", "serves_until"]

_BY_PHASE: Final = SCALE_WITH_CALLS | {DriverKind.REPLICAS}
"""Drivers that follow the calls that arrive; all others are paid for as long as the candidate stands."""

Rates = dict[Driver, Values]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One candidate serves a share of the calls, from the first of these months through the last."""

    candidate: str
    first: int = 1
    last: int = 0
    """0: to the horizon."""
    share: float = 1.0
    """Of all calls."""


class Plans:
    """Plans of one study on one set of draws; bills and schedules are computed once and shared.

    shares: the shares of calls, other than 1, that phases will have.
    """

    def __init__(
        self,
        study: Study,
        draws: Draws,
        *,
        shares: Iterable[float] = (),
        lines: Sequence[CostLine] = COST_LINES,
    ) -> None:
        for share in shares:
            draws = draws.with_values(_share_name(share), np.array([share]))
        self.study, self.draws, self.lines = study, draws, lines
        self.schedules = Schedules(study, draws)
        self._consequences = {line.key for line in lines if line.consequence}
        self._bills: dict[tuple[str, frozenset[str]], tuple[Rates, Rates]] = {}
        self._plans = 0

    def net_benefit(self, *phases: Phase) -> Values:
        """Value of right answers − consequences − cost, discounted over the horizon, (n,)."""
        self._plans += 1
        paid: Rates = {}
        suffered: Rates = {}
        built: frozenset[str] = frozenset()
        for span in _spans(phases, self.study.horizon_months):
            name = span[0].candidate
            costs, harms = self._bill(name, built)
            _lay(costs, span, paid, f"plan {self._plans}")
            _lay(harms, span, suffered, f"plan {self._plans}")
            built |= parts_of(self.study, name)
        settle_commitments(self.world(phases[0].candidate), paid, self.schedules)
        return self._worth(phases) - self._total(paid) - self._total(suffered)

    def world(self, name: str) -> World:
        """One candidate on these draws, over all months."""
        return World(self.study, self.study.candidates[name], self.draws)

    def quality(self, name: str) -> Values:
        """Share of right answers, (n,)."""
        return np.broadcast_to(quality(self.world(name)), (self.draws.n,))

    def build_usd(self, name: str) -> Mapping[str, Values]:
        """What is paid once, by the key of its cost line, undiscounted, each (n,) or (1,); no consequences."""
        found = bill(self.world(name), [line for line in self.lines if not line.consequence])
        once = {
            key: sum((r for d, r in terms.items() if d.kind is DriverKind.ONCE), np.zeros(1))
            for key, terms in found.items()
        }
        return {key: usd for key, usd in once.items() if np.any(usd != 0)}

    def paid(self, name: str) -> Mapping[Driver, Values]:
        """What a candidate pays for each unit of each driver, alone and over all months."""
        return self._bill(name, frozenset())[0]

    def discount(self, month: int) -> Values:
        """Today's worth of a dollar in this month, (n,) or (1,)."""
        factors: Values = self.schedules.discount[month - 1]
        return factors

    def _bill(self, name: str, built: frozenset[str]) -> tuple[Rates, Rates]:
        relevant = built & parts_of(self.study, name)
        if (name, relevant) not in self._bills:
            if self.study.candidates[name].kind == "wait":
                raise InputError(f"{name}: a plan is made of candidates that do not wait")
            found = bill(replace(self.world(name), built=relevant), self.lines)
            self._bills[name, relevant] = by_driver(found, self.lines)
        return self._bills[name, relevant]

    def _worth(self, phases: Sequence[Phase]) -> Values:
        worth = self.study.workload.value
        total = np.zeros(self.draws.n)
        if worth is None:
            return total
        volume = self.draws[self.study.workload.volume]
        for p in phases:
            calls = self.schedules.discounted(Driver(DriverKind.CALLS, "", p.first, p.last))
            total = total + p.share * self.draws[worth] * self.quality(p.candidate) * volume * calls
        return total

    def _total(self, rates: Rates) -> Values:
        discounted = self.schedules.discounted
        total = np.zeros(self.draws.n)
        for driver, rate in rates.items():
            total = total + discounted(driver) * rate
        return total


def _lay(rates: Rates, span: Sequence[Phase], into: Rates, plan: str) -> None:
    """Add a bill's rates over one unbroken run of months."""
    for driver, rate in rates.items():
        if driver.kind in _BY_PHASE:
            for p in span:
                _add(into, _loaded(driver, p), rate if driver.kind is DriverKind.REPLICAS else p.share * rate)
        else:
            whole = driver._replace(first=span[0].first, last=span[-1].last)
            _add(into, whole._replace(payer=plan) if whole.kind is DriverKind.SHORTFALL else whole, rate)


def _loaded(driver: Driver, phase: Phase) -> Driver:
    placed = driver._replace(first=phase.first, last=phase.last)
    if driver.kind is DriverKind.REPLICAS and phase.share != 1 and not driver.load:
        return placed._replace(load=_share_name(phase.share))
    return placed


def _add(into: Rates, driver: Driver, rate: Values) -> None:
    into[driver] = into[driver] + rate if driver in into else rate


def _share_name(share: float) -> str:
    return f"share of calls {share:g}"


def _spans(phases: Sequence[Phase], horizon: int) -> list[list[Phase]]:
    """Phases of one candidate that follow each other, together; in the order of their first months."""
    spans: list[list[Phase]] = []
    for phase in sorted(phases, key=lambda p: p.first):
        before = next(
            (
                s
                for s in spans
                if s[-1].candidate == phase.candidate and (s[-1].last or horizon) + 1 == phase.first
            ),
            None,
        )
        if before is None:
            spans.append([phase])
        else:
            before.append(phase)
    return spans


def parts_of(study: Study, name: str) -> frozenset[str]:
    """A candidate and those that it is made of."""
    c = study.candidates[name]
    inner = [parts_of(study, part) for part in (c.small, c.large, c.first, c.then) if part is not None]
    return frozenset({name}).union(*inner)


def serves_until(study: Study, name: str) -> int:
    """The last month in which a candidate can serve: the horizon, unless its model stops without a successor."""
    ends = [study.candidates[part].ends_month for part in parts_of(study, name)]
    return min((month - 1 for month in ends if month is not None), default=study.horizon_months)
