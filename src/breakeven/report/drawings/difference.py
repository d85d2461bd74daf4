"""Net benefit against today: a shape, a mean and an interval for each candidate."""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import DifferenceChart, DifferenceRow
from breakeven.report.drawings.axes import is_narrow, money_axis, name_of, series_class, strong
from breakeven.report.scales import Linear, text_width
from breakeven.report.text import share, signed_usd

__all__ = ["difference_ends", "draw_difference"]

SMALL = 12.0
"""Size of the class ``small``, in drawing units."""
_GAP = 6.0


def draw_difference(chart: DifferenceChart, width: int, ident: str) -> Canvas:
    """Net benefit against today: a shape, a mean and an interval for each candidate."""
    narrow = is_narrow(width)
    row_height, left, right = (78, 12, width - 12) if narrow else (72, 140, width - 150)
    top, bottom = 6, 6 + row_height * len(chart.rows)
    c = Canvas(width, bottom + 26, ident=ident, title=chart.title, description=chart.text)
    low, high = chart.ends_usd or difference_ends(chart.rows)
    spare = (high - low or 1.0) * 0.02
    x = Linear(low - spare, high + spare, left, right)
    money_axis(c, x, top, bottom, count=4 if narrow else 7)
    for k, row in enumerate(chart.rows):
        _difference_row(c, row, x, top + k * row_height, row_height, narrow=narrow)
    return c


def difference_ends(rows: Sequence[DifferenceRow]) -> tuple[float, float]:
    """The lowest and the highest sum that is drawn; zero is among them."""
    ends = [v for r in rows for v in _reach(r)]
    return min(0.0, *ends), max(0.0, *ends)


def _reach(row: DifferenceRow) -> tuple[float, ...]:
    reach = (row.spread.p05, row.spread.mean, row.spread.p95)
    return reach if row.density is None else (*reach, float(row.density.usd[0]), float(row.density.usd[-1]))


def _difference_row(
    c: Canvas, r: DifferenceRow, x: Linear, top: float, height: float, *, narrow: bool
) -> None:
    base = top + height - 16
    tall = height - (42 if narrow else 26)
    c.open(series_class(r.mark))
    if r.density is not None:
        xs = [x(v) for v in r.density.usd]
        c.area(xs, [base - tall * float(h) for h in r.density.height], [base] * len(xs), "ridge")
    if r.spread.p95 > r.spread.p05:
        c.line(x(r.spread.p05), base, x(r.spread.p95), base, "span")
    c.circle(x(r.spread.mean), base, 5, "dot hollow" if r.mark.extrapolated else "dot")
    c.close()
    certain = r.density is None and r.spread.p95 == r.spread.p05
    says = signed_usd(r.spread.mean) + ("" if certain else f", better in {share(r.p_better)}")
    if narrow:
        c.text(4, top + 15, name_of(r.mark, 18), f"halo {strong(r.mark)}".strip())
        c.text(_clear_of(x(0.0), c.width - 4, says, c.width / 2), top + 15, says, "small halo", anchor="end")
        return
    c.text(0, base - 2, name_of(r.mark, 20), strong(r.mark))
    c.text(x.end + 16, base - 10, signed_usd(r.spread.mean), strong(r.mark))
    c.text(x.end + 16, base + 6, "" if certain else f"better in {share(r.p_better)} of draws", "small")


def _clear_of(line: float, end: float, text: str, least: float) -> float:
    """Where a text at the right ends so that the line of zero does not run through it; no further left than least."""
    width = text_width(text, SMALL)
    runs_through = end - width - _GAP < line < end + _GAP
    return line - _GAP if runs_through and line - _GAP >= least else end
