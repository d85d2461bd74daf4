"""What knowing more would be worth, from the draws that a decision was made on.

Net benefit: (n draws, C candidates), dollars. Today one picks the candidate with the highest mean. Who knew
the truth of each draw would pick the best in it; the mean gain is the value of perfect information (EVPI).
Who knew one input alone would pick the best *given that input*: its partial value (EVPPI), by regression of
net benefit on the input (Strong, Oakley and Brennan, 2014).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, finite
from breakeven.statistics.regression import conditional_mean

__all__ = ["evpi", "evppi"]


def evpi(net_benefit: npt.ArrayLike) -> float:
    """Expected value of perfect information, in the unit of ``net_benefit``; never below 0."""
    benefit = _matrix(net_benefit)
    return max(0.0, float(benefit.max(axis=1).mean() - benefit.mean(axis=0).max()))


def evppi(
    inputs: Mapping[str, npt.ArrayLike],
    net_benefit: npt.ArrayLike,
    *,
    knots: int = 7,
    cross_fitted: bool = False,
) -> dict[str, float]:
    """Expected value of knowing each input, in the unit of ``net_benefit`` (n, C); from 0 to the EVPI.

    inputs: name → (n,) draws of one input, or (n, d) of several known together (with products of pairs).

    cross_fitted: choose by a fit that has not seen the draw, and count what the choice earned in it. The plain
    figure errs upwards, as the fit follows noise that it is then paid for; the cross-fitted one errs
    downwards. Where the two are far apart, draw more.
    """
    benefit = _matrix(net_benefit)
    # A fit to few draws may overshoot; no part of the truth is worth more than all of it.
    most = evpi(benefit)
    values = {name: _value(x, benefit, knots, cross_fitted=cross_fitted) for name, x in inputs.items()}
    return {name: min(max(0.0, value), most) for name, value in values.items()}


def _value(x: npt.ArrayLike, benefit: FloatArray, knots: int, *, cross_fitted: bool) -> float:
    # Only differences decide, and they are smaller and smoother than the benefits themselves.
    today = int(benefit.mean(axis=0).argmax())
    gain = benefit - benefit[:, today : today + 1]
    tensor = np.ndim(x) > 1
    expected = conditional_mean(x, gain, knots, tensor=tensor, cross_fitted=cross_fitted)
    if cross_fitted:
        chosen = expected.argmax(axis=1)
        return float(gain[np.arange(chosen.size), chosen].mean())
    return float(expected.max(axis=1).mean())


def _matrix(net_benefit: npt.ArrayLike) -> FloatArray:
    benefit = finite(net_benefit, "net benefit")
    if benefit.ndim != 2:
        raise InputError(f"net benefit: shape {benefit.shape}; (n_draws, n_candidates) is needed")
    return benefit
