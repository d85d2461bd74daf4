"""What evidence is worth beside what it costs: two bars a row on one scale."""

from __future__ import annotations

from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import fitted, is_narrow, money_axis, whisker
from breakeven.report.scales import Linear, text_width
from breakeven.report.text import signed_usd
from breakeven.report.worth_chart_types import WorthChart, WorthRow

__all__ = ["draw_worth"]

_BAR = 12


def draw_worth(chart: WorthChart, width: int, ident: str) -> Canvas:
    """Value over cost, one pair of bars for each thing that can be bought."""
    narrow = is_narrow(width)
    row_height, left, right, top = (70, 4, width - 70, 30) if narrow else (48, 268, width - 170, 30)
    bottom = top + row_height * len(chart.rows)
    c = Canvas(width, bottom + 28, ident=ident, title=chart.title, description=chart.text)
    ends = [v for r in chart.rows for v in (r.value_usd + r.error_usd, _paid(r))]
    low = min(0.0, *(_paid(r) for r in chart.rows))
    x = Linear(low, max(*ends, low + 1.0) * 1.02, left, right)
    _key(c)
    money_axis(c, x, top, bottom, count=3 if narrow else 5)
    for k, row in enumerate(chart.rows):
        _row(c, row, x, top + k * row_height, narrow=narrow)
    return c


def _paid(r: WorthRow) -> float:
    return (r.cost_usd or 0.0) + r.delay_usd


def _key(c: Canvas) -> None:
    at = 0.0
    for css, says in (("infavour", "worth (± error of the draws)"), ("against", "costs, delay included")):
        c.rect(at, 2, 13, 13, css)
        c.text(at + 19, 13, says, "small")
        at += 19 + text_width(says, 12) + 14


def _row(c: Canvas, r: WorthRow, x: Linear, top: float, *, narrow: bool) -> None:
    bars = top + (30 if narrow else 10)
    css = "strong" if r.worth_it else ""
    net = "cost unknown" if r.net_usd is None else f"net {signed_usd(r.net_usd)}"
    if narrow:
        room = c.width - text_width(net, 12.5) - 14
        c.text(0, top + 22, fitted(r.label, room), f"halo {css}".strip())
        c.text(c.width, top + 22, net, f"halo {css}".strip(), anchor="end")
    else:
        c.text(0, bars + 17, fitted(r.label, 256), css)
        c.text(c.width, bars + 17, net, css, anchor="end")
    c.rect(x(0), bars, max(x(r.value_usd) - x(0), 1), _BAR, "infavour")
    if r.value_usd > 0 and r.error_usd > 0:
        ends = x(max(r.value_usd - r.error_usd, 0.0)), x(r.value_usd + r.error_usd)
        whisker(c, ends[0], ends[1], bars + _BAR / 2)
    c.text(x(max(r.value_usd + r.error_usd, 0.0)) + 6, bars + 10, show_usd(r.value_usd), "small halo")
    paid = _paid(r)
    below = bars + _BAR + 2
    if r.cost_usd is not None:
        c.rect(min(x(0), x(paid)), below, max(abs(x(paid) - x(0)), 1), _BAR, "against")
    c.text(
        max(x(paid), x(0)) + 6, below + 10, "unknown" if r.cost_usd is None else show_usd(paid), "small halo"
    )
