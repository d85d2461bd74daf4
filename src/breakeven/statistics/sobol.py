"""How much of an outcome's variance each input explains: Sobol indices, of first and of total order.

First order S: the share that knowing the input alone would remove. Total T: the share that stays while all *other*
inputs are known; T − S is what the input does together with others. For a model that can be run anywhere in the unit
cube (Saltelli and others, 2010; Jansen, 1999), or from draws that are there already (first order only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, check_level, finite
from breakeven.statistics.regression import Splines

__all__ = ["SobolIndices", "first_order_from_draws", "sobol_indices"]

Model = Callable[[FloatArray], npt.ArrayLike]
"""(rows, d) points of the unit cube → (rows,) outcomes."""


@dataclass(frozen=True, kw_only=True)
class SobolIndices:
    """Both orders of each input, with bootstrap intervals. Shapes (d,) and, for intervals, (d, 2)."""

    first: FloatArray
    total: FloatArray
    first_interval: FloatArray
    total_interval: FloatArray
    level: float
    n: int
    """Base points; the model ran n·(d + 2) times."""


def sobol_indices(
    model: Model,
    d: int,
    rng: np.random.Generator,
    *,
    n: int = 1024,
    level: float = 0.95,
    resamples: int = 200,
) -> SobolIndices:
    """Sobol indices of ``model`` over d independent inputs, each uniform on 0..1 (use inverse cdfs for others).

    Two Latin hypercubes of n points, and d that take one column of the second: n·(d + 2) runs. First order by
    Saltelli's estimator of 2010, total by Jansen's; intervals by resampling points.
    """
    check_level(level)
    if d < 1 or n < 16:
        raise InputError(f"sobol: {d} inputs and {n} points; at least 1 and 16 are needed")
    a, b = _hypercube(n, d, rng), _hypercube(n, d, rng)
    at_a, at_b = _run(model, a), _run(model, b)
    mixed = np.empty((n, d))
    for k in range(d):
        ab = a.copy()
        ab[:, k] = b[:, k]
        mixed[:, k] = _run(model, ab)
    centre = np.concatenate([at_a, at_b]).mean()  # removes a large constant that would only add noise
    runs = np.column_stack([at_a, at_b, mixed]) - centre
    first, total = _indices(runs)
    picks = (rng.integers(0, n, n) for _ in range(resamples))
    again = np.array([_indices(runs[rows]) for rows in picks])
    ends = np.quantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return SobolIndices(
        first=first, total=total, first_interval=ends[:, 0].T, total_interval=ends[:, 1].T, level=level, n=n
    )


def _hypercube(n: int, d: int, rng: np.random.Generator) -> FloatArray:
    """One point in each of n slices of every input, at random within it."""
    slices = rng.permuted(np.tile(np.arange(n), (d, 1)), axis=1).T
    return np.asarray((slices + rng.random((n, d))) / n)


def _run(model: Model, points: FloatArray) -> FloatArray:
    found = finite(model(points), "the model's outcome")
    if found.shape != points.shape[:1]:
        raise InputError(
            f"the model gave shape {found.shape} for {len(points)} points; one outcome each is needed"
        )
    return found


def _indices(runs: FloatArray) -> tuple[FloatArray, FloatArray]:
    at_a, at_b, mixed = runs[:, 0], runs[:, 1], runs[:, 2:]
    variance = runs[:, :2].var()
    if variance == 0:
        return np.zeros(mixed.shape[1]), np.zeros(mixed.shape[1])
    first = (at_b[:, None] * (mixed - at_a[:, None])).mean(axis=0) / variance
    total = 0.5 * ((at_a[:, None] - mixed) ** 2).mean(axis=0) / variance
    return first, total


def first_order_from_draws(
    inputs: Mapping[str, npt.ArrayLike], outcome: npt.ArrayLike, *, knots: int = 7
) -> dict[str, float]:
    """First-order index of each input from draws alone: the share of variance that a cross-fitted spline predicts.

    inputs: name → (n,) draws, or (n, d) of a group. Inputs that move together each count what they share.
    """
    y = finite(outcome, "outcome").reshape(-1, 1)
    variance = float(y.var())
    if variance == 0:
        return dict.fromkeys(inputs, 0.0)
    missed = {name: (y - Splines(x, knots).cross_fit(y)).var() for name, x in inputs.items()}
    return {name: max(0.0, 1 - float(left) / variance) for name, left in missed.items()}
