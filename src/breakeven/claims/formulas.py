"""Formulas of a claims file: arithmetic on named quantities, nothing else. No code of a file is ever run.

A formula is read once, every part of it checked against the short list of what may stand there, then worked out by
simpleeval on spans, so that its units are checked at each step.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Final

from simpleeval import SimpleEval

from breakeven.claims.spans import FUNCTIONS, Span, point
from breakeven.errors import QuantityError, nearest
from breakeven.quantities import DAYS_PER_MONTH, MONTHS_PER_YEAR, Quantity, Unit

__all__ = ["CONSTANTS", "NAME", "names_in", "read_formula", "text_of", "work_out"]

MAX_CHARACTERS: Final = 600
MAX_PARTS: Final = 150
MAX_DEPTH: Final = 25

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How an input may be called."""

_MONTH: Final = Unit.of(month=1)
CONSTANTS: Final[Mapping[str, Span]] = {
    "hour": point(Quantity(1.0, Unit.of(hour=1))),
    "day": point(Quantity(1 / DAYS_PER_MONTH, _MONTH)),
    "week": point(Quantity(7 / DAYS_PER_MONTH, _MONTH)),
    "month": point(Quantity(1.0, _MONTH)),
    "quarter": point(Quantity(3.0, _MONTH)),
    "year": point(Quantity(MONTHS_PER_YEAR, _MONTH)),
}
"""Units of time that a formula may name: ``volume * year``, ``payback / week``."""

_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_SIGNS: Final = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "\n": " ", "\t": " "})
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9_ .,()+*/-]*")
_ALLOWED: Final = (
    "a formula holds + - * / ( ), numbers, input names, min, max, ceil, floor, round and units of time"
)


def read_formula(text: str, names: Collection[str]) -> ast.expr:
    """The checked tree of a formula over ``names`` and CONSTANTS; its numbers are floats.

    Raises QuantityError, which says what can not stand there.
    """
    tree = _parsed(text.translate(_SIGNS).strip(), text)
    known = {*names, *CONSTANTS}
    _check(tree, known, text)
    return tree


def _parsed(source: str, text: str) -> ast.expr:
    if not source:
        raise QuantityError("the formula is empty", hint=_ALLOWED)
    if len(source) > MAX_CHARACTERS:
        raise QuantityError(f"the formula has {len(source):,} characters; at most {MAX_CHARACTERS} are read",
                            hint="break it up into steps")  # fmt: skip
    match = _CHARACTERS.match(source)
    stop = match.end() if match else 0
    if stop < len(source):
        raise QuantityError(f"{source[stop]!r} can not stand in a formula: {text!r}", hint=_ALLOWED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # `1if` and its like are warnings today, errors tomorrow
            return ast.parse(source, mode="eval").body
    except (SyntaxError, SyntaxWarning, DeprecationWarning, ValueError, MemoryError, RecursionError) as exc:
        raise QuantityError(f"{text!r} is not a formula", hint=_ALLOWED) from exc


def _check(tree: ast.expr, known: Collection[str], text: str) -> None:
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    parts = 0
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if parts > MAX_PARTS or depth > MAX_DEPTH:
            raise QuantityError(
                f"{text!r} is too long or too deep for a formula", hint="break it up into steps"
            )
        waiting += [(child, depth + 1) for child in _children(node, known, text)]


def _children(node: ast.AST, known: Collection[str], text: str) -> list[ast.expr]:
    """The parts of an allowed node; QuantityError for any other."""
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return [node.operand]
    if isinstance(node, ast.Call):
        return _call(node, text)
    if isinstance(node, ast.Name):
        _name(node.id, known)
        return []
    if isinstance(node, ast.Constant):
        node.value = _number(node.value, text)
        return []
    raise QuantityError(f"{_shown(node)} can not stand in a formula: {text!r}", hint=_ALLOWED)


def _call(node: ast.Call, text: str) -> list[ast.expr]:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise QuantityError(f"{_shown(node.func)}() can not be called in a formula: {text!r}", hint=_ALLOWED)
    if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise QuantityError(f"{node.func.id}() takes plain values: {text!r}", hint=_ALLOWED)
    name, count = node.func.id, len(node.args)
    if name in {"min", "max"} and count < 2:
        raise QuantityError(f"{name}() takes two values or more: {text!r}")
    if name not in {"min", "max"} and count != 1:
        raise QuantityError(f"{name}() takes one value: {text!r}")
    return node.args


def _name(name: str, known: Collection[str]) -> None:
    if name in known:
        return
    near = nearest(name, known)
    hint = (
        f"did you mean {near[0]!r}?" if near else "every name of a formula stands under `inputs:` or `steps:`"
    )
    raise QuantityError(f"no input is called {name!r}", hint=hint)


def _number(value: object, text: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(f"{value!r} is not a number: {text!r}", hint=_ALLOWED)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise QuantityError(f"a number in {text!r} is too large")
    return number


def _shown(node: ast.AST) -> str:
    try:
        return f"`{ast.unparse(node)[:60]}`"
    except (ValueError, RecursionError, AttributeError):  # a broken part of a tree can not be shown
        return type(node).__name__


def work_out(tree: ast.expr, values: Mapping[str, Span]) -> Span:
    """What a checked formula gives for these values; QuantityError where units do not fit or zero divides."""
    calculator = SimpleEval(
        operators=dict(_OPERATORS), functions=dict(FUNCTIONS), names={**CONSTANTS, **values}
    )
    try:
        found = calculator.eval("", previously_parsed=tree)
    except ZeroDivisionError as exc:
        raise QuantityError(f"`{text_of(tree)}` divides by zero") from exc
    span = found if isinstance(found, Span) else point(found)
    if not span.is_finite:
        raise QuantityError(f"`{text_of(tree)}` gives no finite number")
    return span


@lru_cache(maxsize=4096)
def names_in(tree: ast.expr) -> tuple[str, ...]:
    """The names in a formula, each as often as it stands there; functions are not among them."""
    if isinstance(tree, ast.Name):
        return (tree.id,)
    if isinstance(tree, ast.BinOp):
        return names_in(tree.left) + names_in(tree.right)
    if isinstance(tree, ast.UnaryOp):
        return names_in(tree.operand)
    if isinstance(tree, ast.Call):
        return tuple(name for arg in tree.args for name in names_in(arg))
    return ()


def text_of(tree: ast.expr, values: Mapping[str, str] | None = None) -> str:
    """A formula as people write it; with ``values``, each name replaced by what stands for it."""
    return _Written(values or {}).write(tree)


_STRENGTH: Final[Mapping[type[ast.AST], tuple[int, str]]] = {
    ast.Add: (1, " + "),
    ast.Sub: (1, " − "),
    ast.Mult: (2, " × "),
    ast.Div: (2, " ÷ "),
}


class _Written:
    """Writes trees with × ÷ − and only the parentheses that are needed."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def write(self, node: ast.expr, strength: int = 0) -> str:
        if isinstance(node, ast.Name):
            return self.values.get(node.id, node.id)
        if isinstance(node, ast.Constant):
            return f"{float(str(node.value)):,.15g}"
        if isinstance(node, ast.Call):
            inside = ", ".join(self.write(arg) for arg in node.args)
            return f"{self.write(node.func)}({inside})"
        if isinstance(node, ast.UnaryOp):
            return ("−" if isinstance(node.op, ast.USub) else "") + self.write(node.operand, 3)
        assert isinstance(node, ast.BinOp)
        own, sign = _STRENGTH[type(node.op)]
        after = own + (1 if isinstance(node.op, ast.Sub | ast.Div) else 0)
        text = self.write(node.left, own) + sign + self.write(node.right, after)
        return f"({text})" if own < strength else text
