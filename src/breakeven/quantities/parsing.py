"""What people write, as one number with one unit: one reading, or an error that shows both."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from breakeven.errors import QuantityError, nearest
from breakeven.quantities.amounts import Quantity, Range
from breakeven.quantities.units import ONE, SCALES, USD, WORDS, Unit

__all__ = ["parse_cadence", "parse_quantity", "parse_range", "read_unit"]

_NUMBER: Final = re.compile(
    r"""(?P<sign>[+\-−]?)\s*(?P<dollar>\$?)\s*(?P<digits>(?:\d[\d,_]*)?\.?\d+(?:[eE][+-]?\d+)?)
        \s*(?P<scale>thousand|million|billion|bn|mn|[KkMBm](?![A-Za-z]))?\s*(?P<percent>%?)""",
    re.VERBOSE,
)
_BETWEEN: Final = re.compile(r"\s*(?:\.\.+|…|–|—|\bto\b)\s*")


@dataclass(frozen=True)
class _Number:
    value: float
    dollar: bool
    scaled: bool
    percent: bool
    end: int


def _number(text: str, start: int, whole: str) -> _Number:
    match = _NUMBER.match(text, start)
    if match is None:
        raise QuantityError(
            f"{whole!r} is not a quantity", hint="a number with its unit, such as 480K calls/month"
        )
    scale = match["scale"]
    if scale == "m":
        raise QuantityError(
            f"{whole!r}: `m` could be million, thousandth, minutes or months",
            hint=f"write {match['digits']}M for million, or spell the unit out",
        )
    value = _digits(match["digits"], whole) * SCALES.get(scale or "", 1.0)
    value = -value if match["sign"] in {"-", "−"} else value
    if not math.isfinite(value):
        raise QuantityError(f"{whole!r} is not a finite number")
    return _Number(value, bool(match["dollar"]), scale is not None, bool(match["percent"]), match.end())


def _digits(digits: str, whole: str) -> float:
    """Commas only stand before groups of three: ``1,5`` is 1.5 to one reader and 15 to another."""
    if "," in digits and not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?", digits):
        none = digits.replace(",", "")
        one_comma = digits.count(",") == 1 and "." not in digits
        readings = f"{digits.replace(',', '.')} or {none}" if one_comma else none
        raise QuantityError(f"{whole!r}: {digits} could be {readings}",
                            hint="a decimal point is a point; commas only stand at thousands")  # fmt: skip
    return float(digits.replace(",", "").replace("_", ""))


def _one_unit(word: str, whole: str) -> tuple[float, Unit]:
    key = word.lower()
    if key in WORDS:
        return WORDS[key]
    near = nearest(key, WORDS)
    raise QuantityError(
        f"{whole!r}: unknown unit {word!r}" + (f", did you mean {near[0]!r}?" if near else ""),
        hint="units: $, calls, tokens, examples, hours, days, weeks, months, years, GB",
    )


def _side(text: str, whole: str, *, below: bool = True) -> tuple[float, Unit]:
    """``1M tokens`` → (1e6, token); digits only stand below the slash, or ``12 500 calls`` would be 6,000."""
    size, unit = 1.0, ONE
    rest = text.strip()
    while rest:
        match = _NUMBER.match(rest)
        if match and (match["digits"]):
            number = _number(rest, 0, whole)
            if not below:
                raise QuantityError(f"{whole!r}: a second number, {rest!r}, stands before the unit",
                                    hint="write thousands together: 12,500 calls/month")  # fmt: skip
            if number.value <= 0 or number.percent:
                raise QuantityError(f"{whole!r}: {rest!r} can not stand in a unit")
            size, rest = size * number.value, rest[number.end :].strip()
            continue
        word, _, rest = rest.partition(" ")
        if word in SCALES:
            size *= SCALES[word]
            continue
        word_size, word_unit = _one_unit(word, whole)
        size, unit, rest = size * word_size, unit * word_unit, rest.strip()
    return size, unit


def read_unit(text: str, whole: str) -> tuple[float, Unit]:
    """``calls/month`` → (1, call·month⁻¹); ``/1M tokens`` → (1e-6, token⁻¹)."""
    top, *bottoms = re.split(r"/|\bper\b", text)
    size, unit = _side(top, whole, below=False)
    for bottom in bottoms:
        if not bottom.strip():
            raise QuantityError(f"{whole!r}: nothing stands after the slash")
        bottom_size, bottom_unit = _side(bottom, whole)
        size, unit = size / bottom_size, unit / bottom_unit
    if not 0 < size < math.inf:
        raise QuantityError(
            f"{whole!r}: the unit is out of bounds", hint="a number and its unit: 480K calls/month"
        )
    return size, unit


def parse_range(text: str) -> Range:
    """Read ``low..high unit`` or ``value unit``; values are in base units, percentages as fractions.

    Raises QuantityError where the text has no reading, or two.
    """
    whole = text.strip()
    if len(whole) > 200:
        raise QuantityError(f"{whole[:40]!r}… is too long for a quantity")
    first = _number(whole, 0, whole)
    numbers = [first]
    between = _BETWEEN.match(whole, first.end)
    if between:
        second = _number(whole, between.end(), whole)
        if second.scaled and not first.scaled and first.value != 0:
            digits = whole[: first.end].strip()
            raise QuantityError(
                f"{whole!r}: is the low end {digits} or {digits} with the scale of the high end?",
                hint=f"write the scale on both ends, such as {digits}K..{whole[between.end() : second.end].strip()}",
            )
        numbers.append(second)
    elif re.match(r"\s*[-−]\s*\$?\d", whole[first.end :]):
        raise QuantityError(
            f"{whole!r}: a dash could be a minus", hint="write a range with two dots: 3..5 weeks"
        )
    size, unit = read_unit(whole[numbers[-1].end :], whole)
    if any(n.dollar for n in numbers):
        unit = unit * USD
    percent = any(n.percent for n in numbers)
    if numbers[-1].percent != percent:
        raise QuantityError(f"{whole!r}: only one end has a %", hint="write the % once at the end: 1..4%")
    factor = size / 100 if percent else size
    low, high = numbers[0].value * factor, numbers[-1].value * factor
    if low > high:
        raise QuantityError(f"{whole!r}: the low end is above the high end", hint="write low..high")
    return Range(low, high, unit, percent)


def parse_quantity(text: str) -> Quantity:
    """Read one number with its unit; a range is refused."""
    found = parse_range(text)
    if not found.is_point:
        raise QuantityError(f"{text.strip()!r} is a range; one value is wanted here")
    return Quantity(found.low, found.unit)


_CADENCES: Final = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12, "annually": 12}


def parse_cadence(text: str) -> int | None:
    """Read ``every 3 months``, ``quarterly`` or ``never`` → whole months between events, None for never."""
    word = text.strip().lower()
    if word == "never":
        return None
    if word in _CADENCES:
        return _CADENCES[word]
    match = re.fullmatch(r"every\s+(?:(\d{1,3})\s+)?(month|quarter|year)s?", word)
    if match is None or int(match[1] or 1) < 1:
        raise QuantityError(
            f"{text!r} is not a cadence", hint="write: every 3 months, quarterly, yearly or never"
        )
    return int(match[1] or 1) * {"month": 1, "quarter": 3, "year": 12}[match[2]]
