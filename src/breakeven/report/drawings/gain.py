"""What one more version of a prompt may bring: a shape over dollars, with its expected gain and its cost."""

from __future__ import annotations

import numpy as np

from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import is_narrow, money_axis
from breakeven.report.scales import Linear, text_width
from breakeven.report.text import share
from breakeven.report.worth_chart_types import GainChart

__all__ = ["draw_gain"]


def draw_gain(chart: GainChart, width: int, ident: str) -> Canvas:
    """Losses and gains in two colours, meeting at zero."""
    narrow = is_narrow(width)
    left, right, top, bottom = (8, width - 8, 44, 200) if narrow else (20, width - 20, 44, 250)
    c = Canvas(width, bottom + 44, ident=ident, title=chart.title, description=chart.text)
    usd, height = chart.density.usd, chart.density.height
    low, high = (
        min(0.0, float(usd[0])),
        max(float(usd[-1]), chart.value_usd, chart.cost_usd or 0.0, low_top(usd)),
    )
    x, y = Linear(low, high, left, right), Linear(0.0, 1.0, bottom, top)
    money_axis(c, x, top, bottom, count=3 if narrow else 7)
    _half(c, usd, height, x, y, above=False)
    _half(c, usd, height, x, y, above=True)
    _mark(c, x, chart.value_usd, (top, bottom), f"worth {show_usd(chart.value_usd)}", 14)
    if chart.cost_usd is not None:
        _mark(c, x, chart.cost_usd, (top, bottom), f"costs {show_usd(chart.cost_usd)}", 30)
    c.text(right, top + 16, f"truly better: {share(chart.p_gains)}", "strong halo", anchor="end")
    c.text(left, top + 16, f"worse: {share(1 - chart.p_gains)}", "small halo")
    c.text(right, bottom + 38, "true gain over the horizon, US dollars →", "tick", anchor="end")
    return c


def low_top(usd: np.ndarray) -> float:
    """A scale has a width even where all draws are one."""
    return float(usd[0]) + max(abs(float(usd[0])), 1.0) * 1e-6


def _half(c: Canvas, usd: np.ndarray, height: np.ndarray, x: Linear, y: Linear, *, above: bool) -> None:
    """The part of the shape on one side of zero, cut there."""
    at_zero = float(np.interp(0.0, usd, height, left=0.0, right=0.0))
    keep = usd > 0 if above else usd < 0
    if not keep.any():
        return
    xs, hs = usd[keep].tolist(), height[keep].tolist()
    xs, hs = ([0.0, *xs], [at_zero, *hs]) if above else ([*xs, 0.0], [*hs, at_zero])
    foot = [y(0.0)] * len(xs)
    c.area([x(v) for v in xs], [y(h) for h in hs], foot, "infavour soft" if above else "against soft")


def _mark(c: Canvas, x: Linear, usd: float, ends: tuple[float, float], says: str, at: float) -> None:
    c.line(x(usd), at + 4, x(usd), ends[1], "mark")
    half = text_width(says, 12.5) / 2
    c.text(min(max(x(usd), half), c.width - half), at, says, "strong halo", anchor="middle")
