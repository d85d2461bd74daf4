"""A gate: the value of one observed figure from which it pays to go on.

Going on earns, in each draw, some amount more than stopping. Regressed on the figure as it will be seen (with its
noise), that gain crosses zero at the threshold. A gate that no seen value would close, or open, says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Values

__all__ = ["Gate", "best_gate", "fit_gate", "held_gate"]

_LEAST_T: Final = 3.0
"""Standard errors that a slope must be away from zero: a threshold drawn from noise would only look exact."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Go on where the figure is on the right side of the threshold."""

    figure: str
    """What is looked at."""
    unit: Literal["share", "points", "calls/month", ""]
    side: Literal["at least", "at most", "always", "never"]
    threshold: float | None
    """None where no value of the figure would change the step."""
    passed: NDArray[np.bool_]
    """(n,) by a threshold that the draw had no part in."""
    p_pass: float
    value_usd: float
    """Expected gain over going on, or stopping, whichever is better without looking."""


def fit_gate(
    seen: Values, gain: Values, figure: str, unit: Literal["share", "points", "calls/month", ""]
) -> Gate:
    """The threshold on ``seen`` (n,) at which the expected ``gain`` (n,) of going on crosses zero.

    The rule printed is fitted on all draws; what it passes and earns is judged on the half that did not fit it.
    """
    n = seen.size
    halves = np.arange(n) % 2 if n > 3 else np.zeros(n, dtype=np.intp)
    passed = np.empty(n, dtype=bool)
    for half in np.unique(halves):
        own = halves == half
        other = ~own if n > 3 else own
        passed[own] = _passes(_rule(seen[other], gain[other]), seen[own])
    side, threshold = _rule(seen, gain)
    if threshold is None:
        passed = np.full(n, side == "always")
    return Gate(
        figure=figure, unit=unit, side=side, threshold=threshold, passed=passed, p_pass=float(passed.mean()),
        value_usd=float(np.where(passed, gain, 0.0).mean() - max(gain.mean(), 0.0)),
    )  # fmt: skip


def held_gate(seen: Values, true: Values, gain: Values, least: float, figure: str) -> Gate:
    """The seen value from which the ``true`` one (n,) is expected to be at least this; worth what that costs or saves.

    For quality where errors have no price. A truth that is believed without doubt needs no measurement.
    """
    gate = fit_gate(seen, true - least, figure, "points")
    worth = float(np.where(gate.passed, gain, 0.0).mean() - max(gain.mean(), 0.0))
    return replace(gate, value_usd=worth)


def best_gate(gates: list[Gate]) -> Gate:
    """The one whose figure is worth most to look at; the first among equals."""
    return max(gates, key=lambda gate: gate.value_usd)


_Side = Literal["at least", "at most", "always", "never"]


def _rule(seen: Values, gain: Values) -> tuple[_Side, float | None]:
    """A straight line's root, where looking beats both going on always and never; else the better of those two."""
    blind: _Side = "always" if gain.mean() > 0 else "never"
    spread = seen - seen.mean()
    squares = float(spread @ spread)
    if seen.size < 8 or squares <= 0:
        return blind, None
    slope = float(spread @ gain) / squares
    rest = gain - gain.mean() - slope * spread
    error = np.sqrt(float(rest @ rest) / (seen.size - 2) / squares)
    if abs(slope) <= _LEAST_T * error:
        return blind, None
    root = float(seen.mean() - gain.mean() / slope)
    side: _Side = "at least" if slope > 0 else "at most"
    if not seen.min() < root < seen.max():
        return blind, None
    earned = float(np.where(_passes((side, root), seen), gain, 0.0).mean())
    return (side, root) if earned > max(float(gain.mean()), 0.0) else (blind, None)


def _passes(rule: tuple[_Side, float | None], seen: Values) -> NDArray[np.bool_]:
    side, threshold = rule
    if threshold is None:
        return np.full(seen.size, side == "always")
    return seen >= threshold if side == "at least" else seen <= threshold
