"""From values to places on a drawing: linear scales, round ticks, labels that all use one unit, and room for text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from breakeven.report.text import MINUS

__all__ = ["Linear", "log_ticks", "money_labels", "round_ticks", "spread_apart", "text_width"]


@dataclass(frozen=True)
class Linear:
    """Maps ``low..high`` to ``start..end``, in drawing units; values outside are carried on in a straight line."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        size = self.high - self.low
        return self.start + (self.end - self.start) * ((float(value) - self.low) / size if size else 0.5)


def round_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About ``count`` round values (1, 2 or 5 times a power of ten) from ``low`` to ``high``, ends inside.

    >>> round_ticks(-3, 47)
    [0.0, 10.0, 20.0, 30.0, 40.0]
    """
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return [low] if math.isfinite(low) else []
    power = 10.0 ** math.floor(math.log10((high - low) / max(count, 1)))
    choices = [_multiples(m * power, low, high) for m in (0.5, 1.0, 2.0, 5.0, 10.0)]
    return min(choices, key=lambda ticks: (abs(len(ticks) - count), len(ticks)))


def _multiples(step: float, low: float, high: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step + 0.0 for k in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Powers of ten, with 2s and 5s between where there is room.

    >>> log_ticks(60_000, 4_000_000, 4)
    [100000.0, 300000.0, 1000000.0, 3000000.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [m * 10.0**p for p in powers for m in steps if low <= m * 10.0**p <= high]
        if len(ticks) <= most:
            break
    return ticks


def money_labels(ticks: Sequence[float]) -> list[str]:
    """Dollars on an axis, all in one unit.

    >>> money_labels([-20_000, 0, 20_000])
    ['−$20K', '$0', '$20K']
    """
    top = max((abs(t) for t in ticks), default=0.0)
    units = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (2e3, 1e3, "K"))
    divisor, letter = next(((size, letter) for least, size, letter in units if top >= least), (1.0, ""))
    return [f"{MINUS if t < 0 else ''}${abs(t) / divisor:,.4g}{letter if t else ''}" for t in ticks]


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as they can be at least ``gap`` apart, in the same order, within the bounds.

    >>> spread_apart([10, 11, 50], 8, 0, 100)
    [10, 18, 50]
    """
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    places = dict.fromkeys(order, 0.0)
    at = low
    for k in order:
        places[k] = max(wanted[k], at)
        at = places[k] + gap
    at = high
    for k in reversed(order):
        places[k] = min(places[k], at)
        at = places[k] - gap
    return [places[k] for k in range(len(wanted))]


_NARROW = frozenset("iljtfrI.,:;'|!()[]· ")
_WIDE = frozenset("mwMW@%—→")


def text_width(text: str, size: float) -> float:
    """About how wide a sans-serif text is at a font size, in drawing units; rather too wide than too narrow."""
    return size * sum(_em(char) for char in text)


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.33
    if char in _WIDE:
        return 0.92
    if ord(char) > 0x2E80:  # ideographs and emoji fill the square
        return 1.05
    return 0.70 if char.isupper() else 0.58
