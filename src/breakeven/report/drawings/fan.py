"""Cumulative cost: lines, bands, and the month of break-even."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breakeven.beliefs import Values
from breakeven.quantities import show_usd
from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import FanChart, FanSeries
from breakeven.report.drawings.axes import (
    SIZE,
    is_narrow,
    money_grid,
    month_ticks,
    name_of,
    series_class,
    strong,
)
from breakeven.report.scales import Linear, spread_apart, text_width

__all__ = ["draw_fan", "fan_top"]

_LABEL_INDENT = 17
"""From the end of a line to its name."""


def draw_fan(chart: FanChart, width: int, ident: str) -> Canvas:
    """Cumulative cost: lines, bands, and the month of break-even."""
    narrow = is_narrow(width)
    room = _label_room(chart.series, 118 if narrow else 180)
    left, right, top, bottom = (50, width - room, 14, 300) if narrow else (62, width - room, 14, 380)
    c = Canvas(width, bottom + 40, ident=ident, title=chart.title, description=chart.text)
    x, y = (
        Linear(0, chart.months, left, right),
        Linear(0, chart.top_usd or fan_top(chart.series), bottom, top),
    )
    money_grid(c, y, left, right)
    for month in month_ticks(chart.months, 6 if narrow else 12):
        c.text(x(month), bottom + 20, str(month), "tick", anchor="middle")
    c.text(right, bottom + 36, "months since the start", "tick", anchor="end")
    _fans(c, chart.series, x, y)
    _break_even(c, chart, x, y)
    _end_labels(c, chart.series, y, right, (top, bottom))
    return c


def _label_room(series: Sequence[FanSeries], most: float) -> float:
    """What the names at the right need, within reason."""
    widest = max(text_width(name_of(s.mark, 99), SIZE) for s in series)
    return min(max(widest, 62.0) + _LABEL_INDENT + 6, most)


def fan_top(series: Sequence[FanSeries]) -> float:
    """Where the scale ends: all that is compared, and the others unless they would press it flat."""
    compared = max(_highest(s.high) for s in series if s.banded)
    others = [_highest(s.middle) for s in series]
    return 1.04 * max(compared, *(v for v in [0.0, *others] if v <= 1.5 * compared)) or 1.0


def _highest(values: Values) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else 0.0


def _fans(c: Canvas, series: Sequence[FanSeries], x: Linear, y: Linear) -> None:
    """Bands first, then lines, the answer on top; what leaves the scale is cut at its top."""
    order = sorted(series, key=lambda s: (s.mark.role == "recommended", s.banded))
    for s in order:
        if s.banded and not np.array_equal(s.low, s.high):
            xs = [x(k) for k in range(s.middle.size)]
            c.open(series_class(s.mark))
            c.area(xs, [y(v) for v in s.high], [y(v) for v in s.low], "band")
            c.close()
    for s in order:
        c.open(series_class(s.mark))
        c.path(_within(s.middle, x, y), "line" if s.banded else "line thin")
        c.close()


def _within(values: Values, x: Linear, y: Linear) -> list[tuple[float, float]]:
    """The points of a rising line up to the top of the scale, ending on it where the line leaves."""
    points = []
    for k, value in enumerate(float(v) for v in values):
        if value > y.high:
            before = float(values[k - 1]) if k else value
            part = (y.high - before) / (value - before) if value > before else 0.0
            points.append((x(k - 1 + part) if k else x(0), y.end))
            break
        points.append((x(k), y(value)))
    return points


def _break_even(c: Canvas, chart: FanChart, x: Linear, y: Linear) -> None:
    """The month from which the answer has cost less, with its 90% interval along the axis."""
    m = chart.break_even
    if m is None or m.p50 is None or m.p50 <= 0:
        return
    foot = y(0)
    c.line(x(m.p50), y.end, x(m.p50), foot, "mark")
    if m.p05 is not None:
        c.line(x(m.p05), foot, x(chart.months if m.p95 is None else m.p95), foot, "range")
    c.circle(x(m.p50), foot, 4, "markdot")
    after = m.p50 < chart.months * 0.7
    c.text(
        x(m.p50) + (7 if after else -7), y.end + 12, f"break-even: month {int(np.ceil(m.p50))}", "strong halo",
        anchor="start" if after else "end",
    )  # fmt: skip


def _end_labels(
    c: Canvas, series: Sequence[FanSeries], y: Linear, right: float, bounds: tuple[float, float]
) -> None:
    """Name and last value of each line at its end, pushed apart where they would touch."""
    letters = int((c.width - right - _LABEL_INDENT) / (0.56 * SIZE))
    off = [float(s.middle[-1]) > y.high for s in series]
    wanted = [max(y(s.middle[-1]), y.end) for s in series]
    places = spread_apart(wanted, 31, bounds[0] + 6, bounds[1] - 16)
    for s, leaves, from_, to in zip(series, off, wanted, places, strict=True):
        c.open(series_class(s.mark))
        if leaves:
            c.circle(right + 9, to - 3, 3.5, "dot")
        else:
            c.path([(right + 2, from_), (right + 9, to), (right + 13, to)], "leader")
        c.close()
        c.text(right + _LABEL_INDENT, to + 1, name_of(s.mark, letters), strong(s.mark))
        value = show_usd(float(s.middle[-1])) + (" ↑" if leaves else "")
        c.text(right + _LABEL_INDENT, to + 16, value, "small")
