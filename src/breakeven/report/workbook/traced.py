"""Arrays that the money model computes with as if they were numbers, and that remember how.

NumPy hands its functions over to an array's own type (``__array_ufunc__``, ``__array_function__``), so the cost lines
run unchanged on these. A step that has no formula raises UntraceableError; its line is then written as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from breakeven.beliefs import Values
from breakeven.report.workbook.nodes import Node, Tape, UntraceableError

__all__ = ["Traced", "as_values", "nodes_of", "traced"]

Nodes = NDArray[np.object_]

_UFUNCS: Final[Mapping[np.ufunc, str]] = {
    np.add: "add", np.subtract: "sub", np.multiply: "mul", np.divide: "div", np.power: "pow", np.remainder: "mod",
    np.negative: "neg", np.absolute: "abs", np.exp: "exp", np.log: "log", np.log1p: "log1p", np.sqrt: "sqrt",
    np.ceil: "ceil", np.floor: "floor", np.maximum: "max", np.minimum: "min", np.less: "lt", np.less_equal: "le",
    np.greater: "gt", np.greater_equal: "ge", np.equal: "eq", np.not_equal: "ne", np.bitwise_and: "and",
    np.logical_and: "and", np.bitwise_or: "or", np.logical_or: "or", np.invert: "not", np.logical_not: "not",
}  # fmt: skip


class Traced(NDArrayOperatorsMixin):
    """An array of nodes."""

    def __init__(self, tape: Tape, nodes: Nodes) -> None:
        self.tape = tape
        self.nodes = nodes

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's."""
        return self.nodes.shape

    @property
    def size(self) -> int:
        """As an array's."""
        return self.nodes.size

    @property
    def ndim(self) -> int:
        """As an array's."""
        return self.nodes.ndim

    def __getitem__(self, key: Any) -> Traced:
        return Traced(self.tape, np.asarray(self.nodes[key], dtype=object))

    def __bool__(self) -> bool:
        raise UntraceableError("a Python `if` on a value")

    def __float__(self) -> float:
        raise UntraceableError("a value taken as a plain number")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise UntraceableError("a value taken as a plain array")

    def astype(self, dtype: Any) -> Traced:
        """The same: a truth is used as 1 or 0."""
        return self

    def sum(self, axis: int | None = None) -> Traced:
        """Sums, along the first axis or over all."""
        if axis not in {None, 0}:
            raise UntraceableError("a sum along this axis")
        rows = self.nodes.reshape(-1, 1) if axis is None else self.nodes.reshape(self.nodes.shape[0], -1)
        sums = [self.tape.sum(list(column)) for column in rows.T]
        shape = () if axis is None else self.nodes.shape[1:]
        return Traced(self.tape, _row(sums).reshape(shape))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Traced:
        if method != "__call__" or kwargs:
            raise UntraceableError(f"numpy.{ufunc.__name__}.{method}")
        arrays = [_lifted(self.tape, x) for x in inputs]
        if ufunc is np.matmul:
            return Traced(self.tape, _product(self.tape, *arrays))
        if ufunc not in _UFUNCS:
            raise UntraceableError(f"numpy.{ufunc.__name__}")
        return Traced(self.tape, _each(self.tape, _UFUNCS[ufunc], *arrays))

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        known = _FUNCTIONS.get(func)
        if known is None:
            raise UntraceableError(f"numpy.{func.__name__}")
        return known(self.tape, *args, **kwargs)


def traced(tape: Tape, nodes: list[Node]) -> Traced:
    """A column of nodes, shape (n,)."""
    return Traced(tape, _row(nodes))


def as_values(array: Traced) -> Values:
    """The same, for functions that are typed for plain arrays."""
    return cast("Values", array)


def nodes_of(tape: Tape, values: object) -> list[Node]:
    """The nodes of an array, traced or plain, in order."""
    return list(_lifted(tape, values).ravel())


def _row(nodes: list[Node]) -> Nodes:
    row = np.empty(len(nodes), dtype=object)
    row[:] = nodes
    return row


def _lifted(tape: Tape, x: object) -> Nodes:
    if isinstance(x, Traced):
        return x.nodes
    plain = np.asarray(x, dtype=float)
    return np.asarray(np.frompyfunc(tape.const, 1, 1)(plain), dtype=object)


def _each(tape: Tape, op: str, *arrays: Nodes) -> Nodes:
    together = np.frompyfunc(lambda *nodes: tape.make(op, *nodes), len(arrays), 1)
    return np.asarray(together(*arrays), dtype=object)


def _product(tape: Tape, left: Nodes, right: Nodes) -> Nodes:
    """A row times a column, or times a table of columns."""
    if left.ndim != 1:
        raise UntraceableError("numpy.matmul of tables")
    columns = right.reshape(right.shape[0], -1).T
    return _row([tape.dot(list(left), list(column)) for column in columns]).reshape(right.shape[1:])


def _where(tape: Tape, truth: object, a: object, b: object) -> Traced:
    return Traced(tape, _each(tape, "where", *(_lifted(tape, x) for x in (truth, a, b))))


def _clip(tape: Tape, a: object, low: object, high: object) -> Traced:
    above = _each(tape, "max", _lifted(tape, a), _lifted(tape, low))
    return Traced(tape, _each(tape, "min", above, _lifted(tape, high)))


def _isin(tape: Tape, a: object, known: object) -> Traced:
    values = _lifted(tape, a)
    found = _lifted(tape, np.zeros(values.shape))
    for value in np.ravel(np.asarray(known, dtype=float)):
        found = _each(tape, "or", found, _each(tape, "eq", values, _lifted(tape, value)))
    return Traced(tape, found)


def _einsum(tape: Tape, subscripts: str, a: object, b: object) -> Traced:
    if subscripts != "tn,tn->n":
        raise UntraceableError("numpy.einsum")
    left, right = np.broadcast_arrays(_lifted(tape, a), _lifted(tape, b))
    return traced(tape, [tape.dot(list(x), list(y)) for x, y in zip(left.T, right.T, strict=True)])


_FUNCTIONS: Final[Mapping[Callable[..., Any], Callable[..., Any]]] = {
    np.where: _where,
    np.clip: _clip,
    np.isin: _isin,
    np.einsum: _einsum,
    np.ones_like: lambda tape, a, **_: np.ones(a.shape),
    np.zeros_like: lambda tape, a, **_: np.zeros(a.shape),
    np.full_like: lambda tape, a, value, **_: np.full(a.shape, value),
    np.sum: lambda tape, a, axis=None: a.sum(axis=axis),
    np.ravel: lambda tape, a: Traced(tape, a.nodes.ravel()),
    np.broadcast_to: lambda tape, a, shape: Traced(tape, np.broadcast_to(a.nodes, shape)),
}
