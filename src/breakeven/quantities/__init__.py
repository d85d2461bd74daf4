"""Units at the door: what people write, read into one number with one unit, or refused with both readings.

``480K calls/month``, ``10K/day``, ``$0.15/1M tokens``, ``3..5 weeks``, ``$80..$140/hour``, ``every 3 months``.

Base units are ``usd``, ``call``, ``token``, ``example``, ``hour``, ``month`` and ``GB``. *Hours* are working or machine
hours and *months* are calendar time; the two meet only where a field asks for it (``$1.70/hour`` of hosting is
$1,241/month), through one month = 730 hours = 365/12 days. So ``4 hours/month`` of labour can not cancel to a number.
"""

from __future__ import annotations

from breakeven.quantities.amounts import Quantity, Range
from breakeven.quantities.fields import read
from breakeven.quantities.kinds import KINDS, WAGE, Kind
from breakeven.quantities.parsing import parse_cadence, parse_quantity, parse_range
from breakeven.quantities.showing import plain, show, show_usd, show_usd_per
from breakeven.quantities.units import DAYS_PER_MONTH, HOURS_PER_MONTH, MONTHS_PER_YEAR, ONE, Unit

__all__ = [
    "DAYS_PER_MONTH",
    "HOURS_PER_MONTH",
    "KINDS",
    "MONTHS_PER_YEAR",
    "ONE",
    "WAGE",
    "Kind",
    "Quantity",
    "Range",
    "Unit",
    "parse_cadence",
    "parse_quantity",
    "parse_range",
    "plain",
    "read",
    "show",
    "show_usd",
    "show_usd_per",
]
