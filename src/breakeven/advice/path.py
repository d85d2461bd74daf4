"""``find_path``: from a decision's draws to a path with gates, dates, effort, cost and what to go back to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.advice.decision import Spread
from breakeven.advice.path_beliefs import path_beliefs
from breakeven.advice.path_steps import after_tuning, kept_steps, staged_steps
from breakeven.advice.path_types import (
    CadenceRow,
    CadenceTable,
    PathAdvice,
    PathOption,
    RetirementRow,
)
from breakeven.advice.ranking import Ranking
from breakeven.advice.spreads import spread
from breakeven.beliefs import Belief, Draws, Values
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.options.cadence import Cadence, best_cadence, default_drift
from breakeven.economics.options.hybrids import HybridSearch, hybrid_of, search_hybrids
from breakeven.economics.options.learning import Learning
from breakeven.economics.options.plans import Phase, Plans, parts_of, serves_until
from breakeven.economics.options.retirements import Retirement, retirements
from breakeven.economics.options.staging import (
    CALENDARS,
    Calendar,
    Staged,
    Tranches,
    built_in,
    stage,
    tranches,
)
from breakeven.economics.options.waiting import Waiting, value_of_waiting
from breakeven.quantities import show_usd
from breakeven.study.defaults import default
from breakeven.study.model import Study, Training

__all__ = ["CASES_PER_MONTH", "find_path", "find_waiting"]

PATH_DRAWS: Final = 3000
SEARCH_DRAWS: Final = 600
"""Draws for the search over hybrids, which has some sixty cells."""
CASES_PER_MONTH: Final = 50.0
SURE_ERRORS: Final = 2.0
"""Standard errors from which a difference over draws counts as one."""
KEEP: Final = "keep"
"""The key of keeping what needs no training."""
_TRAINED: Final = frozenset({"tuned", "classifier"})


def find_path(
    study: Study, draws: Draws, ranking: Ranking, *, seed: int = 0, drift: Belief | None = None,
    cases_per_month: float = CASES_PER_MONTH, calendar: str | None = None, lines: Sequence[CostLine] = COST_LINES,
) -> PathAdvice:  # fmt: skip
    """The path of a study whose candidates are ranked on these draws.

    drift: points of quality that a trained candidate loses a month without retraining; left out, a guess that follows
    how often the domain changes. cases_per_month: scored cases that arrive while one waits, for candidates that need no
    training. calendar: whose steps are shown; left out, the best way's. A part of the
    draws is used, so a path takes a fraction of a second.
    """
    drift = drift or default_drift(study)
    some = draws.first(PATH_DRAWS)
    shares = {s for c in CALENDARS for s in (c.share, round(1 - c.share, 10)) if 0 < s < 1}
    plans = Plans(study, some, shares=shares, lines=lines)
    job = _Job(study, plans, ranking, seed, drift, cases_per_month, calendar)
    return job.advice()


def find_waiting(
    study: Study, draws: Draws, ranking: Ranking, *, seed: int = 0, lines: Sequence[CostLine] = COST_LINES
) -> tuple[Waiting, ...]:
    """Waiting some months and choosing then, against the leader taken now; a fraction of what a path takes."""
    plans = Plans(study, draws, lines=lines)
    return _Job(study, plans, ranking, seed, default_drift(study), CASES_PER_MONTH, None).waiting()


@dataclass(frozen=True)
class _Job:
    study: Study
    plans: Plans
    ranking: Ranking
    seed: int
    drift: Belief
    cases_per_month: float
    calendar: str | None

    # What is chosen among.

    @property
    def eligible(self) -> list[str]:
        """Candidates that may be chosen and do not wait: a path says itself when."""
        able = zip(self.ranking.names, self.ranking.eligible, strict=True)
        return [name for name, ok in able if ok and self.study.candidates[name].kind != "wait"]

    def trained(self, name: str) -> bool:
        """Whether it, or a part of it, is trained."""
        parts = parts_of(self.study, name) - parts_of(self.study, self.study.today)
        return any(self.study.candidates[part].kind in _TRAINED for part in parts)

    @property
    def base(self) -> str:
        """The best that needs no training; today's among equals, and where there is no other."""
        able = [name for name in self.eligible if not self.trained(name)]
        if not able:
            return self.study.today
        best = max(able, key=self.ranking.expected)
        today = self.study.today
        return (
            today if today in able and self.ranking.expected(today) >= self.ranking.expected(best) else best
        )

    @property
    def target(self) -> str | None:
        """The best that needs training."""
        able = [name for name in self.eligible if self.trained(name)]
        return max(able, key=self.ranking.expected, default=None)

    def rng(self, what: int) -> np.random.Generator:
        """A stream for each part, so that one does not move another."""
        return np.random.default_rng([self.seed, 7919, what])

    # The parts.

    def advice(self) -> PathAdvice:
        study, base, target = self.study, self.base, self.target
        keep = self.plans.net_benefit(Phase(candidate=study.today))
        found, cost = self.staged(base, target)
        stay = self.plans.net_benefit(*self.staying(base))
        best = _best(found, stay)
        shown = (
            best
            if self.calendar is None
            else next((s for s in found if s.calendar.key == self.calendar), None)
        )
        retiring = retirements(self.plans, list(dict.fromkeys([study.today, *self.eligible])))
        tables = self.cadences(target)
        if shown is None or target is None or cost is None:
            steps = kept_steps(self.plans, base, target, max(found, key=_earned, default=None))
        else:
            back = self.before(shown.calendar, base)
            steps = staged_steps(self.plans, back, target, shown, cost, self.cases(target))
            guessed = self.drift.source.kind == "guess"
            after = after_tuning(self.plans, back, target, shown, tables, retiring, drift_guessed=guessed)
            steps = (*steps, *after)
        options = self.options(keep, stay, base, found, best)
        return PathAdvice(
            study=study.name, start=study.start, horizon_months=study.horizon_months, draws=self.plans.draws.n,
            seed=self.seed, today=study.today, leader=self.ranking.leader, base=base, target=target,
            headline=_headline(study, base, target, best, options), steps=steps, options=options,
            shown=KEEP if shown is None else shown.calendar.key,
            waiting=self.waiting(), retirements=tuple(_row(r) for r in retiring), cadence=tables,
            hybrid=self.hybrid(base, target), assumptions=path_beliefs(
                self.drift, self.cases_per_month, staged=target is not None,
                build_stated=target is not None and study.candidates[target].build_months is not None,
            ),
            notes=self.notes(found, best),
        )  # fmt: skip

    def staying(self, base: str) -> list[Phase]:
        """The base to the horizon."""
        today = self.study.today
        if base == today:
            return [Phase(candidate=today)]
        return [Phase(candidate=today, last=1), Phase(candidate=base, first=2)]

    def staged(self, base: str, target: str | None) -> tuple[list[Staged], Tranches | None]:
        """Every calendar that ends inside the horizon."""
        if target is None:
            return [], None
        made = self.training(target)
        examples = None if made is None else np.asarray(self.plans.draws[made.examples])
        cost = tranches(self.plans, target, examples)
        able = [c for c in self.calendars(target) if c.full_month < self.study.horizon_months]
        found = [
            stage(self.plans, self.before(c, base), target, c, cost, self.cases(target), self.rng(k))
            for k, c in enumerate(able)
        ]  # fmt: skip
        return found, cost

    def calendars(self, target: str) -> list[Calendar]:
        """All of them, with the time to build that the study states; else the published one."""
        months = self.study.candidates[target].build_months
        return list(CALENDARS) if months is None else [built_in(c, months.centre) for c in CALENDARS]

    def before(self, calendar: Calendar, base: str) -> str:
        """What serves until the target does. Built at once, nothing is scored first, so it is today's if that can."""
        able = serves_until(self.study, self.study.today) >= self.study.horizon_months
        return self.study.today if calendar.pilot_month is None and able else base

    def training(self, name: str) -> Training | None:
        """How the trained part of a candidate is made, where the study says it in parts."""
        parts = sorted(parts_of(self.study, name))
        return next((t for p in parts if (t := self.study.candidates[p].training) is not None), None)

    def cases(self, target: str) -> Values:
        """Scored cases of one eval."""
        made = self.training(target)
        if made is not None and made.eval_cases is not None:
            return self.plans.draws[made.eval_cases]
        return np.array([math.sqrt(math.prod(default("evaluation.cases").numbers))])

    def waiting(self) -> tuple[Waiting, ...]:
        """Waiting against the decision page's recommendation, taken now."""
        leader = self.ranking.leader
        commit = self.ranking.benefits[: self.plans.draws.n, self.ranking.names.index(leader)]
        known = [n for n in dict.fromkeys([self.study.today, *self.eligible]) if not self.trained(n)]
        learning = Learning(cases_per_month=self.cases_per_month, names=known)
        return value_of_waiting(self.plans, self.eligible, commit, learning, self.rng(101))

    def hybrid(self, base: str, target: str | None) -> HybridSearch | None:
        """The study's best hybrid varied; else one of the tuned candidate and the base."""
        few = Plans(self.study, self.plans.draws.first(SEARCH_DRAWS), lines=self.plans.lines)
        stated = [n for n in self.eligible if self.study.candidates[n].kind == "hybrid"]
        found = [search_hybrids(few, self.study.candidates[n], stated=True) for n in stated]
        simple = target is not None and self.study.candidates[target].kind != "hybrid"
        if target is not None and simple and not any({s.small, s.large} == {target, base} for s in found):
            found.append(search_hybrids(few, hybrid_of(few, target, base), stated=False))
        return max(found, key=lambda s: s.best_usd, default=None)

    def cadences(self, name: str | None) -> tuple[CadenceTable, ...]:
        """Of each trained candidate that may be chosen; the path's own first."""
        able = [n for n in self.eligible if self.study.candidates[n].retraining is not None]
        n = self.plans.draws.n
        scores = self.rng(102).standard_normal(n) if n > 1 else np.zeros(1)
        drift = self.drift.at(scores)
        found = [best_cadence(self.plans, candidate, drift) for candidate in able]
        tables = [_table(c) for c in found if c is not None]
        return tuple(sorted(tables, key=lambda t: t.candidate != name))

    def options(
        self, keep: Values, stay: Values, base: str, found: Sequence[Staged], best: Staged | None
    ) -> tuple[PathOption, ...]:
        """All ways to go, best first."""
        title = f"keep {base}" if base == self.study.today else f"{base} from month 2"
        rows = [_option(KEEP, title, "", stay - keep, None, chosen=best is None)]
        rows += [
            _option(
                s.calendar.key,
                s.calendar.title,
                s.calendar.source,
                s.earned - keep,
                s.p_full,
                chosen=s is best,
            )
            for s in found
        ]
        return tuple(sorted(rows, key=lambda r: (not r.chosen, -r.gain_usd.mean)))

    def notes(self, found: Sequence[Staged], best: Staged | None) -> tuple[str, ...]:
        """What the reader must know."""
        notes = []
        if self.study.workload.error_cost is None and self.study.workload.value is None:
            notes.append(
                "Errors have no price here: gates hold quality to at most one point worse, and nothing says how "
                "often to retrain. State `workload.errors.cost`."
            )
        if (
            found
            and (target := self.target) is not None
            and self.study.candidates[target].upfront is not None
        ):
            notes.append(
                f"{target}'s build is one sum: 10% of it is taken for evals and 16% for a pilot (a guess, from "
                "document 000's split)."
            )
        if best is not None and best.earned.mean() < max(s.earned.mean() for s in found):
            notes.append(
                "Building at once is expected to earn as much, within the error: the path with gates risks less."
            )
        if best is not None and best.calendar.pilot_month is None:
            notes.append(
                "Gates would cost more than they protect from: the wait for them is dearer than the risk."
            )
        return tuple(notes)


def _best(found: Sequence[Staged], stay: Values) -> Staged | None:
    """The calendar that earns most, None where staying does; with gates unless building at once is clearly better."""
    best = max(found, key=_earned, default=None)
    if best is None or best.earned.mean() <= stay.mean():
        return None
    gated = max((s for s in found if s.calendar.pilot_month is not None), key=_earned, default=None)
    if gated is None or best is gated:
        return best
    more = best.earned - gated.earned
    clear = more.size < 2 or more.mean() > SURE_ERRORS * more.std(ddof=1) / np.sqrt(more.size)
    return best if clear else gated


def _earned(staged: Staged) -> float:
    return float(staged.earned.mean())


def _headline(
    study: Study, base: str, target: str | None, best: Staged | None, options: Sequence[PathOption]
) -> str:
    gain = options[0].gain_usd.mean
    if best is None:
        reason = (
            "no candidate that needs training may be chosen"
            if target is None
            else f"no path to {target} pays"
        )
        stays = f"Keep {base}" if base == study.today else f"Move to {base}, and stay there"
        return f"{stays}: {reason}."
    stops = serves_until(study, study.today)
    worth = f"{show_usd(gain)} better than keeping {study.today}"
    if stops < study.horizon_months:
        worth += f", which stops in month {stops + 1}"
    if best.calendar.pilot_month is None:
        return f"Build {target} at once: {worth}. It serves all calls from month {best.calendar.share_month}."
    via = "" if base == study.today else f", over {base}"
    return f"Go to {target} in stages{via}: {worth}; it gets there with probability {best.p_full:.0%}."


def _option(
    key: str, title: str, source: str, gain: Values, p_arrives: float | None, *, chosen: bool
) -> PathOption:
    error = float(gain.std(ddof=1) / np.sqrt(gain.size)) if gain.size > 1 else 0.0
    return PathOption(
        key=key,
        title=title,
        source=source,
        gain_usd=spread(gain),
        error_usd=error,
        p_arrives=p_arrives,
        chosen=chosen,
    )


def _table(c: Cadence) -> CadenceTable:
    rows = tuple(
        CadenceRow(
            every_months=every, retraining_usd=spread(c.retraining_usd[k]), drift_usd=spread(c.drift_usd[k]),
            total_usd=spread(c.total_usd[k]), p_best=c.p_best[k],
        )
        for k, every in enumerate(c.cadences)
    )  # fmt: skip
    return CadenceTable(
        candidate=c.candidate, rows=rows, stated=c.stated, best=c.best, saving_usd=c.saving_usd,
        event_usd=spread(np.asarray(c.event_usd)), priced=c.priced,
    )  # fmt: skip


def _row(r: Retirement) -> RetirementRow:
    move = None if r.move_usd is None else spread(np.asarray(r.move_usd))
    return RetirementRow(
        candidate=r.candidate, model=r.model, month=r.month, date=r.date, kind=r.kind, move_usd=move,
        leave_for=r.leave_for, leave_usd=r.leave_usd, p_leave=r.p_leave, plan=_plan(r, move),
    )  # fmt: skip


def _plan(r: Retirement, move: Spread | None) -> str:
    if r.kind == "stops":
        leave = f"; from then on {r.leave_for} is best" if r.leave_for else ""
        return f"it stops and no successor is trained{leave}"
    cost = "within upkeep" if move is None else show_usd(move.mean)
    if r.leave_for is None:
        return f"move to a successor: {cost}"
    return f"leave for {r.leave_for}, {show_usd(r.leave_usd)} better than moving on (P {r.p_leave:.0%}; moving: {cost})"
