"""The sheet Learning curve: what training runs of each size scored, and what one more run would bring."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from breakeven.advice.plot_types import CurvePoint, LearningFan
from breakeven.report.curve_chart import expected_words
from breakeven.report.workbook.formulas import quoted
from breakeven.report.workbook.sheets import Sheet

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

__all__ = ["write_curves"]

SHARE: Final = "0.0%"
SIZE: Final = "#,##0"
_HEADS: Final = ("Examples", "Runs", "Mean of runs", "One run", "Low", "High", "Basis")
_WIDTHS: Final = (14, 10, 18, 14, 14, 14, 34)
CHART_ROWS: Final = 20
"""Rows that the chart covers."""
COLOUR: Final = "#0B62A8"


def write_curves(workbook: Workbook, sheet: Sheet, fans: Sequence[LearningFan]) -> None:
    """A table and a chart for each candidate that has a curve."""
    sheet.text(0, 0, "Learning curve", "title")
    sheet.text(
        1, 0, "One training run at each size. Static: no figure of the decision is taken from it.", "subtitle"
    )
    for column, width in enumerate(_WIDTHS):
        sheet.worksheet.set_column(column, column, width)
    at = 3
    for fan in fans:
        at = _fan(workbook, sheet, at, fan) + 2


def _fan(workbook: Workbook, sheet: Sheet, at: int, fan: LearningFan) -> int:
    """Returns the row behind it."""
    sheet.text(at, 0, fan.candidate, "heading")
    sheet.text(at + 1, 0, f"Runs: {fan.file}. Intervals: {fan.level:.0%} of one run.", "subtitle")
    expected = expected_words(fan)
    if expected:
        sheet.text(at + 2, 0, f"{expected[0].upper()}{expected[1:]}.")
    head = at + 3
    sheet.texts(head, 0, *_HEADS[:-1], look="head right")
    sheet.text(head, len(_HEADS) - 1, _HEADS[-1], "head beside")
    scores: dict[float, list[float]] = defaultdict(list)
    for size, score in fan.runs:
        scores[size].append(score)
    for row, point in enumerate(fan.marked, start=head + 1):
        _point(sheet, row, fan, point, scores.get(point.size, []))
    last = head + len(fan.marked)
    _chart(workbook, sheet, last + 2, (head + 1, last), fan)
    return last + 2 + CHART_ROWS


def _point(sheet: Sheet, row: int, fan: LearningFan, point: CurvePoint, scores: Sequence[float]) -> None:
    sheet.number(row, 0, point.size, SIZE, "static")
    sheet.number(row, 1, len(scores), SIZE, "static")
    sheet.number(row, 2, sum(scores) / len(scores) if scores else None, SHARE, "static")
    for column, value in enumerate((point.value, point.low, point.high), start=3):
        sheet.number(row, column, value, SHARE, "static")
    basis = f"EXTRAPOLATED {point.size / fan.largest:.3g}×" if point.extrapolated else "within the runs"
    sheet.text(row, 6, basis + (", planned" if point.size == fan.planned else ""), "static beside")


def _chart(workbook: Workbook, sheet: Sheet, at: int, rows: tuple[int, int], fan: LearningFan) -> None:
    """Drawn from the cells: the curve and its interval as lines, the runs as dots."""
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight"})
    of = quoted(sheet.name)

    def cells(column: str) -> str:
        return f"={of}!${column}${rows[0] + 1}:${column}${rows[1] + 1}"

    def line(dash: str, width: float) -> dict[str, object]:
        return {"color": COLOUR, "width": width, "dash_type": dash}

    series = (
        ("One run", "D", line("solid", 2.25), {"type": "none"}),
        ("Low", "E", line("dash", 1.0), {"type": "none"}),
        ("High", "F", line("dash", 1.0), {"type": "none"}),
        (
            "Mean of the runs",
            "C",
            {"none": True},
            {"type": "circle", "size": 7, "fill": {"color": "#5F666E"}},
        ),
    )
    for name, column, drawn, marker in series:
        chart.add_series(
            {"name": name, "categories": cells("A"), "values": cells(column), "line": drawn, "marker": marker}
        )
    chart.set_title({"name": "Share of right answers by training examples", "name_font": {"size": 12}})
    ends = {"min": fan.marked[0].size, "max": fan.marked[-1].size}
    chart.set_x_axis({"name": "Training examples", "num_format": "#,##0", "log_base": 2, **ends})
    lowest = math.floor(20 * min(p.low for p in fan.marked)) / 20
    grid = {"visible": True, "line": {"color": "#E2E2DC"}}
    chart.set_y_axis({"num_format": "0%", "min": lowest, "max": 1, "major_gridlines": grid})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 760, "height": 20 * (CHART_ROWS - 1)})
    sheet.worksheet.insert_chart(at, 0, chart)
