"""What an outcome is on average, given one or more inputs: regression on a spline basis.

Natural cubic splines with knots at quantiles: they bend where the draws are, and run on as straight
lines beyond, where there are too few to bend for (Harrell, *Regression Modeling Strategies*, 2nd ed., 2.4.5).
Two or more inputs add their splines, and the products of each pair where asked for.
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, finite

__all__ = ["Splines", "conditional_mean"]

FOLDS = 5
"""Parts into which the draws are cut for cross-fitting."""
_PARTS = tuple(slice(k, None, FOLDS) for k in range(FOLDS))
_LEAST_KNOTS = 3
_RIDGE = 1e-10
"""Share of the mean square that is added to each column's: no weight goes to directions that are empty. A singular
value decomposition would find them too, at ten times the time for a hundred columns."""


def conditional_mean(
    x: npt.ArrayLike, y: npt.ArrayLike, knots: int = 7, *, tensor: bool = False, cross_fitted: bool = False
) -> FloatArray:
    """E[y | x] at each draw, in the shape of y.

    x: (n,) or (n, d). y: (n,), or (n, c) for c outcomes at once. knots: at quantiles of each column of x (3 to
    20). tensor: also the products of every two columns' bases. cross_fitted: each fifth of the draws is fitted from the
    other four, so that no draw explains itself; every fifth draw forms a part, so their order must not matter.

    A column with at most ``knots`` different values gets one mean for each value instead of a spline.
    """
    inputs, outcomes = _two_axes(finite(x, "x"), "x"), _two_axes(finite(y, "y"), "y")
    n = inputs.shape[0]
    if outcomes.shape[0] != n:
        raise InputError(f"x has {n} draws and y has {outcomes.shape[0]}; both must have the same")
    splines = Splines(inputs, knots, tensor=tensor)
    fitted = splines.cross_fit(outcomes) if cross_fitted else splines.fit(outcomes)
    return fitted.reshape(np.shape(y))


class Splines:
    """The basis of one set of inputs, kept: for several outcomes, or fits with and without crossing.

    x, knots and tensor as for ``conditional_mean``; outcomes have shape (n, c).
    """

    def __init__(self, x: npt.ArrayLike, knots: int = 7, *, tensor: bool = False) -> None:
        inputs = _two_axes(finite(x, "x"), "x")
        if not _LEAST_KNOTS <= knots <= 20:
            raise InputError(f"knots: {knots}; from {_LEAST_KNOTS} to 20 are needed")
        self._basis = _design(inputs, knots, tensor=tensor)

    @property
    def columns(self) -> int:
        """Free coefficients of one outcome, the constant among them."""
        return int(self._basis.shape[1])

    def fit(self, y: FloatArray) -> FloatArray:
        """E[y | x] at each draw."""
        centre = y.mean(axis=0)
        coefficients = _solve(self._squares.sum(axis=0), self._basis.T @ (y - centre))
        return np.asarray(self._basis @ coefficients + centre)

    def cross_fit(self, y: FloatArray) -> FloatArray:
        """The same, each fifth of the draws fitted from the other four.

        Whole sums less the part's own, so that no part is added up twice.
        """
        if self._basis.shape[0] < 2 * FOLDS:
            raise InputError(f"cross-fitting {self._basis.shape[0]} draws; at least {2 * FOLDS} are needed")
        centre, squares = y.mean(axis=0), self._squares
        products = np.stack([self._basis[part].T @ (y[part] - centre) for part in _PARTS])
        others = zip(squares.sum(axis=0) - squares, products.sum(axis=0) - products, strict=True)
        fitted = np.empty_like(y)
        for part, (square, product) in zip(_PARTS, others, strict=True):
            fitted[part] = self._basis[part] @ _solve(square, product) + centre
        return fitted

    @cached_property
    def _squares(self) -> FloatArray:
        """The basis's sums of squares and products in each part, (FOLDS, columns, columns)."""
        return np.stack([self._basis[part].T @ self._basis[part] for part in _PARTS])


def _two_axes(array: FloatArray, what: str) -> FloatArray:
    if array.ndim > 2 or array.ndim == 0:
        raise InputError(f"{what}: shape {array.shape}; (n,) or (n, columns) is needed")
    return array.reshape(array.shape[0], -1)


def _design(inputs: FloatArray, knots: int, *, tensor: bool) -> FloatArray:
    """Intercept and basis columns, each centred and scaled to one: near-orthogonal, so that squares are safe."""
    columns = [_basis(column, knots) for column in inputs.T]
    if tensor:
        columns += [_products(left, right) for left, right in combinations(list(columns), 2)]
    return np.column_stack([np.ones(inputs.shape[0]), *columns])


def _basis(x: FloatArray, knots: int) -> FloatArray:
    """Spline columns of one input, or indicators where it takes few values; none where it is constant."""
    # The first look at a thousand draws spares continuous inputs a sort of them all.
    if np.unique(x[:1000]).size <= knots and (values := np.unique(x)).size <= knots:
        return _standard((x[:, None] == values[1:]).astype(np.float64))
    at = _knots(x, knots)
    if at.size < _LEAST_KNOTS:
        return _standard(x[:, None])
    return _standard(_natural_cubic(x, at))


def _knots(x: FloatArray, knots: int) -> FloatArray:
    """Equally spaced quantiles, the outer ones at 2.5% and 97.5%; repeated ones are made one."""
    return np.unique(np.quantile(x, np.linspace(0.025, 0.975, knots)))


def _natural_cubic(x: FloatArray, at: FloatArray) -> FloatArray:
    """x itself, and k-2 cubics that are straight outside the knots, shape (n, k-1)."""
    scaled, t = (x - at[0]) / (at[-1] - at[0]), (at - at[0]) / (at[-1] - at[0])
    last, before = _cube(scaled - t[-1]), _cube(scaled - t[-2])
    width = t[-1] - t[-2]
    bends = [
        _cube(scaled - knot) - before * ((t[-1] - knot) / width) + last * ((t[-2] - knot) / width)
        for knot in t[:-2]
    ]
    return np.column_stack([scaled, *bends])


def _cube(x: FloatArray) -> FloatArray:
    above = np.maximum(x, 0)
    return above * above * above


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    return _standard((left[:, :, None] * right[:, None, :]).reshape(left.shape[0], -1))


def _standard(columns: FloatArray) -> FloatArray:
    centred = columns - columns.mean(axis=0)
    scale = np.sqrt(np.einsum("ij,ij->j", centred, centred) / columns.shape[0])
    kept = scale > 1e-12
    if kept.all():
        centred /= scale  # in place: another array of this size costs as much as the sums
        return np.asarray(centred)
    return np.asarray(centred[:, kept] / scale[kept])


def _solve(squares: FloatArray, products: FloatArray) -> FloatArray:
    """Least squares from the sums of squares and products; a ridge of nothing holds directions that are empty."""
    held = squares + _RIDGE * squares.trace() / len(squares) * np.eye(len(squares))
    return np.asarray(np.linalg.solve(held, products))
