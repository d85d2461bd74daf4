"""Quality by the share of calls that are handed on: by the small one's confidence, and by chance."""

from __future__ import annotations

from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import fitted, is_narrow, series_class, share_grid
from breakeven.report.scales import Linear, text_width
from breakeven.report.text import share
from breakeven.report.worth_chart_types import RoutingChart

__all__ = ["draw_routing"]


def draw_routing(chart: RoutingChart, width: int, ident: str) -> Canvas:
    """A curve over the share handed on, the straight line of chance, and the share that pays most."""
    narrow = is_narrow(width)
    left, right, top, bottom = (52, width - 14, 40, 270) if narrow else (62, width - 30, 40, 340)
    c = Canvas(width, bottom + 62, ident=ident, title=chart.title, description=chart.text)
    both = [*chart.quality.tolist(), *chart.by_chance.tolist()]
    spare = 0.08 * (max(both) - min(both)) or 0.01
    x = Linear(0.0, 1.0, left, right)
    y = Linear(min(both) - spare, max(both) + spare, bottom, top)
    share_grid(
        c, Linear(max(y.low, 0.0), min(y.high, 1.0), y(max(y.low, 0.0)), y(min(y.high, 1.0))), left, right
    )
    for tick in (0, 25, 50, 75, 100):
        anchor = "middle" if tick < 100 or not narrow else "end"
        c.text(x(tick / 100), bottom + 18, f"{tick}%", "tick", anchor=anchor)
    c.path([(x(s), y(q)) for s, q in zip(chart.shares, chart.by_chance, strict=True)], "frontier")
    c.open(series_class(chart.small) if chart.small.colour else series_class(chart.large))
    c.path([(x(s), y(q)) for s, q in zip(chart.shares, chart.quality, strict=True)], "line")
    c.close()
    _best(c, chart, x, y)
    _ends(c, chart, x, y, bottom + 36)
    c.text(left - 8 if narrow else 0, 12, "right answers ↑", "tick")
    c.text(right, bottom + 56, f"calls handed to {fitted(chart.large.name, 140)} →", "tick", anchor="end")
    return c


def _best(c: Canvas, chart: RoutingChart, x: Linear, y: Linear) -> None:
    if chart.best_share is None:
        return
    at = x(chart.best_share)
    c.line(at, y.end - 6, at, y.start, "mark")
    says = f"pays most: {share(chart.best_share)}"
    half = text_width(says, 12.5) / 2
    c.text(min(max(at, x.start + half), c.width - half), y.end - 12, says, "strong halo", anchor="middle")


def _ends(c: Canvas, chart: RoutingChart, x: Linear, y: Linear, foot: float) -> None:
    """Who answers alone at either end, named under the axis, where no line runs."""
    room = (c.width - x.start) / 2 - 90
    for mark, at, value, anchor in (
        (chart.small, 0.0, float(chart.quality[0]), "start"),
        (chart.large, 1.0, float(chart.quality[-1]), "end"),
    ):
        c.open(series_class(mark))
        c.circle(x(at), y(value), 5, "dot")
        c.close()
        says = f"{fitted(mark.name, room)} alone {value:.1%}"
        c.text(x(at), foot, says, "small", anchor=anchor)
