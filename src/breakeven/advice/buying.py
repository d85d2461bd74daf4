"""What to buy next: what each purchase is worth before it is made, and what its result would have one do.

Value is the EVSI by regression on the decision's own draws. Net benefit is already the total over the horizon, so
nothing is multiplied by a population. While one waits for a result, today's candidate goes on: that delay is a cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from breakeven.advice.decision import Branch, InputWorth, Purchase
from breakeven.advice.purchases import PURCHASES, Finding, Offer, PurchaseKind, Scene
from breakeven.advice.ranking import Ranking
from breakeven.advice.reasons import SMALL_CHANGE_HOURS
from breakeven.beliefs import Draws, Values, show_value
from breakeven.economics.outcome import Outcome
from breakeven.quantities import DAYS_PER_MONTH
from breakeven.statistics.information import evpi, value_of_input, value_of_inputs
from breakeven.statistics.regression import conditional_mean
from breakeven.study.model import Study

__all__ = ["BUYING_DRAWS", "buy_next", "first_worth_it", "worth_of_groups", "worth_of_inputs"]

BUYING_DRAWS: Final = 4000
"""Draws that purchases are valued on."""
FEWEST_DRAWS: Final = 500
SURE_ERRORS: Final = 2.0
"""A purchase is worth its price where its net value is above this many Monte Carlo errors."""
GROUP_INPUTS: Final = 8
SMALLEST_BRANCH: Final = 0.03
"""A share of draws under which a range of results is counted with its neighbour."""


def buy_next(
    study: Study, draws: Draws, outcome: Outcome, ranking: Ranking, *, seed: int,
    purchases: Sequence[PurchaseKind] = PURCHASES,
) -> tuple[Purchase, ...]:  # fmt: skip
    """Everything that can be bought, by net value; those whose cost is not known last. Empty in one world."""
    names = [name for name, ok in zip(ranking.names, ranking.eligible, strict=True) if ok]
    if draws.n < FEWEST_DRAWS or len(names) < 2:
        return ()
    benefits = ranking.benefits[: draws.n, list(ranking.eligible)]
    market = _Market(
        study=study, names=names, benefits=benefits, today=study.today, leader=ranking.leader,
        regret_usd=ranking.regret_usd[ranking.leader],
    )  # fmt: skip
    qualities = {
        name: np.broadcast_to(c.quality, (outcome.n,))[: draws.n] for name, c in outcome.candidates.items()
    }
    scene = Scene(study=study, draws=draws, qualities=qualities, seed=seed)
    found = [market.priced(kind.key, offer) for kind in purchases for offer in kind.offers(scene)]
    return tuple(sorted(found, key=lambda p: (p.net_usd is None, -(p.net_usd or 0.0), -p.value_usd)))


def first_worth_it(found: Sequence[Purchase]) -> Purchase | None:
    """What to buy before committing; None where nothing is worth it."""
    return next((p for p in found if p.worth_it), None)


@dataclass(frozen=True, kw_only=True)
class _Market:
    """The decision that purchases are to improve."""

    study: Study
    names: Sequence[str]
    benefits: Values
    """(n, names)."""
    regret_usd: float
    """Expected regret of the choice as it stands."""
    today: str
    leader: str
    """The choice as it stands."""

    @property
    def day_usd(self) -> float:
        """A day of somebody's work: less is not worth asking for."""
        return SMALL_CHANGE_HOURS * self.study.wage.centre

    @property
    def delay_usd_per_day(self) -> float:
        """What a day longer with today's candidate forgoes."""
        means = self.benefits.mean(axis=0)
        if self.today not in self.names:
            return 0.0
        lead = float(means.max() - means[self.names.index(self.today)])
        return lead / (self.study.horizon_months * DAYS_PER_MONTH)

    def priced(self, kind: str, offer: Offer) -> Purchase:
        """One offer with its value, its price and its rule."""
        worth = value_of_input(_columns(offer.findings), self.benefits)
        delay = offer.days * self.delay_usd_per_day
        net = None if offer.cost_usd is None else worth.cross_fitted - offer.cost_usd - delay
        counts = worth.cross_fitted > SURE_ERRORS * worth.cross_fitted_error
        found = Purchase(
            kind=kind, what=offer.what, ask=offer.ask, informs=offer.informs, value_usd=worth.cross_fitted,
            value_raw_usd=worth.value, standard_error_usd=worth.cross_fitted_error, cost_usd=offer.cost_usd,
            delay_usd=delay, net_usd=net, days=offer.days, state=offer.state,
            rule=self.rule(offer) if counts else (),
            regret_after_usd=max(0.0, self.regret_usd - worth.cross_fitted), worth_it=False, because="",
        )  # fmt: skip
        because = self._why_not(found, offer) if counts else offer.if_useless or self._idle()
        return replace(found, because=because, worth_it=not because)

    def _idle(self) -> str:
        return f"hardly any result would move the choice from {self.leader}"

    def _why_not(self, found: Purchase, offer: Offer) -> str:
        """Why something that could change the choice is still not worth it; empty where it is."""
        if found.net_usd is None or found.cost_usd is None:
            return f"cost unknown: state {', '.join(offer.state)}"
        if found.net_usd > max(SURE_ERRORS * found.standard_error_usd, self.day_usd):
            return ""
        if found.value_usd < found.cost_usd:
            return "it costs more than it could save"
        if found.net_usd <= 0:
            return f"waiting {found.days:.0f} days for it costs more than it could save"
        if found.net_usd < self.day_usd:
            return "it gains less than a day of work costs"
        return "what it gains is within the error of the draws"

    def rule(self, offer: Offer) -> tuple[Branch, ...]:
        """What to do at each result, by the one figure that tells most; empty where no single one decides."""
        rules = [self._branches(finding) for finding in offer.findings]
        found = max(rules, key=lambda found: found[0], default=(0.0, ()))[1]
        return found if len(found) > 1 else ()

    def _branches(self, finding: Finding) -> tuple[float, tuple[Branch, ...]]:
        """What following this figure alone is worth, and its rule."""
        gain = self.benefits - self.benefits[:, [self.names.index(self.leader)]]
        expected = conditional_mean(finding.values, gain)
        order = np.argsort(finding.values, kind="stable")
        seen, choice = finding.values[order], expected.argmax(axis=1)[order]
        runs = _merged(_runs(choice))
        worth = float(expected.max(axis=1).mean())
        return worth, tuple(_branch(finding, seen, runs, at, self.names) for at in range(len(runs)))


Run = tuple[int, int, int]
"""From and to which place in the order of results, and the candidate chosen there."""


def _runs(choice: Values) -> list[Run]:
    cuts = [0, *(np.flatnonzero(np.diff(choice)) + 1).tolist(), choice.size]
    return [(a, b, int(choice[a])) for a, b in pairwise(cuts)]


def _merged(runs: list[Run]) -> list[Run]:
    """Ranges too rare to speak of counted with their larger neighbour, smallest first."""
    runs = list(runs)
    n = runs[-1][1]
    while len(runs) > 1:
        at = min(range(len(runs)), key=lambda k: runs[k][1] - runs[k][0])
        if runs[at][1] - runs[at][0] >= SMALLEST_BRANCH * n:
            break
        beside = [k for k in (at - 1, at + 1) if 0 <= k < len(runs)]
        into = max(beside, key=lambda k: runs[k][1] - runs[k][0])
        runs[into] = (min(runs[at][0], runs[into][0]), max(runs[at][1], runs[into][1]), runs[into][2])
        del runs[at]
        runs = _joined(runs)
    return runs


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours with one choice made one."""
    found = runs[:1]
    for start, stop, choice in runs[1:]:
        if choice == found[-1][2]:
            found[-1] = (found[-1][0], stop, choice)
        else:
            found.append((start, stop, choice))
    return found


def _branch(finding: Finding, seen: Values, runs: list[Run], at: int, names: Sequence[str]) -> Branch:
    start, stop, choice = runs[at]
    low = None if at == 0 else float((seen[start - 1] + seen[start]) / 2)
    high = None if at == len(runs) - 1 else float((seen[stop - 1] + seen[stop]) / 2)
    return Branch(
        condition=_condition(finding, low, high), low=low, high=high, candidate=names[choice],
        p=(stop - start) / seen.size,
    )  # fmt: skip


def _condition(finding: Finding, low: float | None, high: float | None) -> str:
    """``pilot gains ≥ +0.8 points over prompt on the same 200 cases``."""
    if low is None and high is None:
        return "whatever it shows"
    if low is None:
        bounds = f"< {_shown(finding, high)}"
    elif high is None:
        bounds = f"≥ {_shown(finding, low)}"
    else:
        bounds = f"{_shown(finding, low)} to {_shown(finding, high)}"
    return f"{finding.words} {bounds} {finding.on}".rstrip()


def _shown(finding: Finding, value: float | None) -> str:
    assert value is not None
    if finding.kind == "points":
        return f"{value * 100:+.1f} points".replace("-", "−")
    return show_value(value, finding.kind)


def _columns(findings: Sequence[Finding]) -> Values:
    return np.stack([finding.values for finding in findings if not finding.derived], axis=1)


# What knowing inputs outright is worth.


def worth_of_inputs(study: Study, draws: Draws, ranking: Ranking) -> tuple[InputWorth, ...]:
    """Each input alone, largest first; only those above a thousandth of the whole."""
    benefits = ranking.benefits[: draws.n, list(ranking.eligible)]
    inputs = {b.name: draws[b] for b in study.beliefs if _varies(draws[b])}
    return _worths(inputs, benefits)


def worth_of_groups(study: Study, draws: Draws, ranking: Ranking) -> tuple[InputWorth, ...]:
    """The inputs of one sort known together: qualities, prices, traffic, work; of each the eight that move most."""
    benefits = ranking.benefits[: draws.n, list(ranking.eligible)]
    groups: dict[str, list[Values]] = {}
    for belief in study.beliefs:
        if _varies(draws[belief]):
            groups.setdefault(_group(belief.name, belief.kind), []).append(draws[belief])
    return _worths({k: _movers(v, benefits) for k, v in groups.items() if len(v) > 1}, benefits)


def _movers(inputs: list[Values], benefits: Values) -> Values:
    """The inputs that go most with any difference of net benefit, (n, ≤ 8): further ones add noise and time."""
    columns = np.stack(inputs, axis=1)
    gain = benefits - benefits[:, [int(benefits.mean(axis=0).argmax())]]
    centred = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    together = np.abs(centred.T @ (gain - gain.mean(axis=0))).max(axis=1)
    return columns[:, np.sort(np.argsort(-together)[:GROUP_INPUTS])]


def _worths(inputs: dict[str, Values], benefits: Values) -> tuple[InputWorth, ...]:
    whole = evpi(benefits)
    if benefits.shape[0] < FEWEST_DRAWS or whole <= 0:
        return ()
    found = value_of_inputs(inputs, benefits)
    rows = (
        InputWorth(
            input=name,
            usd=worth.value,
            cross_fitted_usd=worth.cross_fitted,
            standard_error_usd=worth.standard_error,
        )
        for name, worth in found.items()
        if worth.value > 0.001 * whole
    )
    return tuple(sorted(rows, key=lambda row: -row.usd))


def _varies(values: Values) -> bool:
    return values.size > 1 and bool(np.ptp(values) > 0)


def _group(name: str, kind: str) -> str:
    """The sort of an input."""
    if ".quality" in name:
        return "all qualities"
    if kind in ("money per error", "money per answer", "money per second"):
        return "what answers and errors are worth"
    if kind in ("volume", "tokens", "monthly rate", "share", "factor") and not name.startswith(
        "price_change"
    ):
        return "all traffic"
    if kind.startswith("hours") or name == "wage" or name.endswith(".wage"):
        return "all work"
    return "all prices" if kind.startswith(("money", "yearly")) else "all else"
