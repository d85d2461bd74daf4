"""How often each candidate is best, over the price of an error; a broad line marks who leads in expectation."""

from __future__ import annotations

from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import end_names, is_narrow, name_of, series_class, share_grid
from breakeven.report.scales import Linear, money_labels, round_ticks, text_width
from breakeven.report.worth_chart_types import AcceptabilityChart

__all__ = ["draw_acceptability"]


def draw_acceptability(chart: AcceptabilityChart, width: int, ident: str) -> Canvas:
    """Curves, the frontier under them, and what is believed of the price."""
    narrow = is_narrow(width)
    widest = max(text_width(name_of(m, 99), 12.5) for m in chart.marks)
    room = min(max(widest, 40.0) + 22, 104.0 if narrow else 170.0)
    left, right, top, bottom = (44, width - room, 30, 270) if narrow else (52, width - room, 30, 350)
    c = Canvas(width, bottom + 44, ident=ident, title=chart.title, description=chart.text)
    x = Linear(float(chart.values[0]), float(chart.values[-1]), left, right)
    y = Linear(0.0, 1.0, bottom, top)
    _believed(c, chart, x, (top, bottom))
    share_grid(c, y, left, right)
    ticks = round_ticks(x.low, x.high, 3 if narrow else 6)
    for tick, label in zip(ticks, _price_labels(ticks), strict=True):
        c.line(x(tick), bottom, x(tick), bottom + 4, "zero")
        c.text(x(tick), bottom + 18, label, "tick", anchor="middle")
    _frontier(c, chart, x, y)
    for mark, p in zip(chart.marks, chart.p_best, strict=True):
        c.open(series_class(mark))
        c.path([(x(v), y(q)) for v, q in zip(chart.values, p, strict=True)], "line")
        c.close()
    end_names(c, chart.marks, [y(p[-1]) for p in chart.p_best], right, (top, bottom))
    c.text(left - 40 if narrow else 0, 12, "P(best)", "tick")
    c.text(right, bottom + 38, "what a wrong answer costs →", "tick", anchor="end")
    return c


def _price_labels(ticks: list[float]) -> list[str]:
    """Cents keep their digits; larger sums share one unit."""
    return money_labels(ticks) if max(ticks, default=0) >= 10 else [show_usd(t) for t in ticks]


def _believed(c: Canvas, chart: AcceptabilityChart, x: Linear, ends: tuple[float, float]) -> None:
    if chart.believed is None:
        return
    low, mean, high = (min(max(v, x.low), x.high) for v in chart.believed)
    if high > low:
        c.rect(x(low), ends[0], x(high) - x(low), ends[1] - ends[0], "believed")
    c.line(x(mean), ends[0] - 6, x(mean), ends[1], "mark")
    says = f"as believed {show_usd(mean)}"
    half = text_width(says, 12) / 2
    c.text(
        min(max(x(mean), x.start + 20 + half), c.width - half),
        ends[0] - 12,
        says,
        "small halo",
        anchor="middle",
    )


def _frontier(c: Canvas, chart: AcceptabilityChart, x: Linear, y: Linear) -> None:
    """Runs of one leader, each along its own curve."""
    start = 0
    for k in range(1, len(chart.frontier) + 1):
        if k == len(chart.frontier) or chart.frontier[k] != chart.frontier[start]:
            leader = chart.frontier[start]
            points = [(x(chart.values[j]), y(chart.p_best[leader][j])) for j in range(start, k)]
            if len(points) > 1:
                c.path(points, "leads")
            else:
                c.circle(*points[0], 5, "leadsdot")
            start = k
