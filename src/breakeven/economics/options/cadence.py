"""How often to train again when quality drifts: what fresher answers save against what a retraining costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Source, Values, from_text
from breakeven.economics.options.plans import Plans
from breakeven.study.defaults import default
from breakeven.study.model import Candidate, Study

__all__ = ["CADENCES", "Cadence", "best_cadence", "default_drift", "event_usd", "months_since"]

CADENCES: Final[tuple[int | None, ...]] = (1, 2, 3, 6, 12, None)
"""Months between retrainings; None: never."""
_DRIFT: Final = {
    "weekly": ("0.5%..2.5%/month", "requirements change weekly"),
    "monthly": ("0.3%..2.5%/month", "the domain changes monthly"),
    "quarterly": ("0.1%..1.5%/month", "the domain changes quarterly"),
    "yearly": ("0.02%..0.5%/month", "the domain changes yearly"),
    "rarely": ("0.01%..0.2%/month", "the domain changes rarely"),
    None: ("0.05%..2.5%/month", "nothing is stated"),
}
"""Points of quality lost a month without retraining, by ``facts.domain_changes``; the top is document 004's case."""


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """One candidate retrained at each cadence; costs (cadences, n), discounted."""

    candidate: str
    cadences: tuple[int | None, ...]
    retraining_usd: Values
    drift_usd: Values
    """Worth of the answers that staleness makes wrong."""
    stated: int | None
    """The study's own cadence."""
    best: int | None
    """The cadence that costs least in expectation."""
    p_best: tuple[float, ...]
    """Share of draws in which each costs least."""
    saving_usd: float
    """Of the best against the study's own."""
    event_usd: Values
    """(n,) or (1,), one retraining."""
    priced: bool
    """False where errors have no price: then staleness costs nothing here, and ``best`` says nothing."""

    @property
    def total_usd(self) -> Values:
        """(cadences, n)."""
        return self.retraining_usd + self.drift_usd


def default_drift(study: Study) -> Belief:
    """Points of quality lost a month without retraining."""
    text, why = _DRIFT[study.facts.domain_changes]
    reference = f"{why}; document 004's one case, a prompt, lost 15% in six months"
    return from_text(
        "drift", "monthly rate", text, Source(kind="guess", reference=reference), family="lognormal"
    )


def months_since(cadence: int | None, first: int, horizon: int) -> Values:
    """Months since the last training, (horizon,); trained for month ``first``, then in each k-th month served."""
    served = np.arange(1, horizon + 1) - first + 1
    since = served - 1 if cadence is None else np.where(served < cadence, served - 1, served % cadence)
    return np.where(served > 0, since, 0).astype(float)


def event_usd(plans: Plans, name: str) -> Values:
    """What one retraining costs; where a study trains never and states one sum, document 004's share of it."""
    candidate = plans.study.candidates[name]
    often = _retrained(candidate, 1)
    if often.retraining is None:
        return np.zeros(1)
    if often.training is None and often.retraining.event_usd is None and often.upfront is not None:
        low, high = default("retrain.upfront_share").numbers
        return (low + high) / 2 * plans.draws[often.upfront]
    study = replace(plans.study, candidates={**plans.study.candidates, name: often})
    rates = Plans(study, plans.draws, lines=[line for line in plans.lines if line.key == "retraining"]).paid(
        name
    )
    return sum((rate for driver, rate in rates.items() if driver.of == name), np.zeros(1))


def _retrained(candidate: Candidate, every: int | None) -> Candidate:
    retraining = candidate.retraining
    return candidate if retraining is None else replace(
        candidate, retraining=replace(retraining, every_months=every)
    )  # fmt: skip


def best_cadence(
    plans: Plans, name: str, drift: Values, first: int = 1, cadences: Sequence[int | None] = CADENCES
) -> Cadence | None:
    """All cadences of one trained candidate that serves from month ``first``; None where it is not trained again.

    drift: (n,) or (1,), share of answers lost a month. Staleness is priced as errors are, and as right answers.
    """
    study, workload = plans.study, plans.study.workload
    retraining = study.candidates[name].retraining
    if retraining is None:
        return None
    n, event = plans.draws.n, event_usd(plans, name)
    each = sum((plans.draws[b] for b in (workload.error_cost, workload.value) if b is not None), np.zeros(1))
    weight = plans.schedules.growth * plans.schedules.discount
    tried = tuple(dict.fromkeys([*cadences, retraining.every_months]))
    tried = tuple(sorted(tried, key=lambda k: np.inf if k is None else k))
    paid, lost = np.empty((len(tried), n)), np.empty((len(tried), n))
    for row, cadence in enumerate(tried):
        age = months_since(cadence, first, study.horizon_months)
        stale = np.minimum(age[:, None] * drift, plans.quality(name))
        lost[row] = (stale * weight).sum(axis=0) * plans.draws[workload.volume] * each
        paid[row] = event * _events(plans, cadence, first)
    total = paid + lost
    means = total.mean(axis=1)
    best = int(means.argmin())
    leads = np.bincount(total.argmin(axis=0), minlength=len(tried)) / n
    return Cadence(
        candidate=name, cadences=tried, retraining_usd=paid, drift_usd=lost, stated=retraining.every_months,
        best=tried[best], p_best=tuple(float(p) for p in leads),
        saving_usd=float(means[tried.index(retraining.every_months)] - means[best]), event_usd=event,
        priced=workload.error_cost is not None or workload.value is not None,
    )  # fmt: skip


def _events(plans: Plans, cadence: int | None, first: int) -> Values:
    """Discounted number of retrainings, (n,) or (1,)."""
    if cadence is None:
        return np.zeros(1)
    served = np.arange(1, plans.study.horizon_months + 1) - first + 1
    due = (served > 0) & (served % cadence == 0)
    return np.asarray(plans.schedules.discount[due].sum(axis=0))
