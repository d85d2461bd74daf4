"""What knowing more is worth, as chart data: purchases against their cost, a result and what it has one do, inputs,
and who is best at each price of an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from breakeven.advice.decision import Decision, Purchase
from breakeven.advice.plot_types import OutcomeGrid
from breakeven.quantities import show_usd
from breakeven.report.buying import shown_purchases
from breakeven.report.chart_types import (
    AcceptabilityChart,
    InputChart,
    InputRow,
    Mark,
    OutcomeAction,
    OutcomeChart,
    Table,
    WorthChart,
    WorthRow,
)
from breakeven.report.text import join, quantity, share, signed_usd
from breakeven.report.waiting import best_wait

__all__ = ["acceptability_chart", "decisive_purchase", "input_chart", "outcome_chart", "worth_chart"]

INPUT_ROWS: Final = 8


# Value of information against its cost.


def worth_chart(d: Decision) -> WorthChart | None:
    """The best size of each purchase, by net value, and waiting; None where nothing can be bought."""
    rows = tuple(_worth_row(p) for p in shown_purchases(d))
    wait = best_wait(d)
    if wait is not None:
        rows += (
            WorthRow(label=f"wait {wait.months} months", value_usd=wait.information_usd, error_usd=0.0,
                     cost_usd=0.0, delay_usd=-wait.delay_usd, net_usd=wait.value_usd,
                     worth_it=wait.value_usd > 2 * wait.error_usd),
        )  # fmt: skip
    if not rows:
        return None
    return WorthChart(
        title=_worth_title(rows),
        text="What each piece of evidence is worth before it is bought, and what it costs with the delay. "
        + " ".join(f"{r.label}: worth {show_usd(r.value_usd)}, net {_net(r)}." for r in rows),
        table=Table(
            head=("Evidence", "Worth", "Error of the draws", "Cost", "Delay", "Net"),
            rows=tuple(
                (r.label, show_usd(r.value_usd), f"±{show_usd(r.error_usd)}",
                 "unknown" if r.cost_usd is None else show_usd(r.cost_usd), show_usd(r.delay_usd), _net(r))
                for r in rows
            ),
        ),
        rows=rows,
    )  # fmt: skip


def _worth_row(p: Purchase) -> WorthRow:
    return WorthRow(
        label=p.what, value_usd=p.value_usd, error_usd=p.standard_error_usd, cost_usd=p.cost_usd,
        delay_usd=p.delay_usd, net_usd=p.net_usd, worth_it=p.worth_it,
    )  # fmt: skip


def _net(r: WorthRow) -> str:
    return "unknown" if r.net_usd is None else signed_usd(r.net_usd)


def _worth_title(rows: tuple[WorthRow, ...]) -> str:
    best = next((r for r in rows if r.worth_it and r.cost_usd is not None), None)
    if best is None:
        return "No evidence that can be bought is worth its price"
    paid = (best.cost_usd or 0.0) + best.delay_usd
    costs = (
        "costs nothing"
        if paid == 0
        else f"costs {show_usd(paid)}" + (" with the delay" if best.delay_usd > 0 else "")
    )
    return f"{best.label[:1].upper()}{best.label[1:]}: worth {show_usd(best.value_usd)}, {costs}"


# What its result would have one do.


def decisive_purchase(d: Decision) -> Purchase | None:
    """The purchase to make first; else the most valuable one whose result would change the choice."""
    if d.purchase is not None and d.purchase.outcome is not None:
        return d.purchase
    told = [p for p in shown_purchases(d) if p.outcome is not None]
    able = told or [p for p in d.buy_next if p.outcome is not None]
    return max(able, key=lambda p: p.value_usd, default=None)


def outcome_chart(d: Decision, marks: Mapping[str, Mark]) -> OutcomeChart | None:
    """The rule of the best purchase as a picture; None where no result would change the choice."""
    p = decisive_purchase(d)
    if p is None or p.outcome is None:
        return None
    o = p.outcome
    if any(name not in marks or name not in o.names for name in (o.leader, *(b.candidate for b in p.rule))):
        return None
    names = list(dict.fromkeys([o.leader, *(b.candidate for b in p.rule)]))
    actions = tuple(OutcomeAction(mark=marks[b.candidate], low=b.low, high=b.high, p=b.p) for b in p.rule)
    return OutcomeChart(
        title=_outcome_title(p, o),
        text=f"Expected gain over {o.leader} by what {p.what} would show ({_said(o)}), and how likely each result is. "
        + " ".join(f"{b.condition}: {b.candidate}, {share(b.p)} likely." for b in p.rule),
        table=Table(
            head=(f"{_said(o)}, percentile", "Result", *(f"{n} over {o.leader}" for n in names if n != o.leader)),
            rows=tuple(_outcome_row(o, at, [n for n in names if n != o.leader]) for at in (5, 25, 50, 75, 95)),
        ),
        figure=o.words, where=o.on, kind=o.kind, values=o.values, marks=tuple(marks[n] for n in names),
        lines=tuple(o.expected_usd[:, o.names.index(n)] for n in names), edges=o.edges, share=o.share, actions=actions,
    )  # fmt: skip


def _outcome_title(p: Purchase, o: OutcomeGrid) -> str:
    changes = sum(b.p for b in p.rule if b.candidate != o.leader)
    said = f"{p.what[:1].upper()}{p.what[1:]} would change the choice in {share(changes)} of its results"
    return said if p.worth_it else f"{said}, but it is not worth its price"


def _said(o: OutcomeGrid) -> str:
    return f"{o.words} {o.on}".strip()


def _outcome_row(o: OutcomeGrid, percentile: int, names: list[str]) -> tuple[str, ...]:
    cumulative = np.concatenate([[0.0], np.cumsum(o.share)])
    at = float(np.interp(percentile / 100 * cumulative[-1], cumulative, o.edges))
    gains = (float(np.interp(at, o.values, o.expected_usd[:, o.names.index(n)])) for n in names)
    return (f"{percentile}%", result_text(at, o.kind), *(signed_usd(g) for g in gains))


def result_text(value: float, kind: str) -> str:
    """A result as the rule says it: ``+0.8 points``."""
    if kind == "points":
        return f"{value * 100:+.1f} points".replace("-", "−")
    return quantity(value, kind, "")


# What knowing one input is worth.


def input_chart(d: Decision) -> InputChart | None:
    """Raw and cross-fitted with the error of the draws; None where no single input is worth knowing."""
    known = sorted((w for w in d.evppi if w.usd > 0), key=lambda w: -w.usd)[:INPUT_ROWS]
    if not known or d.draws == 1:
        return None
    rows = tuple(
        InputRow(label=w.input.removeprefix("candidates."), raw_usd=w.usd, fair_usd=w.cross_fitted_usd,
                 error_usd=w.standard_error_usd)
        for w in known
    )  # fmt: skip
    first = rows[0]
    return InputChart(
        title=f"Knowing {first.label} alone is worth at most {show_usd(first.raw_usd)}",
        text=f"What knowing one input alone would be worth; all inputs together, {show_usd(d.evpi_usd)}. "
        + " ".join(f"{r.label}: {show_usd(r.raw_usd)}, cross-fitted {show_usd(r.fair_usd)}." for r in rows),
        table=Table(
            head=("Input", "By a fit to all draws", "Cross-fitted", "Standard error"),
            rows=tuple(
                (r.label, show_usd(r.raw_usd), show_usd(r.fair_usd), f"±{show_usd(r.error_usd)}")
                for r in rows
            ),
        ),
        rows=rows,
    )


# Who is best at each price of an error.


def acceptability_chart(d: Decision, marks: Mapping[str, Mark]) -> AcceptabilityChart | None:
    """Acceptability curves with their frontier; None in one world, and with one candidate."""
    found = next((a for a in d.acceptability if a.over == "error cost"), None)
    if found is None or any(name not in marks for name in found.names):
        return None
    points = next((a.values_usd for a in d.acceptability if a.over == "value per point"), None)
    picked = range(0, found.values_usd.size, 5)
    index = tuple(found.names.index(name) for name in found.frontier)
    return AcceptabilityChart(
        title=_acceptability_title(found.values_usd.tolist(), found.frontier),
        text="How often each candidate is best, by what a wrong answer costs. "
        + " ".join(
            f"At {show_usd(float(found.values_usd[k]))}: "
            + ", ".join(f"{n} {share(float(p))}" for n, p in zip(found.names, found.p_best[k], strict=True)) + "."
            for k in (0, found.values_usd.size // 2, found.values_usd.size - 1)
        ),
        table=Table(
            head=("An error costs", "A point is worth", *found.names, "Highest mean"),
            rows=tuple(
                (show_usd(float(found.values_usd[k])), "" if points is None else show_usd(float(points[k])),
                 *(share(float(p)) for p in found.p_best[k]), found.frontier[k])
                for k in picked
            ),
        ),
        marks=tuple(marks[n] for n in found.names), values=found.values_usd,
        p_best=tuple(found.p_best.T), frontier=index, believed=found.believed,
    )  # fmt: skip


def _acceptability_title(values: list[float], frontier: tuple[str, ...]) -> str:
    changes = [k for k in range(1, len(frontier)) if frontier[k] != frontier[k - 1]]
    if not changes:
        return f"{frontier[0]} leads whatever a wrong answer costs, up to {show_usd(values[-1])}"
    if len(changes) == 1:
        at = show_usd((values[changes[0] - 1] + values[changes[0]]) / 2)
        return (
            f"{frontier[changes[0]]} takes the lead from {frontier[0]} where a wrong answer costs about {at}"
        )
    names = list(dict.fromkeys(frontier))
    return f"As a wrong answer costs more, the lead goes from {join(names, last='to')}"
