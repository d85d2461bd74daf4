"""What all HTML pages share: their templates, their style, and a chart in two widths."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from breakeven.report.chart_types import Chart
from breakeven.report.svg import NARROW, WIDE, draw

__all__ = ["Drawn", "drawn", "style", "template"]

_TEMPLATES: Final = Path(__file__).parent / "templates"


class Drawn(NamedTuple):
    """A chart for a wide page and for a telephone."""

    wide: Markup
    narrow: Markup


def drawn(chart: Chart, ident: str, *, width: int = WIDE) -> Drawn:
    """The chart as SVG, the wide one at ``width``; the drawing escapes its own texts. ``ident``: its alone."""
    wide, narrow = draw(chart, width=width, ident=f"{ident}-w"), draw(chart, width=NARROW, ident=f"{ident}-n")
    return Drawn(Markup(wide), Markup(narrow))  # noqa: S704 escaped by the drawing


@cache
def template(name: str, folder: Path | None = None) -> Template:
    """A page's template; every text put into it is escaped. ``folder``: more templates, which may take ours."""
    return _environment(folder).get_template(name)


@cache
def style() -> Markup:
    """The style sheet that all pages carry."""
    return Markup((_TEMPLATES / "report.css").read_text("utf-8"))  # noqa: S704 our own file


@cache
def _environment(folder: Path | None) -> Environment:
    places = [_TEMPLATES] if folder is None else [folder, _TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(places), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["code"] = _code
    return environment


def _code(text: str) -> Markup:
    """The text with what stands between backticks set as code; everything else is escaped."""
    return Markup(re.sub(r"`([^`]{1,80})`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped before
