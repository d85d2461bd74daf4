"""A number with its unit, and a range of them."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.errors import QuantityError
from breakeven.quantities.showing import show
from breakeven.quantities.units import ONE, Unit

__all__ = ["Quantity", "Range"]


@dataclass(frozen=True)
class Quantity:
    """A number with its unit; arithmetic keeps units honest, so dollars never add to months."""

    value: float
    unit: Unit = ONE

    def _same(self, other: Quantity | float, verb: str) -> Quantity:
        other = _lift(other)
        if self.unit != other.unit:
            raise QuantityError(
                f"can not {verb} {show(self.value, self.unit)} and {show(other.value, other.unit)}"
            )
        return other

    def __add__(self, other: Quantity | float) -> Quantity:
        return Quantity(self.value + self._same(other, "add").value, self.unit)

    def __sub__(self, other: Quantity | float) -> Quantity:
        return Quantity(self.value - self._same(other, "subtract").value, self.unit)

    def __mul__(self, other: Quantity | float) -> Quantity:
        other = _lift(other)
        return Quantity(self.value * other.value, self.unit * other.unit)

    def __truediv__(self, other: Quantity | float) -> Quantity:
        other = _lift(other)
        if other.value == 0:
            raise QuantityError(f"{show(self.value, self.unit)} is divided by zero")
        return Quantity(self.value / other.value, self.unit / other.unit)

    def __radd__(self, other: float) -> Quantity:
        return _lift(other) + self

    def __rsub__(self, other: float) -> Quantity:
        return _lift(other) - self

    def __rmul__(self, other: float) -> Quantity:
        return _lift(other) * self

    def __rtruediv__(self, other: float) -> Quantity:
        return _lift(other) / self

    def __neg__(self) -> Quantity:
        return Quantity(-self.value, self.unit)

    def __lt__(self, other: Quantity | float) -> bool:
        return self.value < self._same(other, "compare").value

    def __gt__(self, other: Quantity | float) -> bool:
        return self.value > self._same(other, "compare").value

    def __str__(self) -> str:
        return show(self.value, self.unit)


def _lift(x: Quantity | float) -> Quantity:
    return x if isinstance(x, Quantity) else Quantity(float(x))


@dataclass(frozen=True)
class Range:
    """What was written: one value (``low == high``) or ``low..high``, in one unit."""

    low: float
    high: float
    unit: Unit
    percent: bool = False

    @property
    def is_point(self) -> bool:
        """Whether one value was written."""
        return self.low == self.high
