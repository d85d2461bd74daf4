"""A learning curve: the runs, the band of one more run, and the part beyond the runs dashed and named so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from breakeven.advice.plot_types import CurvePoint
from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import is_narrow, series_class
from breakeven.report.scales import Linear, round_ticks, text_width
from breakeven.report.worth_chart_types import CurveChart

__all__ = ["draw_curve"]

_BEYOND: Final = "EXTRAPOLATED"


def draw_curve(chart: CurveChart, width: int, ident: str) -> Canvas:
    """Score over training examples, each doubling as wide as the last."""
    narrow = is_narrow(width)
    left, right, top, bottom = (46, width - 12, 30, 270) if narrow else (56, width - 20, 30, 360)
    c = Canvas(width, bottom + 42, ident=ident, title=chart.title, description=chart.text)
    low, high = _reach(chart)
    x = Linear(math.log(chart.band[0].size) - 0.12, math.log(chart.band[-1].size) + 0.12, left, right)
    y = Linear(low, high, bottom, top)
    _grid(c, y, left, right)
    _sizes(c, chart, x, bottom)
    _beyond(c, chart, x, (top, bottom))
    _band(c, chart, x, y)
    _target(c, chart, y, left, right)
    _planned(c, chart, x, (top, bottom))
    _points(c, chart, x, y)
    c.text(right, bottom + 38, "training examples, a logarithmic scale", "tick", anchor="end")
    return c


def _colour(chart: CurveChart) -> str:
    return "s1" if chart.mark is None else series_class(chart.mark)


def _reach(chart: CurveChart) -> tuple[float, float]:
    """The ends of the scale: all that is drawn, with a little air, within 0..1."""
    values = [v for p in (*chart.band, *chart.marked) for v in (p.low, p.high)]
    values += [score for _, score in chart.runs] + ([] if chart.target is None else [chart.target])
    air = 0.06 * (max(values) - min(values) or 0.1)
    return max(0.0, min(values) - air), min(1.0, max(values) + air)


def _grid(c: Canvas, y: Linear, left: float, right: float) -> None:
    for tick in round_ticks(100 * y.low, 100 * y.high, 6):
        c.line(left, y(tick / 100), right, y(tick / 100), "grid")
        c.text(left - 8, y(tick / 100) + 4, f"{tick:g}%", "tick", anchor="end")


def _sizes(c: Canvas, chart: CurveChart, x: Linear, bottom: float) -> None:
    """The marked sizes along the axis; where two names would touch, the smaller size gives way."""
    free = c.width + 10
    for point in reversed(chart.marked):
        at, label = x(math.log(point.size)), f"{point.size:,.0f}"
        half = text_width(label, 12) / 2
        c.line(at, bottom, at, bottom + 4, "zero")
        if at + half < free:
            c.text(min(at, c.width - half), bottom + 18, label, "tick", anchor="middle")
            free = at - half - 8


def _beyond(c: Canvas, chart: CurveChart, x: Linear, ends: tuple[float, float]) -> None:
    """Where the runs end, and what stands beyond it."""
    at = x(math.log(chart.largest))
    c.line(at, ends[0] - 14, at, ends[1], "mark")
    c.text(
        at + 7,
        ends[0] - 6,
        f"{_BEYOND}, not measured" if not is_narrow(int(c.width)) else _BEYOND,
        "strong halo",
    )
    c.text(at - 7, ends[0] - 6, "measured", "small halo", anchor="end")


def _band(c: Canvas, chart: CurveChart, x: Linear, y: Linear) -> None:
    xs = [x(math.log(p.size)) for p in chart.band]
    c.open(_colour(chart))
    c.area(xs, [y(p.high) for p in chart.band], [y(p.low) for p in chart.band], "band")
    c.path(_line([p for p in chart.band if p.size <= chart.largest], x, y), "line")
    c.close()
    c.raw(f'<g class="{_colour(chart)}" stroke-dasharray="7 6">')
    for ends in ("value", "low", "high"):
        part = [p for p in chart.band if p.size >= chart.largest]
        c.path(_line(part, x, y, ends), "line" if ends == "value" else "leader")
    c.close()


def _line(
    points: Sequence[CurvePoint], x: Linear, y: Linear, what: str = "value"
) -> list[tuple[float, float]]:
    return [(x(math.log(p.size)), y(float(getattr(p, what)))) for p in points]


def _target(c: Canvas, chart: CurveChart, y: Linear, left: float, right: float) -> None:
    if chart.target is None:
        return
    c.line(left, y(chart.target), right, y(chart.target), "mark")
    c.text(left + 4, y(chart.target) - 6, f"target {100 * chart.target:.3g}%", "strong halo")


def _planned(c: Canvas, chart: CurveChart, x: Linear, ends: tuple[float, float]) -> None:
    """Where the candidate is to be trained, told at the foot: the head belongs to what is extrapolated."""
    if chart.planned is None:
        return
    at, label = x(math.log(chart.planned)), f"planned {chart.planned:,.0f}"
    c.line(at, ends[0], at, ends[1], "mark")
    fits = at + 7 + text_width(label, 13) < c.width - 12
    c.text(at + (7 if fits else -7), ends[1] - 8, label, "strong halo", anchor="start" if fits else "end")


def _points(c: Canvas, chart: CurveChart, x: Linear, y: Linear) -> None:
    """Intervals at the marked sizes, with the runs over them; what is extrapolated is hollow and has its figures."""
    c.open(_colour(chart))
    for p in chart.marked:
        at = x(math.log(p.size))
        c.line(at, y(p.low), at, y(p.high), "span" if p.extrapolated else "cross")
        if p.extrapolated:
            c.circle(at, y(p.value), 5, "dot hollow")
    c.close()
    c.open("s0")
    for size, score in chart.runs:
        c.circle(x(math.log(size)), y(score), 4, "dot")
    c.close()
    _figures(c, chart, x, y)


def _figures(c: Canvas, chart: CurveChart, x: Linear, y: Linear) -> None:
    """What is extrapolated, in figures; where two would touch, that of the plan stays, then that of the end."""
    beyond = [p for p in chart.marked if p.extrapolated]
    taken: list[tuple[float, float]] = []
    for p in sorted(beyond, key=lambda p: (p.size != chart.planned, -p.size)):
        end, label = x(math.log(p.size)) - 9, f"{100 * p.value:.1f}%"
        start = end - text_width(label, 13)
        if all(end < low or start > high for low, high in taken):
            taken.append((start - 4, end + 4))
            c.text(end, y(p.value) - 9, label, "strong halo", anchor="end")
