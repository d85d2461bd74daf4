"""What fields want: a unit, its short forms, and how a bare number there could be misread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from breakeven.quantities.units import CALL, EXAMPLE, GB, HOUR, MONTH, ONE, TOKEN, USD, Unit

__all__ = ["KINDS", "WAGE", "Kind"]


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
    per_month = MONTH**-1
    kinds = [
        Kind(name="volume", unit=CALL / MONTH, example="480K calls/month", short=(per_month, HOUR**-1),
             readings=("calls/month", "calls/day"), clock=True, low=0),
        Kind(name="tokens", unit=TOKEN, example="2600 tokens", short=(ONE, TOKEN / CALL), low=0),
        Kind(name="count", unit=ONE, example="6000", short=(EXAMPLE, CALL), low=0),
        Kind(name="share", unit=ONE, example="1%..4%", percent=True, readings=("%", "of 1"), low=0, high=1),
        Kind(name="points", unit=ONE, example="-2%..3%", percent=True, readings=("%", "of 1"), low=-1, high=1),
        Kind(name="monthly rate", unit=per_month, example="0%..3%/month", percent=True, compound=True,
             readings=("%/month", "%/year"), low=-0.99, high=10.0),
        Kind(name="yearly rate", unit=(MONTH**-1), example="10%/year", percent=True, compound=True,
             readings=("%/year", "%/month"), low=-0.9999, high=100.0),
        Kind(name="money", unit=USD, example="$5K", readings=("dollars", "thousand dollars"), low=0),
        Kind(name="money per call", unit=USD / CALL, example="$0.0021/call",
             readings=("$/call", "$/1K calls"), low=0),
        Kind(name="money per error", unit=USD, example="$0.40", short=(USD / CALL,),
             readings=("dollars for each error", "dollars a month"), low=0),
        Kind(name="money per answer", unit=USD, example="$0.02", short=(USD / CALL,),
             readings=("dollars for each answer", "dollars a month"), low=0),
        Kind(name="money per example", unit=USD / EXAMPLE, example="$0.50..$4", short=(USD,),
             readings=("dollars for each example", "dollars in all"), low=0),
        Kind(name="money per token", unit=USD / TOKEN, example="$0.15/1M tokens",
             readings=("$/1M tokens", "$/1K tokens"), low=0),
        Kind(name="money per hour", unit=USD / HOUR, example="$80..$140/hour",
             readings=("$/hour", "$/year"), clock=True, low=0),
        Kind(name="money per second", unit=USD / HOUR, example="$0.0002/s", readings=("$/s", "$/hour"), low=0),
        Kind(name="money per month", unit=USD / MONTH, example="$2,000/month",
             readings=("$/month", "$/year"), clock=True, low=0),
        Kind(name="money per GB and month", unit=USD / GB / MONTH, example="$0.02/GB/month",
             readings=("$/GB/month", "$/GB/year"), clock=True, low=0),
        Kind(name="hours", unit=HOUR, example="40..80 hours", readings=("hours", "days"), low=0),
        Kind(name="hours per month", unit=HOUR / MONTH, example="4..10 hours/month",
             readings=("hours/month", "hours/week"), low=0),
        Kind(name="events per month", unit=per_month, example="0.5..2/year", readings=("a month", "a year"),
             clock=True, low=0),
        Kind(name="months", unit=MONTH, example="36 months", readings=("months", "weeks"), low=0),
        Kind(name="seconds", unit=HOUR, example="800 ms", readings=("seconds", "milliseconds"), low=0),
        Kind(name="calls per second", unit=CALL / HOUR, example="23.6/s", short=(HOUR**-1,),
             readings=("calls/s", "calls/minute"), clock=True, low=0),
        Kind(name="gigabytes", unit=GB, example="40 GB", readings=("GB", "TB"), low=0),
        Kind(name="factor", unit=ONE, example="2..6", low=0),
    ]  # fmt: skip
    return {kind.name: kind for kind in kinds}


KINDS: Final[Mapping[str, Kind]] = _kinds()
"""Every kind of quantity that a field can want, by name."""

WAGE: Final = replace(KINDS["money per hour"], name="money per hour", clock=False, example="$80..$140/hour")
"""An hour of work: a yearly salary is not this wage × 8,760 hours, so only money per hour is taken."""
