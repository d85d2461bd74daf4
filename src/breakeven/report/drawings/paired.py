"""Paired differences, twice a row: as the files say (hollow), and as they count (full)."""

from __future__ import annotations

from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import fitted, is_narrow, name_of, points_axis, series_class, strong
from breakeven.report.scales import Linear
from breakeven.report.worth_chart_types import PairedChart, PairedRow

__all__ = ["draw_paired"]


def draw_paired(chart: PairedChart, width: int, ident: str) -> Canvas:
    """One row a candidate, on one scale in points."""
    narrow = is_narrow(width)
    row_height, left, right, top = (72, 12, width - 12, 30) if narrow else (54, 236, width - 118, 30)
    bottom = top + row_height * len(chart.rows)
    c = Canvas(width, bottom + 42, ident=ident, title=chart.title, description=chart.text)
    ends = [0.0, *(v for row in chart.rows for v in _reach(row))]
    spare = (max(ends) - min(ends)) * 0.04 or 0.01
    x = Linear(min(ends) - spare, max(ends) + spare, left, right)
    _key(c)
    points_axis(c, x, top, bottom, narrow=narrow)
    for k, row in enumerate(chart.rows):
        _row(c, row, x, top + k * row_height, narrow=narrow)
    c.text(right, bottom + 36, "points of quality, right of zero: better →", "tick", anchor="end")
    return c


def _reach(r: PairedRow) -> tuple[float, ...]:
    ends = tuple(v for v in (r.raw_low, r.raw_high) if v is not None)
    return (r.raw, *ends, r.corrected, r.corrected_low, r.corrected_high)


def _key(c: Canvas) -> None:
    c.open("s0")
    c.circle(7, 9, 5, "dot hollow")
    c.circle(101, 9, 5, "dot")
    c.close()
    c.text(18, 13, "as scored", "small")
    c.text(112, 13, "as counted, corrected", "small")


def _row(c: Canvas, r: PairedRow, x: Linear, top: float, *, narrow: bool) -> None:
    upper = top + (36 if narrow else 19)
    lower = upper + 18
    c.open(series_class(r.mark))
    if r.raw_low is not None and r.raw_high is not None:
        c.line(x(r.raw_low), upper, x(r.raw_high), upper, "cross")
    c.circle(x(r.raw), upper, 5, "dot hollow")
    c.line(x(r.corrected_low), lower, x(r.corrected_high), lower, "span")
    c.circle(x(r.corrected), lower, 5, "dot")
    c.close()
    says = f"{name_of(r.mark, 99)} less {r.reference}"
    if narrow:
        c.text(0, top + 20, fitted(says, c.width - 96), f"halo {strong(r.mark)}".strip())
        c.text(c.width, top + 20, r.note, "small halo", anchor="end")
        return
    c.text(0, upper + 13, fitted(says, 222), strong(r.mark))
    c.text(x.end + 14, upper + 13, r.note, "small")
