"""A result and what it has one do: expected gains over the result, the switch, and how likely each result is."""

from __future__ import annotations

import numpy as np

from breakeven.report.canvas import Canvas
from breakeven.report.drawings.axes import (
    end_names,
    fitted,
    is_narrow,
    money_grid,
    name_of,
    series_class,
    strong,
)
from breakeven.report.scales import Linear, round_ticks, text_width
from breakeven.report.text import MINUS, quantity, share
from breakeven.report.worth_chart_types import OutcomeAction, OutcomeChart

__all__ = ["draw_outcome"]

_STRIP = 64
"""Height of the histogram."""


def draw_outcome(chart: OutcomeChart, width: int, ident: str) -> Canvas:
    """Lines above, the results' chances below, the ranges and their actions along the top."""
    narrow = is_narrow(width)
    widest = max(text_width(name_of(m, 99), 12.5) for m in chart.marks)
    room = min(max(widest, 40.0) + 22, 104.0 if narrow else 170.0)
    left, right, top, bottom = (52, width - room, 50, 250) if narrow else (66, width - room, 50, 310)
    c = Canvas(width, bottom + _STRIP + 58, ident=ident, title=chart.title, description=chart.text)
    x = Linear(float(chart.values[0]), float(chart.values[-1]), left, right)
    low, high = _reach(chart)
    y = Linear(low, high, bottom, top)
    money_grid(c, y, left, right)
    _chances(c, chart, x, bottom + 8)
    _switches(c, chart, x, (top, bottom + 8 + _STRIP))
    for mark, values in zip(chart.marks, chart.lines, strict=True):
        c.open(series_class(mark))
        c.path([(x(v), y(u)) for v, u in zip(chart.values, values, strict=True)], "line")
        c.close()
    end_names(c, chart.marks, [y(line[-1]) for line in chart.lines], right, (top, bottom))
    _actions(c, chart, x)
    _axis(c, chart, x, bottom + 8 + _STRIP, narrow=narrow)
    return c


def _reach(chart: OutcomeChart) -> tuple[float, float]:
    low = min(0.0, *(float(line.min()) for line in chart.lines))
    high = max(0.0, *(float(line.max()) for line in chart.lines))
    spare = 0.05 * (high - low) or 1.0
    return low - spare, high + spare


def _chances(c: Canvas, chart: OutcomeChart, x: Linear, top: float) -> None:
    """A bar for each range of results, standing on the axis."""
    tall = Linear(0.0, float(chart.share.max()) or 1.0, 0.0, _STRIP - 6)
    foot = top + _STRIP
    c.open("s0")
    for low, high, p in zip(chart.edges[:-1], chart.edges[1:], chart.share, strict=True):
        height = tall(float(p))
        c.rect(x(float(low)) + 0.5, foot - height, x(float(high)) - x(float(low)) - 1, height, "ridge")
    c.close()
    c.line(x.start, foot, x.end, foot, "zero")


def _switches(c: Canvas, chart: OutcomeChart, x: Linear, ends: tuple[float, float]) -> None:
    for action in chart.actions[1:]:
        if action.low is not None:
            at = x(min(max(action.low, x.low), x.high))
            c.line(at, ends[0] - 8, at, ends[1], "mark")


def _actions(c: Canvas, chart: OutcomeChart, x: Linear) -> None:
    """A coloured strip along the top; its name and chance above it, where they have room."""
    free = -1.0
    for action in chart.actions:
        start, end = _ends(action, x)
        c.open(series_class(action.mark))
        c.rect(start + 1, 34, max(end - start - 2, 1), 8, "fill")
        c.close()
        says = f"→ {name_of(action.mark, 22)}, {share(action.p)}"
        half = text_width(says, 12.5) / 2
        if 2 * half > c.width:
            says, half = fitted(says, c.width), c.width / 2
        middle = min(max((start + end) / 2, half), c.width - half)
        if middle - half > free:
            c.text(middle, 26, says, strong(action.mark), anchor="middle")
            free = middle + half + 10
        elif middle - half > -1:
            c.text(middle, 10, says, strong(action.mark), anchor="middle")


def _ends(action: OutcomeAction, x: Linear) -> tuple[float, float]:
    low = x.low if action.low is None else min(max(action.low, x.low), x.high)
    high = x.high if action.high is None else min(max(action.high, x.low), x.high)
    return x(low), x(high)


def _axis(c: Canvas, chart: OutcomeChart, x: Linear, foot: float, *, narrow: bool) -> None:
    """Round results, labelled in their kind; then what is seen, and where."""
    scale = 100.0 if chart.kind in ("points", "share") else 1.0
    free = -1.0
    for tick in round_ticks(x.low * scale, x.high * scale, 4 if narrow else 7):
        label = _label(tick, chart.kind)
        at, half = x(tick / scale), text_width(label, 12) / 2
        c.line(at, foot, at, foot + 4, "zero")
        if at - half > free:
            c.text(at, foot + 18, label, "tick", anchor="middle")
            free = at + half + 8
    unit = ", points" if chart.kind == "points" else ""
    says = f"{chart.figure} {chart.where}".strip()
    c.text(0, foot + 38, fitted(f"{says}{unit} →", c.width), "small")


def _label(tick: float, kind: str) -> str:
    if kind == "points":
        return f"{'+' if tick > 0 else MINUS if tick < 0 else ''}{abs(tick):g}"
    if kind == "share":
        return f"{tick:g}%"
    return quantity(float(np.float64(tick)), kind, "").removesuffix(" an error")
