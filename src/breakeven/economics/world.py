"""One candidate in sampled worlds: the values of its inputs, and the monthly schedules that its costs follow.

A cost line is a *rate* (one value for each draw) times a *driver* (one value for each month): tokens follow the number
of calls and the price index, labour comes every month, a retraining in some. So a line is computed once for each draw,
not once for each draw and month; only drivers know months. That is what makes 100,000 draws × 36 months take less than
a second.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Belief, Draws, Values
from breakeven.errors import InputError
from breakeven.quantities import HOURS_PER_MONTH
from breakeven.study.model import Candidate, PriceSteps, Study

__all__ = ["Driver", "DriverKind", "Schedules", "Terms", "World", "discount_factors"]

T = TypeVar("T")


class DriverKind(StrEnum):
    """What a cost follows from month to month."""

    ONCE = "once"
    """1 in the first month of the candidate's window."""
    MONTH = "month"
    """1 in each month."""
    CALLS = "calls"
    """Calls relative to month 1: (1+g)^(t−1)."""
    API = "api"
    """Calls relative to month 1 × the provider's price index."""
    RETRAIN = "retrain"
    """1 in the months of retraining."""
    MIGRATE = "migrate"
    """1 in the months of forced migration."""
    REPLICAS = "replicas"
    """GPU replicas that the month's peak load needs."""
    SHORTFALL = "shortfall"
    """Dollars by which the month's bill stays under the commitment."""


LUMPS = frozenset({DriverKind.ONCE, DriverKind.RETRAIN, DriverKind.MIGRATE})
"""Paid at the start of a month; all others flow evenly through it."""
COUNTED_FROM_FIRST = frozenset({DriverKind.ONCE, DriverKind.RETRAIN})
"""Begin anew where a window begins; the others run on behind it."""
SCALE_WITH_CALLS = frozenset({DriverKind.CALLS, DriverKind.API})
"""Proportional to volume."""


class Driver(NamedTuple):
    """A schedule of months, by kind and by whose it is. A tuple: it is looked up thousands of times in each chunk."""

    kind: DriverKind
    of: str = ""
    """Candidate (retrain, migrate, replicas, shortfall) or provider (api)."""
    first: int = 1
    last: int = 0
    """Months of the window; 0: to the horizon."""
    load: str = ""
    """Replicas only: the input that says which share of calls arrives; empty for all."""
    payer: str = ""
    """Shortfall only: the candidate whose bill counts towards the commitment."""


Terms = Mapping[Driver, Values]
"""Dollars for each unit of a driver, shape (n,) or (1,)."""


@dataclass(frozen=True)
class World:
    """One candidate's inputs on one set of draws."""

    study: Study
    candidate: Candidate
    draws: Draws
    memory: dict[Hashable, object] = field(default_factory=dict, repr=False, compare=False)
    """What was computed already; to be shared by candidates on the same draws."""
    first: int = 1
    last: int = 0
    load: str = ""
    payer: str = ""
    built: frozenset[str] = frozenset()
    """Candidates whose build was paid in an earlier phase."""

    def __getitem__(self, belief: Belief) -> Values:
        return self.draws[belief]

    def get(self, belief: Belief | None, otherwise: float = 0.0) -> Values:
        """The belief's values, or one constant where nothing is stated."""
        return np.array([otherwise]) if belief is None else self.draws[belief]

    def remembered(self, what: Hashable, make: Callable[[], T]) -> T:
        """One of these for each candidate on the same draws: made once, whichever line or candidate asks first."""
        key = (what, self.candidate.name)
        if key not in self.memory:
            self.memory[key] = make()
        return cast("T", self.memory[key])

    @property
    def apart(self) -> World:
        """The same with a memory of its own: for what is remembered, which would keep itself alive otherwise."""
        return replace(self, memory={})

    def other(self, name: str) -> World:
        """Another candidate on the same draws, in the same window, as a part of this one."""
        return replace(self, candidate=self.study.candidates[name], payer=self._payer)

    @property
    def _payer(self) -> str:
        return self.payer or self.candidate.name

    def within(self, first: int, last: int) -> World:
        """The same candidate, serving only from month ``first`` to ``last``."""
        return replace(self, first=first, last=last)

    def loaded(self, share: Belief) -> World:
        """The same candidate, receiving only a share of the calls."""
        return replace(self, load=share.name)

    def _driver(self, kind: DriverKind, of: str = "") -> Driver:
        return Driver(kind, of, self.first, self.last, self.load if kind is DriverKind.REPLICAS else "")

    @property
    def once(self) -> Driver:
        """Paid when it is built."""
        return self._driver(DriverKind.ONCE)

    @property
    def month(self) -> Driver:
        """Paid each month."""
        return self._driver(DriverKind.MONTH)

    @property
    def calls(self) -> Driver:
        """Follows the number of calls."""
        return self._driver(DriverKind.CALLS)

    @property
    def api(self) -> Driver:
        """Follows the number of calls and the provider's prices."""
        return self._driver(DriverKind.API, self.candidate.prices.provider if self.candidate.prices else "")

    @property
    def retrain(self) -> Driver:
        """Paid at each retraining."""
        return self._driver(DriverKind.RETRAIN, self.candidate.name)

    @property
    def migrate(self) -> Driver:
        """Paid at each forced migration."""
        return self._driver(DriverKind.MIGRATE, self.candidate.name)

    @property
    def replicas(self) -> Driver:
        """Follows the GPUs that the peak load needs."""
        return self._driver(DriverKind.REPLICAS, self.candidate.name)

    @property
    def shortfall(self) -> Driver:
        """Follows what a month's bill stays under the commitment."""
        return self._driver(DriverKind.SHORTFALL, self.candidate.name)._replace(payer=self._payer)

    @property
    def volume(self) -> Values:
        """Calls in month 1."""
        return self.draws[self.study.workload.volume]

    @property
    def wage(self) -> Values:
        """Dollars an hour."""
        return self.draws[self.study.wage]


def discount_factors(study: Study, draws: Draws) -> Values:
    """(horizon, n or 1): (1+d)^−((t−1)/12)."""
    months = np.arange(study.horizon_months)[:, None]
    factors: Values = np.exp(-np.log1p(draws[study.discount]) * (months / 12))
    return factors


class Schedules:
    """The drivers of one study on one set of draws, each computed once; shape (horizon, n or 1)."""

    def __init__(self, study: Study, draws: Draws) -> None:
        self._study = study
        self._draws = draws
        self._months = np.arange(study.horizon_months)[:, None]
        self._known: dict[Driver, Values] = {}
        self._discounted: dict[Driver, Values] = {}
        self._first_year: dict[Driver, Values] = {}
        self.horizon_months = study.horizon_months
        self.scratch: Values = np.empty((study.horizon_months, draws.n))
        """Room for products on their way into a sum: the same piece of memory stays in the processor's cache."""
        self.discount = discount_factors(study, draws)
        self.growth: Values = np.exp(np.log1p(draws[study.workload.growth]) * self._months)

    def __getitem__(self, driver: Driver) -> Values:
        if driver not in self._known:
            self._known[driver] = self._schedule(driver)
        return self._known[driver]

    def discounted(self, driver: Driver) -> Values:
        """A driver's discounted sum over the months, shape (n,) or (1,)."""
        if driver not in self._discounted:
            schedule = self[driver]
            self._discounted[driver] = (
                schedule[:, 0] @ self.discount
                if schedule.shape[1] == 1
                else np.einsum("tn,tn->n", schedule, self.discount)
            )
        return self._discounted[driver]

    def first_year_mean(self, driver: Driver) -> Values:
        """A driver's mean over the first twelve months, undiscounted, shape (n,) or (1,)."""
        if driver not in self._first_year:
            self._first_year[driver] = self[driver][:12].mean(axis=0)
        return self._first_year[driver]

    def months_of(self, drivers: Iterable[Driver]) -> NDArray[np.intp]:
        """The months, from 0, in which any of these drivers is not zero."""
        some = [self[driver].any(axis=1) for driver in drivers]
        return np.flatnonzero(np.any(some, axis=0)) if some else np.empty(0, dtype=np.intp)

    def _schedule(self, driver: Driver) -> Values:
        always = driver._replace(first=1, last=0)
        if driver == always:
            return self._whole(driver)
        whole = self._whole(driver) if driver.kind in COUNTED_FROM_FIRST else self[always]
        last = driver.last or self._study.horizon_months
        inside = (self._months + 1 >= driver.first) & (self._months + 1 <= last)
        return np.where(inside, whole, 0.0)

    def _whole(self, driver: Driver) -> Values:
        match driver.kind:
            case DriverKind.ONCE:
                return np.where(self._months + 1 == driver.first, 1.0, 0.0)
            case DriverKind.MONTH:
                return np.ones_like(self._months, dtype=float)
            case DriverKind.CALLS:
                return self.growth
            case DriverKind.API:
                return self.growth * self.price_index(driver.of)
            case DriverKind.RETRAIN:
                return self._retraining(driver)
            case DriverKind.MIGRATE:
                due = np.array(self._study.candidates[driver.of].migration_months, dtype=int)
                return np.isin(self._months + 1, due).astype(float)
            case DriverKind.REPLICAS:
                return self._replicas(driver)
            case DriverKind.SHORTFALL:
                raise InputError(f"{driver.of}: a shortfall needs the month's bill")  # set by `bill`

    def price_index(self, provider: str) -> Values:
        """Prices relative to month 1: a yearly rate, or steps drawn for each world."""
        change = self._study.price_change.get(provider) or self._study.price_change.get("*")
        if change is None:
            return np.ones_like(self._months, dtype=float)
        if isinstance(change, PriceSteps):
            path = self._draws.path(f"price_change.{provider}")
            return np.ones_like(self._months, dtype=float) if path is None else path
        index: Values = np.exp(np.log1p(self._draws[change]) * (self._months / 12))
        return index

    def _retraining(self, driver: Driver) -> Values:
        retraining = self._study.candidates[driver.of].retraining
        if retraining is None or retraining.every_months is None:
            return np.zeros_like(self._months, dtype=float)
        served = self._months + 2 - driver.first
        return np.where((served > 0) & (served % retraining.every_months == 0), 1.0, 0.0)

    def _replicas(self, driver: Driver) -> Values:
        hosting = self._study.candidates[driver.of].hosting
        if hosting is None or hosting.gpus is None:
            return np.zeros_like(self._months, dtype=float)
        workload, draws = self._study.workload, self._draws
        share = draws.named(driver.load) if driver.load else np.ones(1)
        mean_rps = draws[workload.volume] * share / (HOURS_PER_MONTH * 3600)
        needed = mean_rps * draws[workload.peak_to_mean] / draws[hosting.gpus.rps] * self.growth
        return np.maximum(1.0, np.ceil(needed * (1 - 1e-12)))

    def bill(self, driver: Driver, commitment: Values, monthly_usd: Values) -> None:
        """Set a shortfall from the month's bill, shape (horizon, n or 1)."""
        short = np.maximum(0.0, commitment - monthly_usd)
        inside = Driver(DriverKind.MONTH, first=driver.first, last=driver.last)
        self._known[driver] = short * self[inside]
