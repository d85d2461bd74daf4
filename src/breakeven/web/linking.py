"""Every printed figure made a link to what it is made of.

Templates say what the figures in an element are about: ``<tr data-about="buy.0.value">``; the nearest such element
counts. Here each figure in its text becomes a link to that address, so a new sentence or row needs no more than that
word. ``data-about=""`` says that no figure of the decision stands there: a name, a date, a formula, a reference.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final
from urllib.parse import quote

from markupsafe import Markup, escape

__all__ = ["FIGURE", "linked"]

_NUMBER: Final = (
    r"(?:(?:&lt;|&gt;|[<>≥≤])\s?)?[+−±-]?\$?(?!0\d)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e-?\d+|[KMB%])?"
)
_RANGE: Final = rf"{_NUMBER}(?:(?: ± | to |\.\.){_NUMBER})*"
_INTERVAL: Final = rf"\[{_NUMBER}, (?:{_NUMBER}|never)\]"
FIGURE: Final = re.compile(
    rf"(?<![\w.:/$-])(?!90%(?: intervals?|:|\]))(?!(?<=, )90%$)(?:{_INTERVAL}|{_RANGE})"
    r"(?![\w]|-\d|\.\d|:\d|,\d)"
)
"""A figure in a text: ``$3,600 ± $120``, ``−1.2``, ``[80, 170]``, ``18%``. A name such as ``gpt-4.1`` holds none, nor
does a date or a place in a file; ``90% interval`` is a name."""

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^>]*)>")
_ABOUT: Final = re.compile(r'\bdata-about="([^"]*)"')
_LEFT: Final = frozenset({"a", "bdi", "button", "code", "label", "script", "style", "summary", "svg"})
"""Names, code, drawings, and what is to be clicked itself: a summary unfolds to the rows that it counts."""
_VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})
_SHORT: Final = 34
"""Characters of a text that is a figure as a whole: ``below 91.2%``, ``$0.20 an error .. $1.50 an error``."""


def linked(html: str) -> str:
    """The same HTML of our own templates, with every figure a link to its address."""
    out: list[str] = []
    about: list[tuple[str, str]] = []  # (tag, address) of the elements that are open
    at, end = 0, len(html)
    while at < end:
        tag = _TAG.search(html, at)
        text = html[at : end if tag is None else tag.start()]
        out.append(_linked_text(text, about[-1][1]) if about and about[-1][1] else text)
        if tag is None:
            break
        at = tag.end()
        name = tag[2].lower()
        if not tag[1] and name in _LEFT and not tag[3].endswith("/"):
            at = _after(html, name, at)
        elif tag[1]:
            _closed(about, name)
        elif name not in _VOID and not tag[3].endswith("/"):
            said = _ABOUT.search(tag[3])
            about.append((name, said[1] if said else about[-1][1] if about else ""))
        out.append(html[tag.start() : at])
    return "".join(out)


def _after(html: str, name: str, at: int) -> int:
    """Where an element ends that is left as it is."""
    closing = html.find(f"</{name}>", at)
    return len(html) if closing < 0 else closing + len(name) + 3


def _closed(about: list[tuple[str, str]], name: str) -> None:
    """Forget the element that ends here, and those in it that HTML lets stay open."""
    for k in range(len(about) - 1, -1, -1):
        if about[k][0] == name:
            del about[k:]
            return


def _linked_text(text: str, address: str) -> str:
    bare = text.strip()
    if not bare or not FIGURE.search(bare):
        return text
    if len(bare) <= _SHORT:
        start = text.index(bare)
        return text[:start] + _link(bare, address) + text[start + len(bare) :]
    return FIGURE.sub(lambda found: _link(found[0], address), text)


def _link(text: str, address: str) -> str:
    """The text, which is escaped already, as a link; it works without a script, too."""
    plain = unescape(address)
    href = f"/unfold?figure={quote(plain, safe='')}"
    return f'<a class="num" href="{href}" data-figure="{escape(plain)}">{text}</a>'


def link(text: str, address: str) -> Markup:
    """One figure as a link."""
    return Markup(_link(str(escape(text)), str(escape(address))))  # noqa: S704 both are escaped
