"""Figures of evals as a reader sees them: scores in per cent, differences in points, each with its interval."""

from __future__ import annotations

import math

from breakeven.report.text import MINUS
from breakeven.statistics.estimate import Estimate

__all__ = [
    "interval",
    "p_value",
    "percent",
    "points",
    "points_interval",
    "points_words",
    "probability",
    "seconds",
    "tokens",
    "usd",
]


def percent(share: float) -> str:
    """``92.4%``; whole at both ends."""
    return f"{100 * share:.0f}%" if share in (0.0, 1.0) else f"{100 * share:.1f}%"


def interval(estimate: Estimate) -> str:
    """``[90.1, 94.2]``, in per cent."""
    if estimate.low is None or estimate.high is None:
        return "too few cases"
    return f"[{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def points(share: float, *, signed: bool = True) -> str:
    """A difference of shares in points: ``−1.8``, ``+0.6``, ``0.0``."""
    value = round(100 * share, 1)
    sign = "+" if value > 0 and signed else MINUS if value < 0 else ""
    return f"{sign}{abs(value):.1f}"


def points_interval(estimate: Estimate) -> str:
    """``[−3.3, −0.4]``, in points."""
    if estimate.low is None or estimate.high is None:
        return "too few cases"
    return f"[{points(estimate.low)}, {points(estimate.high)}]"


def points_words(share: float) -> str:
    """``1.8 points``; ``1 point``."""
    value = round(100 * abs(share), 1)
    return f"{value:g} point{'' if value == 1 else 's'}"


def probability(p: float) -> str:
    """``41%``, ``>99%``; draws that all agree are no certainty."""
    return "<1%" if p < 0.005 else ">99%" if p > 0.995 else f"{p:.0%}"


def p_value(p: float) -> str:
    """``0.0005``, ``<0.0001``."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}" if p < 0.01 else f"{p:.2f}"


def usd(value: float | None) -> str:
    """Dollars; under one, three digits that count, never as a power of ten; ``not known``."""
    if value is None:
        return "not known"
    if value >= 1 or value <= 0:
        return f"${value:,.2f}" if value else "$0"
    whole, _, cents = f"{value:.{2 - math.floor(math.log10(value))}f}".partition(".")
    return f"${whole}.{cents.rstrip('0'):0<2}"


def seconds(value: float) -> str:
    """``0.48 s``, ``12 s``."""
    return f"{value:.2f} s" if value < 10 else f"{value:,.0f} s"


def tokens(value: float) -> str:
    """``1,240``; ``1.2M`` above a million."""
    return f"{value:,.0f}" if value < 1e6 else f"{value / 1e6:,.2f}M"
