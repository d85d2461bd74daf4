"""Any figure unfolded to its formula, the numbers put in, and the inputs with their sources.

Everything is computed with each belief at its centre, so that the arithmetic can be followed by hand; the mean over
draws differs where a cost bends (a lognormal's mean lies above its median).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from breakeven.beliefs import Belief, Draws, Values, unit_of
from breakeven.economics.bill import bill
from breakeven.economics.explanation import Explanation
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.outcome import Outcome
from breakeven.economics.quality import mean_quality
from breakeven.economics.simulation import by_driver, settle_commitments, simulate
from breakeven.economics.totals import Totals, break_even_volume, totals
from breakeven.economics.world import Driver, DriverKind, Schedules, Terms, World
from breakeven.errors import UnknownFigureError, nearest
from breakeven.quantities import plain, show_usd
from breakeven.study.model import Study

__all__ = ["explain", "figures"]

_FOLLOWS = {
    DriverKind.ONCE: "once",
    DriverKind.MONTH: "months, discounted",
    DriverKind.CALLS: "months of calls, discounted",
    DriverKind.API: "months of calls at the price index, discounted",
    DriverKind.RETRAIN: "retrainings, discounted",
    DriverKind.MIGRATE: "migrations, discounted",
    DriverKind.REPLICAS: "replica-months, discounted",
    DriverKind.SHORTFALL: "dollars of shortfall, discounted",
}
_PER_CANDIDATE = (
    "cost_usd", "upfront_usd", "monthly_usd", "consequence_usd", "net_benefit_vs_today_usd", "quality",
    "break_even_months", "break_even_volume",
)  # fmt: skip


def figures(study: Study, lines: Sequence[CostLine] = COST_LINES) -> tuple[str, ...]:
    """The names of all figures that can be explained, as in ``decide --json``."""
    worlds = study.centres()
    names = []
    for name, candidate in study.candidates.items():
        names += [f"candidates.{name}.{figure}" for figure in _PER_CANDIDATE]
        counted = bill(World(study, candidate, worlds), lines)
        names += [f"candidates.{name}.lines.{line.key}" for line in lines if line.key in counted]
    return (*names, *(belief.name for belief in study.beliefs))


def explain(study: Study, figure: str, *, lines: Sequence[CostLine] = COST_LINES) -> Explanation:
    """One figure at the centre of every belief. Raises UnknownFigureError naming the nearest."""
    unfolding = _Unfolding(study, lines)
    known = figures(study, lines)
    wanted = _full_name(figure, known)
    inputs = {belief.name: belief for belief in study.beliefs}
    if wanted in inputs:
        return _leaf(inputs[wanted])
    if wanted is None:
        raise UnknownFigureError(figure, nearest(figure, known))
    rest = wanted.removeprefix("candidates.")
    name = next(n for n in sorted(study.candidates, key=len, reverse=True) if rest.startswith(f"{n}."))
    return unfolding.candidate(name, rest.removeprefix(f"{name}."))


def _full_name(figure: str, known: Sequence[str]) -> str | None:
    """Accept ``tuned.cost_usd`` and ``candidates.tuned.cost_usd.mean`` too."""
    bare = figure.strip()
    for ending in (".mean", ".p05", ".p50", ".p95", ".p_never"):
        bare = bare.removesuffix(ending)
    return next((name for name in (bare, f"candidates.{bare}") if name in known), None)


def _leaf(belief: Belief) -> Explanation:
    interval = "" if belief.is_point else f"90% within {belief}"
    return Explanation(
        figure=belief.name, title=belief.name.rsplit(".", 1)[-1].replace("_", " "), value=belief.centre,
        unit=unit_of(belief.kind), kind=belief.kind, source=belief.source, note=interval,
    )  # fmt: skip


class _Unfolding:
    """The deterministic world of one study, unfolded on demand."""

    def __init__(self, study: Study, lines: Sequence[CostLine]) -> None:
        self.study, self.lines = study, lines
        self.draws: Draws = study.centres()
        self.schedules = Schedules(study, self.draws)
        self.outcome: Outcome = simulate(study, self.draws, lines=lines)
        for name in study.candidates:  # a shortfall is only known once the whole bill is
            paid, _ = by_driver(bill(self.world(name), lines), lines)
            settle_commitments(self.world(name), paid, self.schedules)

    def candidate(self, name: str, figure: str) -> Explanation:
        if figure.startswith("lines."):
            return self.line(name, figure.removeprefix("lines."))
        parts: Mapping[str, Callable[[str], Explanation]] = {
            "cost_usd": self.cost,
            "upfront_usd": self.upfront,
            "monthly_usd": self.monthly,
            "consequence_usd": self.consequence,
            "net_benefit_vs_today_usd": self.net_benefit,
            "quality": self.quality,
            "break_even_months": self.break_even_months,
            "break_even_volume": self.break_even_volume,
        }
        return parts[figure](name)

    def world(self, name: str, draws: Draws | None = None) -> World:
        return World(self.study, self.study.candidates[name], self.draws if draws is None else draws)

    def line(self, name: str, key: str) -> Explanation:
        line = next(line for line in self.lines if line.key == key)
        watched, seen = self.draws.touched()
        terms = bill(self.world(name, watched), [line] if line.number != 7 else self.lines)[key]
        usd = sum(self._paid(driver, rate) for driver, rate in terms.items())
        inputs = [_leaf(b) for b in self.study.beliefs if b.name in seen]
        again = self.study.candidates[name].retraining
        is_sum = key == "retraining" and again is not None and again.event_usd is not None
        discount = _leaf(self.study.discount)
        return Explanation(
            figure=f"candidates.{name}.lines.{key}", title=f"{line.title} (line {line.number})", value=usd,
            unit="usd", formula="events·(the cost of one, as stated)" if is_sum else line.formula,
            numbers=self._numbers(terms), parts=(*inputs, discount),
            note=f"named by {line.source}",
        )  # fmt: skip

    def _paid(self, driver: Driver, rate: Values) -> float:
        return float((self.schedules.discounted(driver) * rate)[0])

    def _numbers(self, terms: Terms) -> str:
        """``$17,280.00 × 31.6049 months of calls, discounted``: with digits enough to check it by hand."""
        parts = []
        for driver, rate in terms.items():
            factor = float(np.ravel(self.schedules.discounted(driver))[0])
            paid = float(rate[0])
            digits = 2 if abs(paid) >= 1 or paid == 0 else 8
            parts.append(f"${paid:,.{digits}f} × {factor:,.6g} {_FOLLOWS[driver.kind]}")
        return " + ".join(parts)

    def _lines(self, name: str, *, consequence: bool) -> tuple[Explanation, ...]:
        """The lines that are not zero; ``_zero`` names the others."""
        chosen = {line.key for line in self.lines if line.consequence == consequence}
        found = self.outcome.candidates[name].lines_usd
        return tuple(self.line(name, key) for key, usd in found.items() if key in chosen and usd != 0)

    def _zero(self, name: str, *, consequence: bool) -> str:
        found = self.outcome.candidates[name].lines_usd
        zero = [x.title for x in self.lines if x.consequence == consequence and found.get(x.key) == 0]
        return f"counted, and $0 here: {', '.join(zero)}" if zero else ""

    def cost(self, name: str) -> Explanation:
        title, note = "Cost over the horizon, discounted", self._zero(name, consequence=False)
        return self._sum(name, "cost_usd", title, self._lines(name, consequence=False), note)

    def consequence(self, name: str) -> Explanation:
        title, note = "Consequences over the horizon, discounted", self._zero(name, consequence=True)
        return self._sum(name, "consequence_usd", title, self._lines(name, consequence=True), note)

    def _sum(
        self, name: str, figure: str, title: str, parts: tuple[Explanation, ...], note: str
    ) -> Explanation:
        return Explanation(
            figure=f"candidates.{name}.{figure}", title=f"{title}: {name}",
            value=sum(p.value for p in parts), unit="usd",
            formula=" + ".join(p.title.split(" (")[0] for p in parts) or "nothing is counted",
            numbers=" + ".join(show_usd(p.value) for p in parts), parts=parts, note=note,
        )  # fmt: skip

    def upfront(self, name: str) -> Explanation:
        once = {
            key: rates
            for key, terms in bill(self.world(name), self.lines).items()
            if (rates := [r for d, r in terms.items() if d.kind is DriverKind.ONCE])
        }
        paid = {line.key: line.title for line in self.lines if not line.consequence}
        parts = {key: float(sum(r[0] for r in rates)) for key, rates in once.items() if key in paid}
        parts = {key: usd for key, usd in parts.items() if usd != 0}
        return Explanation(
            figure=f"candidates.{name}.upfront_usd", title=f"Paid once, to build: {name}", value=sum(parts.values()),
            unit="usd", formula=" + ".join(paid[key] for key in parts) or "nothing is paid to build",
            numbers=" + ".join(show_usd(v) for v in parts.values()),
            parts=tuple(self.line(name, key) for key in parts),
        )  # fmt: skip

    def monthly(self, name: str) -> Explanation:
        value = float(self.outcome.candidates[name].monthly_usd[0])
        return Explanation(
            figure=f"candidates.{name}.monthly_usd", title=f"Mean month of the first year, without the build: {name}",
            value=value, unit="usd/month", formula="(first 12 months' cost − what is paid to build) ÷ 12",
            parts=self._lines(name, consequence=False),
        )  # fmt: skip

    def quality(self, name: str) -> Explanation:
        watched, seen = self.draws.touched()
        value = float(np.ravel(mean_quality(self.world(name, watched), self.schedules))[0])
        candidate = self.study.candidates[name]
        formula = {
            "hybrid": "q_small − (e − caught) + e·q_large, caught = catches·(1−q_small); "
            "by chance (1−e)·q_small + e·q_large",
            "wait": "mean of both candidates, weighted by calls before and after the switch",
        }.get(candidate.kind, "")
        if candidate.quality.relative_to is not None:
            formula = f"quality of {candidate.quality.relative_to} + gain"
        if candidate.quality.cap is not None:
            formula = f"min({formula or 'quality'}, share of right labels)"
        return Explanation(
            figure=f"candidates.{name}.quality", title=f"Share of right answers: {name}", value=value, unit="share",
            formula=formula, parts=tuple(_leaf(b) for b in self.study.beliefs if b.name in seen),
            note="EXTRAPOLATED" if candidate.quality.extrapolated else "",
        )  # fmt: skip

    def net_benefit(self, name: str) -> Explanation:
        ours, todays = self.outcome.candidates[name], self.outcome.candidates[self.study.today]
        pieces = (
            ("value of right answers", float(ours.value_usd[0] - todays.value_usd[0])),
            ("consequences", -float(ours.consequence_usd[0] - todays.consequence_usd[0])),
            ("cost", -float(ours.cost_usd[0] - todays.cost_usd[0])),
        )
        return Explanation(
            figure=f"candidates.{name}.net_benefit_vs_today_usd",
            title=f"Net benefit of {name} against {self.study.today}",
            value=sum(v for _, v in pieces), unit="usd",
            formula="Δ value of right answers − Δ consequences − Δ cost",
            numbers=" + ".join(f"{show_usd(v)} ({what})" for what, v in pieces),
            parts=(self.cost(name), self.cost(self.study.today), self.consequence(name),
                   self.consequence(self.study.today)),
        )  # fmt: skip

    def break_even_months(self, name: str) -> Explanation:
        value = float(self.outcome.candidates[name].break_even_months[0])
        return Explanation(
            figure=f"candidates.{name}.break_even_months", title=f"Months until {name} is cheaper for good",
            value=value, unit="months",
            formula=f"the last time at which cumulative discounted cost of {name} is above that of {self.study.today}",
            parts=(self.upfront(name), self.monthly(name), self.monthly(self.study.today)),
        )  # fmt: skip

    def break_even_volume(self, name: str) -> Explanation:
        value = float(break_even_volume(self.study, self.draws, name, self.lines)[0])
        ours, todays = self._totals(name), self._totals(self.study.today)
        fixed = float((ours.fixed + ours.stepped - todays.fixed - todays.stepped)[0])
        volume = float(self.draws[self.study.workload.volume][0])
        saved = float((todays.variable - ours.variable)[0]) / volume if volume else float("nan")
        return Explanation(
            figure=f"candidates.{name}.break_even_volume", title=f"Calls a month from which {name} is cheaper",
            value=value, unit="calls/month",
            formula="(fixed cost − today's fixed cost) ÷ saving for each call a month, over the horizon, discounted",
            numbers=f"${fixed:,.2f} ÷ ${plain(saved, 8)} for each call a month",
            parts=(self.cost(name), self.cost(self.study.today)),
        )  # fmt: skip

    def _totals(self, name: str) -> Totals:
        return totals(self.world(name), self.schedules, self.lines)
