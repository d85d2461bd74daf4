"""A decision as the parts of the page: each a piece of HTML that stands in its own element, escaped by its template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from breakeven.advice.decision import Decision
from breakeven.economics.explanation import Explanation
from breakeven.report.alike import alike
from breakeven.report.chart_types import Charts, Mark
from breakeven.report.charts import to_charts
from breakeven.report.explain import show_value_of
from breakeven.report.html import page_parts
from breakeven.report.templating import template
from breakeven.report.text import clean
from breakeven.report.unfolding import Unfolded
from breakeven.web.differing import differing_facts, differing_rows
from breakeven.web.linking import linked

__all__ = ["TEMPLATES", "Colours", "colours_of", "compared", "full_parts", "page", "quick_parts", "unfolded"]

T = TypeVar("T")

TEMPLATES: Final = Path(__file__).parent / "templates"
WIDTH: Final = 720
"""Of the page's charts, in drawing units: the width of its column beside the inputs."""
_QUICK: Final = ("answer", "fan", "candidates")
_FULL: Final = (*_QUICK, "reasons", "flips", "buy", "more")

_COMPARED: Final = ("fan", "difference")
_SIDES: Final = (("A", "As saved"), ("B", "As edited"))

Colours = Mapping[str, int]
"""The colour of each candidate. They stay as in the saved study, whoever leads while inputs move."""


def page(file: str, /, **values: Any) -> str:
    """A whole page, from its template."""
    return template(file, TEMPLATES).render(**values)


def colours_of(decision: Decision) -> Colours:
    """The colours that the report gives."""
    return {s.mark.name: s.mark.colour for s in to_charts(decision).fan.series}


def full_parts(decision: Decision, colours: Colours) -> dict[str, str]:
    """Every part of the decision page."""
    return _rendered(_FULL, _values(decision, colours, quick=False))


def quick_parts(decision: Decision, colours: Colours) -> dict[str, str]:
    """The parts that follow a slider: the answer, the chart and the table."""
    return _rendered(_QUICK, _values(decision, colours, quick=True))


def _rendered(names: Sequence[str], values: Mapping[str, Any]) -> dict[str, str]:
    return {name: linked(template(f"parts/{name}.html.j2", TEMPLATES).render(**values)) for name in names}


def _values(decision: Decision, colours: Colours, *, quick: bool) -> dict[str, Any]:
    charts = _recoloured(to_charts(decision), colours)
    figures = {"drawn_figures": ("fan",)} if quick else {}
    values = page_parts(decision, charts, width=WIDTH, **figures)
    odds = _odds(values["shares"])
    return values | {"quick": quick, "odds": odds, "draws": f"{decision.draws:,}"}


def _odds(shares: Sequence[Any]) -> list[dict[str, Any]]:
    """The bar of P(best) as rectangles on a scale of 1,000: no style stands in the page's HTML."""
    found, at = [], 0.0
    for one in shares:
        if one.p >= 0.005:
            found.append({"css": one.css, "x": round(at, 1), "width": round(max(one.p * 1000 - 3, 1), 1)})
            at += one.p * 1000
    return found


def _recoloured(charts: Charts, colours: Colours) -> Charts:
    """The charts with each candidate in its colour."""
    made: Charts = _with_colours(charts, colours)
    return made


def _with_colours(thing: Any, colours: Colours) -> Any:
    if isinstance(thing, Mark):
        return replace(thing, colour=colours.get(thing.name, thing.colour))
    if isinstance(thing, tuple):
        return tuple(_with_colours(item, colours) for item in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        old = {f.name: getattr(thing, f.name) for f in fields(thing)}
        new = {name: _with_colours(value, colours) for name, value in old.items() if _may_hold_marks(value)}
        return replace(thing, **new) if new else thing
    return thing


def _may_hold_marks(value: Any) -> bool:
    return isinstance(value, tuple) or (is_dataclass(value) and not isinstance(value, type))


def unfolded(figure: Unfolded) -> str:
    """A figure unfolded to its formula, inputs, sources and draws, as nested HTML."""
    tree = None if figure.tree is None else _tree(figure.tree)
    return template("unfolded.html.j2", TEMPLATES).render(u=figure, tree=tree, is_symbols=_is_symbols)


_SYMBOLS: Final = frozenset("=÷·Σ√|<>≥+−[")


def _is_symbols(text: str) -> bool:
    """Whether a formula is written in symbols, and not as a sentence."""
    return not _SYMBOLS.isdisjoint(text)


def _tree(e: Explanation) -> dict[str, Any]:
    return {
        "shown": show_value_of(e), "title": clean(e.title), "figure": clean(e.figure), "formula": clean(e.formula),
        "numbers": clean(e.numbers), "source": clean(str(e.source)) if e.source else "",
        "source_kind": e.source.kind if e.source else "", "note": clean(e.note),
        "parts": [_tree(part) for part in e.parts],
    }  # fmt: skip


def compared(
    saved: Decision, edited: Decision, colours: Colours, changes: Sequence[tuple[str, str, str]]
) -> str:
    """Two scenarios side by side, on the same scales. ``changes``: (input, as saved, as edited)."""
    charts = alike(*(_recoloured(to_charts(d), colours) for d in (saved, edited)))
    sides = [
        _side(d, drawn, letter, title)
        for d, drawn, (letter, title) in zip((saved, edited), charts, _SIDES, strict=True)
    ]
    html = template("compared.html.j2", TEMPLATES).render(
        sides=sides, facts=differing_facts(saved, edited), rows=differing_rows(saved, edited), changes=changes
    )
    return linked(html)


def _side(d: Decision, charts: Charts, letter: str, title: str) -> dict[str, Any]:
    values = page_parts(d, charts, width=WIDTH, drawn_figures=_COMPARED)
    drawn = {
        name: _renamed(figure.narrow, f"{name}-n", f"{name}-{letter}")
        for name, figure in values["figures"].items()
        if figure is not None
    }
    return {**values, "letter": letter, "title": title, "drawn": drawn, "draws": f"{d.draws:,}"}


def _renamed(drawing: Any, old: str, new: str) -> Any:
    """The narrow drawing, with ids of its own: two of them stand on the page."""
    from markupsafe import Markup

    return Markup(str(drawing).replace(old, new))  # noqa: S704 escaped by the drawing
