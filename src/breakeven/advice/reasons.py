"""The answer in plain words: headline, reasons, and what is missing for an answer that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from breakeven.advice.decision import Purchase
from breakeven.advice.ranking import Ranking
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.quantities import DAYS_PER_MONTH, show, show_usd
from breakeven.study.model import Candidate, Study

__all__ = ["Answer", "answer", "is_extrapolated", "show_months"]

SURE: Final = 0.8
"""P(best) from which a lead counts as clear."""
SMALL_REGRET: Final = 0.02
"""Expected regret, as a share of today's cost, up to which a close call does not matter."""
FEWEST_CASES: Final = 100
"""Scored cases under which a measured quality is not enough (document 000)."""
SMALL_CHANGE_HOURS: Final = 8.0
"""A lead worth less than this many hours of work over the whole horizon hardly matters."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Words for the top of the page."""

    action: str
    headline: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


def answer(
    study: Study,
    outcome: Outcome,
    ranking: Ranking,
    volume_p50: Mapping[str, float],
    influential: Sequence[str],
    purchase: Purchase | None = None,
) -> Answer:
    """What to do and why; ``volume_p50``: median break-even volume by candidate (calls a month, inf: none).

    ``purchase``: evidence that is worth more than it costs; the answer then is to buy it first.
    """
    case = _Case(study=study, outcome=outcome, ranking=ranking, volume_p50=volume_p50)
    missing = () if case.hardly_matters else tuple(case.missing(influential))
    if case.keeps:
        action, headline = "keep", case.keep_headline()
    else:
        action = "measure first" if missing else "switch"
        headline = case.switch_headline(action)
    reasons = case.reasons()
    if purchase is not None and not case.hardly_matters:
        reasons.insert(0, _without(headline))
        action, headline = "measure first", _buy_headline(purchase)
    left_out = (
        f"{name} is left out of the choice: {why}." for name, why in ranking.ineligible_because.items()
    )
    return Answer(action=action, headline=headline, reasons=(*reasons, *left_out), missing=missing)


def _buy_headline(purchase: Purchase) -> str:
    wanted = purchase.ask.replace("{cost}", show_usd(purchase.cost_usd or 0.0))
    return f"Do not commit yet. Buy {wanted}."


def _without(headline: str) -> str:
    """What would be done without the purchase."""
    believed = headline.removeprefix("Do not commit yet: measure first. ")
    return believed if believed != headline else f"Without it: {headline[0].lower()}{headline[1:]}"


def show_months(months: float) -> str:
    """A time to break even, in the unit that people would use."""
    if not np.isfinite(months):
        return "never"
    if months * DAYS_PER_MONTH < 10:
        return f"{months * DAYS_PER_MONTH:.1f} days"
    if months < 2:
        return f"{months * DAYS_PER_MONTH / 7:.1f} weeks"
    return f"{months:.1f} months"


def is_extrapolated(study: Study, candidate: Candidate) -> bool:
    """Whether any part of its quality rests on a prior that nobody measured."""
    if candidate.quality.level is not None or candidate.quality.gain is not None:
        return candidate.quality.extrapolated
    parts = (candidate.small, candidate.large, candidate.first, candidate.then)
    return any(is_extrapolated(study, study.candidates[part]) for part in parts if part is not None)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """Today's candidate against the one that matters: the leader, or the runner-up where today's leads."""

    study: Study
    outcome: Outcome
    ranking: Ranking
    volume_p50: Mapping[str, float] = field(repr=False)

    @property
    def keeps(self) -> bool:
        return self.ranking.leader == self.study.today

    @property
    def rival(self) -> str | None:
        return self.ranking.runner_up if self.keeps else self.ranking.leader

    @property
    def todays(self) -> CandidateOutcome:
        return self.outcome.candidates[self.study.today]

    @property
    def lead_usd(self) -> float:
        """Expected net benefit of the leader over the next."""
        second = self.ranking.runner_up
        leader = self.ranking.expected(self.ranking.leader)
        return float("inf") if second is None else leader - self.ranking.expected(second)

    @property
    def hardly_matters(self) -> bool:
        """Whether the lead, and what a wrong choice would lose, are worth less than a day of work, errors included."""
        if self._unpriced():
            return False
        day = SMALL_CHANGE_HOURS * max(self.study.wage.centre, 1.0)
        return self.lead_usd < day and self.ranking.regret_usd[self.ranking.leader] < day

    @property
    def prices_quality(self) -> bool:
        return self.study.workload.error_cost is not None or self.study.workload.value is not None

    def volume(self, name: str) -> float:
        return self.volume_p50.get(name, float("inf"))

    # ------------------------------------------------------------------ headline

    def keep_headline(self) -> str:
        today, rival = self.study.today, self.rival
        if rival is None:
            others = ", ".join(self.ranking.ineligible_because)
            return (
                f"Keep {today}: {others} can not be chosen."
                if others
                else f"Keep {today}: nothing else is compared."
            )
        theirs = self.outcome.candidates[rival]
        never = float(np.mean(np.isinf(theirs.break_even_months)))
        volume = self.volume(rival)
        if never >= 0.5:
            would = (
                f"; it would from {show(volume)} calls/month" if np.isfinite(volume) and volume > 0 else ""
            )
            return (
                f"Keep {today}: {rival} does not pay back within {self.study.horizon_months} months{would}."
            )
        worse = self.ranking.expected(today) - self.ranking.expected(rival)
        return f"Keep {today}: {rival} is cheaper to run, but worth {show_usd(worse)} less in all."

    def switch_headline(self, action: str) -> str:
        leader, today = self.ranking.leader, self.study.today
        gain = self.ranking.expected(leader) - self.ranking.expected(today)
        paid = float(np.quantile(self.outcome.candidates[leader].break_even_months, 0.5, method="higher"))
        back = f", paid back in {show_months(paid)}" if np.isfinite(paid) and paid > 0 else ""
        worth = f"worth {show_usd(gain)} more than {today} over {self.study.horizon_months} months{back}"
        if today in self.ranking.ineligible_because:
            return f"Move to {leader}: {today} can not go on; {self.ranking.ineligible_because[today]}."
        if self.hardly_matters:
            return f"It hardly matters: {leader} is {worth}."
        if action == "measure first":
            return f"Do not commit yet: measure first. As believed now, {leader} is {worth}."
        return f"Switch to {leader}: {worth}."

    # ------------------------------------------------------------------- reasons

    def reasons(self) -> list[str]:
        if self.rival is None:
            return []
        theirs = self.outcome.candidates[self.rival]
        found = (self._bill(theirs), self._payback(theirs), self._volume(theirs), _largest_line(theirs),
                 self._quality(theirs), self._error_cost(theirs))  # fmt: skip
        return [text for text in found if text]

    def _bill(self, theirs: CandidateOutcome) -> str:
        today = self.study.today
        saved = float((self.todays.cost_usd - theirs.cost_usd).mean())
        word = "less" if saved >= 0 else "more"
        chance = (
            ""
            if self.outcome.n == 1
            else f" (cheaper with probability {np.mean(theirs.cost_usd < self.todays.cost_usd):.0%})"
        )
        return (
            f"{theirs.name} costs {show_usd(abs(saved))} {word} than {today} over {self.study.horizon_months} months: "
            f"{show_usd(float(theirs.upfront_usd.mean()))} up front, then {show_usd(float(theirs.monthly_usd.mean()))} "
            f"a month against {show_usd(float(self.todays.monthly_usd.mean()))} in the first year{chance}."
        )

    def _payback(self, theirs: CandidateOutcome) -> str:
        """Where it does not pay back in time: when it would, at the first year's rate."""
        saving = float((self.todays.monthly_usd - theirs.monthly_usd).mean())
        build = float((theirs.upfront_usd - self.todays.upfront_usd).mean())
        if float(np.mean(np.isinf(theirs.break_even_months))) < 0.5 or saving <= 0 or build <= 0:
            return ""
        months = build / saving
        at = f"At the first year's saving of {show_usd(saving)} a month"
        return f"{at}, it would take {months:,.0f} months to pay back."

    def _volume(self, theirs: CandidateOutcome) -> str:
        volume, now = self.volume(theirs.name), self.study.workload.volume.centre
        if np.isfinite(volume) and volume > 0:
            side = "above" if now >= volume else "below"
            return (
                f"From {show(volume)} calls/month on it is cheaper over the horizon; this feature has {show(now)}, "
                f"{side} that."
            )
        if np.isfinite(volume):
            return f"{theirs.name} is cheaper at any volume."
        dearer = float(np.mean(theirs.cost_usd > self.todays.cost_usd))
        return (
            ""
            if dearer < 0.5
            else "More volume does not make it cheaper: a call of it costs no less than one of today's."
        )

    def _quality(self, theirs: CandidateOutcome) -> str:
        study, today = self.study, self.study.today
        gain = theirs.quality - self.todays.quality
        names = [n for n in (theirs.name, today) if is_extrapolated(study, study.candidates[n])]
        believed = f" EXTRAPOLATED for {' and '.join(names)}." if names else ""
        if np.all(np.abs(gain) < 1e-12):
            both = f"{theirs.name} and {today} are taken to be right equally often"
            return f"{both}: {theirs.quality.mean():.1%} of calls.{believed}"
        chance = "" if self.outcome.n == 1 else f" (better with probability {np.mean(gain > 0):.0%})"
        text = (
            f"{theirs.name} is right in {theirs.quality.mean():.1%} of calls, {today} in "
            f"{self.todays.quality.mean():.1%}{chance}"
        )
        if study.workload.error_cost is None:
            return f"{text}; what an error costs is not stated, so quality is not priced.{believed}"
        fewer = float((self.todays.consequence_usd - theirs.consequence_usd).mean())
        word = "fewer errors, worth" if fewer >= 0 else "more errors, costing"
        return f"{text}: {word} {show_usd(abs(fewer))}.{believed}"

    def _error_cost(self, theirs: CandidateOutcome) -> str:
        """Where errors have no price: the price at which the dearer and better of the two would be worth it."""
        dearer = float((theirs.cost_usd - self.todays.cost_usd).mean())
        better = float((theirs.quality - self.todays.quality).mean())
        if self.prices_quality or dearer * better <= 0:
            return ""
        price = dearer / (better * self._calls())
        name, other = (theirs.name, self.study.today) if dearer > 0 else (self.study.today, theirs.name)
        return f"{name} would be worth its price over {other} if an error cost more than {show_usd(price)}."

    def _calls(self) -> float:
        """Discounted calls over the horizon, every belief at its centre."""
        months = np.arange(self.study.horizon_months)
        growth, discount = self.study.workload.growth.centre, self.study.discount.centre
        factors = (1 + growth) ** months * (1 + discount) ** (-months / 12)
        return float(self.study.workload.volume.centre * factors.sum())

    # ------------------------------------------------------------------- missing

    def missing(self, influential: Sequence[str]) -> list[str]:
        """What must be measured or stated before the evidence allows an answer."""
        names = dict.fromkeys(
            name for name in (self.ranking.leader, self.study.today, self.rival) if name is not None
        )
        found = [text for name in names for text in _unmeasured(self.study, self.study.candidates[name])]
        return [*dict.fromkeys(found), *self._unpriced(), *self._too_close(influential)]

    def _unpriced(self) -> list[str]:
        """Errors need a price only where the leader is not both cheaper and as good."""
        if self.prices_quality or self.rival is None:
            return []
        leader = self.outcome.candidates[self.ranking.leader]
        other = self.outcome.candidates[self.rival if self.keeps else self.study.today]
        behind = float((other.quality - leader.quality).mean())
        return (
            [f"what an error costs (`workload.errors.cost`): {other.name} is right more often"]
            if behind > 0.01
            else []
        )

    def _too_close(self, influential: Sequence[str]) -> list[str]:
        leader = self.ranking.leader
        regret, scale = self.ranking.regret_usd[leader], abs(float(self.todays.cost_usd.mean()))
        if self.ranking.p_best[leader] >= SURE or regret <= SMALL_REGRET * scale:
            return []
        narrow = f"; what would help most: {', '.join(influential[:3])}" if influential else ""
        return [
            f"a clearer lead: {leader} is best with probability {self.ranking.p_best[leader]:.0%} only{narrow}"
        ]


def _largest_line(candidate: CandidateOutcome) -> str:
    paid = {key: usd for key, usd in candidate.lines_usd.items() if key not in {"errors", "latency_delay"}}
    total = float(candidate.cost_usd.mean())
    if not paid or total <= 0:
        return ""
    key = max(paid, key=lambda k: paid[k])
    name, share = key.replace("_", " "), paid[key] / total
    return f"The largest line of {candidate.name} is {name}: {show_usd(paid[key])} ({share:.0%} of its cost)."


def _unmeasured(study: Study, candidate: Candidate) -> list[str]:
    quality = candidate.quality
    parts = [candidate.first, candidate.then]
    parts += [candidate.small, candidate.large] if quality.level is None else []
    inner = [text for part in parts if part for text in _unmeasured(study, study.candidates[part])]
    if quality.extrapolated:
        return [f"the quality of {candidate.name} (EXTRAPOLATED from a published prior)"]
    if quality.n_cases is not None and quality.n_cases < FEWEST_CASES:
        return [
            f"more scored cases for {candidate.name}: {quality.n_cases}, at least {FEWEST_CASES} are wanted"
        ]
    return inner
