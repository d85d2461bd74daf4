"""What knowing one input alone is worth: a pale bar by a fit to all draws, a full one cross-fitted."""

from __future__ import annotations

from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import fitted, is_narrow, money_axis, whisker
from breakeven.report.scales import Linear, text_width
from breakeven.report.worth_chart_types import InputChart, InputRow

__all__ = ["draw_inputs"]


def draw_inputs(chart: InputChart, width: int, ident: str) -> Canvas:
    """One bar an input, most first."""
    narrow = is_narrow(width)
    row_height, left, right, top = (48, 2, width - 60, 30) if narrow else (32, 268, width - 90, 30)
    bottom = top + row_height * len(chart.rows)
    c = Canvas(width, bottom + 28, ident=ident, title=chart.title, description=chart.text)
    x = Linear(0.0, max(_end(r) for r in chart.rows) * 1.02 or 1.0, left, right)
    _key(c, narrow=narrow)
    money_axis(c, x, top, bottom, count=3 if narrow else 5)
    for k, row in enumerate(chart.rows):
        _row(c, row, x, top + k * row_height, narrow=narrow)
    return c


def _end(r: InputRow) -> float:
    """Where the row's longest bar, or its whisker, ends."""
    return max(r.raw_usd + r.error_usd, r.fair_usd)


def _key(c: Canvas, *, narrow: bool) -> None:
    at = 0.0
    both = (("pale", "fit to all draws"), ("infavour", "cross-fitted"))
    for css, says in both:
        c.rect(at, 2, 13, 13, css)
        c.text(at + 19, 13, says, "small")
        at += 19 + text_width(says, 12) + 14
    if not narrow:
        c.line(at, 8.5, at + 22, 8.5, "whisker")
        c.text(at + 28, 13, "± one standard error", "small")


def _row(c: Canvas, r: InputRow, x: Linear, top: float, *, narrow: bool) -> None:
    bar = top + (26 if narrow else 8)
    if narrow:
        c.text(0, top + 18, fitted(r.label, c.width), "halo")
    else:
        c.text(0, bar + 13, fitted(r.label, 256))
    c.rect(x(0), bar, max(x(r.raw_usd) - x(0), 1), 16, "pale")
    c.rect(x(0), bar + 3, max(x(r.fair_usd) - x(0), 1), 10, "infavour")
    whisker(c, x(max(r.raw_usd - r.error_usd, 0.0)), x(r.raw_usd + r.error_usd), bar + 8)
    c.text(x(_end(r)) + 7, bar + 12, show_usd(r.raw_usd), "small halo")
