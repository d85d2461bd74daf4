"""SVG elements, put together as text: everything that comes from outside is escaped here.

Colours and type come from the page's style sheet through classes, so one drawing serves light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["Canvas", "number"]

Point = tuple[float, float]


def number(value: float) -> str:
    """A coordinate with one decimal, as short as it can be written."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


class Canvas:
    """Collects the elements of one drawing, back to front."""

    def __init__(self, width: float, height: float, *, ident: str, title: str, description: str) -> None:
        self.width = width
        self.height = height
        self.ident = ident
        """Unique on its page; also the beginning of every id inside."""
        self._head = (
            f'<title id="{ident}-t">{escape(title)}</title><desc id="{ident}-d">{escape(description)}</desc>'
        )
        self._parts: list[str] = []

    def __str__(self) -> str:
        w, h = number(self.width), number(self.height)
        return (
            f'<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
            f'aria-labelledby="{self.ident}-t {self.ident}-d">{self._head}{"".join(self._parts)}</svg>'
        )

    def raw(self, markup: str) -> None:
        """Markup of our own making; never text from outside."""
        self._parts.append(markup)

    def open(self, css: str) -> None:
        """Begin a group of elements with a class."""
        self._parts.append(f'<g class="{css}">')

    def close(self) -> None:
        """End the group."""
        self._parts.append("</g>")

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self._parts.append(
            f'<line class="{css}" x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"/>'
        )

    def path(self, points: Iterable[Point], css: str, *, closed: bool = False) -> None:
        """A line through points, or the area inside them."""
        steps = "L".join(f"{number(x)} {number(y)}" for x, y in points)
        self._parts.append(f'<path class="{css}" d="M{steps}{"Z" if closed else ""}"/>')

    def area(self, xs: Sequence[float], tops: Sequence[float], bottoms: Sequence[float], css: str) -> None:
        """The area between two lines over the same places."""
        there = list(zip(xs, tops, strict=True))
        back = list(zip(xs, bottoms, strict=True))[::-1]
        self.path([*there, *back], css, closed=True)

    def rect(
        self, x: float, y: float, width: float, height: float, css: str, *, tip: str = "", fill: str = ""
    ) -> None:
        """A rectangle; ``tip`` is shown by the browser when it is pointed at, ``fill`` names a pattern."""
        inside = f"><title>{escape(tip)}</title></rect>" if tip else "/>"
        paint = f' fill="{fill}"' if fill else ""
        self._parts.append(
            f'<rect class="{css}" x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" '
            f'height="{number(max(height, 0))}"{paint}{inside}'
        )

    def circle(self, x: float, y: float, radius: float, css: str) -> None:
        """A circle."""
        self._parts.append(f'<circle class="{css}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>')

    def text(self, x: float, y: float, text: str, css: str = "", *, anchor: str = "start") -> None:
        """One line of text whose baseline stands at ``y``."""
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        look = f' class="{css}"' if css else ""
        self._parts.append(f'<text x="{number(x)}" y="{number(y)}"{look}{where}>{escape(text)}</text>')
