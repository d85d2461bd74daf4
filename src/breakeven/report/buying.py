"""What to buy, in words: the rows of the table and the lines of the rule, for every format."""

from __future__ import annotations

from breakeven.advice.decision import Branch, Decision, Purchase
from breakeven.economics.options.waiting import Waiting
from breakeven.quantities import show_usd
from breakeven.report.page_types import BuyRow, RuleLine
from breakeven.report.text import share, signed_usd
from breakeven.report.waiting import best_wait, wait_split

__all__ = ["after_it", "buy_rows", "nothing_to_buy", "rule_lines", "shown_purchases"]

SHOWN = 6
_UNKNOWN = "cost unknown"


def shown_purchases(d: Decision) -> tuple[Purchase, ...]:
    """The best size of each purchase, by net value; those that could not change anything only where they say why."""
    best: dict[tuple[str, tuple[str, ...]], Purchase] = {}
    for p in d.buy_next:
        known = best.setdefault((p.kind, p.informs), p)
        if (p.worth_it, _says_why(p)) > (known.worth_it, _says_why(known)):
            best[p.kind, p.informs] = p
    told = [p for p in best.values() if p.worth_it or _says_why(p)]
    return tuple(told[:SHOWN])


def buy_rows(d: Decision) -> tuple[BuyRow, ...]:
    """The same as rows of a table, then waiting."""
    wait = best_wait(d)
    rows = tuple(_row(p, d) for p in shown_purchases(d))
    return rows if wait is None or not d.draws > 1 else (*rows, _wait_row(wait))


def _wait_row(w: Waiting) -> BuyRow:
    """Waiting gains what it shows; what it costs is the delay."""
    pays = w.value_usd > 2 * w.error_usd and w.value_usd > 0
    return BuyRow(
        what=f"wait {w.months} months", value=show_usd(w.information_usd),
        cost=show_usd(0.0), delay=show_usd(-w.delay_usd) if w.delay_usd else show_usd(0.0),
        net=signed_usd(w.value_usd), says=f"({wait_split(w)})", worth_it=pays,
    )  # fmt: skip


def _says_why(p: Purchase) -> bool:
    """Whether its reason is more than that no result would matter."""
    return not p.because.startswith("hardly any result")


def nothing_to_buy(d: Decision) -> str:
    """Said where there are things to buy and none is worth its price."""
    if not d.buy_next or d.purchase is not None:
        return ""
    n = len({(p.kind, p.informs) for p in d.buy_next})
    looked = "1 kind of evidence" if n == 1 else f"{n} kinds of evidence"
    unknown = any(p.cost_usd is None and p.value_usd > 0 for p in d.buy_next)
    unpriced = (
        ""
        if d.error_cost_stated
        else " Errors have no price here, so knowing quality better counts only by whom it lets one choose."
    )
    asks = d.recommendation.action == "measure first"
    still = (
        " The answer asks for a measurement all the same: evidence is missing (see EVIDENCE)." if asks else ""
    )
    return f"Of {looked}, none is worth its price{' that is known' if unknown else ''}.{unpriced}{still}"


def _row(p: Purchase, d: Decision) -> BuyRow:
    mark = "buy first" if p is d.purchase else "worth it alone" if p.worth_it else p.because
    value = show_usd(p.value_usd)
    return BuyRow(
        what=p.what,
        value=f"{value} ± {show_usd(p.standard_error_usd)}" if p.value_usd > 0 else value,
        cost=_UNKNOWN if p.cost_usd is None else show_usd(p.cost_usd),
        delay=show_usd(p.delay_usd),
        net="–" if p.net_usd is None else signed_usd(p.net_usd),
        says=mark,
        worth_it=p.worth_it,
    )


def rule_lines(d: Decision) -> tuple[RuleLine, ...]:
    """What to do at each result of the purchase to make first, the highest first; empty where none is worth it."""
    p = d.purchase
    if p is None:
        return ()
    top = list(reversed(p.rule))
    lines = [_line(branch) for branch in top]
    if len(top) == 2:  # where there are more ranges, each is spelled out
        lines[-1] = RuleLine(condition="otherwise", candidate=top[-1].candidate, p=share(top[-1].p))
    return tuple(lines)


def _line(branch: Branch) -> RuleLine:
    return RuleLine(condition=branch.condition, candidate=branch.candidate, p=share(branch.p))


def after_it(d: Decision) -> str:
    """The expected regret that a purchase leaves."""
    p = d.purchase
    if p is None:
        return ""
    return f"After the purchase: {show_usd(p.regret_after_usd)}."
