"""Text for pages: outside text made harmless, numbers made readable.

Names, notes and file contents come from studies, logs and models. Every page passes them through ``clean`` first;
each page then escapes what its own format gives a meaning (markup, HTML, Markdown).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from breakeven.beliefs import show_value
from breakeven.quantities import KINDS, plain, show, show_usd, show_usd_per

__all__ = [
    "MINUS",
    "as_ascii",
    "clean",
    "harmless_json",
    "join",
    "quantity",
    "share",
    "shorten",
    "signed_usd",
]

MINUS: Final = "−"

# Control characters (ANSI escapes begin with one), format characters (bidirectional overrides, zero-width marks),
# surrogates, private use, line and paragraph separators. The joiners U+200C and U+200D stay: scripts and emoji
# need them, and they change no order.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
_SPACES: Final = re.compile(r"[\s\u0085\u2028\u2029]+")

_ASCII: Final = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "×": "x", "÷": "/", "·": ".", "…": "...", "≥": ">=", "≤": "<=", "≠": "!=",
        "±": "+-", "→": "->", "←": "<-", "▸": ">", "✓": "+", "✗": "x", "’": "'", "‘": "'", "“": '"', "”": '"',
        "Σ": "sum ", "∞": "inf",
    }
)  # fmt: skip


def clean(text: str) -> str:
    r"""One line of text in which nothing can steer a terminal, reorder letters or hide.

    White space becomes single spaces. A character that is not shown as itself is spelt out: an escape character
    becomes the four letters ``\x1b``, a right-to-left override ``\u202e``.
    """
    line = _SPACES.sub(" ", text).strip()
    if line.isascii() and line.isprintable():
        return line
    return "".join(_spelt(char) if _is_unsafe(char) else char for char in line)


def _is_unsafe(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in _UNSAFE


def _spelt(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def harmless_json(text: str) -> str:
    """The same JSON, with every unsafe character written as its escape; what it says does not change."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _ODD.sub(lambda found: _json_escape(found[0]) if _is_unsafe(found[0]) else found[0], text)


_ODD: Final = re.compile(r"[^ -~\n]")
"""All but the printable letters of ASCII and line ends, which most of a page consists of."""


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def as_ascii(text: str) -> str:
    """The text in ASCII alone, for terminals that know nothing else; what has no likeness is spelt out."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return bare.encode("ascii", "backslashreplace").decode("ascii")


def shorten(text: str, length: int) -> str:
    """The text, cut to ``length`` characters with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: max(length - 1, 1)].rstrip() + "…"


def share(p: float) -> str:
    """A probability: ``41%``; never a rounded 0% or 100% that was not certain."""
    if math.isnan(p):
        return "?"
    if 0 < p < 0.005:
        return "<1%"
    if 0.995 < p < 1:
        return ">99%"
    return f"{p:.0%}"


def signed_usd(value: float) -> str:
    """Dollars with their sign: ``+$12.5K``, ``−$3,100``, ``$0``."""
    return f"+{show_usd(value)}" if value > 0 else show_usd(value)


def quantity(value: float, kind: str, unit: str) -> str:
    """A value in its kind of quantity, or in its shown unit where the kind is unknown."""
    return _quantity(value, kind, unit).replace("-", MINUS, 1) if value < 0 else _quantity(value, kind, unit)


def _quantity(value: float, kind: str, unit: str) -> str:
    if kind in KINDS:
        return show_value(value, kind)
    if unit == "usd":
        return show_usd(value)
    if unit.startswith("usd/"):
        return show_usd_per(value, per=unit.removeprefix("usd"))[0]
    if unit == "share":
        return plain(value) if abs(value) > 1 else show(value, percent=True)
    return f"{show(value)} {unit}".strip()


def join(words: Iterable[str], *, last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, end = [*words] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end
