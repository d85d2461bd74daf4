"""How long to watch: what more days of logs would do to the interval of the monthly volume.

The rule is the profile's own. The 90% interval of the mean day is t(n'−1)·s/√n' around it, where s is the spread of the
days and n' counts how many of the n days are independent: n' = n(1−ρ)/(1+ρ) with the correlation ρ of one day and the
next. More days change n, and are taken to have the same s and ρ. Document 002 advises to watch for 14 days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from breakeven.evidence.profile.student import t_95
from breakeven.evidence.profile.volume import DAYS_FOR_GROWTH, DAYS_FOR_MONTH

__all__ = ["AIM", "observation", "width"]

AIM: Final = 0.10
"""A volume known to within a tenth is known well: prices and quality are less certain than that."""
_AHEAD: Final = (14, 28, 56)
_LONGEST: Final = 364


def observation(profile: Mapping[str, Any]) -> dict[str, Any]:
    """What ``new --from --json`` prints: days seen, days wanted, and the interval now and after more days.

    A width is how far the upper end lies over the mean, as a share of it.
    """
    rhythm = profile.get("rhythm") or {}
    seen = [float(day) for day in rhythm.get("calls_by_day") or []]
    n = len(seen)
    found: dict[str, Any] = {
        "complete_days": n,
        "more_days_for_volume": max(DAYS_FOR_MONTH - n, 0),
        "more_days_for_growth": max(DAYS_FOR_GROWTH - n, 0),
        "aim": AIM,
        "width_now": None,
        "width_at_days": {},
        "days_for_aim": None,
    }
    if n < DAYS_FOR_MONTH or sum(seen) <= 0:
        return found
    weeks = range(7 * -(-n // 7), _LONGEST + 1, 7)
    enough = n if width(seen, n) <= AIM else next((days for days in weeks if width(seen, days) <= AIM), None)
    return found | {
        "width_now": width(seen, n),
        "width_at_days": {str(days): width(seen, days) for days in _AHEAD if days > n},
        "days_for_aim": enough,
    }


def width(seen: Sequence[float], days: int) -> float:
    """How far the upper end of the volume's 90% interval would lie over its mean, after so many days like these."""
    values = np.asarray(seen, dtype=float)
    centred = values - values.mean()
    power = float((centred**2).sum())
    rho = 0.0 if power == 0 else float((centred[1:] * centred[:-1]).sum()) / power
    rho = min(max(rho, 0.0), 0.9)
    free = max(days * (1 - rho) / (1 + rho), 2.0)
    half = t_95(max(free - 1, 1.0)) * float(values.std(ddof=1)) / np.sqrt(free)
    return float(np.expm1(min(half / values.mean(), 5.0)))
