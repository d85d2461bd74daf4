"""Numbers as people write them: three digits, a letter for the size, never an exponent."""

from __future__ import annotations

import math
from typing import Final

from breakeven.quantities.units import CALL, EXAMPLE, HOUR, MONTH, ONE, TOKEN, USD, Unit

__all__ = ["plain", "short", "show", "show_usd", "show_usd_per"]

SMALL: Final = 1e-4
"""Dollars: below it zeros would have to be counted, so a price of one is shown for a million."""
_PER_MILLION: Final = {"/call": "/1M calls", "/example": "/1M examples"}
_STEPS: Final = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def plain(value: float, digits: int = 3) -> str:
    """So many significant digits, and never an exponent: 0.00000002, 12.5, 10,000."""
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    if abs(value) >= 1:
        return f"{float(text):,.0f}"
    return f"{value:.{digits - 1 - math.floor(math.log10(abs(value)))}f}".rstrip("0")


def short(value: float, digits: int = 3) -> str:
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
    return plain(value, digits)


def show_usd(value: float) -> str:
    """Dollars for people: $0.00000002, $0.00012, $4.20, $1,241, $96.4K, $1.53M; a minus stands before the sign."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size == 0:
        return "$0"
    if size < 0.0995:
        return f"{sign}${plain(size, 2)}"
    if size < 99.5:
        return f"{sign}${size:.2f}"
    if size < 9_999.5:
        return f"{sign}${size:,.0f}"
    return f"{sign}${short(size)}"


def show_usd_per(*values: float, per: str) -> tuple[str, ...]:
    """Prices of one: ``$0.0021/call``; of a million, all of them, where one is very small: ``$0.02/1M calls``."""
    if per in _PER_MILLION and any(0 < abs(value) < SMALL for value in values):
        return tuple(f"{show_usd(value * 1e6)}{_PER_MILLION[per]}" for value in values)
    return tuple(f"{show_usd(value)}{per}" for value in values)


_BEST: Final[tuple[tuple[Unit, str, float], ...]] = (
    (CALL / MONTH, "calls/month", 1.0),
    (USD / CALL, "/call", 1.0),
    (USD / TOKEN, "/1M tokens", 1e6),
    (USD / HOUR, "/hour", 1.0),
    (USD / MONTH, "/month", 1.0),
    (USD / EXAMPLE, "/example", 1.0),
)


def show(value: float, unit: Unit = ONE, *, percent: bool = False) -> str:
    """A quantity as people write it; value in base units."""
    if percent:
        return f"{plain(value * 100)}%"
    if unit == USD:
        return show_usd(value)
    for known, name, factor in _BEST:
        if unit == known:
            shown = value * factor
            return show_usd_per(shown, per=name)[0] if unit.power("usd") else f"{short(shown)} {name}"
    if unit == ONE:
        return short(value)
    return f"{short(value)} {unit}"
