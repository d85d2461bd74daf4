"""The tornado: how far each input moves the lead of the answer."""

from __future__ import annotations

import re

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import BarChart, BarRow
from breakeven.report.drawings.axes import is_narrow, money_axis
from breakeven.report.scales import Linear
from breakeven.report.text import shorten, signed_usd

__all__ = ["draw_tornado"]

_END_LETTERS = 15
"""A longer value at the end of a bar goes without its unit."""


def draw_tornado(chart: BarChart, width: int, ident: str) -> Canvas:
    """The tornado: how far each input moves the lead of the answer."""
    narrow = is_narrow(width)
    row_height, left, right, top = (52, 64, width - 64, 26) if narrow else (38, 330, width - 96, 26)
    bottom = top + row_height * len(chart.rows)
    c = Canvas(width, bottom + 28, ident=ident, title=chart.title, description=chart.text)
    ends = [v for r in chart.rows for v in (r.low_usd, r.high_usd)] + [chart.base_usd, 0.0]
    spare = (max(ends) - min(ends) or 1.0) * 0.03
    x = Linear(min(ends) - spare, max(ends) + spare, left, right)
    money_axis(c, x, top, bottom, count=3 if narrow else 5)
    for k, row in enumerate(chart.rows):
        _tornado_row(c, row, x, top + k * row_height, narrow=narrow)
    c.line(x(chart.base_usd), top, x(chart.base_usd), bottom, "mark")
    middle = min(max(x(chart.base_usd), 76.0), width - 76.0)
    c.text(middle, top - 10, f"as believed: {signed_usd(chart.base_usd)}", "small halo", anchor="middle")
    return c


def _tornado_row(c: Canvas, r: BarRow, x: Linear, top: float, *, narrow: bool) -> None:
    """The input's name beside its bar, or above it where there is no room; its values stand at the bar's ends."""
    bar_top = top + (26 if narrow else 11)
    c.text(0, top + (18 if narrow else 24), shorten(r.label, 44 if narrow else 36), "strong halo")
    low, high = sorted((r.low_usd, r.high_usd))
    if low < 0:
        c.rect(x(low), bar_top, x(min(high, 0.0)) - x(low), 16, "against")
    if high > 0:
        c.rect(x(max(low, 0.0)), bar_top, x(high) - x(max(low, 0.0)), 16, "infavour")
    for usd, text in ((r.low_usd, r.low_text), (r.high_usd, r.high_text)):
        shown = re.split(r"[ /]", text)[0] if narrow or len(text) > _END_LETTERS else text
        if usd == low:
            c.text(x(usd) - 6, bar_top + 12, shown, "small halo", anchor="end")
        else:
            c.text(x(usd) + 6, bar_top + 12, shown, "small halo")
