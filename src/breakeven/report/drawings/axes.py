"""What all drawings share: the classes of candidates, their names, and money along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from breakeven.report.canvas import Canvas
from breakeven.report.chart_types import Mark
from breakeven.report.scales import Linear, money_labels, round_ticks, spread_apart, text_width
from breakeven.report.text import MINUS, shorten

__all__ = [
    "SERIES_COLOURS",
    "SIZE",
    "end_names",
    "fitted",
    "is_narrow",
    "money_axis",
    "money_grid",
    "month_ticks",
    "name_of",
    "points_axis",
    "series_class",
    "share_grid",
    "strong",
    "whisker",
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


def fitted(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it would be wider than the room."""
    if text_width(text, SIZE) <= room:
        return text
    most = next((k for k in range(len(text), 1, -1) if text_width(text[:k] + "…", SIZE) <= room), 1)
    return shorten(text, most + 1)


def end_names(
    c: Canvas, marks: Sequence[Mark], wanted: Sequence[float], right: float, bounds: tuple[float, float]
) -> None:
    """A name at the end of each line, pushed apart where they would touch."""
    places = spread_apart(wanted, 18, *bounds)
    for mark, from_, to in zip(marks, wanted, places, strict=True):
        c.open(series_class(mark))
        c.path([(right + 2, from_), (right + 9, to), (right + 13, to)], "leader")
        c.close()
        c.text(right + 17, to + 4, fitted(name_of(mark, 99), c.width - right - 17), strong(mark))


def whisker(c: Canvas, start: float, end: float, y: float) -> None:
    """An error from one place to another, with ends; it stands out from any bar under it."""
    for css in ("under", "whisker"):
        c.line(start, y, end, y, css)
        c.line(start, y - 4, start, y + 4, css)
        c.line(end, y - 4, end, y + 4, css)


def share_grid(c: Canvas, y: Linear, left: float, right: float, count: int = 5) -> None:
    """Horizontal lines at round percentages, with their labels at the left."""
    for tick in round_ticks(100 * min(y.low, y.high), 100 * max(y.low, y.high), count):
        c.line(left, y(tick / 100), right, y(tick / 100), "zero" if tick == 0 else "grid")
        c.text(left - 8, y(tick / 100) + 4, f"{tick:g}%", "tick", anchor="end")


def points_axis(c: Canvas, x: Linear, top: float, bottom: float, *, narrow: bool) -> None:
    """Vertical lines at round differences, labelled in points."""
    for tick in round_ticks(100 * x.low, 100 * x.high, 4 if narrow else 7):
        at = x(tick / 100)
        c.line(at, top, at, bottom, "zero" if tick == 0 else "grid")
        label = f"{'+' if tick > 0 else MINUS if tick < 0 else ''}{abs(tick):g}"
        c.text(at, bottom + 18, label, "tick", anchor="middle")


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
