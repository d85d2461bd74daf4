"""A printed figure unfolded: as a tree in the terminal, as data, as Markdown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from breakeven.report.text import as_ascii, clean, quantity

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from breakeven.economics.explanation import Explanation

__all__ = ["show_value_of", "to_dict", "to_markdown", "to_text", "to_tree"]


def show_value_of(e: Explanation) -> str:
    """The figure's value in its unit, for people."""
    if not math.isfinite(e.value):
        return "never" if e.unit == "months" else "?"
    return clean(quantity(e.value, e.kind, e.unit))


def to_text(e: Explanation, *, width: int = 100, colour: bool = False, ascii_only: bool = False) -> str:
    """The tree as text, no line wider than ``width``."""
    from breakeven.report.terminal import printed

    return printed(to_tree(e, ascii_only=ascii_only), width=width, colour=colour, ascii_only=ascii_only)


def to_tree(e: Explanation, *, ascii_only: bool = False) -> Tree:
    """The figure as a tree for a console: value and title, formula, numbers put in, source, then its parts."""
    from rich.tree import Tree

    tree = Tree(_label(e, ascii_only=ascii_only), guide_style="dim", highlight=False)
    for part in e.parts:
        tree.children.append(to_tree(part, ascii_only=ascii_only))
    return tree


def _label(e: Explanation, *, ascii_only: bool) -> Text:
    from rich.text import Text

    def plain(text: str, style: str = "") -> Text:
        return Text(as_ascii(clean(text)) if ascii_only else clean(text), style=style, overflow="fold")

    lines = [
        Text.assemble(plain(show_value_of(e), "bold"), "  ", plain(e.title), "  ", plain(e.figure, "dim"))
    ]
    lines += [plain(f"= {e.formula}")] if e.formula else []
    lines += [plain(f"= {e.numbers}")] if e.numbers else []
    lines += [plain(str(e.source), "yellow" if e.source.kind == "guess" else "dim")] if e.source else []
    lines += [plain(e.note, "yellow" if "EXTRAPOLATED" in e.note else "dim")] if e.note else []
    return Text("\n").join(lines)


def to_dict(e: Explanation) -> dict[str, Any]:
    """The figure as data for ``--json``: numbers as numbers, what never happens as None."""
    return {
        "figure": e.figure,
        "title": e.title,
        "value": e.value if math.isfinite(e.value) else None,
        "unit": e.unit,
        "shown": show_value_of(e),
        "formula": e.formula or None,
        "numbers": e.numbers or None,
        "source": str(e.source) if e.source else None,
        "note": e.note or None,
        "parts": [to_dict(part) for part in e.parts],
    }


def to_markdown(e: Explanation) -> str:
    """The figure as a nested list."""
    return "\n".join(_items(e, 0)) + "\n"


def _items(e: Explanation, depth: int) -> list[str]:
    from breakeven.report.markdown import escape

    def text(raw: str) -> str:
        return escape(clean(raw))

    pad = "  " * depth
    lines = [f"{pad}- **{escape(show_value_of(e))}** {text(e.title)} ({text(e.figure)})"]
    lines += [f"{pad}  = {text(formula)}" for formula in (e.formula, e.numbers) if formula]
    lines += [f"{pad}  {text(str(e.source))}"] if e.source else []
    lines += [f"{pad}  {text(e.note)}"] if e.note else []
    for part in e.parts:
        lines += _items(part, depth + 1)
    return lines
