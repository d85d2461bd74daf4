"""What knowing more would be worth, from the draws that a decision was made on.

Net benefit: (n draws, C candidates), dollars. Today one picks the candidate with the highest mean. Who knew
the truth of each draw would pick the best in it; the mean gain is the value of perfect information (EVPI).
Who knew one input alone, or a group of them, would pick the best *given those*: their partial value (EVPPI), by
regression of net benefit on them (Strong, Oakley and Brennan, 2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, finite
from breakeven.statistics.regression import FOLDS, Splines

__all__ = ["Worth", "evpi", "evppi", "value_of_input", "value_of_inputs", "value_of_perfect"]

_CROWDED = 30
"""Draws for each coefficient under which a fit of pairs of inputs is given up for a plain sum of splines."""

_MANY = 4
"""Inputs known together above which each gets fewer knots: their sum is what matters, and is nearly smooth."""
_KNOTS_OF_MANY = 4


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What some knowledge is worth, in the unit of net benefit, with what chance did to the figure."""

    value: float
    """By the fit to all draws. It errs upwards: the fit follows noise that it is then paid for."""
    cross_fitted: float
    """Chosen by a fit that has not seen the draw, and counted by what the choice earned in it: errs downwards."""
    standard_error: float
    """Monte Carlo standard error of ``value``: more draws make it small."""
    cross_fitted_error: float
    """… and of ``cross_fitted``, in which the draws' own noise is left."""
    n: int
    """Draws."""


def evpi(net_benefit: npt.ArrayLike) -> float:
    """Expected value of perfect information, in the unit of ``net_benefit``; never below 0."""
    benefit = matrix(net_benefit)
    return max(0.0, float(benefit.max(axis=1).mean() - benefit.mean(axis=0).max()))


def value_of_perfect(net_benefit: npt.ArrayLike) -> Worth:
    """The EVPI with its standard error; nothing is fitted, so both figures are one."""
    benefit = matrix(net_benefit)
    n = benefit.shape[0]
    gain = benefit.max(axis=1) - benefit[:, int(benefit.mean(axis=0).argmax())]
    value, error = max(0.0, float(gain.mean())), _error(gain)
    return Worth(value=value, cross_fitted=value, standard_error=error, cross_fitted_error=error, n=n)


def evppi(
    inputs: Mapping[str, npt.ArrayLike],
    net_benefit: npt.ArrayLike,
    *,
    knots: int = 7,
    cross_fitted: bool = False,
) -> dict[str, float]:
    """Expected value of knowing each input, in the unit of ``net_benefit`` (n, C); from 0 to the EVPI.

    inputs: name → (n,) draws of one input, or (n, d) of several known together (with products of pairs).

    cross_fitted: choose by a fit that has not seen the draw, and count what the choice earned in it. Where
    the two are far apart, draw more; ``value_of_inputs`` gives both, and their errors.
    """
    found = value_of_inputs(inputs, net_benefit, knots=knots)
    return {name: worth.cross_fitted if cross_fitted else worth.value for name, worth in found.items()}


def value_of_inputs(
    inputs: Mapping[str, npt.ArrayLike], net_benefit: npt.ArrayLike, *, knots: int = 7
) -> dict[str, Worth]:
    """The EVPPI of each input or group, raw and cross-fitted, with Monte Carlo errors; inputs as for ``evppi``."""
    benefit = matrix(net_benefit)
    gain, most = gains(benefit), evpi(benefit)
    return {name: _worth(x, gain, most, knots) for name, x in inputs.items()}


def value_of_input(x: npt.ArrayLike, net_benefit: npt.ArrayLike, *, knots: int = 7) -> Worth:
    """The EVPPI of one input (n,) or of a group of d known together (n, d)."""
    return value_of_inputs({"x": x}, net_benefit, knots=knots)["x"]


def gains(benefit: FloatArray) -> FloatArray:
    """Net benefit over today's choice: only differences decide, and they are smaller and smoother."""
    today = int(benefit.mean(axis=0).argmax())
    return benefit - benefit[:, today : today + 1]


def matrix(net_benefit: npt.ArrayLike) -> FloatArray:
    """Net benefit as (n_draws, n_candidates) of finite numbers."""
    benefit = finite(net_benefit, "net benefit")
    if benefit.ndim != 2:
        raise InputError(f"net benefit: shape {benefit.shape}; (n_draws, n_candidates) is needed")
    return benefit


def _worth(x: npt.ArrayLike, gain: FloatArray, most: float, knots: int) -> Worth:
    n = gain.shape[0]
    if np.shape(x)[:1] != (n,):
        draws = np.shape(x)[0] if np.ndim(x) else 1
        raise InputError(f"the input has {draws} draws and net benefit {n}; both must have the same")
    splines = _splines(x, knots)
    expected = splines.fit(gain)
    chosen = expected.argmax(axis=1)
    rows = np.arange(n)
    picked = expected[rows, chosen]
    fair, fair_error = _cross_fitted(splines, gain)
    return Worth(
        # A fit to few draws may overshoot; no part of the truth is worth more than all of it.
        value=min(max(0.0, float(picked.mean())), most),
        cross_fitted=min(max(0.0, fair), most),
        standard_error=_error(picked + _fit_noise(splines, gain - expected, chosen)),
        cross_fitted_error=fair_error,
        n=n,
    )


def _splines(x: npt.ArrayLike, knots: int) -> Splines:
    """Several inputs with products of pairs, as long as there are draws enough to fit those."""
    if np.ndim(x) < 2 or np.shape(x)[1] < 2:
        return Splines(x, knots)
    n, d = np.shape(x)[:2]
    if d > _MANY:
        return Splines(x, min(knots, _KNOTS_OF_MANY))
    pairs = d * (d - 1) // 2 * (knots - 1) ** 2
    return Splines(x, knots, tensor=n >= _CROWDED * pairs)


def _cross_fitted(splines: Splines, gain: FloatArray) -> tuple[float, float]:
    """What choices by fits that have not seen the draw earned in it; with too few draws to part, 0."""
    if gain.shape[0] < 2 * FOLDS:
        return 0.0, _error(gain.max(axis=1))
    chosen = splines.cross_fit(gain).argmax(axis=1)
    earned = gain[np.arange(chosen.size), chosen]
    return float(earned.mean()), _error(earned)


def _fit_noise(splines: Splines, residual: FloatArray, chosen: npt.NDArray[np.intp]) -> FloatArray:
    """What each draw's residual adds to the value through the fitted coefficients, (n,).

    The value is the mean of the fitted gains where each candidate is chosen; by the envelope theorem the choice itself
    may be held. A draw's residual moves that mean by the fit of the choice's indicator at the draw.
    """
    picked = np.unique(chosen)
    indicators = (chosen[:, None] == picked).astype(np.float64)
    return np.asarray((splines.fit(indicators) * residual[:, picked]).sum(axis=1))


def _error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else float("inf")
