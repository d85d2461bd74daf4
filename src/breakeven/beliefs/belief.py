"""One uncertain input: its family of distributions, and how a written range becomes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from breakeven.beliefs.showing import show_values
from breakeven.errors import QuantityError
from breakeven.quantities import KINDS, Kind, Range, read
from breakeven.sources import Source

__all__ = ["Belief", "Values", "from_range", "from_text", "point", "renamed"]

Values = NDArray[np.float64]
"""One value for each draw, shape (n,); a point has shape (1,) and broadcasts."""

Family = Literal["point", "lognormal", "normal", "logit-normal", "uniform", "triangular", "beta", "draws"]

Z90: Final = 1.6448536269514722
"""The standard normal score of 95%: a 90% interval reaches from −Z90 to +Z90."""


@dataclass(frozen=True, kw_only=True)
class Belief:
    """One uncertain input. Values are in the unit of its kind (see ``quantities.KINDS``)."""

    name: str
    """Dotted path in the study: ``candidates.tuned.label_cost``."""
    kind: str
    """The kind of quantity, a key of ``quantities.KINDS``."""
    family: Family
    parameters: tuple[float, ...]
    """point (value); lognormal, logit-normal, normal (location, scale); uniform (low, high); triangular (low, mode,
    high); beta (a, b); draws: empty."""
    source: Source
    low_bound: float = -np.inf
    high_bound: float = np.inf
    cause: str | None = None
    """What this input shares with others: ``prices of openai``."""
    evidence: tuple[float, ...] = field(default=(), repr=False)
    """Sorted draws, for the family ``draws``."""

    @property
    def is_point(self) -> bool:
        """Whether there is no uncertainty."""
        return self.family == "point"

    @property
    def centre(self) -> float:
        """The median."""
        return float(self.quantile(0.5))

    @property
    def low(self) -> float:
        """The 5th percentile."""
        return float(self.quantile(0.05))

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return float(self.quantile(0.95))

    def quantile(self, p: float) -> float:
        """The value that a share ``p`` of draws falls below."""
        return float(self.at(np.array([special.ndtri(p)]))[0])

    def share_below(self, value: float) -> float:
        """The probability of a draw below ``value``, to 1/4,000."""
        scores = special.ndtri((np.arange(4000) + 0.5) / 4000)
        return float(np.mean(self.at(scores) < value))

    def at(self, scores: Values) -> Values:
        """The values at these standard normal scores, same shape; a point stays one value."""
        values = _TRANSFORMS[self.family](self, scores)
        if np.isneginf(self.low_bound) and np.isposinf(self.high_bound):
            return values
        return np.clip(values, self.low_bound, self.high_bound)

    def __str__(self) -> str:
        ends = (self.centre,) if self.is_point else (self.low, self.high)
        return " .. ".join(show_values(*ends, kind=self.kind))


def _point(belief: Belief, scores: Values) -> Values:
    return np.array([belief.parameters[0]])


def _normal(belief: Belief, scores: Values) -> Values:
    location, scale = belief.parameters
    values = scale * scores
    values += (
        location  # in place, here and below: for 100,000 draws a new array costs more than the arithmetic
    )
    return values


def _lognormal(belief: Belief, scores: Values) -> Values:
    values = _normal(belief, scores)
    return np.exp(values, out=values)


def _logit_normal(belief: Belief, scores: Values) -> Values:
    values = _normal(belief, scores)
    special.expit(values, out=values)
    return values


def _uniform(belief: Belief, scores: Values) -> Values:
    low, high = belief.parameters
    values: Values = low + (high - low) * special.ndtr(scores)
    return values


def _triangular(belief: Belief, scores: Values) -> Values:
    low, mode, high = belief.parameters
    u = special.ndtr(scores)
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    values: Values = np.where(u < split, rising, falling)
    return values


def _beta(belief: Belief, scores: Values) -> Values:
    values: Values = special.betaincinv(*belief.parameters, special.ndtr(scores))
    return values


def _draws(belief: Belief, scores: Values) -> Values:
    known = np.asarray(belief.evidence)
    at = (np.arange(known.size) + 0.5) / known.size
    values: Values = np.interp(special.ndtr(scores), at, known)
    return values


_TRANSFORMS: Final[Mapping[str, Callable[[Belief, Values], Values]]] = {
    "point": _point,
    "normal": _normal,
    "lognormal": _lognormal,
    "logit-normal": _logit_normal,
    "uniform": _uniform,
    "triangular": _triangular,
    "beta": _beta,
    "draws": _draws,
}


def point(name: str, kind: str, value: float, source: Source) -> Belief:
    """A value without uncertainty."""
    return Belief(name=name, kind=kind, family="point", parameters=(float(value),), source=source)


def from_text(
    name: str,
    kind: str,
    text: str | float,
    source: Source,
    *,
    family: Family | None = None,
    cause: str | None = None,
) -> Belief:
    """Read a quantity or a 90% interval as written; raises QuantityError."""
    return from_range(name, KINDS[kind], read(text, KINDS[kind]), source, family=family, cause=cause)


def from_range(
    name: str,
    kind: Kind,
    found: Range,
    source: Source,
    *,
    family: Family | None = None,
    cause: str | None = None,
) -> Belief:
    """A belief whose 5th and 95th percentiles are the ends of the range.

    The family follows from the kind: a share is logit-normal, what can not be negative is lognormal, the rest is
    normal. An end that lies on a bound (0% or $0) has no logarithm: then a normal, clipped at the bound.
    """
    if found.is_point:
        return point(name, kind.name, found.low, source)
    low, high = found.low, found.high
    family = family or _natural_family(kind, low, high)
    bounds = (kind.low, kind.high)
    if family == "uniform":
        parameters: tuple[float, ...] = (low, high)
    elif family == "lognormal":
        parameters = _centre_and_scale(np.log(low), np.log(high)) if low > 0 else _refuse(name, family, low)
    elif family == "logit-normal":
        inside = low > 0 and high < 1
        ends = (special.logit(low), special.logit(high)) if inside else _refuse(name, family, low)
        parameters = _centre_and_scale(*ends)
    elif family == "normal":
        parameters = _centre_and_scale(low, high)
    else:
        raise QuantityError(f"{name}: a range can not be read as {family}", hint="uniform, normal, lognormal")
    keep_bounds = family == "normal"
    return Belief(
        name=name, kind=kind.name, family=family, parameters=tuple(float(p) for p in parameters), source=source,
        low_bound=bounds[0] if keep_bounds else -np.inf, high_bound=bounds[1] if keep_bounds else np.inf, cause=cause,
    )  # fmt: skip


def _refuse(name: str, family: str, low: float) -> tuple[float, float]:
    raise QuantityError(
        f"{name}: a {family} can not start at {low:g}", hint="use a low end above 0, or `normal:`"
    )


def _natural_family(kind: Kind, low: float, high: float) -> Family:
    if kind.percent and kind.low == 0 and kind.high == 1:
        return "logit-normal" if low > 0 and high < 1 else "normal"
    return "lognormal" if kind.low == 0 and low > 0 else "normal"


def _centre_and_scale(low: float, high: float) -> tuple[float, float]:
    return (low + high) / 2, (high - low) / (2 * Z90)


def renamed(belief: Belief, name: str) -> Belief:
    """The same belief under another name."""
    return replace(belief, name=name)
