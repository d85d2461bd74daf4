"""A learning curve as one self-contained HTML file, and its chart alone as an SVG file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from breakeven.report.curve_chart import CurveChart
from breakeven.report.drawings.curve import draw_curve
from breakeven.report.svg import NARROW, WIDE
from breakeven.report.templating import style, template
from breakeven.report.text import clean

__all__ = ["curve_html", "curve_svg"]

_KEPT: Final = re.compile(
    r"\.chart|\.grid|\.zero|\.line|\.band|\.leader|\.mark|\.span|\.dot|\.hollow|\.cross|\.s\d"
)
"""Rules of the page's style sheet that the chart needs when it stands alone."""


def curve_html(chart: CurveChart, *, source: str, limits: Sequence[str]) -> str:
    """The page. source: what was trained and how it was scored; limits: what to mind, a sentence each."""
    return template("curve.html.j2").render(
        title=chart.title,
        source=clean(source),
        limits=[clean(line) for line in limits],
        chart=chart,
        wide=Markup(str(draw_curve(chart, WIDE, "curve-w"))),  # noqa: S704 escaped by the drawing
        narrow=Markup(str(draw_curve(chart, NARROW, "curve-n"))),  # noqa: S704
        level=f"{chart.level:.0%}",
        style=style(),
    )


def curve_svg(chart: CurveChart) -> str:
    """The chart as a file of its own, light or dark as the reader's screen is."""
    drawn = str(draw_curve(chart, WIDE, "curve"))
    css = "".join(_alone(str(style())))
    head, rest = drawn.split(">", 1)
    ground = '<rect width="100%" height="100%" style="fill:var(--paper)"/>'
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{css}</style>{ground}{rest}\n'


def _alone(css: str) -> list[str]:
    """Colours, and the rules of drawings; none of the page's."""
    colours = css[: css.index("*{box-sizing")]
    rules = re.findall(r"[^{}]+\{[^{}]*\}", re.sub(r"/\*.*?\*/", "", css[css.index("*{box-sizing") :]))
    return [colours, *(rule.strip() for rule in rules if _KEPT.match(rule.strip()))]
