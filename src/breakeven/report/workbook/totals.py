"""The sheet Totals: every cost line of every candidate over the horizon, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from breakeven.report.workbook.candidates import Written
from breakeven.report.workbook.months import HEAD_ROW
from breakeven.report.workbook.nodes import Node
from breakeven.report.workbook.sheets import MONEY, SHARE, Sheet
from breakeven.report.workbook.tracing import Trace

__all__ = ["Figures", "figures_of", "write_totals"]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One candidate's totals as nodes; they stand on the sheet Totals."""

    cost: Node
    consequence: Node
    worth: Node
    net: Node
    """Worth − consequences − cost."""
    against_today: Node
    upfront: Node
    monthly: Node
    quality: Node


def figures_of(trace: Trace, written: Mapping[str, Written]) -> dict[str, Figures]:
    """The totals of all candidates."""
    tape = trace.tape
    nets = {
        name: tape.make("sub", tape.make("sub", trace.candidates[name].worth, w.consequence), w.cost)
        for name, w in written.items()
    }
    return {
        name: Figures(
            cost=w.cost, consequence=w.consequence, worth=trace.candidates[name].worth, net=nets[name],
            against_today=tape.make("sub", nets[name], nets[trace.study.today]),
            upfront=w.upfront, monthly=w.monthly, quality=trace.candidates[name].quality,
        )
        for name, w in written.items()
    }  # fmt: skip


_SUMS: tuple[tuple[str, str, str], ...] = (
    ("quality", "Share of right answers", SHARE),
    ("cost", "Cost, discounted", MONEY),
    ("upfront", "… of it paid once, to build, undiscounted", MONEY),
    ("monthly", "Mean month of the first year, without the build", MONEY),
    ("consequence", "Consequences, discounted", MONEY),
    ("worth", "Right answers at their stated worth, discounted", MONEY),
    ("net", "Net benefit: worth − consequences − cost", MONEY),
    ("against_today", "Net benefit against today", MONEY),
)


def write_totals(
    sheet: Sheet, trace: Trace, written: Mapping[str, Written], figures: Mapping[str, Figures]
) -> None:
    """Sums first, then the lines that they are made of."""
    sheet.text(0, 0, "Totals", "title")
    sheet.text(
        1,
        0,
        f"US dollars over {len(trace.months)} months, discounted unless said otherwise. Live.",
        "subtitle",
    )
    sheet.texts(HEAD_ROW, 0, "No.", "", look="head")
    sheet.texts(HEAD_ROW, 2, *written, look="head right")
    sheet.worksheet.set_column(0, 0, 5)
    sheet.worksheet.set_column(1, 1, 50)
    sheet.worksheet.set_column(2, 1 + len(written), 18)
    sheet.worksheet.freeze_panes(HEAD_ROW + 1, 2)
    for row, (field, title, number) in enumerate(_SUMS, start=HEAD_ROW + 1):
        sheet.text(row, 1, title, "strong")
        for column, name in enumerate(written, start=2):
            sheet.node(row, column, getattr(figures[name], field), number, "strong")
    _lines(sheet, HEAD_ROW + len(_SUMS) + 2, written)


def _lines(sheet: Sheet, at: int, written: Mapping[str, Written]) -> None:
    lines = {row.line.key: row.line for w in written.values() for row, _ in w.rows}
    ordered = sorted(lines.values(), key=lambda line: (line.consequence, line.number))
    for row, line in enumerate(ordered, start=at):
        sheet.number(row, 0, line.number, "0", "number")
        sheet.text(row, 1, line.title)
        for column, w in enumerate(written.values(), start=2):
            mine = [(r, k) for r, k in w.rows if r.line.key == line.key]
            if not mine:
                sheet.text(row, column, "", "faint")
                continue
            formula = "=" + "+".join(w.total(k).ref(sheet.name) for _, k in mine)
            value = sum(r.rate.value * r.discounted.value for r, _ in mine)
            sheet.formula(row, column, formula, value, MONEY)
