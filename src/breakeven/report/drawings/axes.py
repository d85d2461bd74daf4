"""What all drawings share: the classes of candidates, their names, and money along an axis."""

from __future__ import annotations

from typing import Final

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import Mark
from breakeven.report.scales import Linear, money_labels, round_ticks
from breakeven.report.text import shorten

__all__ = [
    "SERIES_COLOURS",
    "SIZE",
    "is_narrow",
    "money_axis",
    "money_grid",
    "month_ticks",
    "name_of",
    "series_class",
    "strong",
]

SERIES_COLOURS: Final = 6
"""Colours besides today's grey; with more candidates they come round again, and the labels tell them apart."""
SIZE: Final = 12.5
"""Font size of labels, as in the style sheet."""
_NARROW_UNDER: Final = 560


def is_narrow(width: int) -> bool:
    """Whether a drawing of this width is for a telephone."""
    return width < _NARROW_UNDER


def series_class(mark: Mark) -> str:
    """The class that gives a candidate its colour."""
    return "s0" if mark.colour == 0 else f"s{(mark.colour - 1) % SERIES_COLOURS + 1}"


def strong(mark: Mark) -> str:
    """The class that sets the answer's name in bold; empty for the others."""
    return "strong" if mark.role == "recommended" else ""


def name_of(mark: Mark, length: int) -> str:
    """A candidate's name, shortened; with a star where its quality is extrapolated."""
    return shorten(mark.name, length) + ("*" if mark.extrapolated else "")


def money_grid(c: Canvas, y: Linear, left: float, right: float) -> None:
    """Horizontal lines at round sums, with their labels at the left."""
    ticks = round_ticks(min(y.low, y.high), max(y.low, y.high))
    for tick, label in zip(ticks, money_labels(ticks), strict=True):
        c.line(left, y(tick), right, y(tick), "zero" if tick == 0 else "grid")
        c.text(left - 8, y(tick) + 4, label, "tick", anchor="end")


def money_axis(c: Canvas, x: Linear, top: float, bottom: float, *, count: int) -> None:
    """Vertical lines at round sums, with their labels beneath."""
    ticks = round_ticks(x.low, x.high, count)
    for tick, label in zip(ticks, money_labels(ticks), strict=True):
        c.line(x(tick), top, x(tick), bottom, "zero" if tick == 0 else "grid")
        c.text(x(tick), bottom + 18, label, "tick", anchor="middle")


def month_ticks(months: int, most: int) -> list[int]:
    """Months at which the axis is labelled, from 0 in even steps."""
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60) if months / s <= most), 120)
    return list(range(0, months + 1, step))
