"""A path in stages, valued from its end to its beginning: evals, pilot, a small share of the calls, all of them.

The cost of building is spent in tranches, so that stopping at a gate saves the rest. Each gate looks at one figure as
it will be measured, with the noise of that many cases. Quality that is measured in a pilot is the tuned model's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Values
from breakeven.economics.options.gates import Gate, best_gate, fit_gate, held_gate
from breakeven.economics.options.plans import Phase, Plans, serves_until

__all__ = [
    "CALENDARS",
    "DISAGREEMENT",
    "LIVE_CASES",
    "Calendar",
    "Staged",
    "Tranches",
    "built_in",
    "stage",
    "tranches",
]

PILOT_EXAMPLES: Final = 500.0
"""Examples of a pilot: a solid set (document 003)."""
LIVE_CASES: Final = 600.0
"""Answers labelled in the month at a small share: 20 a day."""
DISAGREEMENT: Final = 0.1
"""Share of cases on which two candidates differ by more than their scores do: paired noise of a difference. A guess."""
NOT_WORSE: Final = -0.01
"""Where errors have no price: no more than one point worse."""
_TRANCHE_OF: Final[Mapping[str, tuple[float, float]]] = {"evaluation": (1.0, 0.0), "guidelines": (0.0, 1.0)}
_ONE_SUM: Final = (0.10, 0.16)
"""Evals and pilot as shares of a build stated as one sum. Document 000 splits it 60% data, 20% runs, 20% evaluation:
half of the evaluation, and a fifth of data and runs. A guess."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The months in which the stages of a path begin."""

    key: str
    title: str
    source: str
    share_month: int
    """A small share of the calls."""
    full_month: int
    pilot_month: int | None = None
    """None: no pilot; everything is built from month 1."""
    share: float = 0.1
    """Of the calls, until ``full_month``."""


CALENDARS: Final = (
    Calendar(key="at-once", title="build at once", source="4–8 weeks to deploy: document 004", share_month=3,
             full_month=4, share=1.0),
    Calendar(key="fast", title="as fast as gates allow", source="a month of evals, 4–8 weeks to build (document 004)",
             pilot_month=2, share_month=4, full_month=5),
    Calendar(key="document-001", title="staged path of document 001", source="document 001", pilot_month=6,
             share_month=8, full_month=9),
    Calendar(key="document-004", title="after six months of data", source="document 004", pilot_month=7,
             share_month=9, full_month=10),
)  # fmt: skip
"""Beginnings; ``at-once`` and ``fast`` are ours."""


def built_in(calendar: Calendar, months: float) -> Calendar:
    """The same calendar for a candidate that takes so many months to build; a part of a month counts as one."""
    whole = max(1, math.ceil(months - 1e-9))
    share_month = (calendar.pilot_month or 1) + whole
    after = calendar.full_month - calendar.share_month
    return replace(calendar, share_month=share_month, full_month=share_month + after)


@dataclass(frozen=True, kw_only=True)
class Tranches:
    """What building costs, in the order in which it is spent; each (n,) or (1,), undiscounted dollars."""

    evals_usd: Values
    pilot_usd: Values
    rest_usd: Values
    repeated_usd: Values
    """The pilot's training, which the full model repeats; on top of the rest."""
    pilot_share: float
    """Of the examples; 0 where the build is one sum."""

    @property
    def total_usd(self) -> Values:
        """Without what is repeated."""
        return self.evals_usd + self.pilot_usd + self.rest_usd


def tranches(plans: Plans, target: str, examples: Values | None) -> Tranches:
    """A candidate's build in tranches; ``examples``: how many it trains on, where known."""
    lines = plans.build_usd(target)
    f = (
        0.0
        if examples is None
        else float(np.clip(PILOT_EXAMPLES / max(float(np.median(examples)), 1.0), 0.1, 1.0))
    )
    split = _TRANCHE_OF if f else {}
    evals = pilot = rest = np.zeros(1)
    for key, usd in lines.items():
        first, second = _ONE_SUM if not f or key == "stated_upfront" else split.get(key, (0.0, f))
        evals, pilot, rest = evals + first * usd, pilot + second * usd, rest + (1 - first - second) * usd
    return Tranches(
        evals_usd=evals,
        pilot_usd=pilot,
        rest_usd=rest,
        pilot_share=f,
        repeated_usd=f * lines.get("training", np.zeros(1)) if f < 1 else np.zeros(1),
    )


@dataclass(frozen=True, kw_only=True)
class Staged:
    """One calendar's path, with its gates in order; a gate that the calendar has not is None."""

    calendar: Calendar
    earned: Values
    """(n,) net benefit of following it."""
    base_gate: Gate | None
    pilot_gate: Gate | None
    share_gate: Gate | None
    full_gate: Gate
    p_pilot: float
    """Probability of getting to the pilot …"""
    p_share: float
    p_full: float


@dataclass(frozen=True)
class _Path:
    """One calendar on one set of draws."""

    plans: Plans
    base: str
    target: str
    calendar: Calendar
    cost: Tranches
    cases: Values
    rng: np.random.Generator

    def phases(self, *, back: bool) -> list[Phase]:
        """Today's for the month of evals, the base, the small share, then all calls (or none)."""
        c, n = self.calendar, self.plans.study.horizon_months
        found = [*self.before(c.share_month - 1)]
        if c.full_month > c.share_month:
            last = min(c.full_month - 1, n)
            if c.share < 1:
                found.append(Phase(candidate=self.base, first=c.share_month, last=last, share=1 - c.share))
            found.append(Phase(candidate=self.target, first=c.share_month, last=last, share=c.share))
        return [*found, Phase(candidate=self.base if back else self.target, first=c.full_month)]

    def before(self, last: int) -> list[Phase]:
        """Until the target serves; the base replaces today's from month 2, once it is scored."""
        today = self.plans.study.today
        if self.base == today:
            return [Phase(candidate=today, last=last)]
        first = [Phase(candidate=today, last=1)]
        return first if last == 1 else [*first, Phase(candidate=self.base, first=2, last=last)]

    def spent(self, stages: int) -> Values:
        """Discounted dollars of the first tranches: 1 evals, 2 and the pilot, 3 all."""
        c, at = self.calendar, self.plans.discount
        usd = self.cost.evals_usd * at(1)
        if stages > 1:
            month = c.pilot_month or 1
            repeated = self.cost.repeated_usd if c.pilot_month else 0.0
            usd = usd + (self.cost.pilot_usd + repeated) * at(month)
        if stages > 2:
            usd = usd + self.cost.rest_usd * at(c.share_month if c.pilot_month else 1)
        return usd

    def built(self) -> Values:
        """What the plan has paid for building, all in the month in which it first serves."""
        return self.cost.total_usd * self.plans.discount(self.calendar.share_month)

    def stays(self) -> Values:
        """The base to the horizon."""
        return self.plans.net_benefit(*_stay(self.plans, self.base))

    def gain_seen(self, a: str, b: str, cases: Values | float) -> Values:
        """The difference of two measured qualities on the same cases, in share."""
        difference = self.plans.quality(a) - self.plans.quality(b)
        wrong = np.maximum(DISAGREEMENT, np.abs(difference)) - difference**2
        noise = np.sqrt(np.maximum(wrong, 0.0) / np.maximum(cases, 1.0))
        if difference.size == 1:  # one world at the centres has no luck with cases
            return difference
        seen: Values = difference + self.rng.standard_normal(difference.size) * noise
        return seen


def _stay(plans: Plans, base: str) -> list[Phase]:
    today = plans.study.today
    return (
        [Phase(candidate=base)]
        if base == today
        else [Phase(candidate=today, last=1), Phase(candidate=base, first=2)]
    )


def stage(
    plans: Plans,
    base: str,
    target: str,
    calendar: Calendar,
    cost: Tranches,
    cases: Values,
    rng: np.random.Generator,
) -> Staged:
    """The path from today's candidate over ``base`` to ``target`` in this calendar.

    cases: (n,) or (1,), scored in each eval. Raises InputError where a stage lies past the horizon.
    """
    path = _Path(plans, base, target, calendar, cost, cases, rng)
    go, back = (plans.net_benefit(*path.phases(back=b)) + path.built() - path.spent(3) for b in (False, True))
    full = _quality_gate(path, path.gain_seen(target, base, LIVE_CASES), go - back, "live")
    earned = np.where(full.passed, go, back)
    share_gate = pilot_gate = None
    reached = np.ones(plans.draws.n, dtype=bool)
    p_full, p_share = reached, reached
    if calendar.pilot_month is not None:
        stop = path.stays() - path.spent(2)
        share_gate = _quality_gate(path, path.gain_seen(target, base, cases), earned - stop, "pilot")
        earned = np.where(share_gate.passed, earned, stop)
        stop = path.stays() - path.spent(1)
        pilot_gate = _pilot_gate(path, earned - stop)
        earned = np.where(pilot_gate.passed, earned, stop)
        p_share, p_full = pilot_gate.passed, pilot_gate.passed & share_gate.passed
    base_gate = None
    if (
        base != plans.study.today
        and serves_until(plans.study, plans.study.today) >= plans.study.horizon_months
    ):
        today = plans.net_benefit(Phase(candidate=plans.study.today)) - path.spent(
            1 if calendar.pilot_month else 3
        )
        base_gate = _quality_gate(
            path, path.gain_seen(base, plans.study.today, cases), earned - today, "base"
        )
        earned = np.where(base_gate.passed, earned, today)
        p_share, p_full, reached = p_share & base_gate.passed, p_full & base_gate.passed, base_gate.passed
    at_pilot = reached if pilot_gate is None else p_share
    return Staged(
        calendar=calendar,
        earned=earned,
        base_gate=base_gate,
        pilot_gate=_among(pilot_gate, reached),
        share_gate=_among(share_gate, at_pilot),
        full_gate=replace(full, p_pass=_share_of(full.passed, p_full)),
        p_pilot=float(at_pilot.mean()),
        p_share=float(p_full.mean()),
        p_full=float((p_full & full.passed).mean()),
    )


def _among(gate: Gate | None, reached: NDArray[np.bool_]) -> Gate | None:
    """The gate with its probability among the draws that get there."""
    return None if gate is None else replace(gate, p_pass=_share_of(gate.passed, reached))


def _share_of(passed: NDArray[np.bool_], reached: NDArray[np.bool_]) -> float:
    return float(passed[reached].mean()) if reached.any() else float(passed.mean())


def _quality_gate(path: _Path, seen: Values, gain: Values, what: str) -> Gate:
    who, other = (path.base, path.plans.study.today) if what == "base" else (path.target, path.base)
    figure = {
        "live": f"{who} minus {other}, {LIVE_CASES:,.0f} live answers",
        "pilot": f"pilot of {who} minus {other}, same cases",
        "base": f"{who} minus {other}, same cases",
    }[what]
    workload = path.plans.study.workload
    if workload.error_cost is None and workload.value is None:
        true = path.plans.quality(who) - path.plans.quality(other)
        never = fit_gate(
            np.zeros(true.size), np.minimum(gain.mean(), 0.0) * np.ones(true.size), figure, "points"
        )
        return held_gate(seen, true, gain, NOT_WORSE, figure) if gain.mean() > 0 else never
    return fit_gate(seen, gain, figure, "points")


def _pilot_gate(path: _Path, gain: Values) -> Gate:
    """The figure that is worth most to look at before a pilot is paid: the month's calls, or the base's quality."""
    plans, month = path.plans, (path.calendar.pilot_month or 1) - 1
    volume = np.broadcast_to(plans.draws[plans.study.workload.volume], (plans.draws.n,))
    growth = plans.schedules.growth[month - 1]
    calls = fit_gate(volume * growth, gain, f"calls in month {month}", "calls/month")
    share = plans.quality(path.base)
    noise = np.sqrt(np.maximum(share * (1 - share), 0.0) / np.maximum(path.cases, 1.0))
    seen = share + (path.rng.standard_normal(share.size) * noise if share.size > 1 else 0.0)
    return best_gate([calls, fit_gate(seen, gain, f"{path.base} right, of all cases", "share")])
