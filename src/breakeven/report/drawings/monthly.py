"""The bill month by month, one small panel a candidate on one scale."""

from __future__ import annotations

import numpy as np

from breakeven.beliefs import Values
from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import MonthlyChart, MonthlyPanel
from breakeven.report.drawings.axes import is_narrow, name_of, strong
from breakeven.report.drawings.legend import legend, legend_height
from breakeven.report.scales import Linear, money_labels, round_ticks

__all__ = ["draw_monthly"]


def draw_monthly(chart: MonthlyChart, width: int, ident: str) -> Canvas:
    """The bill month by month, one small panel a candidate on one scale."""
    narrow = is_narrow(width)
    across = 2 if narrow else 3
    gap, left = (14, 44) if narrow else (26, 56)
    size = (width - left - gap * (across - 1) - 4) / across
    tall, row_height = (96, 142) if narrow else (130, 184)
    down = -(-len(chart.panels) // across)
    top = legend_height(chart.groups, width) + 4
    c = Canvas(width, top + down * row_height, ident=ident, title=chart.title, description=chart.text)
    legend(c, chart.groups, width)
    for k, panel in enumerate(chart.panels):
        x0, y0 = left + (k % across) * (size + gap), top + (k // across) * row_height + 26
        y = Linear(0, chart.top_usd * 1.1 or 1.0, y0 + tall, y0)
        _monthly_panel(
            c, panel, chart, Linear(0, panel.usd[0].size, x0, x0 + size), y, labelled=k % across == 0
        )
        if panel.first_usd > y.high:
            says = f"{'' if narrow else 'month 1: '}{show_usd(panel.first_usd)} ↑"
            c.text(x0 + size, y0 - 10, says, "small halo", anchor="end")
    return c


def _monthly_panel(
    c: Canvas, panel: MonthlyPanel, chart: MonthlyChart, x: Linear, y: Linear, *, labelled: bool
) -> None:
    ticks = round_ticks(0, y.high, 4)
    for tick, label in zip(ticks, money_labels(ticks), strict=True):
        c.line(x.start, y(tick), x.end, y(tick), "zero" if tick == 0 else "grid")
        if labelled:
            c.text(x.start - 7, y(tick) + 4, label, "tick", anchor="end")
    months = panel.usd[0].size
    for month in sorted({1, *range(12, months + 1, 12 if months <= 60 else 24)}):
        c.text(x(month - 0.5), y.start + 17, str(month), "tick", anchor="middle")
    below = np.zeros(months)
    edges = [x(k) for k in range(months + 1) for _ in (0, 1)][1:-1]
    for group, usd in zip(chart.groups, panel.usd, strict=True):
        above = below + usd
        if np.any(usd):
            c.open(f"g-{group.key}")
            c.area(edges, _steps(above, y), _steps(below, y), "seg")
            c.close()
        below = above
    c.text(x.start, y.end - 10, name_of(panel.mark, 16), f"halo {strong(panel.mark)}".strip())


def _steps(values: Values, y: Linear) -> list[float]:
    """A value for both ends of each month; what leaves the scale is cut at its top."""
    return [y(min(float(v), y.high)) for v in values for _ in (0, 1)]
