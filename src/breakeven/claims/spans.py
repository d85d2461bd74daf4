"""A figure as a claim gives it: one quantity, or all between two. Arithmetic keeps both ends and the unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from breakeven.errors import QuantityError
from breakeven.quantities import ONE, Quantity, Unit

__all__ = ["FUNCTIONS", "Span", "hull", "point"]


@dataclass(frozen=True, slots=True)
class Span:
    """All values from ``low`` to ``high``, in one unit; a point where the two are equal."""

    low: Quantity
    high: Quantity

    @property
    def unit(self) -> Unit:
        """The unit of both ends."""
        return self.low.unit

    @property
    def is_point(self) -> bool:
        """Whether this is one value."""
        return self.low.value == self.high.value

    @property
    def is_finite(self) -> bool:
        """Whether both ends are numbers."""
        return math.isfinite(self.low.value) and math.isfinite(self.high.value)

    def scaled(self, factor: float) -> Span:
        """Both ends times a plain number above zero."""
        return Span(self.low * factor, self.high * factor)

    def __add__(self, other: Span | float) -> Span:
        other = _lift(other)
        return Span(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Span | float) -> Span:
        other = _lift(other)
        return Span(self.low - other.high, self.high - other.low)

    def __mul__(self, other: Span | float) -> Span:
        other = _lift(other)
        if self.is_point and other.is_point:
            return point(self.low * other.low)
        return hull(point(a * b) for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other: Span | float) -> Span:
        other = _lift(other)
        if self.is_point and other.is_point:
            return point(self.low / other.low)
        if other.low.value <= 0 <= other.high.value:
            raise QuantityError(f"{self} is divided by {other}, which reaches zero")
        return hull(point(a / b) for a in (self.low, self.high) for b in (other.low, other.high))

    def __radd__(self, other: float) -> Span:
        return _lift(other) + self

    def __rsub__(self, other: float) -> Span:
        return _lift(other) - self

    def __rmul__(self, other: float) -> Span:
        return _lift(other) * self

    def __rtruediv__(self, other: float) -> Span:
        return _lift(other) / self

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low)

    def __pos__(self) -> Span:
        return self

    def __str__(self) -> str:
        return str(self.low) if self.is_point else f"{self.low}..{self.high}"


def point(value: Quantity | float) -> Span:
    """A span of one value."""
    quantity = value if isinstance(value, Quantity) else Quantity(float(value))
    return Span(quantity, quantity)


def hull(spans: Iterable[Span]) -> Span:
    """The narrowest span around all of them."""
    found = tuple(spans)
    low, high = found[0].low, found[0].high
    for span in found[1:]:
        low = span.low if span.low < low else low
        high = span.high if span.high > high else high
    return Span(low, high)


def _lift(x: Span | float) -> Span:
    return x if isinstance(x, Span) else point(x)


def _smallest(*args: Span | float) -> Span:
    spans = _arguments("min", args)
    return Span(_least(s.low for s in spans), _least(s.high for s in spans))


def _largest(*args: Span | float) -> Span:
    return -_smallest(*(-_lift(arg) for arg in _arguments("max", args)))


def _least(quantities: Iterable[Quantity]) -> Quantity:
    least, *others = quantities
    for other in others:
        least = other if other < least else least
    return least


def _arguments(name: str, args: tuple[Span | float, ...]) -> tuple[Span, ...]:
    if len(args) < 2:
        raise QuantityError(f"{name}() takes two values or more")
    return tuple(_lift(arg) for arg in args)


def _whole(name: str, step: Callable[[float], float]) -> Callable[[Span | float], Span]:
    """Ceil, floor or round of a plain number; with a unit, the answer would depend on how the unit is written."""

    def whole(x: Span | float) -> Span:
        span = _lift(x)
        if span.unit != ONE:
            raise QuantityError(
                f"{name}() of {span} depends on its unit",
                hint=f"divide by the unit first: {name}(x / month) * month",
            )
        if not span.is_finite:
            raise QuantityError(f"{name}() of something that is no finite number")
        return Span(Quantity(step(span.low.value)), Quantity(step(span.high.value)))

    return whole


def _half_up(value: float) -> float:
    """Half away from zero, as people round; Python's own rounds half to even."""
    return math.copysign(math.floor(abs(value) + 0.5), value)


FUNCTIONS: dict[str, Callable[..., Span]] = {
    "ceil": _whole("ceil", lambda x: float(math.ceil(x))),
    "floor": _whole("floor", lambda x: float(math.floor(x))),
    "max": _largest,
    "min": _smallest,
    "round": _whole("round", _half_up),
}
"""The functions that a formula may call."""
