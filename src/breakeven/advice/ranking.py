"""Who leads: net benefit compared draw by draw, never by separate intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.outcome import Outcome
from breakeven.study.model import Study

__all__ = ["Ranking", "can_serve", "rank"]

NOT_WORSE: float = 0.01
"""Where errors have no price, a candidate may be chosen if it is likely no more than this much worse than today's."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """All candidates by expected net benefit."""

    names: tuple[str, ...]
    benefits: Values
    """(n, candidates) net benefit."""
    eligible: tuple[bool, ...]
    """Whether it may be chosen; where errors have no price, only candidates that keep today's quality or the target."""
    leader: str
    p_best: Mapping[str, float]
    """Share of draws in which it leads the eligible candidates; 0 for the others."""
    regret_usd: Mapping[str, float]
    """Expected loss of choosing it, against knowing every input."""
    ineligible_because: Mapping[str, str]

    def expected(self, name: str) -> float:
        """Expected net benefit."""
        return float(self.benefits[:, self.names.index(name)].mean())

    @property
    def runner_up(self) -> str | None:
        """The second best of those that may be chosen."""
        others = [n for n, ok in zip(self.names, self.eligible, strict=True) if ok and n != self.leader]
        return max(others, key=self.expected, default=None)


def rank(study: Study, outcome: Outcome) -> Ranking:
    """Compare all candidates on the same draws."""
    names = tuple(outcome.candidates)
    benefits = np.stack([outcome.candidates[name].net_benefit_usd for name in names], axis=1)
    because = _ineligible(study, outcome)
    eligible = np.array([name not in because for name in names])
    allowed = np.where(eligible, benefits, -np.inf)
    best = allowed.max(axis=1)
    ties = allowed == best[:, None]
    shares = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
    means = np.where(eligible, benefits.mean(axis=0), -np.inf)
    return Ranking(
        names=names,
        benefits=benefits,
        eligible=tuple(bool(ok) for ok in eligible),
        leader=_first_among_equals(names, means, study.today),
        p_best=dict(zip(names, shares.tolist(), strict=True)),
        regret_usd={name: float((best - benefits[:, k]).mean()) for k, name in enumerate(names)},
        ineligible_because=because,
    )


def _first_among_equals(names: Sequence[str], means: Values, today: str) -> str:
    """The best; today's where it is as good, since changing costs attention that no line counts."""
    best = float(means.max())
    return today if means[names.index(today)] >= best else names[int(means.argmax())]


def can_serve(study: Study) -> tuple[str, ...]:
    """Candidates that answer to the horizon, whatever their quality; all of them where none does."""
    able = tuple(name for name in study.candidates if not _ends(study, name, study.horizon_months))
    return able or tuple(study.candidates)


def _ineligible(study: Study, outcome: Outcome) -> dict[str, str]:
    """Candidates that must not be chosen, with the reason: they stop, or a comparison of bills alone can not tell."""
    ended = {name: why for name in outcome.candidates if (why := _ends(study, name, study.horizon_months))}
    if len(ended) == len(outcome.candidates):
        return {}
    return {**_cheap_and_worse(study, outcome), **ended}


def _ends(study: Study, name: str, needed_until: int) -> str:
    """Why a candidate can not serve until this month; empty where it can."""
    c = study.candidates[name]
    if c.kind == "wait" and c.first is not None and c.then is not None and c.switch_month is not None:
        return _ends(study, c.first, c.switch_month - 1) or _ends(study, c.then, needed_until)
    if c.ends_month is not None and c.ends_month <= needed_until:
        return c.ends_because
    return next(
        (why for part in (c.small, c.large) if part and (why := _ends(study, part, needed_until))), ""
    )


def _cheap_and_worse(study: Study, outcome: Outcome) -> dict[str, str]:
    """Where errors have no price, a candidate may be chosen only if it keeps today's quality, or the target."""
    if study.workload.error_cost is not None or study.workload.value is not None:
        return {}
    todays = outcome.candidates[study.today].quality
    target = study.workload.target
    found = {}
    for name, candidate in outcome.candidates.items():
        if name == study.today:
            continue
        keeps = float(np.mean(candidate.quality >= todays - NOT_WORSE))
        meets = float(np.mean(candidate.quality >= target.centre)) if target is not None else 0.0
        if max(keeps, meets) < 0.5:
            found[name] = (
                f"it keeps today's quality only with probability {keeps:.0%}, and errors have no price here"
            )
    return found
