"""The decision page as one self-contained HTML file: no script, no request to anywhere, readable in ten years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from breakeven.report.chart_types import Chart, Charts, Mark, Table
from breakeven.report.charts import to_charts
from breakeven.report.drawings.axes import series_class
from breakeven.report.formulas import CHART_FORMULAS, FORMULAS, Formula
from breakeven.report.page import to_page
from breakeven.report.page_types import Page
from breakeven.report.templating import drawn, style, template
from breakeven.report.text import join

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision

__all__ = ["to_html"]

_WORDS = {"keep": "Keep", "switch": "Switch", "measure first": "Measure first"}


@dataclass(frozen=True, kw_only=True)
class _Figure:
    """One chart with all that stands around it."""

    ident: str
    kicker: str
    finding: str
    wide: Markup
    narrow: Markup
    caption: str
    formula: str
    table: Table


@dataclass(frozen=True, kw_only=True)
class _Share:
    """A part of the bar of P(best)."""

    name: str
    css: str
    p: float
    shown: str


def to_html(decision: Decision) -> str:
    """The page as HTML. Every text from outside is escaped by the template; the drawings escape their own."""
    page, charts = to_page(decision), to_charts(decision)
    return template("report.html.j2").render(
        page=page,
        verdict=_WORDS.get(page.action, page.action),
        answer=next(row for row in page.candidates if row.is_recommended),
        colours=_colours(charts),
        shares=_shares(decision, page, charts),
        figures=_figures(charts),
        formulas=FORMULAS,
        cost_lines=_cost_lines(decision),
        style=style(),
        extrapolated_names=join(row.name for row in page.candidates if row.extrapolated),
        start=decision.start.isoformat(),
        task=decision.task,
    )


def _cost_lines(decision: Decision) -> list[Formula]:
    """The lines that some candidate has, with their formulas; a line from outside has none here."""
    from breakeven.economics.lines import COST_LINES

    known = {line.key: line for line in COST_LINES}
    used = {line.number: line for c in decision.candidates.values() for line in c.lines}
    return [
        Formula(name=line.key, formula=known[line.key].formula, where=f"{number} {line.title}")
        for number, line in sorted(used.items())
        if line.key in known
    ]


_KICKERS = {
    "fan": (
        "Cumulative cost",
        "Discounted, from the start, in US dollars. Lines are medians, bands 90% intervals.",
    ),
    "difference": (
        "Net benefit against today",
        "US dollars over the horizon, discounted. Right of the line: better than today. Hollow: quality not measured.",
    ),
    "tornado": (
        "What could change the answer",
        "Expected lead of the answer over the next best. Left of the line another candidate leads.",
    ),
    "stacked": ("Where the money goes", "Mean cost over the horizon, discounted, in US dollars."),
    "monthly": ("When the bill comes", "Mean bill of each month, in US dollars of that month."),
    "plane": ("Cost and quality", "Mean and 90% interval. Hollow: quality is not measured."),
    "map": (
        "Who leads where",
        "Who has the highest expected net benefit. The box holds 90% of what is believed.",
    ),
}


def _figures(charts: Charts) -> dict[str, _Figure | None]:
    """Each chart by its name; None where there is nothing to draw."""
    found: dict[str, Chart | None] = {name: getattr(charts, name) for name in _KICKERS}
    return {name: None if chart is None else _figure(name, chart) for name, chart in found.items()}


def _figure(name: str, chart: Chart) -> _Figure:
    kicker, caption = _KICKERS[name]
    both = drawn(chart, name)
    return _Figure(
        ident=name,
        kicker=kicker,
        finding=chart.title,
        wide=both.wide,
        narrow=both.narrow,
        caption=caption,
        formula=CHART_FORMULAS[name],
        table=chart.table,
    )


def _colours(charts: Charts) -> dict[str, str]:
    """The colour class of each candidate."""
    return {s.mark.name: series_class(s.mark) for s in charts.fan.series}


def _shares(decision: Decision, page: Page, charts: Charts) -> list[_Share]:
    """The bar of P(best), the answer first; empty where one world was computed."""
    if page.one_world:
        return []
    marks: dict[str, Mark] = {s.mark.name: s.mark for s in charts.fan.series}
    chances = zip(page.candidates, decision.candidates.values(), strict=True)
    shares = [
        _Share(name=row.name, css=series_class(marks[row.name]), p=c.p_best, shown=row.p_best)
        for row, c in chances
    ]
    return sorted(shares, key=lambda s: (s.name != page.recommended, -s.p))
