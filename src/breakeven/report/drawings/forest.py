"""Differences from a reference on the same cases: a dot and an interval a candidate, zero and the margin marked."""

from __future__ import annotations

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import ForestChart, ForestRow
from breakeven.report.drawings.axes import is_narrow, name_of, points_axis, series_class, strong
from breakeven.report.scales import Linear
from breakeven.report.text import MINUS, shorten

__all__ = ["draw_forest"]


def draw_forest(chart: ForestChart, width: int, ident: str) -> Canvas:
    """Paired differences, one row a candidate, on one scale in points."""
    narrow = is_narrow(width)
    row_height, left, right, top = (54, 12, width - 12, 26) if narrow else (40, 236, width - 132, 26)
    bottom = top + row_height * len(chart.rows)
    c = Canvas(width, bottom + 44, ident=ident, title=chart.title, description=chart.text)
    ends = [0.0, -chart.margin, *(v for row in chart.rows for v in _reach(row))]
    spare = (max(ends) - min(ends)) * 0.04 or 0.01
    x = Linear(min(ends) - spare, max(ends) + spare, left, right)
    points_axis(c, x, top, bottom, narrow=narrow)
    c.line(x(-chart.margin), top - 4, x(-chart.margin), bottom, "mark")
    said = f"{MINUS}{100 * chart.margin:g}: good enough"
    c.text(
        x(-chart.margin) - 6,
        top - 10,
        said,
        "small halo",
        anchor="end" if x(-chart.margin) > 110 else "start",
    )
    for k, row in enumerate(chart.rows):
        _row(c, row, x, top + k * row_height, row_height, narrow=narrow)
    c.text(left, bottom + 38, f"← {shorten(chart.reference, 24)} better", "tick")
    c.text(right, bottom + 38, "candidate better →", "tick", anchor="end")
    return c


def _reach(row: ForestRow) -> tuple[float, ...]:
    ends = tuple(v for v in (row.low, row.high) if v is not None)
    return (row.value, *ends, *(row.wide or ()))


def _row(c: Canvas, r: ForestRow, x: Linear, top: float, height: float, *, narrow: bool) -> None:
    middle = top + (height - 14 if narrow else height / 2)
    c.open(series_class(r.mark))
    if r.wide is not None:
        c.line(x(r.wide[0]), middle, x(r.wide[1]), middle, "cross")
    if r.low is not None and r.high is not None:
        c.line(x(r.low), middle, x(r.high), middle, "span")
    c.circle(x(r.value), middle, 5, "dot hollow" if r.low is None else "dot")
    c.close()
    if narrow:
        c.text(4, top + 18, name_of(r.mark, 26), f"halo {strong(r.mark)}".strip())
        c.text(c.width - 4, top + 18, r.note, "small halo", anchor="end")
        return
    c.text(0, middle + 4, name_of(r.mark, 32), strong(r.mark))
    c.text(x.end + 14, middle + 4, r.note, "small")
