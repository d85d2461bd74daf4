"""Draws the pictures of the README and docs/ with the program itself: charts of example studies, as SVG files.

To add one, add it to ``PICTURES`` and show it on a page. Run it after a change to an example, a chart or its style:
``python -m tools.draw_pictures``; ``--check`` only says what is out of date (exit code 1). A picture follows the
reader's light or dark scheme.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from itertools import zip_longest
from pathlib import Path
from typing import Final

from breakeven import Decision, decide, open_study
from breakeven.report.charts import to_charts
from breakeven.report.svg import WIDE, draw

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs/images"
EDGE: Final = 32
"""Units around the chart."""
HEAD: Final = 76
"""Units that the title and the line under it take."""
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One chart of one example study."""

    study: str
    chart: str
    """A field of ``report.chart_types.Charts``."""
    under: str
    """What the reader should know, under the title."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.study}-{self.chart}.svg"


PICTURES: Final = (
    Picture(
        study="self-hosted", chart="fan",
        under="Cumulative cost, discounted. Lines are medians, bands 90% intervals. * Its quality is not measured yet.",
    ),
    Picture(
        study="with-evals", chart="difference",
        under="Net benefit over 36 months against today's prompt, in 20,000 draws.",
    ),
    Picture(
        study="with-evals", chart="map",
        under="Who has the highest expected net benefit. The line holds 90% of what is believed.",
    ),
)  # fmt: skip


@cache
def _decision(study: str) -> Decision:
    return decide(open_study(ROOT / "examples" / study))


@cache
def _style() -> str:
    """The colours and the rules for drawings, out of the page's style sheet."""
    sheet = resources.files("breakeven.report").joinpath("templates", "report.css").read_text("utf-8")
    light = _between(sheet, ":root{", "\n@media (prefers-color-scheme:dark)")
    dark = _between(sheet, "@media (prefers-color-scheme:dark)", "\n@media print")
    series = _between(sheet, ".s0{", "\n")
    drawings = _between(sheet, "/* drawings */", "\n@media")
    own = (
        "text{font-family:var(--sans)}.paper{fill:var(--paper);stroke:var(--rule)}"
        ".title{font:600 21px var(--serif);fill:var(--ink)}.subtitle{font:14px var(--sans);fill:var(--ink2)}"
    )
    return "\n".join([light, dark, series, drawings, own])


def _between(text: str, first: str, end: str) -> str:
    start = text.index(first)
    return text[start : text.index(end, start)]


def picture(its: Picture) -> str:
    """The picture as the text of an SVG file."""
    chart = getattr(to_charts(_decision(its.study)), its.chart)
    return framed(draw(chart, width=WIDE, ident="chart"), title=chart.title, under=its.under)


def framed(drawn: str, *, title: str, under: str) -> str:
    """A drawing of the page's width as an SVG file that stands alone: its style, its paper, its title."""
    [height] = re.findall(r'<svg [^>]*?height="([\d.]+)"', drawn)
    width, tall = WIDE + 2 * EDGE, round(float(height) + HEAD + 0.75 * EDGE)
    inside = drawn.replace("<svg ", f'<svg x="{EDGE}" y="{HEAD}" ', 1)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {tall}" width="{width}" height="{tall}">',
        f"<style>{_style()}</style>",
        f'<rect class="paper" x=".5" y=".5" width="{width - 1}" height="{tall - 1}" rx="10"/>',
        f'<text class="title" x="{EDGE}" y="40">{escape(title)}</text>',
        f'<text class="subtitle" x="{EDGE}" y="62">{escape(under)}</text>',
        re.sub(r"(<g |<text |<path )", r"\n\1", inside),
        "</svg>",
        "",
    ])  # fmt: skip


def wanted() -> Mapping[Path, str]:
    """Each picture's file with the text that it should hold."""
    return {its.path: picture(its) for its in PICTURES}


def is_current(path: Path, text: str) -> bool:
    """Whether a file holds this picture; a fifth of a unit is rounding, which processors may do differently."""
    if not path.exists():
        return False
    old = path.read_text("utf-8")
    numbers = [[float(n) for n in _NUMBER.findall(its)] for its in (old, text)]
    if _NUMBER.sub("", old) != _NUMBER.sub("", text) or len(numbers[0]) != len(numbers[1]):
        return False
    return all(abs(a - b) <= 0.2 for a, b in zip_longest(*numbers))


def main() -> int:
    """Draw, or check."""
    stale = {path: text for path, text in wanted().items() if not is_current(path, text)}
    for path, text in stale.items():
        print(("out of date: " if "--check" in sys.argv else "drew ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
