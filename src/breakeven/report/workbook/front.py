"""The sheet Decision: the answer, what the draws say, and beside it the totals that follow the inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from breakeven.report.page_types import Page
from breakeven.report.workbook.break_even import Crossing
from breakeven.report.workbook.candidates import Written
from breakeven.report.workbook.formulas import column_letters, quoted
from breakeven.report.workbook.inputs import VALUE
from breakeven.report.workbook.months import FIRST_MONTH, HEAD_ROW
from breakeven.report.workbook.sheets import MONEY, ROUND_MONEY, Sheet
from breakeven.report.workbook.totals import Figures
from breakeven.report.workbook.tracing import Trace

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from breakeven.advice.decision import CandidateResult, Decision

__all__ = ["Live", "write_front"]

COLUMNS: Final = 8
WIDTH: Final = 160
"""Of the sheet, in characters."""
COLOURS: Final = ("#5F666E", "#0B62A8", "#AB5320", "#11A375", "#5C1A35", "#9C8900", "#9780EF")
"""Today's grey, then the others', as on the page."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """What follows the inputs."""

    trace: Trace
    written: Mapping[str, Written]
    figures: Mapping[str, Figures]
    crossings: Mapping[str, Crossing]


def write_front(workbook: Workbook, sheet: Sheet, decision: Decision, page: Page, live: Live) -> None:
    """The whole sheet."""
    sheet.worksheet.set_column(0, 0, 24)
    sheet.worksheet.set_column(1, COLUMNS - 1, 17)
    sheet.text(0, 0, page.study, "title")
    sheet.text(1, 0, f"{page.terms}. Today: {page.today}.", "subtitle")
    sheet.paragraph(3, page.answer, "answer", columns=COLUMNS, width=WIDTH)
    row = 4
    said = f"Confidence: {page.level}. {page.confidence} {page.stake}".strip()
    branches = (f"{r.condition} → {r.candidate} ({r.p} likely)" for r in page.rule)
    for text in (*branches, said, *(f"– {reason}" for reason in page.reasons)):
        sheet.paragraph(row, text, "wrap", columns=COLUMNS, width=WIDTH)
        row += 1
    row = _live(sheet, row + 1, decision, live)
    row = _static(sheet, row + 1, decision)
    _chart(workbook, sheet, row + 1, live)


# Totals that follow the inputs.

_DOLLARS: Final = "dollars"
"""A money column: its cents are shown where the sums are small."""
LARGE: Final = 20_000


def _shown(number: str, decision: Decision) -> str:
    if number != _DOLLARS:
        return number
    sums = [abs(v) for c in decision.candidates.values() for v in (c.cost.mean, c.net_benefit_vs_today.mean)]
    return ROUND_MONEY if max(sums) >= LARGE else MONEY


_LIVE: Final = (
    ("Net benefit vs today", "against_today", _DOLLARS), ("Cost, discounted", "cost", _DOLLARS),
    ("Paid up front", "upfront", _DOLLARS), ("Month, year 1", "monthly", _DOLLARS),
    ("Consequences", "consequence", _DOLLARS), ("Right answers", "quality", "0.0%"),
)  # fmt: skip


def _live(sheet: Sheet, at: int, decision: Decision, live: Live) -> int:
    sheet.text(at, 0, "Live: follows the sheet Inputs, every input at one value", "heading")
    heads = ("Candidate", *(head for head, _, _ in _LIVE), "Break-even month")
    sheet.text(at + 1, 0, heads[0], "head")
    sheet.texts(at + 1, 1, *heads[1:], look="head right")
    first = at + 2
    for row, (key, c) in enumerate(zip(live.figures, decision.candidates.values(), strict=True), start=first):
        sheet.text(row, 0, c.name, "strong" if c.name == decision.recommendation.candidate else "plain")
        for column, (_, field, number) in enumerate(_LIVE, start=1):
            sheet.node(row, column, getattr(live.figures[key], field), _shown(number, decision))
        _month(sheet, row, live, key)
    last = first + len(live.figures) - 1
    _leads(sheet, last + 1, first, last, decision, live)
    return last + 4


def _month(sheet: Sheet, row: int, live: Live, key: str) -> None:
    crossing = live.crossings.get(key)
    if crossing is None:
        sheet.text(row, COLUMNS - 1, "today", "faint right")
    else:
        sheet.formula(row, COLUMNS - 1, f"={crossing.cell.ref(sheet.name)}", crossing.months, "0.0", "right")


def _leads(sheet: Sheet, at: int, first: int, last: int, decision: Decision, live: Live) -> None:
    """Who is ahead at these inputs, and whether anything was changed."""
    nets = f"$B${first + 1}:$B${last + 1}"
    names = f"$A${first + 1}:$A${last + 1}"
    best = max(live.figures, key=lambda key: live.figures[key].against_today.value)
    leader = list(decision.candidates.values())[list(live.figures).index(best)].name
    sheet.text(at, 0, "Highest net benefit", "sum")
    sheet.formula(at, 1, f"=INDEX({names},MATCH(MAX({nets}),{nets},0))", leader, "General", "sum right")
    sheet.text(at + 1, 0, "Inputs changed")
    sheet.formula(at + 1, 1, f"='Inputs'!${column_letters(VALUE)}$3", 0, "0")


# Figures over draws, as they were.


def _static(sheet: Sheet, at: int, decision: Decision) -> int:
    if decision.draws == 1:
        title = "As decided: one world, every input at its centre; does not follow changes"
    else:
        title = f"From {decision.draws:,} draws, seed {decision.seed}; does not follow changes"
    sheet.text(at, 0, title, "heading")
    columns = _COLUMNS if decision.draws > 1 else _COLUMNS[:1]
    sheet.text(at + 1, 0, "Candidate", "head")
    sheet.texts(at + 1, 1, *(head for head, _, _ in columns), look="head right")
    for row, c in enumerate(decision.candidates.values(), start=at + 2):
        sheet.text(row, 0, c.name, "static")
        for column, (_, get, number) in enumerate(columns, start=1):
            sheet.number(row, column, get(c), _shown(number, decision), "static")
    return at + 2 + len(decision.candidates)


_COLUMNS: Final[Sequence[tuple[str, Callable[[CandidateResult], float], str]]] = (
    ("Mean net benefit vs today", lambda c: c.net_benefit_vs_today.mean, _DOLLARS),
    ("5% of draws are below", lambda c: c.net_benefit_vs_today.p05, _DOLLARS),
    ("5% of draws are above", lambda c: c.net_benefit_vs_today.p95, _DOLLARS),
    ("P(best)", lambda c: c.p_best, "0%"),
    ("P(cheaper than today)", lambda c: c.p_cheaper_than_today, "0%"),
    ("P(better than today)", lambda c: c.p_better_than_today, "0%"),
    ("Regret", lambda c: c.regret_usd, _DOLLARS),
)


def _chart(workbook: Workbook, sheet: Sheet, at: int, live: Live) -> None:
    """Cumulative cost, drawn from the cells."""
    chart = workbook.add_chart({"type": "line"})
    months = len(live.trace.months)
    first, last = (column_letters(FIRST_MONTH + k) for k in (0, months - 1))
    others = 0
    for key, w in live.written.items():
        is_today = key == live.trace.study.today
        others += not is_today
        colour = COLOURS[0] if is_today else COLOURS[(others - 1) % (len(COLOURS) - 1) + 1]
        of = quoted(w.sheet)
        chart.add_series({
            "name": f"={of}!$A$1",
            "categories": f"='Months'!${first}${HEAD_ROW + 1}:${last}${HEAD_ROW + 1}",
            "values": f"={of}!${first}${w.cumulative_row + 1}:${last}${w.cumulative_row + 1}",
            "line": {"color": colour, "width": 2.25},
        })  # fmt: skip
    chart.set_title({"name": "Cumulative cost, discounted (live)", "name_font": {"size": 12}})
    chart.set_y_axis(
        {"num_format": "$#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E2E2DC"}}}
    )
    chart.set_x_axis({"num_format": "0", "interval_unit": 3, "name": "Month"})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 960, "height": 360})
    sheet.worksheet.insert_chart(at, 0, chart)
