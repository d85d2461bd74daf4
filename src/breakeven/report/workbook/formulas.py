"""A node as a spreadsheet formula: what has a cell is referred to, the rest is written out.

Only functions that every spreadsheet program has had for decades are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from breakeven.report.workbook.nodes import MONTH, Node

__all__ = ["Cell", "Places", "TooLongError", "column_letters", "quoted", "row_range"]

LONGEST: Final = 8000
"""Characters of a formula; spreadsheets take 8,192."""

_ATOM, _POWER, _PRODUCT, _SUM, _COMPARE = 5, 4, 3, 2, 1
_BINARY: Final = {
    "add": ("+", _SUM), "sub": ("-", _SUM), "mul": ("*", _PRODUCT), "div": ("/", _PRODUCT), "pow": ("^", _POWER),
}  # fmt: skip
_COMPARISONS: Final = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "=", "ne": "<>"}
_FUNCTIONS: Final = {"max": "MAX", "min": "MIN", "mod": "MOD", "abs": "ABS", "exp": "EXP", "log": "LN",
                     "sqrt": "SQRT", "floor": "INT"}  # fmt: skip

Text = tuple[str, int]
"""A formula and how tightly it holds together."""


class TooLongError(ValueError):
    """The formula would be longer than spreadsheets take."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where a figure stands."""

    sheet: str
    row: int
    """From 0."""
    column: int
    """From 0."""
    monthly: bool = False
    """Whether it stands in a month's column, so that a formula copied to the right follows it."""

    def ref(self, sheet: str) -> str:
        """As a formula on that sheet names it."""
        letters = column_letters(self.column)
        here = f"{letters}{self.row + 1}" if self.monthly else f"${letters}${self.row + 1}"
        return here if sheet == self.sheet else f"{quoted(self.sheet)}!{here}"


def column_letters(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    text, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        text = chr(65 + letter) + text
    return text


def row_range(first: Cell, last: Cell, sheet: str) -> str:
    """All cells from one to another in a row, as a formula on that sheet names them."""
    top = f"${column_letters(first.column)}${first.row + 1}"
    here = f"{top}:${column_letters(last.column)}${last.row + 1}"
    return here if first.sheet == sheet else f"{quoted(first.sheet)}!{here}"


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it."""
    return "'" + sheet.replace("'", "''") + "'"


@dataclass(kw_only=True)
class Places:
    """Which node stands in which cell."""

    names: Mapping[str, str]
    """The name in formulas of each input."""
    cells: dict[int, Cell] = field(default_factory=dict)

    def put(self, node: Node, cell: Cell) -> None:
        """The node now stands there, unless it already stands elsewhere; constants stand nowhere."""
        if node.args or node.op == "month":
            self.cells.setdefault(id(node), cell)

    def formula(self, node: Node, sheet: str) -> str:
        """``=…`` for a cell on that sheet. Raises TooLongError."""
        return "=" + self.expression(node, sheet)

    def expression(self, node: Node, sheet: str, *, held: tuple[Node, str] | None = None) -> str:
        """The formula without its ``=``.

        ``held``: an input, and the reference that takes its place; what depends on it is written out anew. Raises
        TooLongError.
        """
        return _Writer(self, sheet, held).number(node)[0]


class _Writer:
    """Writes one formula; gives up where it grows too long."""

    def __init__(self, places: Places, sheet: str, held: tuple[Node, str] | None) -> None:
        self.places, self.sheet = places, sheet
        self.instead_of = held
        self.held: Node | None = None if held is None else held[0]
        self.instead = "" if held is None else held[1]
        self.bits = 0 if self.held is None else self.held.inputs
        self.written = 0

    def number(self, node: Node) -> Text:
        """A number's formula."""
        self.written += 1
        if self.written > LONGEST:
            raise TooLongError
        text = self._leaf(node) or (
            self._as_number(node) if node.is_truth else _WRITERS.get(node.op, _Writer._by_sign)(self, node)
        )
        if len(text[0]) > LONGEST:
            raise TooLongError
        return text

    def _leaf(self, node: Node) -> Text | None:
        if node.is_const:
            return shown(node.value), _ATOM if node.value >= 0 else _SUM
        if node.op == "input":
            return self.instead if node is self.held else self.places.names[node.name], _ATOM
        cell = None if node.inputs & self.bits else self.places.cells.get(id(node))
        return None if cell is None else (cell.ref(self.sheet), _ATOM)

    def truth(self, node: Node) -> str:
        """A condition."""
        if node.op in _COMPARISONS:
            left, right = (self._within(arg, _COMPARE + 1) for arg in node.args)
            return f"{left}{_COMPARISONS[node.op]}{right}"
        if node.op in {"and", "or", "not"}:
            return f"{node.op.upper()}({','.join(self.truth(arg) for arg in node.args)})"
        return f"{self._within(node, _COMPARE + 1)}<>0"

    def _as_number(self, node: Node) -> Text:
        return f"IF({self.truth(node)},1,0)", _ATOM

    def _within(self, node: Node, least: int) -> str:
        text, holds = self.number(node)
        return text if holds >= least else f"({text})"

    def _by_sign(self, node: Node) -> Text:
        sign, holds = _BINARY[node.op]
        left = self._within(node.args[0], holds + (node.op == "pow"))
        right = self._within(node.args[1], holds + (node.op in {"sub", "div", "pow"}))
        return f"{left}{sign}{right}", holds

    def _negated(self, node: Node) -> Text:
        return f"-{self._within(node.args[0], _ATOM)}", _SUM

    def _ceiling(self, node: Node) -> Text:
        return f"-INT(-{self._within(node.args[0], _ATOM)})", _SUM

    def _log1p(self, node: Node) -> Text:
        return f"LN(1+{self._within(node.args[0], _SUM)})", _ATOM

    def _function(self, node: Node) -> Text:
        inside = ",".join(self.number(arg)[0] for arg in node.args)
        return f"{_FUNCTIONS[node.op]}({inside})", _ATOM

    def _if(self, node: Node) -> Text:
        truth, a, b = node.args
        return f"IF({self.truth(truth)},{self.number(a)[0]},{self.number(b)[0]})", _ATOM

    def _sum(self, node: Node) -> Text:
        found = self._range(node.args)
        if found is not None:
            return f"SUM({found})", _ATOM
        row = self._as_row(node.args)
        if row is not None:
            return f"SUMPRODUCT({row})", _ATOM
        return "+".join(self._within(arg, _SUM) for arg in node.args), _SUM

    def _dot(self, node: Node) -> Text:
        half = len(node.args) // 2
        left, right = self._range(node.args[:half]), self._range(node.args[half:])
        if left is not None and right is not None:
            return f"SUMPRODUCT({left},{right})", _ATOM
        rows = self._as_row(node.args[:half]), self._as_row(node.args[half:])
        if rows[0] is not None and rows[1] is not None:
            return f"SUMPRODUCT(({rows[0]})*({rows[1]}))", _ATOM
        pairs = zip(node.args[:half], node.args[half:], strict=True)
        return "+".join(f"{self._within(a, _PRODUCT)}*{self._within(b, _PRODUCT)}" for a, b in pairs), _SUM

    def _as_row(self, nodes: Sequence[Node]) -> str | None:
        """One formula for a row of months that are all made alike, while an input is held; None where they are not."""
        cells_or_formula = self._range(nodes)
        if self.held is None or cells_or_formula is not None:
            return cells_or_formula
        if not nodes[0].inputs & MONTH or not all(self._alike(nodes[0], other) for other in nodes[1:]):
            return None
        return _RowWriter(self.places, self.sheet, self.instead_of, len(nodes)).number(nodes[0])[0]

    def _alike(self, a: Node, b: Node) -> bool:
        """Whether two months are made by the same steps from the same rows."""
        if a is b:
            return True
        here, there = self.places.cells.get(id(a)), self.places.cells.get(id(b))
        if here is not None and there is not None and not (a.inputs | b.inputs) & self.bits:
            return (here.sheet, here.row, here.monthly) == (there.sheet, there.row, there.monthly)
        if a.op != b.op or len(a.args) != len(b.args) or not a.args:
            return False
        return all(self._alike(x, y) for x, y in zip(a.args, b.args, strict=True))

    def _range(self, nodes: Sequence[Node]) -> str | None:
        """The cells of these nodes where they stand side by side in one row."""
        cells = [None if n.inputs & self.bits else self.places.cells.get(id(n)) for n in nodes]
        first, last = cells[0], cells[-1]
        if first is None or last is None:
            return None
        for step, cell in enumerate(cells):
            where = None if cell is None else (cell.sheet, cell.row, cell.column)
            if where != (first.sheet, first.row, first.column + step):
                return None
        return row_range(first, last, self.sheet)


class _RowWriter(_Writer):
    """Writes for a row of months at once what holds for each: a month's cell becomes its row, inside SUMPRODUCT.

    What would sum a row up there (MAX, AND) or needs an array formula (IF) is written with products instead.
    """

    def __init__(self, places: Places, sheet: str, held: tuple[Node, str] | None, months: int) -> None:
        super().__init__(places, sheet, held)
        self.months = months

    def number(self, node: Node) -> Text:
        if node.inputs & MONTH and self._leaf(node) is None:
            if node.op in _BY_ROW:
                return _BY_ROW[node.op](self, node)
            if node.op in {"sum", "dot"}:
                raise TooLongError
            if node.is_truth:
                return self.truth(node), _ATOM
        return super().number(node)

    def truth(self, node: Node) -> str:
        if node.op in {"and", "or", "not"} and node.inputs & MONTH:
            truths = [self.truth(arg) for arg in node.args]
            return {"and": "*".join(truths), "or": f"(({'+'.join(truths)})>0)", "not": f"(1-{truths[0]})"}[
                node.op
            ]
        return f"({super().truth(node)})"

    def _leaf(self, node: Node) -> Text | None:
        cell = None if node.inputs & self.bits else self.places.cells.get(id(node))
        if cell is None or not cell.monthly:
            return super()._leaf(node)
        last = replace(cell, column=cell.column + self.months - 1)
        return row_range(cell, last, self.sheet), _ATOM

    def _if(self, node: Node) -> Text:
        truth = self.truth(node.args[0])
        a, b = (self._within(arg, _PRODUCT) for arg in node.args[1:])
        return (f"{truth}*{a}", _PRODUCT) if b == "0" else (f"({truth}*{a}+(1-{truth})*{b})", _ATOM)

    def _larger(self, node: Node) -> Text:
        a, b = (self._within(arg, _PRODUCT) for arg in node.args)
        return f"(({a}+{b}{'+' if node.op == 'max' else '-'}ABS({a}-{b}))/2)", _ATOM


_BY_ROW: Final[Mapping[str, Callable[[_RowWriter, Node], Text]]] = {
    "where": _RowWriter._if, "max": _RowWriter._larger, "min": _RowWriter._larger,
}  # fmt: skip

_WRITERS: Final[Mapping[str, Callable[[_Writer, Node], Text]]] = {
    "neg": _Writer._negated, "ceil": _Writer._ceiling, "log1p": _Writer._log1p, "where": _Writer._if,
    "sum": _Writer._sum, "dot": _Writer._dot, **dict.fromkeys(_FUNCTIONS, _Writer._function),
}  # fmt: skip


def shown(value: float) -> str:
    """A constant in a formula."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value)).replace("e", "E")
