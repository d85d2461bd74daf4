"""Figures as print gives them: a value or a range, its unit, and how far the digits let the true value be away."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from breakeven.claims.spans import Span
from breakeven.errors import QuantityError
from breakeven.quantities import ONE, Quantity, Unit, parse_range

__all__ = ["ABOUT", "Figure", "Measure", "read_figure", "read_measure", "read_share"]

ABOUT: Final = 0.10
"""How far off a figure may be that is printed with *about*."""
EXACT: Final = 1e-9
"""What floats may be off, as a share."""
_TINY: Final = 1e-300


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A unit as written, and its size in base units: ``calls/year`` is 1/12 of a call a month."""

    text: str
    factor: float
    unit: Unit

    def number(self, value: float) -> float:
        """A value in base units as a number in this unit."""
        return float(f"{value / self.factor:.12g}")

    def show(self, value: float, *, digits: int = 4) -> str:
        """A value in base units as people write it: ``291.7 months``, ``−$135/month``, ``480.8K calls/month``."""
        number = self.number(value)
        sign, body = (
            ("−" if number < 0 else ""),
            _digits(abs(number), digits, money=self.text.startswith("$")),
        )
        if self.text.startswith("$"):
            return f"{sign}${body}{self.text[1:]}"
        if self.text.startswith("%"):
            return f"{sign}{body}{self.text}"
        return f"{sign}{body} {self.text}".strip()

    def show_span(self, span: Span, *, digits: int = 4) -> str:
        """A span as people write it: ``$20,000..$50,000``."""
        low = self.show(span.low.value, digits=digits)
        if span.is_point:
            return low
        high = self.show(span.high.value, digits=digits)
        tail = self.text.removeprefix("$").removeprefix("%")
        return f"{low.removesuffix(tail).rstrip() if tail else low}..{high}"


def read_measure(text: str) -> Measure:
    """The unit ``text``; QuantityError where it is none."""
    written = text.strip()
    if written.startswith("$"):
        found = parse_range(f"$1{written[1:]}")
    elif written.startswith("%"):
        found = parse_range(f"1%{written[1:]}")
    else:
        found = parse_range(f"1 {written}")
    if not found.is_point or found.low <= 0:
        raise QuantityError(f"{text!r} is not a unit", hint="such as months, $/month, calls/year or %")
    return Measure(text=written, factor=found.low, unit=found.unit)


def _digits(number: float, digits: int, *, money: bool) -> str:
    """A number above zero with this many significant digits; K, M or B from 100,000 on."""
    if number == 0:
        return "0"
    if number >= 1e15 or number < 1e-9:
        return f"{number:.{digits}g}"
    for start, size, letter in ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e5, 1e3, "K")):
        if number >= start * (1 - 0.5 * 10**-digits):
            return _plain(number / size, digits) + letter
    text = _plain(number, digits)
    cents = money and 0.1 <= number < 1000 and "." in text
    return f"{number:.2f}" if cents else text


def _plain(number: float, digits: int) -> str:
    decimals = max(0, digits - 1 - math.floor(math.log10(number)))
    text = f"{number:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A printed figure. ``span`` is None where *never* is printed."""

    text: str
    span: Span | None
    measure: Measure
    """The unit it is written in."""
    slack: tuple[float, float] = (0.0, 0.0)
    """How far the true value may be from each end, in base units."""

    @property
    def unit(self) -> Unit:
        """The unit in base units."""
        return self.measure.unit

    def ends_fit(self, span: Span) -> tuple[bool, bool]:
        """Whether the low ends agree, and the high ends."""
        if self.span is None:
            return False, False
        low = _is_near(span.low.value, self.span.low.value, self.slack[0])
        high = _is_near(span.high.value, self.span.high.value, self.slack[1])
        return low, high

    def fits(self, span: Span) -> bool:
        """Whether both ends agree."""
        return all(self.ends_fit(span))

    def holds_within(self, span: Span) -> bool:
        """Whether a range is printed and ``span`` lies inside it."""
        if self.span is None or self.span.is_point:
            return False
        low, high = self.span.low.value - self.slack[0], self.span.high.value + self.slack[1]
        return low <= span.low.value and span.high.value <= high

    def lies_within(self, span: Span) -> bool:
        """Whether one value is printed and lies inside a recomputed range."""
        if self.span is None or not self.span.is_point:
            return False
        value = self.span.low.value
        return span.low.value - self.slack[0] <= value <= span.high.value + self.slack[1]

    def misfit(self, span: Span) -> float:
        """How far off, as a share of what the digits allow: 0 on the spot, 1 at the edge."""
        assert self.span is not None
        ends = ((span.low, self.span.low, self.slack[0]), (span.high, self.span.high, self.slack[1]))
        return max(abs(a.value - b.value) / max(slack, abs(b.value) * EXACT, _TINY) for a, b, slack in ends)


def _is_near(a: float, b: float, slack: float) -> bool:
    return abs(a - b) <= slack + EXACT * max(abs(a), abs(b))


_WIDENING: Final = re.compile(
    r"\s*(?:(?:about|around|approximately|approx|circa|nearly|roughly|some)\b\.?|[~≈])\s*", re.IGNORECASE
)
_NUMBER: Final = re.compile(
    r"[+\-−]?\s*(?P<dollar>\$?)\s*(?P<digits>(?:\d[\d,_]*)?\.?\d+(?:[eE][+-]?\d+)?)"
    r"\s*(?P<scale>thousand|million|billion|bn|mn|[KkMB](?![A-Za-z]))?\s*(?P<percent>%?)"
)
_BETWEEN: Final = re.compile(r"\s*(?:\.\.+|…|–|—|\bto\b)\s*")


def read_figure(text: str, *, unit: str | None = None, tolerance: float | None = None) -> Figure:
    """A printed figure: ``480K calls/month``, ``$20K..$60K``, ``about 3 weeks``, ``never`` (with a ``unit``).

    The slack is half of the last digit printed; zeros at the end of a whole number are digits up to the second one.
    *About* and its like widen it to 10%; ``tolerance``, a share, replaces both.
    """
    if text.strip().lower() == "never":
        if unit is None:
            raise QuantityError("'never' has no unit", hint="state `unit:`, such as unit: months")
        return Figure(text="never", span=None, measure=read_measure(unit))
    widening = _WIDENING.match(text)
    body = text[widening.end() :] if widening else text
    found = parse_range(body)
    span = Span(Quantity(found.low, found.unit), Quantity(found.high, found.unit))
    numbers = _numbers(body)
    measure = _measure(body, numbers)
    steps = [_last_digit(number["digits"], number["scale"] or "") for number in (numbers[0], numbers[-1])]
    values = [
        float(number["digits"].replace(",", "").replace("_", "")) for number in (numbers[0], numbers[-1])
    ]
    ends = (found.low, found.high)
    slack = [
        0.5 * step * (abs(end / value) if value else measure.factor)
        for step, value, end in zip(steps, values, ends, strict=True)
    ]
    if widening:
        slack = [max(s, ABOUT * abs(end)) for s, end in zip(slack, ends, strict=True)]
    if tolerance is not None:
        slack = [tolerance * abs(end) for end in ends]
    return Figure(text=" ".join(text.split()), span=span, measure=measure, slack=(slack[0], slack[1]))


def _numbers(body: str) -> list[re.Match[str]]:
    first = _NUMBER.match(body.lstrip())
    assert first is not None, "parse_range has read it"
    between = _BETWEEN.match(body.lstrip(), first.end())
    second = _NUMBER.match(body.lstrip(), between.end()) if between else None
    return [first, second] if second else [first]


def _measure(body: str, numbers: list[re.Match[str]]) -> Measure:
    sign = "$" if any(number["dollar"] for number in numbers) else "%" if numbers[-1]["percent"] else ""
    return read_measure(sign + " ".join(body.lstrip()[numbers[-1].end() :].split()))


_ZEROS: Final = {"k": 3, "t": 3, "m": 6, "b": 9}
"""Zeros that a scale stands for, by its first letter."""


def _last_digit(digits: str, scale: str) -> float:
    """The size of the last digit that counts, before scaling: 5.8M → 0.1, 480 → 10, 3,000 → 100, 60 → 1, 1M → 0.1.

    A scale is zeros: 1M counts two digits, as 1,000,000 does.
    """
    mantissa, _, exponent = digits.lower().replace(",", "").replace("_", "").partition("e")
    shift = int(exponent or 0)
    if "." in mantissa:
        return 10.0 ** (shift - len(mantissa.partition(".")[2]))
    significant = mantissa.lstrip("0")
    zeros = len(significant) - len(significant.rstrip("0"))
    hidden = _ZEROS.get(scale[:1].lower(), 0)
    kept = max(len(significant) - zeros, 2)
    places = len(significant) - kept
    return 10.0 ** (shift + (max(places, -hidden) if significant and (hidden or places > 0) else 0))


def read_share(text: str) -> float:
    """``10%`` → 0.1; QuantityError for anything else."""
    found = parse_range(text)
    if not found.percent or found.unit != ONE or not found.is_point or not 0 <= found.low < 1:
        raise QuantityError(f"{text!r} is not a tolerance", hint="a percentage, such as 5%")
    return found.low
