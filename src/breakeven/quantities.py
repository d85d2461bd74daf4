"""Units at the door: what people write, read into one number with one unit, or refused with both readings.

``480K calls/month``, ``10K/day``, ``$0.15/1M tokens``, ``3..5 weeks``, ``$80..$140/hour``, ``every 3 months``.

Base units are ``usd``, ``call``, ``token``, ``example``, ``hour``, ``month`` and ``GB``. *Hours* are working or machine
hours and *months* are calendar time; the two meet only where a field asks for it (``$1.70/hour`` of hosting is
$1,241/month), through one month = 730 hours = 365/12 days. So ``4 hours/month`` of labour can not cancel to a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from breakeven.errors import QuantityError, nearest

__all__ = [
    "DAYS_PER_MONTH",
    "HOURS_PER_MONTH",
    "KINDS",
    "MONTHS_PER_YEAR",
    "WAGE",
    "Kind",
    "Quantity",
    "Range",
    "Unit",
    "parse_cadence",
    "parse_quantity",
    "parse_range",
    "read",
    "show",
    "show_usd",
]

HOURS_PER_MONTH: Final = 730.0
DAYS_PER_MONTH: Final = 365 / 12
MONTHS_PER_YEAR: Final = 12.0


@dataclass(frozen=True)
class Unit:
    """A product of base units, as sorted (base, power) pairs: usd·token⁻¹ is ``(("token", -1), ("usd", 1))``."""

    powers: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(**powers: int) -> Unit:
        """The unit with these powers; zero powers vanish."""
        return Unit(tuple(sorted((base, power) for base, power in powers.items() if power)))

    def power(self, base: str) -> int:
        """The power of one base unit, 0 where it is absent."""
        return dict(self.powers).get(base, 0)

    def __mul__(self, other: Unit) -> Unit:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0) + power
        return Unit.of(**powers)

    def __pow__(self, n: int) -> Unit:
        return Unit.of(**{base: power * n for base, power in self.powers})

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    def __str__(self) -> str:
        top = [_plural(b, p) for b, p in self.powers if p > 0]
        bottom = [_singular(b, -p) for b, p in self.powers if p < 0]
        return ("·".join(top) + ("/" + "/".join(bottom) if bottom else "")) or "(a plain number)"


def _singular(base: str, power: int) -> str:
    return base if power == 1 else f"{base}^{power}"


def _plural(base: str, power: int) -> str:
    plural = base if base in {"usd", "GB"} else f"{base}s"
    return plural if power == 1 else f"{plural}^{power}"


ONE: Final = Unit()
_USD, _CALL, _TOKEN, _EXAMPLE = Unit.of(usd=1), Unit.of(call=1), Unit.of(token=1), Unit.of(example=1)
_HOUR, _MONTH, _GB = Unit.of(hour=1), Unit.of(month=1), Unit.of(GB=1)


def _words() -> dict[str, tuple[float, Unit]]:
    """Each word that may stand in a unit → its size in base units."""
    sizes: list[tuple[str, float, Unit]] = [
        ("usd dollar dollars", 1, _USD),
        ("call calls request requests req reqs query queries", 1, _CALL),
        ("token tokens tok toks", 1, _TOKEN),
        ("mtok mtoks", 1e6, _TOKEN),
        ("ktok ktoks", 1e3, _TOKEN),
        ("example examples label labels row rows case cases sample samples", 1, _EXAMPLE),
        ("millisecond milliseconds ms", 1 / 3_600_000, _HOUR),
        ("second seconds sec secs s", 1 / 3600, _HOUR),
        ("minute minutes min mins", 1 / 60, _HOUR),
        ("hour hours h hr hrs", 1, _HOUR),
        ("day days", 1 / DAYS_PER_MONTH, _MONTH),
        ("week weeks wk", 7 / DAYS_PER_MONTH, _MONTH),
        ("month months mo", 1, _MONTH),
        ("quarter quarters", 3, _MONTH),
        ("year years yr yrs", MONTHS_PER_YEAR, _MONTH),
        ("gb", 1, _GB),
        ("tb", 1000, _GB),
    ]
    return {word: (size, unit) for words, size, unit in sizes for word in words.split()}


_WORDS: Final = _words()
_SCALES: Final = {
    "K": 1e3, "k": 1e3, "thousand": 1e3,
    "M": 1e6, "million": 1e6, "mn": 1e6,
    "B": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip
_NUMBER: Final = re.compile(
    r"""(?P<sign>[+\-−]?)\s*(?P<dollar>\$?)\s*(?P<digits>(?:\d[\d,_]*)?\.?\d+(?:[eE][+-]?\d+)?)
        \s*(?P<scale>thousand|million|billion|bn|mn|[KkMBm](?![A-Za-z]))?\s*(?P<percent>%?)""",
    re.VERBOSE,
)
_BETWEEN: Final = re.compile(r"\s*(?:\.\.+|…|–|—|\bto\b)\s*")


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
    value = _digits(match["digits"], whole) * _SCALES.get(scale or "", 1.0)
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
    if key in _WORDS:
        return _WORDS[key]
    near = nearest(key, _WORDS)
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
        if word in _SCALES:
            size *= _SCALES[word]
            continue
        word_size, word_unit = _one_unit(word, whole)
        size, unit, rest = size * word_size, unit * word_unit, rest.strip()
    return size, unit


def _unit(text: str, whole: str) -> tuple[float, Unit]:
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
    size, unit = _unit(whole[numbers[-1].end :], whole)
    if any(n.dollar for n in numbers):
        unit = unit * _USD
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


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field wants: its unit, the short forms it accepts, and how a bare number there could be misread."""

    name: str
    unit: Unit
    example: str
    """How a right value looks."""
    short: tuple[Unit, ...] = ()
    """Units taken as the wanted one, because the field's name says the rest."""
    readings: tuple[str, ...] = ()
    """Units that a bare number could mean; empty where the field itself decides."""
    percent: bool = False
    """A share or rate, written with %."""
    compound: bool = False
    """A rate per month or year that compounds when it is converted."""
    clock: bool = False
    """Machines run round the clock, so hours and months meet at 730; people do not, so work has no such rate."""
    low: float = -math.inf
    """Smallest value that makes sense."""
    high: float = math.inf
    """Largest value that makes sense."""


def _kinds() -> dict[str, Kind]:
    per_month = _MONTH**-1
    kinds = [
        Kind(name="volume", unit=_CALL / _MONTH, example="480K calls/month", short=(per_month, _HOUR**-1),
             readings=("calls/month", "calls/day"), clock=True, low=0),
        Kind(name="tokens", unit=_TOKEN, example="2600 tokens", short=(ONE, _TOKEN / _CALL), low=0),
        Kind(name="count", unit=ONE, example="6000", short=(_EXAMPLE, _CALL), low=0),
        Kind(name="share", unit=ONE, example="1%..4%", percent=True, readings=("%", "of 1"), low=0, high=1),
        Kind(name="points", unit=ONE, example="-2%..3%", percent=True, readings=("%", "of 1"), low=-1, high=1),
        Kind(name="monthly rate", unit=per_month, example="0%..3%/month", percent=True, compound=True,
             readings=("%/month", "%/year"), low=-0.99, high=10.0),
        Kind(name="yearly rate", unit=(_MONTH**-1), example="10%/year", percent=True, compound=True,
             readings=("%/year", "%/month"), low=-0.9999, high=100.0),
        Kind(name="money", unit=_USD, example="$5K", readings=("dollars", "thousand dollars"), low=0),
        Kind(name="money per call", unit=_USD / _CALL, example="$0.0021/call",
             readings=("$/call", "$/1K calls"), low=0),
        Kind(name="money per error", unit=_USD, example="$0.40", short=(_USD / _CALL,),
             readings=("dollars for each error", "dollars a month"), low=0),
        Kind(name="money per answer", unit=_USD, example="$0.02", short=(_USD / _CALL,),
             readings=("dollars for each answer", "dollars a month"), low=0),
        Kind(name="money per example", unit=_USD / _EXAMPLE, example="$0.50..$4", short=(_USD,),
             readings=("dollars for each example", "dollars in all"), low=0),
        Kind(name="money per token", unit=_USD / _TOKEN, example="$0.15/1M tokens",
             readings=("$/1M tokens", "$/1K tokens"), low=0),
        Kind(name="money per hour", unit=_USD / _HOUR, example="$80..$140/hour",
             readings=("$/hour", "$/year"), clock=True, low=0),
        Kind(name="money per second", unit=_USD / _HOUR, example="$0.0002/s", readings=("$/s", "$/hour"), low=0),
        Kind(name="money per month", unit=_USD / _MONTH, example="$2,000/month",
             readings=("$/month", "$/year"), clock=True, low=0),
        Kind(name="money per GB and month", unit=_USD / _GB / _MONTH, example="$0.02/GB/month",
             readings=("$/GB/month", "$/GB/year"), clock=True, low=0),
        Kind(name="hours", unit=_HOUR, example="40..80 hours", readings=("hours", "days"), low=0),
        Kind(name="hours per month", unit=_HOUR / _MONTH, example="4..10 hours/month",
             readings=("hours/month", "hours/week"), low=0),
        Kind(name="events per month", unit=per_month, example="0.5..2/year", readings=("a month", "a year"),
             clock=True, low=0),
        Kind(name="months", unit=_MONTH, example="36 months", readings=("months", "weeks"), low=0),
        Kind(name="seconds", unit=_HOUR, example="800 ms", readings=("seconds", "milliseconds"), low=0),
        Kind(name="calls per second", unit=_CALL / _HOUR, example="23.6/s", short=(_HOUR**-1,),
             readings=("calls/s", "calls/minute"), clock=True, low=0),
        Kind(name="gigabytes", unit=_GB, example="40 GB", readings=("GB", "TB"), low=0),
        Kind(name="factor", unit=ONE, example="2..6", low=0),
    ]  # fmt: skip
    return {kind.name: kind for kind in kinds}


KINDS: Final[Mapping[str, Kind]] = _kinds()
"""Every kind of quantity that a field can want, by name."""

WAGE: Final = replace(KINDS["money per hour"], name="money per hour", clock=False, example="$80..$140/hour")
"""An hour of work: a yearly salary is not this wage × 8,760 hours, so only money per hour is taken."""

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
            if unit == _HOUR**-1 and kind.name == "volume":
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
    if not found.percent or found.unit != _MONTH**-1:
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
    size, _ = _unit("/" + re.split(r"/|\bper\b", text)[-1], text)
    return 1 / size


def _wrong_unit(text: str, found: Range, kind: Kind) -> QuantityError:
    if found.unit == _USD and kind.unit.power("usd") and kind.readings:
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


_STEPS: Final = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def _short(value: float, digits: int = 3) -> str:
    """Three significant digits with K, M or B: 480K, 5.77M; whole numbers under 10,000 as they are: 1,080."""
    size = abs(value)
    if 1000 <= size < 9_999.5:
        return f"{value:,.0f}"
    for step, letter in _STEPS:
        if size >= step * 0.9995:
            return (
                f"{value / step:.{digits}g}{letter}"
                if size < step * 999.5
                else f"{value / step:,.0f}{letter}"
            )
    return f"{value:.{digits}g}"


def show_usd(value: float) -> str:
    """Dollars for people: $0.00012, $4.20, $1,241, $96.4K, $1.53M; a minus stands before the sign."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size == 0:
        return "$0"
    if size < 0.0995:
        return f"{sign}${size:.2g}" if size >= 1e-4 else f"{sign}${size:.2e}"
    if size < 99.5:
        return f"{sign}${size:.2f}"
    if size < 9_999.5:
        return f"{sign}${size:,.0f}"
    return f"{sign}${_short(size)}"


_BEST: Final[tuple[tuple[Unit, str, float], ...]] = (
    (_CALL / _MONTH, "calls/month", 1.0),
    (_USD / _CALL, "/call", 1.0),
    (_USD / _TOKEN, "/1M tokens", 1e6),
    (_USD / _HOUR, "/hour", 1.0),
    (_USD / _MONTH, "/month", 1.0),
    (_USD / _EXAMPLE, "/example", 1.0),
)


def show(value: float, unit: Unit = ONE, *, percent: bool = False) -> str:
    """A quantity as people write it; value in base units."""
    if percent:
        return f"{value * 100:.3g}%"
    if unit == _USD:
        return show_usd(value)
    for known, name, factor in _BEST:
        if unit == known:
            shown = value * factor
            return f"{show_usd(shown)}{name}" if unit.power("usd") else f"{_short(shown)} {name}"
    if unit == ONE:
        return _short(value)
    return f"{_short(value)} {unit}"


def _check_words(words: Iterable[str]) -> None:
    """Every unit word is lower case, so that look-up by lower case finds it."""
    assert all(word == word.lower() for word in words)


_check_words(_WORDS)
