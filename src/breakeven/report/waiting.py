"""Waiting among the things to buy: its line, for every format."""

from __future__ import annotations

from typing import Final

from breakeven.advice.decision import Decision
from breakeven.economics.options.waiting import Waiting
from breakeven.quantities import show_usd
from breakeven.report.text import signed_usd

__all__ = ["best_wait", "wait_split"]

LEAST_USD: Final = 1.0


def best_wait(d: Decision) -> Waiting | None:
    """Waiting six months, else the shortest; where some waiting pays, the one that pays most.

    None where none was valued, and where it neither shows nor costs anything.
    """
    able = [
        w for w in d.waiting if w.months is not None and max(w.information_usd, abs(w.delay_usd)) >= LEAST_USD
    ]
    if not able:
        return None
    best = max(able, key=lambda w: w.value_usd)
    usual = next((w for w in able if w.months == 6), able[0])
    return best if best.value_usd > 0 else usual


def wait_split(w: Waiting) -> str:
    """``info +$9,100, delay −$17.8K``."""
    return f"info {signed_usd(w.information_usd)}, delay {signed_usd(w.delay_usd) if w.delay_usd else show_usd(0.0)}"
