"""What stands in a field, in the unit that we keep it in."""

from __future__ import annotations

import math
import re
from typing import Final

from breakeven.errors import QuantityError
from breakeven.quantities.amounts import Range
from breakeven.quantities.kinds import Kind
from breakeven.quantities.parsing import parse_range, read_unit
from breakeven.quantities.units import HOUR, HOURS_PER_MONTH, MONTH, MONTHS_PER_YEAR, ONE, USD, Unit

__all__ = ["read"]

_CANONICAL: Final = {
    "money per token": 1e6, "money per second": 1 / 3600.0, "seconds": 3600.0, "calls per second": 1 / 3600.0,
}  # fmt: skip
"""From base units to the unit that we keep: usd per million tokens, usd per second, seconds, calls per second."""
_SMALLEST, _LARGEST = 1e-18, 1e18
"""Sizes outside these are slips of the pen, and their logarithms and powers would leave the range of floats."""


def read(text: str | float, kind: Kind) -> Range:
    """Read what stands in a field of this kind, in the unit we keep (rates per month or year, money per 1M tokens).

    Raises QuantityError where the unit is missing and decides, is another one, or the value is out of bounds.
    """
    found = _bare(text, kind) if isinstance(text, int | float) else parse_range(text)
    if found.unit == ONE and not found.percent and not _is_bare_fine(found, kind):
        raise _two_readings(text, kind)
    low, high = (_to_kept(value, found, kind, str(text)) for value in (found.low, found.high))
    if low < kind.low or high > kind.high:
        raise QuantityError(f"{text!r} is out of bounds", hint=f"{_bounds(kind)}, such as {kind.example}")
    if not all(value == 0 or _SMALLEST <= abs(value) <= _LARGEST for value in (low, high)):
        raise QuantityError(f"{text!r} is out of bounds", hint=f"write it like {kind.example}")
    return Range(low, high, kind.unit, kind.percent)


def _bounds(kind: Kind) -> str:
    low, high = (f"{value * 100:g}%" if kind.percent else f"{value:g}" for value in (kind.low, kind.high))
    return f"{kind.name}: {low} to {high}" if math.isfinite(kind.high) else f"{kind.name}: at least {low}"


def _bare(value: float, kind: Kind) -> Range:
    if abs(value) > _LARGEST and value not in (math.inf, -math.inf):
        raise QuantityError("a number this large is out of bounds", hint=f"write it like {kind.example}")
    if isinstance(value, bool) or not math.isfinite(value):
        raise QuantityError(f"{value!r} is not a finite number", hint=f"write it like {kind.example}")
    return Range(float(value), float(value), ONE)


def _is_bare_fine(found: Range, kind: Kind) -> bool:
    """A bare number is fine where the field decides its unit, and 0 is 0 in every unit."""
    return not kind.readings or (found.low == 0 == found.high)


def _two_readings(text: str | float, kind: Kind) -> QuantityError:
    if kind.percent:
        value = parse_range(str(text)).low
        rate = kind.readings[0].removeprefix("%") if kind.compound else ""
        return QuantityError(
            f"{text!r} has no unit: it could be {value:g}%{rate} or {value * 100:g}%{rate}",
            hint=f"write it with its %, such as {kind.example}",
        )
    first, second = kind.readings
    return QuantityError(
        f"{text!r} has no unit: it could be {text} {first} or {text} {second}",
        hint=f"write the unit, such as {kind.example}",
    )


def _is_nothing(found: Range, kind: Kind) -> bool:
    """0 is 0 in every unit of its sort: ``0``, ``$0`` for a price, ``0 hours`` for hours a month."""
    if found.unit == ONE:
        return not found.percent or kind.percent
    top = {base for base, power in found.unit.powers if power > 0}
    return bool(top) and top == {base for base, power in kind.unit.powers if power > 0} and found.is_point


def _to_kept(value: float, found: Range, kind: Kind, text: str) -> float:
    if value == 0 and _is_nothing(found, kind):
        return 0.0
    if kind.compound:
        return _compound(value, found, kind, text)
    if kind.percent != found.percent and not (found.percent is False and kind.unit == ONE and value == 0):
        raise _wrong_unit(text, found, kind)
    shorts = (kind.unit, *kind.short)
    for unit in shorts:
        factor = _between(found.unit, unit, clock=kind.clock)
        if factor is not None:
            if unit == HOUR**-1 and kind.name == "volume":
                factor *= HOURS_PER_MONTH
            return value * factor * _CANONICAL.get(kind.name, 1.0)
    raise _wrong_unit(text, found, kind)


def _between(have: Unit, want: Unit, *, clock: bool) -> float | None:
    """The factor from one unit to the other; by the clock, 730 hours are a month. None where they differ."""
    if have == want:
        return 1.0
    swap = want.power("month") - have.power("month")
    if not clock or abs(swap) != 1 or have * Unit.of(month=swap, hour=-swap) != want:
        return None
    return HOURS_PER_MONTH ** (-swap)


def _compound(value: float, found: Range, kind: Kind, text: str) -> float:
    """Rates convert by compounding; the size of the period stands in the value (12 for a year)."""
    if not found.percent or found.unit != MONTH**-1:
        if found.percent and found.unit == ONE:
            first, second = kind.readings
            bare = text.strip()
            raise QuantityError(
                f"{bare!r} has no period: it could be {bare}{first[1:]} or {bare}{second[1:]}",
                hint=f"write the period, such as {kind.example}",
            )
        raise _wrong_unit(text, found, kind)
    months = _period_months(text)
    rate = value * months  # the written percentage of one period
    if rate <= -1:
        raise QuantityError(f"{text!r}: a fall of 100% or more in one period", hint=f"such as {kind.example}")
    wanted = MONTHS_PER_YEAR if kind.name == "yearly rate" else 1.0
    log_rate = math.log1p(rate) * wanted / months
    if abs(log_rate) > math.log(_LARGEST):
        raise QuantityError(f"{text!r} is out of bounds", hint=f"write it like {kind.example}")
    return rate if months == wanted else math.expm1(log_rate)


def _period_months(text: str) -> float:
    size, _ = read_unit("/" + re.split(r"/|\bper\b", text)[-1], text)
    return 1 / size


def _wrong_unit(text: str, found: Range, kind: Kind) -> QuantityError:
    if found.unit == USD and kind.unit.power("usd") and kind.readings:
        money = text.strip()
        per = [f"{money}{reading.removeprefix('$')}" for reading in kind.readings if reading.startswith("$/")]
        if len(per) > 1:
            return QuantityError(
                f"{money!r} does not say for what: it could be {per[0]} or {per[1]}",
                hint=f"write it like {kind.example}",
            )
    have = (
        f"in {found.unit}" if found.unit != ONE else ("a percentage" if found.percent else "a plain number")
    )
    hint = f"write it like {kind.example}"
    if not kind.clock and found.unit.power("month") and kind.unit == found.unit * Unit.of(month=-1, hour=1):
        hint = f"days, weeks and months are calendar time; count the hours worked: {kind.example}"
    if not kind.clock and kind.unit == found.unit * Unit.of(month=1, hour=-1):
        hint = f"divide it by the hours worked, not by those of the clock: {kind.example}"
    return QuantityError(f"{text!r} is {have}; {kind.name} is wanted", hint=hint)
