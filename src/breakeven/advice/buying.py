"""What to buy next: what each purchase is worth before it is made, and what its result would have one do.

Value is the EVSI by regression on the decision's own draws. Net benefit is already the total over the horizon, so
nothing is multiplied by a population. While one waits for a result, today's candidate goes on: that delay is a cost.
Two purchases may tell more together than apart: the few pairs that could matter are valued as offers of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from breakeven.advice.decision import Branch, InputWorth, Purchase
from breakeven.advice.plot_types import OutcomeGrid
from breakeven.advice.purchases import PURCHASES, Finding, Offer, PurchaseKind, Scene
from breakeven.advice.purchases.combined import combined
from breakeven.advice.purchases.permission import Permission, permission_of
from breakeven.advice.purchases.result_rule import branches, outcome_grid
from breakeven.advice.ranking import Ranking
from breakeven.advice.reasons import SMALL_CHANGE_HOURS
from breakeven.beliefs import Draws, Values
from breakeven.economics.outcome import Outcome
from breakeven.economics.sensitivity import go_on
from breakeven.quantities import DAYS_PER_MONTH
from breakeven.statistics.information import Worth, evpi, value_of_input, value_of_inputs
from breakeven.statistics.regression import Splines, conditional_mean
from breakeven.study.model import Study

__all__ = ["BUYING_DRAWS", "buy_next", "first_worth_it", "worth_of_groups", "worth_of_inputs"]

BUYING_DRAWS: Final = 4000
"""Draws that purchases are valued on."""
FEWEST_DRAWS: Final = 500
SURE_ERRORS: Final = 2.0
"""A purchase is worth its price where its net value is above this many Monte Carlo errors."""
TRIED_TOGETHER: Final = 3
"""Offers of which every two are tried as one."""
TENSOR_FINDINGS: Final = 3
"""Figures up to which their products are fitted too, on the draws that purchases are valued on."""
GROUP_INPUTS: Final = 8


def buy_next(
    study: Study, draws: Draws, outcome: Outcome, ranking: Ranking, *, seed: int,
    purchases: Sequence[PurchaseKind] = PURCHASES, pairs: bool = True, between: Callable[[], None] = go_on,
) -> tuple[Purchase, ...]:  # fmt: skip
    """Everything that can be bought, by net value; those whose cost is not known last. Empty in one world.

    ``pairs``: also the few pairs of offers that could matter, as offers of their own. ``between``: called before each
    offer is valued; what it raises ends the work.
    """
    names = [name for name, ok in zip(ranking.names, ranking.eligible, strict=True) if ok]
    permission = permission_of(study, outcome, ranking, draws.n)
    if draws.n < FEWEST_DRAWS or (len(names) < 2 and permission is None):
        return ()
    benefits = ranking.benefits[: draws.n]
    wide = benefits[:, [] if permission is None else [ranking.names.index(n) for n in permission.names]]
    market = _Market(
        study=study, names=names, benefits=benefits[:, list(ranking.eligible)], permission=permission, wide=wide,
        today=study.today, leader=ranking.leader, regret_usd=ranking.regret_usd[ranking.leader], between=between,
    )  # fmt: skip
    qualities = {
        name: np.broadcast_to(c.quality, (outcome.n,))[: draws.n] for name, c in outcome.candidates.items()
    }
    scene = Scene(study=study, draws=draws, qualities=qualities, seed=seed)
    apart = [_Priced(o, market.priced(kind.key, o)) for kind in purchases for o in kind.offers(scene)]
    found = [each.purchase for each in apart] + (list(_together(scene, market, apart)) if pairs else [])
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
    permission: Permission | None
    """Where errors have no price: who could be admitted or barred."""
    wide: Values
    """(n, permission.names)."""
    regret_usd: float
    """Expected regret of the choice as it stands."""
    today: str
    leader: str
    """The choice as it stands."""
    between: Callable[[], None] = go_on
    """Called before each offer is valued."""

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

    @property
    def most_usd(self) -> float:
        """What no knowledge is worth more than."""
        best = self.wide if self.permission is not None else self.benefits
        return float(best.max(axis=1).mean() - self.benefits.mean(axis=0).max())

    def judges(self, offer: Offer) -> Permission | None:
        """Who may be chosen is judged again where the offer shows quality, and errors have no price."""
        return self.permission if any(".quality" in name for name in offer.informs) else None

    def priced(self, kind: str, offer: Offer) -> Purchase:
        """One offer with its value, its price and its rule."""
        self.between()
        worth, bars = self._worth(offer)
        delay = offer.days * self.delay_usd_per_day
        net = None if offer.cost_usd is None else worth.cross_fitted - offer.cost_usd - delay
        counts = _counts(worth)
        rule, outcome = self.rule(offer) if counts else ((), None)
        found = Purchase(
            kind=kind, what=offer.what, ask=offer.ask, informs=offer.informs, value_usd=worth.cross_fitted,
            value_raw_usd=worth.value, standard_error_usd=worth.cross_fitted_error, cost_usd=offer.cost_usd,
            delay_usd=delay, net_usd=net, days=offer.days, state=offer.state,
            rule=rule, outcome=outcome,
            regret_after_usd=max(0.0, self.regret_usd - worth.cross_fitted), worth_it=False, because="",
        )  # fmt: skip
        because = self._why_not(found, offer) if counts else self._why_nothing(worth, offer, bars=bars)
        return replace(found, because=because, worth_it=not because)

    def _worth(self, offer: Offer) -> tuple[Worth, bool]:
        """Its value, and whether its results would rather bar the choice than better it."""
        columns, permission = _columns(offer.findings), self.judges(offer)
        if permission is not None:
            return permission.worth(columns, self.wide)
        return value_of_input(columns, self.benefits), False

    def _why_nothing(self, worth: Worth, offer: Offer, *, bars: bool) -> str:
        """Why its value is not told from nothing."""
        if bars:
            return f"it can only bar {self.leader}: that guards quality, which has no price here"
        if worth.value > 0 and worth.cross_fitted > 0 and not offer.if_useless:
            return "what it gains is within the draws' own error"
        return offer.if_useless or self._idle()

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
        return "what it gains is within the draws' own error"

    def rule(self, offer: Offer) -> tuple[tuple[Branch, ...], OutcomeGrid | None]:
        """What to do at each result, by the one figure that tells most; empty where no single one decides."""
        rules = [self._branches(finding, self.judges(offer)) for finding in offer.findings]
        if not rules:
            return (), None
        _, found, outcome = max(rules, key=lambda rule: rule[0])
        return (found, outcome) if len(found) > 1 else ((), None)

    def _branches(
        self, finding: Finding, permission: Permission | None
    ) -> tuple[float, tuple[Branch, ...], OutcomeGrid]:
        """What following this figure alone is worth, its rule, and what stands behind the rule."""
        names = self.names if permission is None else permission.names
        benefits = self.benefits if permission is None else self.wide
        gain = benefits - benefits[:, [names.index(self.leader)]]
        if permission is None:
            expected = conditional_mean(finding.values, gain)
            chosen = expected.argmax(axis=1)
        else:
            expected, chosen = permission.choices(Splines(finding.values), gain, cross_fitted=False)
        worth = float(expected[np.arange(chosen.size), chosen].mean())
        grid = outcome_grid(finding, expected, names, self.leader)
        return worth, branches(finding, chosen, names), grid

    def earned(self, offer: Offer) -> Values:
        """(n,) net benefit of the choice at each result, by fits that have not seen the draw."""
        columns, permission = _columns(offer.findings), self.judges(offer)
        rows = np.arange(len(columns))
        if permission is not None:
            gain = self.wide - self.wide[:, [permission.names.index(self.leader)]]
            admitted: Values = gain[rows, permission.choices(Splines(columns), gain, cross_fitted=True)[1]]
            return admitted
        tensor = 1 < columns.shape[1] <= TENSOR_FINDINGS
        gain = self.benefits - self.benefits[:, [self.names.index(self.leader)]]
        expected = conditional_mean(columns, gain, tensor=tensor, cross_fitted=True)
        earned: Values = gain[rows, expected.argmax(axis=1)]
        return earned


def _counts(worth: Worth) -> bool:
    """Whether its value is told from nothing, as fitted and as cross-fitted."""
    return (
        worth.value > SURE_ERRORS * worth.standard_error
        and worth.cross_fitted > SURE_ERRORS * worth.cross_fitted_error
    )


@dataclass(frozen=True)
class _Priced:
    offer: Offer
    purchase: Purchase


def _together(scene: Scene, market: _Market, apart: Sequence[_Priced]) -> Iterator[Purchase]:
    """Pairs that could be worth more than the best alone, where together they tell something.

    Told are those that are worth more than it, or that add something to it.
    """
    best_usd = max((p.purchase.net_usd or 0.0 for p in apart), default=0.0)
    for first, second in combinations(_worth_trying(apart), 2):
        offer = combined(scene, first.offer, second.offer) if _may_complete(first, second) else None
        if offer is None or offer.cost_usd is None:
            continue
        delay = offer.days * market.delay_usd_per_day
        if market.most_usd - offer.cost_usd - delay <= max(0.0, best_usd):
            continue
        found = market.priced(f"{first.purchase.kind}+{second.purchase.kind}", offer)
        part = max((first, second), key=lambda each: each.purchase.net_usd or 0.0)
        alone, both = part.purchase.net_usd or 0.0, found.net_usd or 0.0
        if (found.rule or found.worth_it) and max(alone, both) >= best_usd:
            because = found.because or _not_beyond(market, _Priced(offer, found), part)
            yield replace(found, because=because, worth_it=not because)


def _may_complete(first: _Priced, second: _Priced) -> bool:
    """Whether two can tell more together: both matter, or neither does, or they share cases.

    One that matters alone and one that does not go into separate figures, and only the first moves the choice.
    """
    matter = bool(first.purchase.rule), bool(second.purchase.rule)
    return matter[0] == matter[1] or (first.offer.cases is not None and second.offer.cases is not None)


def _worth_trying(apart: Sequence[_Priced]) -> list[_Priced]:
    """The few most promising offers with a price, one size of each.

    First those that are worth something, by net value; then those that score cases, the most cases first: alone they
    may tell nothing that matters, and with another much.
    """

    def promise(each: _Priced) -> tuple[bool, int, float]:
        told, cases = bool(each.purchase.rule), each.offer.cases
        return told, 0 if told or cases is None else cases.count, each.purchase.net_usd or 0.0

    best: dict[tuple[str, tuple[str, ...]], _Priced] = {}
    for each in sorted((p for p in apart if p.purchase.net_usd is not None), key=promise, reverse=True):
        best.setdefault((each.purchase.kind, each.purchase.informs), each)
    return list(best.values())[:TRIED_TOGETHER]


def _not_beyond(market: _Market, both: _Priced, part: _Priced) -> str:
    """Why not both, where the better one alone does: compared on the same draws. Empty where both gain clearly more."""
    alone, found = part.purchase, both.purchase
    if not alone.worth_it or alone.net_usd is None or found.net_usd is None:
        return ""
    if found.net_usd <= alone.net_usd:
        return f"it adds less to {alone.what} than it costs"
    more = market.earned(both.offer) - market.earned(part.offer)
    error = float(more.std(ddof=1) / np.sqrt(more.size))
    if found.net_usd - alone.net_usd <= max(SURE_ERRORS * error, market.day_usd):
        return f"not clearly better than {alone.what} alone"
    return ""


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
