"""Cost against quality: a point with its two intervals for each candidate."""

from __future__ import annotations

from collections.abc import Sequence

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import PlaneChart, PlanePoint
from breakeven.report.drawings.axes import SIZE, is_narrow, money_axis, name_of, series_class, strong
from breakeven.report.scales import Linear, round_ticks, text_width

__all__ = ["draw_plane"]


def draw_plane(chart: PlaneChart, width: int, ident: str) -> Canvas:
    """Cost against quality: a point with its two intervals for each candidate."""
    narrow = is_narrow(width)
    left, right, top, bottom = (44, width - 14, 22, 300) if narrow else (62, width - 30, 22, 400)
    c = Canvas(width, bottom + 42, ident=ident, title=chart.title, description=chart.text)
    x, y = _plane_scales(chart, (left, right), (top, bottom))
    money_axis(c, x, top, bottom, count=4 if narrow else 7)
    for tick in round_ticks(y.low, y.high, 5):
        c.line(left, y(tick), right, y(tick), "grid")
        c.text(left - 8, y(tick) + 4, f"{tick * 100:.4g}%", "tick", anchor="end")
    c.text(right, bottom + 36, "cost over the horizon →", "tick", anchor="end")
    c.text(left, top - 8, "quality ↑", "tick")
    _target_line(c, chart, y, left, right)
    frontier = sorted((p for p in chart.points if p.on_frontier), key=lambda p: p.cost.mean)
    if len(frontier) > 1:
        c.path([(x(p.cost.mean), y(p.quality.mean)) for p in frontier], "frontier")
    for point in chart.points:
        _plane_point(c, point, x, y)
    _plane_labels(c, chart.points, x, y)
    return c


def _plane_scales(
    chart: PlaneChart, across: tuple[float, float], down: tuple[float, float]
) -> tuple[Linear, Linear]:
    costs = [v for p in chart.points for v in (p.cost.p05, p.cost.p95)]
    marks = [v for p in chart.points for v in (p.quality.p05, p.quality.p95)]
    if chart.target is not None:
        marks.append(chart.target)
    spare_x = (max(costs) - min(costs)) * 0.06 or abs(max(costs)) * 0.1 or 1.0
    spare_y = (max(marks) - min(marks)) * 0.08 or 0.01
    low = 0.0 if 0 <= min(costs) < 0.5 * max(costs) else min(costs) - spare_x
    x = Linear(low, max(costs) + spare_x, *across)
    return x, Linear(min(marks) - spare_y, max(marks) + spare_y, down[1], down[0])


def _target_line(c: Canvas, chart: PlaneChart, y: Linear, left: float, right: float) -> None:
    if chart.target is not None:
        c.line(left, y(chart.target), right, y(chart.target), "mark")
        c.text(right, y(chart.target) - 6, f"target {chart.target * 100:.4g}%", "small halo", anchor="end")


def _plane_point(c: Canvas, p: PlanePoint, x: Linear, y: Linear) -> None:
    c.open(series_class(p.mark))
    c.line(x(p.cost.p05), y(p.quality.mean), x(p.cost.p95), y(p.quality.mean), "cross")
    c.line(x(p.cost.mean), y(p.quality.p05), x(p.cost.mean), y(p.quality.p95), "cross")
    c.circle(x(p.cost.mean), y(p.quality.mean), 6, "dot hollow" if p.mark.extrapolated else "dot")
    c.close()


_Box = tuple[float, float, float, float]


def _plane_labels(c: Canvas, points: Sequence[PlanePoint], x: Linear, y: Linear) -> None:
    """A name beside each point, at the first of eight places where it touches nothing."""
    taken: list[_Box] = [
        (x(p.cost.mean) - 7, y(p.quality.mean) - 7, x(p.cost.mean) + 7, y(p.quality.mean) + 7) for p in points
    ]
    for p in sorted(points, key=lambda p: p.mark.role == "other"):
        name = name_of(p.mark, 18)
        width = text_width(name, SIZE + 0.5)
        boxes = _label_boxes(x(p.cost.mean), y(p.quality.mean), width)
        inside = [
            b
            for b in boxes
            if x.start <= b[0] and b[2] <= x.end + 12 and y.end - 12 <= b[1] and b[3] <= y.start
        ]
        box = next((b for b in inside if not any(_touch(b, t) for t in taken)), (inside or boxes)[0])
        taken.append(box)
        c.text(box[0], box[3] - 3, name, f"halo {strong(p.mark)}".strip())


def _label_boxes(x: float, y: float, width: float) -> list[_Box]:
    """Right and left of a point, above and below its arms, near first."""
    return [
        (left, middle - 8, left + width, middle + 8)
        for left in (x + 10, x - 10 - width)
        for middle in (y - 14, y + 15, y - 32, y + 33)
    ]


def _touch(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
