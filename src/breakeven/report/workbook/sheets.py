"""A sheet to write on: text that can never become a formula, and figures that carry their formula and their value."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, Final

from breakeven.report.text import clean, shorten
from breakeven.report.workbook.formulas import Cell, Places
from breakeven.report.workbook.nodes import Node

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = [
    "DATE",
    "MONEY",
    "PLAIN",
    "RATE",
    "ROUND_MONEY",
    "SHARE",
    "Sheet",
    "Styles",
    "figure_format",
    "kind_format",
    "small_format",
]

MONEY: Final = "$#,##0.00;-$#,##0.00;$0"
ROUND_MONEY: Final = "$#,##0;-$#,##0;$0"
"""Without cents: for a sheet whose sums are large."""
RATE: Final = "$#,##0.00######;-$#,##0.00######;$0"
SMALLEST_RATE: Final = 1e-6
"""Three digits of a smaller one would not fit ``RATE``."""
SHARE: Final = "0.0###%"
PLAIN: Final = "General"
DATE: Final = "yyyy-mm-dd"

_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "wrap": {"text_wrap": True},
    "title": {"bold": True, "font_size": 18},
    "subtitle": {"font_color": "#555555"},
    "heading": {"bold": True, "font_size": 12, "font_color": "#0B62A8"},
    "answer": {"bold": True, "font_size": 14, "text_wrap": True},
    "head": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#EEF2F6", "valign": "bottom"},
    "head right": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#EEF2F6", "valign": "bottom",
                   "align": "right"},
    "strong": {"bold": True},
    "sum": {"bold": True, "top": 1},
    "input": {"font_color": "#0000CC", "bg_color": "#FFF9DB", "border": 1, "border_color": "#E0D8A8", "locked": False},
    "static": {"italic": True, "font_color": "#666666"},
    "static beside": {"italic": True, "font_color": "#666666", "align": "left", "indent": 1},
    "static wrap": {"italic": True, "font_color": "#666666", "text_wrap": True},
    "note": {"font_color": "#555555", "text_wrap": True},
    "faint": {"font_color": "#888888"},
    "number": {"font_color": "#888888", "align": "left"},
    "beside": {"align": "left", "indent": 1},
    "head beside": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#EEF2F6", "valign": "bottom",
                    "align": "left", "indent": 1},
    "faint beside": {"font_color": "#888888", "align": "left", "indent": 1},
    "faint right": {"font_color": "#888888", "align": "right"},
    "right": {"align": "right"},
    "strong right": {"bold": True, "align": "right"},
    "static right": {"italic": True, "font_color": "#666666", "align": "right"},
    "strong beside": {"bold": True, "align": "left", "indent": 1},
    "sum right": {"bold": True, "top": 1, "align": "right"},
}  # fmt: skip
"""Blue on yellow: change me. Grey italics: a figure that does not follow changes."""


MOST_DECIMALS: Final = 30
"""Decimals that a number format may have."""
HIGHEST: Final = 409.0
"""Points that a row may be high."""
LONGEST_TEXT: Final = 32_767
"""Characters that a cell may hold."""
ONE_LINE: Final = 15
"""Characters of a heading that fit the columns of figures."""


class Styles:
    """The workbook's formats, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._known: dict[tuple[str, str, bool], Format] = {}

    def __call__(self, look: str = "plain", number: str = PLAIN, *, is_quoted: bool = False) -> Format:
        """A look and a number format; ``is_quoted`` keeps a text a text when somebody edits it."""
        key = (look, number, is_quoted)
        if key not in self._known:
            made = self._workbook.add_format({"valign": "top", "num_format": number, **_LOOKS[look]})
            if is_quoted:
                made.set_quote_prefix()
            self._known[key] = made
        return self._known[key]

    def changed(self) -> Format:
        """How an input looks that is no longer what was decided on; laid over its format."""
        return self._workbook.add_format({"bold": True, "bg_color": "#FFD48A"})


class Sheet:
    """One sheet of the workbook."""

    def __init__(self, worksheet: Worksheet, name: str, styles: Styles, places: Places) -> None:
        self.worksheet, self.name, self.styles, self.places = worksheet, name, styles, places
        worksheet.hide_gridlines(2)

    def text(self, row: int, column: int, text: str, look: str = "plain") -> None:
        """A text, cleaned; whatever it begins with, it stays one."""
        said = shorten(clean(text), LONGEST_TEXT)
        style = self.styles(look, is_quoted=_is_touchy(said))
        if said:
            self.worksheet.write_string(row, column, said, style)
        else:
            self.worksheet.write_blank(row, column, None, style)
        if look == "title" or (look == "head right" and len(said) > ONE_LINE):
            self.worksheet.set_row(row, 28 if look == "title" else 31)

    def texts(self, row: int, column: int, *texts: str, look: str = "plain") -> None:
        """Texts side by side."""
        for step, text in enumerate(texts):
            self.text(row, column + step, text, look)

    def paragraph(self, row: int, text: str, look: str, *, columns: int, width: float) -> None:
        """A text over several columns (``width`` characters together), its row as high as it needs."""
        said = shorten(clean(text), LONGEST_TEXT)
        style = self.styles(look, is_quoted=_is_touchy(said))
        self.worksheet.merge_range(row, 0, row, columns - 1, "", style)
        self.worksheet.write_string(row, 0, said, style)
        size = 1.3 if look == "answer" else 1.0
        lines = max(1, -(-int(len(said) * size) // int(width)))
        self.height(row, 15.5 * size * lines)

    def height(self, row: int, points: float) -> None:
        """How high a row is, as far as spreadsheets let it be."""
        self.worksheet.set_row(row, min(points, HIGHEST))

    def number(
        self, row: int, column: int, value: float | None, number: str = PLAIN, look: str = "plain"
    ) -> None:
        """A figure that stays as it is; None leaves the cell empty, infinity says never."""
        style = self.styles(look, number)
        if value is None:
            self.worksheet.write_blank(row, column, None, style)
        elif value in {float("inf"), float("-inf")}:
            self.worksheet.write_string(row, column, "never", style)
        else:
            self.worksheet.write_number(row, column, value, style)

    def date(self, row: int, column: int, date: dt.date | None, look: str = "plain") -> None:
        """A day; nothing where there is none."""
        if date is not None:
            self.worksheet.write_datetime(row, column, date, self.styles(look, DATE))

    def formula(
        self, row: int, column: int, formula: str, value: float | str, number: str = PLAIN, look: str = "plain"
    ) -> None:  # fmt: skip
        """A formula of our own making, with the value that it has now."""
        shown = "never" if value in {float("inf"), float("-inf")} else value
        self.worksheet.write_formula(row, column, formula, self.styles(look, number), shown)

    def node(
        self, row: int, column: int, node: Node, number: str = PLAIN, look: str = "plain", *, monthly: bool = False
    ) -> None:  # fmt: skip
        """A figure with its formula, which others can refer to from now on."""
        if node.is_const:
            self.number(row, column, node.value, number, look)
        else:
            self.formula(row, column, self.places.formula(node, self.name), node.value, number, look)
        self.place(row, column, node, monthly=monthly)

    def place(self, row: int, column: int, node: Node, *, monthly: bool = False) -> None:
        """From now on the node is referred to as this cell."""
        self.places.put(node, Cell(sheet=self.name, row=row, column=column, monthly=monthly))


def _is_touchy(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula, were it typed in."""
    return text[:1] in {"=", "+", "-", "@", "\t", "\r", "'", "＝", "＋", "－", "＠"}


def figure_format(value: float) -> str:
    """A number format that shows enough of a figure whose unit is not known; never an exponent."""
    size = abs(value)
    if size >= 1000:
        return "#,##0.00" if value != int(value) else "#,##0"
    if value == int(value):
        return "0"
    return "0.0000" if size >= 0.01 else small_format(size)


def small_format(size: float) -> str:
    """Decimals enough for three digits of a figure below 1."""
    zeros = min(-math.floor(math.log10(size)), MOST_DECIMALS - 2)
    return f"0.{'0' * zeros}##"


def kind_format(kind: str, value: float) -> str:
    """The number format of a kind of quantity, with the decimals that values of this size need."""
    if kind in {"share", "points", "monthly rate", "yearly rate"}:
        return SHARE
    if kind.startswith("money"):
        return "$#,##0.00##" if abs(value) >= 1 else _rate_format(value)
    return "#,##0" if kind in {"volume", "tokens"} else "#,##0.0###"


def _rate_format(value: float) -> str:
    """Of money below a dollar: cents, and what is behind them as far as the figure has it."""
    return RATE if value == 0 or abs(value) >= SMALLEST_RATE else f"${small_format(abs(value))}"
