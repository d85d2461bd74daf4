"""The language that rules are written in: comparisons and arithmetic over named facts, nothing else.

``calls_per_month >= 100K and (error_cost >= $100 or domain_changes in ("yearly", "rarely"))``. Numbers may carry K, M,
B, % or a dollar sign. An expression is checked when it is read (names, types, words), so that it can fail later only
by dividing by zero. A fact that is not stated makes an expression unknown, unless the rest decides it: ``x or true``.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

import simpleeval

from breakeven.advice.facts import FactType, Value
from breakeven.errors import InputError, Problem, nearest

__all__ = ["Expression", "Name", "Names", "Unknown", "parse", "value_of"]

MAX_CHARACTERS: Final = 500
MAX_DEPTH: Final = 20


@dataclass(frozen=True, kw_only=True)
class Name:
    """What an expression must know of a fact to use it rightly."""

    type: FactType
    words: tuple[str, ...] = ()
    """All words that a word can be; empty where any can."""


Names: TypeAlias = Mapping[str, Name]


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A checked expression."""

    text: str
    """As it was written."""
    type: FactType
    """What its value is."""
    uses: tuple[str, ...]
    """The facts it names, each once, in order."""
    node: ast.Expression = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """No value: facts are missing, or a division by zero."""

    missing: tuple[str, ...]
    """The facts that would have been needed; empty after a division by zero."""


def parse(text: str, names: Names) -> Expression:
    """Read and check one expression over these names.

    Raises InputError that says which part is wrong and what would be right.
    """
    if len(text) > MAX_CHARACTERS:
        _refuse(f"{text[:40]!r}… is longer than {MAX_CHARACTERS} characters", "split it into steps")
    try:
        tree = ast.parse(_plain_numbers(text).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        raise InputError(Problem(message=f"{text!r} is not an expression", hint=_EXAMPLE)) from exc
    checker = _Checker(names)
    found = checker.type_of(tree.body, 0)
    return Expression(text=text, type=found, uses=tuple(checker.uses), node=tree)


def value_of(expression: Expression, values: Mapping[str, Value | None]) -> Value | Unknown:
    """The value of an expression; Unknown where a fact it needs is None."""
    evaluator = _Evaluator(values)
    try:
        value: Value = evaluator.eval(expression.text, expression.node.body)
    except _NotStatedError:
        return Unknown(missing=tuple(evaluator.missing))
    except (ZeroDivisionError, OverflowError):
        return Unknown(missing=())
    if isinstance(value, float) and math.isnan(value):
        return Unknown(missing=())
    return value


def _refuse(message: str, hint: str) -> NoReturn:
    raise InputError(Problem(message=message, hint=hint))


_ALLOWED: Final = "facts, numbers, words in quotes, and or not, < <= > >= == != in, + - * /, min() max()"
_A: Final[Mapping[FactType, str]] = {"yes or no": "yes or no", "number": "a number", "word": "a word"}
_EXAMPLE: Final = "write it like: calls_per_month >= 100K and not ml_team"
_NUMBER: Final = re.compile(
    r"""(?P<quoted>"[^"]*"|'[^']*')|(?<![\w.])\$?(?P<digits>\d[\d_]*(?:\.\d+)?|\.\d+)(?P<scale>[KMB%](?!\w))?"""
)
_SCALES: Final = {"K": 1e3, "M": 1e6, "B": 1e9}


def _plain_numbers(text: str) -> str:
    """Numbers as Python writes them: ``100K`` → ``100000.0``, ``5%`` → ``0.05``; what stands in quotes is left."""

    def plain(match: re.Match[str]) -> str:
        if match["quoted"]:
            return match["quoted"]
        value = float(match["digits"].replace("_", ""))
        return repr(value / 100 if match["scale"] == "%" else value * _SCALES.get(match["scale"], 1.0))

    return _NUMBER.sub(plain, text)


class _Checker:
    """The type of each part of an expression; refuses what has none."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.uses: dict[str, None] = {}

    def type_of(self, node: ast.expr, depth: int) -> FactType:
        if depth > MAX_DEPTH:
            _refuse(f"nested deeper than {MAX_DEPTH} levels", "split it into steps")
        match node:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Constant(value=value):
                return _type_of_constant(node, value)
            case ast.Compare():
                return self._compare(node, depth)
            case ast.BoolOp(values=parts):
                return self._all(parts, "yes or no", "yes or no", depth)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return self._all([part], "yes or no", "yes or no", depth)
        return self._all(_operands(node), "number", "number", depth)

    def _name(self, name: str) -> FactType:
        if name not in self.names:
            near = nearest(name, self.names)
            hint = f"did you mean {near[0]}?" if near else "`breakeven rules --facts` lists all"
            _refuse(f"no fact is called {name!r}", hint)
        self.uses[name] = None
        return self.names[name].type

    def _all(self, parts: list[ast.expr], wanted: FactType, gives: FactType, depth: int) -> FactType:
        for part in parts:
            found = self.type_of(part, depth + 1)
            if found != wanted:
                _refuse(f"{_written(part)} is {_A[found]}, where {_A[wanted]} is wanted", _EXAMPLE)
        return gives

    def _compare(self, node: ast.Compare, depth: int) -> FactType:
        sides = [node.left, *node.comparators]
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(op, ast.In | ast.NotIn):
                self._among(left, right, depth)
            elif isinstance(op, ast.Eq | ast.NotEq):
                self._all([right], self.type_of(left, depth + 1), "yes or no", depth)
                self._check_word(left, right)
                self._check_word(right, left)
            elif isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                self._all([left, right], "number", "yes or no", depth)
            else:
                _refuse(f"{_written(node)} can not stand in a rule", "compare with ==")
        return "yes or no"

    def _among(self, left: ast.expr, right: ast.expr, depth: int) -> None:
        if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
            _refuse(
                f"{_written(right)} is not a list of words", 'write it like: motive in ("cost", "latency")'
            )
        self._all([left, *right.elts], "word", "yes or no", depth)
        for word in right.elts:
            self._check_word(left, word)

    def _check_word(self, fact: ast.expr, word: ast.expr) -> None:
        """A word that the fact can never be is a slip: the comparison would always fail."""
        if not isinstance(fact, ast.Name) or not isinstance(word, ast.Constant):
            return
        known = self.names[fact.id].words
        if known and word.value not in known:
            _refuse(f"{fact.id} is never {word.value!r}", f"it is one of: {', '.join(known)}")


def _type_of_constant(node: ast.expr, value: object) -> FactType:
    match value:
        case bool():
            return "yes or no"
        case float() | int():
            return "number"
        case str():
            return "word"
    _refuse(f"{_written(node)} can not stand in a rule", _ALLOWED)


def _operands(node: ast.expr) -> list[ast.expr]:
    """The numbers that arithmetic is done on; refuses what is no arithmetic."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return [part]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), left=left, right=right):
            return [left, right]
        case ast.Call(func=ast.Name(id="min" | "max"), args=args, keywords=[]) if len(args) > 1:
            return args
    _refuse(f"{_written(node)} can not stand in a rule", _ALLOWED)


def _written(node: ast.AST) -> str:
    return repr(ast.unparse(node)[:60])


class _NotStatedError(Exception):
    """A fact has no value: caught where the expression can still be decided, or at its end."""


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]
    """Evaluates what ``_Checker`` let through: ``and`` and ``or`` pass over an unknown side that the other decides."""

    def __init__(self, values: Mapping[str, Value | None]) -> None:
        super().__init__(functions={"min": min, "max": max})
        self._known = values
        self.missing: dict[str, None] = {}

    def _eval_name(self, node: ast.Name) -> Value:
        value = self._known.get(node.id)
        if value is None:
            self.missing[node.id] = None
            raise _NotStatedError
        return value

    def _eval_boolop(self, node: ast.BoolOp) -> bool:
        decides = isinstance(node.op, ast.Or)
        unknown = False
        for part in node.values:
            try:
                if bool(self._eval(part)) is decides:
                    return decides
            except _NotStatedError:
                unknown = True
        if unknown:
            raise _NotStatedError
        return not decides
