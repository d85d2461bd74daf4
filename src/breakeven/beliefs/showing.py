"""Values in their unit, for people and for machines."""

from __future__ import annotations

from typing import Final

from breakeven.quantities import plain, show, show_usd_per

__all__ = ["show_value", "show_values", "unit_of"]

_SUFFIX: Final = {
    "volume": " calls/month",
    "tokens": " tokens",
    "hours": " hours",
    "hours per month": " hours/month",
    "events per month": " a month",
    "months": " months",
    "seconds": " s",
    "calls per second": " calls/s",
    "gigabytes": " GB",
}
_PER: Final = {
    "money": "",
    "money per call": "/call",
    "money per error": " an error",
    "money per answer": " an answer",
    "money per example": "/example",
    "money per token": "/1M tokens",
    "money per hour": "/hour",
    "money per second": "/s",
    "money per month": "/month",
    "money per GB and month": "/GB/month",
}
_NOTHING: Final = 1e-9
"""Percentages closer to zero than this are the rounding of a zero."""
_RATE: Final = {"monthly rate": "%/month", "yearly rate": "%/year", "points": " points", "share": "%"}


def show_value(value: float, kind: str) -> str:
    """A value in its kind's unit, for people: ``480K calls/month``, ``$0.15/1M tokens``, ``2.1%``."""
    return show_values(value, kind=kind)[0]


def show_values(*values: float, kind: str) -> tuple[str, ...]:
    """Values that stand beside each other, in one unit: ``$1.00/1M calls``, ``$20.00/1M calls``."""
    if kind in _PER:
        return show_usd_per(*values, per=_PER[kind])
    if kind in _RATE:
        return tuple(f"{_percent(value)}{_RATE[kind]}" for value in values)
    return tuple(f"{show(value)}{_SUFFIX.get(kind, '')}" for value in values)


def _percent(value: float) -> str:
    percent = value * 100
    return plain(0.0 if abs(percent) < _NOTHING else percent)  # the end of 0%..3% is −5e-16%


_UNITS: Final = {
    "volume": "calls/month",
    "money": "usd",
    "money per error": "usd/error",
    "money per example": "usd/example",
    "money per token": "usd/1M tokens",
    "money per call": "usd/call",
    "money per hour": "usd/hour",
    "money per month": "usd/month",
    "money per GB and month": "usd/GB/month",
    "hours per month": "hours/month",
    "events per month": "events/month",
    "monthly rate": "share/month",
    "yearly rate": "share/year",
    "points": "share",
    "seconds": "s",
    "calls per second": "calls/s",
    "gigabytes": "GB",
    "count": "",
    "factor": "",
}


def unit_of(kind: str) -> str:
    """The unit that values of a kind are kept in, for machines: ``usd/1M tokens``; empty for a plain number."""
    return _UNITS.get(kind, kind)
