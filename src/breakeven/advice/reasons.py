"""The answer in plain words: headline, reasons, and what is missing for an answer that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breakeven.advice.ranking import Ranking
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.quantities import DAYS_PER_MONTH, show, show_usd
from breakeven.study.model import Candidate, Study

__all__ = ["Answer", "answer", "show_months"]

SURE = 0.8
"""P(best) from which a lead counts as clear."""
SMALL_REGRET = 0.02
"""Expected regret, as a share of today's cost, up to which a close call does not matter."""
FEWEST_CASES = 100
"""Scored cases under which a measured quality is not enough (document 000)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Words for the top of the page."""

    action: str
    headline: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


def answer(
    study: Study, outcome: Outcome, ranking: Ranking, volume_p50: Mapping[str, float], influential: Sequence[str]
) -> Answer:
    """What to do and why; ``volume_p50``: median break-even volume by candidate (calls a month, inf: none)."""
    missing = tuple(_missing(study, outcome, ranking, influential))
    keep = ranking.leader == study.today
    action = "keep" if keep else ("switch" if not missing else "measure first")
    reasons = (
        *_money_reasons(study, outcome, ranking, volume_p50),
        *_quality_reasons(study, outcome, ranking),
        *(f"{name} is left out of the choice: {why}." for name, why in ranking.ineligible_because.items()),
    )
    headline = _keep_headline(study, outcome, ranking, volume_p50) if keep else _switch_headline(
        study, outcome, ranking, action
    )
    return Answer(action=action, headline=headline, reasons=reasons, missing=missing)


def show_months(months: float) -> str:
    """A time to break even, in the unit that people would use."""
    if not np.isfinite(months):
        return "never"
    if months * DAYS_PER_MONTH < 10:
        return f"{months * DAYS_PER_MONTH:.1f} days"
    if months < 2:
        return f"{months * DAYS_PER_MONTH / 7:.1f} weeks"
    return f"{months:.1f} months"


def _keep_headline(study: Study, outcome: Outcome, ranking: Ranking, volume_p50: Mapping[str, float]) -> str:
    rival = ranking.runner_up
    if rival is None:
        others = ", ".join(ranking.ineligible_because)
        return f"Keep {study.today}: {others} would likely lose quality, and errors have no price here." if others else (
            f"Keep {study.today}: there is no other candidate."
        )
    theirs = outcome.candidates[rival]
    never = float(np.mean(np.isinf(theirs.break_even_months)))
    volume = volume_p50.get(rival, float("inf"))
    if never >= 0.5:
        would = f"; it would from {show(volume)} calls/month" if np.isfinite(volume) and volume > 0 else ""
        return f"Keep {study.today}: {rival} does not pay back within {study.horizon_months} months{would}."
    worse = ranking.expected(study.today) - ranking.expected(rival)
    return f"Keep {study.today}: {rival} is cheaper to run, but worth {show_usd(worse)} less in all."


def _switch_headline(study: Study, outcome: Outcome, ranking: Ranking, action: str) -> str:
    leader = ranking.leader
    gain = ranking.expected(leader) - ranking.expected(study.today)
    verb = {"switch": f"Switch to {leader}", "measure first": f"Do not commit yet: measure, then likely {leader}"}[action]
    paid = float(np.median(outcome.candidates[leader].break_even_months))
    back = f", paid back in {show_months(paid)}" if np.isfinite(paid) else ""
    return f"{verb}: worth {show_usd(gain)} more than {study.today} over {study.horizon_months} months{back}."


def _money_reasons(
    study: Study, outcome: Outcome, ranking: Ranking, volume_p50: Mapping[str, float]
) -> list[str]:
    """About the leader against today's; where today's leads, about the runner-up."""
    other = ranking.leader if ranking.leader != study.today else ranking.runner_up
    if other is None:
        return []
    ours, todays = outcome.candidates[other], outcome.candidates[study.today]
    saved = float((todays.cost_usd - ours.cost_usd).mean())
    p_cheaper = float(np.mean(ours.cost_usd < todays.cost_usd))
    word = "less" if saved >= 0 else "more"
    reasons = [
        f"{other} costs {show_usd(abs(saved))} {word} than {study.today} over {study.horizon_months} months: "
        f"{show_usd(float(ours.upfront_usd.mean()))} up front, then {show_usd(float(ours.monthly_usd.mean()))} a month "
        f"against {show_usd(float(todays.monthly_usd.mean()))} in the first year (cheaper with probability {p_cheaper:.0%})."
    ]
    volume, now = volume_p50.get(other, float("inf")), float(np.mean(study.centres()[study.workload.volume]))
    if np.isfinite(volume) and volume > 0:
        side = "above" if now >= volume else "below"
        reasons.append(
            f"From {show(volume)} calls/month on it would be cheaper over the horizon; this feature has {show(now)}, {side} that."
        )
    elif saved < 0:
        reasons.append("No volume makes it cheaper: one call of it costs no less than one of today's.")
    return [*reasons, *_largest_line(ours)]


def _largest_line(candidate: CandidateOutcome) -> list[str]:
    paid = {key: usd for key, usd in candidate.lines_usd.items() if key not in {"errors", "latency_delay"}}
    if not paid:
        return []
    key = max(paid, key=lambda k: paid[k])
    total = float(candidate.cost_usd.mean())
    share = f" ({paid[key] / total:.0%} of its cost)" if total > 0 else ""
    return [f"The largest line of {candidate.name} is {key.replace('_', ' ')}: {show_usd(paid[key])}{share}."]


def _quality_reasons(study: Study, outcome: Outcome, ranking: Ranking) -> list[str]:
    other = ranking.leader if ranking.leader != study.today else ranking.runner_up
    if other is None:
        return []
    ours, todays = outcome.candidates[other], outcome.candidates[study.today]
    gain = ours.quality - todays.quality
    text = (
        f"{other} is right in {ours.quality.mean():.1%} of calls, {study.today} in {todays.quality.mean():.1%} "
        f"(better with probability {np.mean(gain > 0):.0%})"
    )
    if study.workload.error_cost is None:
        return [f"{text}; what an error costs is not stated, so quality is not priced."]
    fewer = float((todays.consequence_usd - ours.consequence_usd).mean())
    word = "worth" if fewer >= 0 else "costing"
    return [f"{text}: {'fewer' if fewer >= 0 else 'more'} errors, {word} {show_usd(abs(fewer))}."]


def _missing(study: Study, outcome: Outcome, ranking: Ranking, influential: Sequence[str]) -> list[str]:
    """What must be measured or stated before the answer counts as allowed by the evidence."""
    rivals = [ranking.leader, study.today if ranking.leader != study.today else ranking.runner_up]
    compared = [study.candidates[name] for name in dict.fromkeys(rivals) if name is not None]
    found = [text for candidate in compared for text in _unmeasured(study, candidate)]
    priced = study.workload.error_cost is not None or study.workload.value is not None
    if not priced and len(compared) == 2:
        a, b = (outcome.candidates[c.name].quality.mean() for c in compared)
        if abs(float(a - b)) > 0.01:
            found.append("what an error costs (`workload.errors.cost`): the candidates differ by more than 1 point")
    todays_cost = abs(float(outcome.candidates[study.today].cost_usd.mean()))
    close = ranking.p_best[ranking.leader] < SURE
    if close and ranking.regret_usd[ranking.leader] > SMALL_REGRET * todays_cost:
        narrow = f"; what would help most: {', '.join(influential[:3])}" if influential else ""
        found.append(
            f"a clearer lead: {ranking.leader} is best with probability {ranking.p_best[ranking.leader]:.0%} only{narrow}"
        )
    return found


def _unmeasured(study: Study, candidate: Candidate) -> list[str]:
    quality = candidate.quality
    parts = [candidate.small, candidate.large] if candidate.kind == "hybrid" and quality.level is None else []
    parts += [candidate.first, candidate.then] if candidate.kind == "wait" else []
    if parts:
        return [text for part in parts if part for text in _unmeasured(study, study.candidates[part])]
    if quality.extrapolated:
        return [f"the quality of {candidate.name} (EXTRAPOLATED from a published prior)"]
    if quality.n_cases is not None and quality.n_cases < FEWEST_CASES:
        return [f"more scored cases for {candidate.name}: {quality.n_cases}, at least {FEWEST_CASES} are wanted"]
    return []
