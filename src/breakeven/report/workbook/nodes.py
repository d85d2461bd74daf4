"""Arithmetic that remembers itself: each number with the operation and the numbers it was made from.

A ``Node`` is made once for each operation on the same nodes (a ``Tape`` keeps them), so what two cost lines share is
one node, and later one cell. Constants are folded, and what adds nothing (× 1, + 0) is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["MONTH", "Node", "Tape", "UntraceableError"]


class UntraceableError(TypeError):
    """A step that no formula can follow, such as a Python ``if`` on a value. The figure is then written as a number."""


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One number and where it came from."""

    op: str
    """``const``, ``input``, ``month``, or a key of ``OPERATIONS``."""
    args: tuple[Node, ...]
    value: float
    """Its value with every input at its centre; 1 or 0 for a truth."""
    inputs: int
    """The inputs it depends on, one bit for each; the lowest bit says that it depends on the month."""
    name: str = ""
    """Of an input: the belief's name."""

    @property
    def is_const(self) -> bool:
        """Whether no input and no month changes it."""
        return self.op == "const"

    @property
    def is_truth(self) -> bool:
        """Whether it is a comparison, and no number."""
        return self.op in _TRUTHS


_TRUTHS: Final = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"})

OPERATIONS: Final[Mapping[str, Callable[..., float]]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: float(np.float64(a) / np.float64(b)),
    "pow": lambda a, b: float(np.float64(a) ** np.float64(b)),
    "mod": lambda a, b: float(np.mod(a, b)),
    "neg": lambda a: -a,
    "abs": abs,
    "exp": lambda a: float(np.exp(a)),
    "log": lambda a: float(np.log(a)),
    "log1p": lambda a: float(np.log1p(a)),
    "sqrt": lambda a: float(np.sqrt(a)),
    "ceil": lambda a: float(math.ceil(a)),
    "floor": lambda a: float(math.floor(a)),
    "max": max,
    "min": min,
    "where": lambda truth, a, b: a if truth else b,
    "lt": lambda a, b: float(a < b),
    "le": lambda a, b: float(a <= b),
    "gt": lambda a, b: float(a > b),
    "ge": lambda a, b: float(a >= b),
    "eq": lambda a, b: float(a == b),
    "ne": lambda a, b: float(a != b),
    "and": lambda a, b: float(bool(a) and bool(b)),
    "or": lambda a, b: float(bool(a) or bool(b)),
    "not": lambda a: float(not a),
    "sum": lambda *all_: float(np.sum(all_)),
    "dot": lambda *all_: float(np.dot(all_[: len(all_) // 2], all_[len(all_) // 2 :])),
}
"""What can be traced. ``dot`` takes two rows of equal length, one behind the other."""

MONTH: Final = 1

Key = tuple[str, tuple[int, ...], float, str]


class Tape:
    """All nodes of one workbook."""

    def __init__(self) -> None:
        self._known: dict[Key, Node] = {}
        self._bits: dict[str, int] = {}

    def const(self, value: float) -> Node:
        """A number that stands for itself."""
        return self._keep("const", (), float(value), 0, "")

    def input(self, name: str, value: float) -> Node:
        """An input of the study: a cell that people change."""
        bit = 1 << self._bits.setdefault(name, len(self._bits) + 1)
        return self._keep("input", (), float(value), bit, name)

    def month(self, number: int) -> Node:
        """The number of a month, counted from 1, as its column's heading has it."""
        return self._keep("month", (), float(number), MONTH, "")

    def make(self, op: str, *args: Node) -> Node:
        """The result of an operation."""
        if all(arg.is_const for arg in args):
            return self.const(_compute(op, args))
        shorter = _SHORTER.get(op)
        short = None if shorter is None else shorter(self, *args)
        if short is not None:
            return short
        depends = 0
        for arg in args:
            depends |= arg.inputs
        return self._keep(op, args, _compute(op, args), depends, "")

    def sum(self, nodes: Sequence[Node]) -> Node:
        """The sum of any number of nodes; zeros are left out."""
        some = [node for node in nodes if not (node.is_const and node.value == 0)]
        match some:
            case []:
                return self.const(0.0)
            case [one]:
                return one
            case [one, other]:
                return self.make("add", one, other)
            case _:
                return self.make("sum", *some)

    def dot(self, left: Sequence[Node], right: Sequence[Node]) -> Node:
        """Σ left × right."""
        pairs = [(a, b) for a, b in zip(left, right, strict=True) if not (_is(a, 0.0) or _is(b, 0.0))]
        if all(_is(a, 1.0) for a, _ in pairs):
            return self.sum([b for _, b in pairs])
        return self.make("dot", *(a for a, _ in pairs), *(b for _, b in pairs))

    def _keep(self, op: str, args: tuple[Node, ...], value: float, inputs: int, name: str) -> Node:
        leaf = value if op in {"const", "month"} else 0.0
        key = (op, tuple(id(arg) for arg in args), leaf, name)
        found = self._known.get(key)
        if found is None:
            found = Node(op=op, args=args, value=value, inputs=inputs, name=name)
            self._known[key] = found
        return found


def _compute(op: str, args: tuple[Node, ...]) -> float:
    with np.errstate(all="ignore"):
        return float(OPERATIONS[op](*(arg.value for arg in args)))


# Shorter forms of one operation each; None where there is none. They change no value by more than rounding.


def _is(node: Node, value: float) -> bool:
    return node.is_const and node.value == value


def _add(tape: Tape, a: Node, b: Node) -> Node | None:
    if _is(a, 0.0):
        return b
    if _is(b, 0.0):
        return a
    if b.is_const and a.op in {"add", "sub"} and a.args[1].is_const:  # (x − 1) + 1
        inner = a.args[1].value if a.op == "add" else -a.args[1].value
        return _shifted(tape, a.args[0], inner + b.value)
    return None


def _sub(tape: Tape, a: Node, b: Node) -> Node | None:
    if b.is_const:
        return a if b.value == 0 else _add(tape, a, tape.const(-b.value))
    return tape.make("neg", b) if _is(a, 0.0) else None


def _shifted(tape: Tape, node: Node, by: float) -> Node:
    if by == 0:
        return node
    return tape.make("add", node, tape.const(by)) if by > 0 else tape.make("sub", node, tape.const(-by))


def _mul(tape: Tape, a: Node, b: Node) -> Node | None:
    if _is(a, 0.0) or _is(b, 0.0):
        return tape.const(0.0)
    if _is(a, 1.0):
        return b
    return a if _is(b, 1.0) else None


def _div(tape: Tape, a: Node, b: Node) -> Node | None:
    if _is(a, 0.0):
        return tape.const(0.0)
    return a if _is(b, 1.0) else None


def _exp(tape: Tape, a: Node) -> Node | None:
    """exp(log1p(x)·k) is (1 + x)^k, which people read."""
    if a.op != "mul":
        return None
    base, power = a.args
    if base.op == "neg" and base.args[0].op == "log1p":
        base, power = base.args[0], tape.make("neg", power)
    if base.op != "log1p":
        return None
    return tape.make("pow", tape.make("add", tape.const(1.0), base.args[0]), power)


def _where(tape: Tape, truth: Node, a: Node, b: Node) -> Node | None:
    if truth.is_const:
        return a if truth.value else b
    return a if a is b else None


def _and(tape: Tape, a: Node, b: Node) -> Node | None:
    if a.is_const:
        return b if a.value else a
    if b.is_const:
        return a if b.value else b
    return None


def _or(tape: Tape, a: Node, b: Node) -> Node | None:
    if a.is_const:
        return a if a.value else b
    if b.is_const:
        return b if b.value else a
    return None


_SHORTER: Final[Mapping[str, Callable[..., Node | None]]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "exp": _exp, "where": _where, "and": _and, "or": _or,
}  # fmt: skip
