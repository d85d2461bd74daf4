"""The decision page as one self-contained HTML file: no script, no request to anywhere, readable in ten years."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from breakeven.report.chart_types import Chart, Charts, Mark, Table
from breakeven.report.charts import to_charts
from breakeven.report.drawings.axes import series_class
from breakeven.report.formulas import CHART_FORMULAS, FORMULAS, Formula
from breakeven.report.page import to_page
from breakeven.report.page_types import Page
from breakeven.report.svg import WIDE
from breakeven.report.templating import drawn, style, template
from breakeven.report.text import join

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision

__all__ = ["page_parts", "to_html"]

_KICKERS: Final = {
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
    "plane": (
        "Cost and quality",
        "Mean and 90% interval. Hollow: quality is not measured. The dotted line joins those worth a choice: no other, "
        "and no mix of two, is cheaper and as good.",
    ),
    "worth": (
        "What to buy",
        "US dollars. What each is worth before it is bought, over what it costs with what is forgone meanwhile.",
    ),
    "outcome": (
        "A result, and what to do",
        "Expected net benefit over the choice as it stands, by what would be seen. Below: how likely each result is.",
    ),
    "acceptability": (
        "At each price of an error",
        "Share of draws in which each is best. The broad grey line follows the one with the highest mean, which need "
        "not be best most often. Shaded: what is believed of the price, 90%.",
    ),
    "inputs": (
        "What knowing one input is worth",
        "US dollars; an upper limit for what measuring it may cost. Pale errs upwards, full errs downwards.",
    ),
    "paired": (
        "On the same cases",
        "Differences in points with 90% intervals: as the files say, and as the decision counts them, corrected for "
        "selection, judge, leaked cases and openings.",
    ),
    "curve": (
        "Learning curve",
        "Dots: training runs. Band: 90% intervals of one more run. Dashed, beyond the largest run: EXTRAPOLATED, not "
        "measured, and told up to four times that size. No figure of the decision is taken from it.",
    ),
    "routing": (
        "Handing on what is doubted",
        "Line: by the small one's confidence, judged on cases that did not set the rule. Dotted: by chance.",
    ),
    "gain": (
        "One more version of the prompt",
        "US dollars over the horizon. Only a better version is kept, so what it is worth counts the right side.",
    ),
    "map": (
        "Who leads where",
        "Who has the highest expected net benefit. The box holds 90% of what is believed.",
    ),
}
"""Each chart with what stands over it and under it."""
_EVERY_FIGURE: Final = frozenset(_KICKERS)

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
    return template("report.html.j2").render(**page_parts(decision), style=style())


def page_parts(
    decision: Decision,
    charts: Charts | None = None,
    *,
    drawn_figures: Collection[str] = _EVERY_FIGURE,
    width: int = WIDE,
) -> dict[str, Any]:
    """What the templates of a decision are filled with.

    ``charts``: its charts, where they are at hand; ``drawn_figures``: those to draw; ``width``: of the wide drawings.
    """
    page, charts = to_page(decision), to_charts(decision) if charts is None else charts
    return {
        "page": page,
        "verdict": _WORDS.get(page.action, page.action),
        "answer": next(row for row in page.candidates if row.is_recommended),
        "colours": _colours(charts),
        "shares": _shares(decision, page, charts),
        "figures": _figures(charts, drawn_figures, width),
        "formulas": FORMULAS,
        "cost_lines": _cost_lines(decision),
        "extrapolated_names": join(row.name for row in page.candidates if row.extrapolated),
        "start": decision.start.isoformat(),
        "task": decision.task,
    }


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


def _figures(charts: Charts, wanted: Collection[str], width: int) -> dict[str, _Figure | None]:
    """Each chart by its name; None where there is nothing to draw."""
    found: dict[str, Chart | None] = {name: getattr(charts, name) for name in _KICKERS if name in wanted}
    return {name: None if chart is None else _figure(name, chart, width) for name, chart in found.items()}


def _figure(name: str, chart: Chart, width: int) -> _Figure:
    kicker, caption = _KICKERS[name]
    both = drawn(chart, name, width=width)
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
