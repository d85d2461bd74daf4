"""A profile of the user's logs, as ``breakeven profile --json`` writes it: measured volume and tokens."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from breakeven.quantities import KINDS
from breakeven.sources import Source
from breakeven.study.given import Given, MisreadError

__all__ = ["Profile", "read_profile"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a profile says of the workload; every quantity carries its source."""

    volume: Given | None
    """None: the logs are too short to tell."""
    tokens_in: Given | None
    """All input tokens of a call: static ones, too. None: the logs do not say."""
    tokens_out: Given | None
    peak_to_mean: Given | None
    """From the busiest hour to the busiest ten minutes; None: too few days, or too few calls for a peak to be one."""


def read_profile(text: str, name: str) -> Profile:
    """Read a profile's JSON; raises MisreadError."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise MisreadError(f"{name!r} is not JSON", hint="write it with `breakeven profile --json`") from exc
    if not isinstance(data, dict):
        raise MisreadError(f"{name!r} holds no profile", hint="write it with `breakeven profile --json`")
    source = Source(kind="measured", reference=name, date=_last_day(data))
    calls = data.get("calls_per_month")
    volume = None
    if calls is not None:
        low, high = (
            _number(data, name, "calls_per_month", "p05"),
            _number(data, name, "calls_per_month", "p95"),
        )
        volume = _given("volume", low, high, source, name)
    tokens_in, tokens_out = (_tokens(data, name, side, source) for side in ("input", "output"))
    return Profile(
        volume=volume, tokens_in=tokens_in, tokens_out=tokens_out, peak_to_mean=_peak(data, name, source)
    )


_DAYS: Final = 7
_DENSE: Final = 100
"""Calls in an hour, on average: among fewer, chance alone makes peaks."""


def _peak(data: Mapping[str, Any], name: str, source: Source) -> Given | None:
    rhythm = data.get("rhythm")
    if not isinstance(rhythm, dict) or not isinstance(rhythm.get("peak_to_mean"), dict):
        return None
    days, peaks = rhythm.get("complete_days"), rhythm["peak_to_mean"]
    if not isinstance(days, int) or days < _DAYS or not {"hour", "ten_minutes"} <= set(peaks):
        return None
    if _number(data, name, "calls") / (_number(data, name, "span_days") * 24) < _DENSE:
        return None
    ends = sorted(_number(data, name, "rhythm", "peak_to_mean", part) for part in ("hour", "ten_minutes"))
    return _given("factor", ends[0], ends[1], source, name)


def _tokens(data: Mapping[str, Any], name: str, side: str, source: Source) -> Given | None:
    """The mean tokens of a call; None where the profile says that its logs do not tell (``null``)."""
    tokens = data.get("tokens")
    if isinstance(tokens, dict) and side in tokens and tokens[side] is None:
        return None
    mean = _number(data, name, "tokens", side, "mean")
    if isinstance(tokens, dict) and tokens[side].get("counted"):
        source = replace(source, reference=f"{name}, counted from texts")
    return _given("tokens", mean, mean, source, name)


def _number(data: Mapping[str, Any], name: str, *keys: str) -> float:
    here: Any = data
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    fine = isinstance(here, int | float) and not isinstance(here, bool) and 0 <= here <= 1e18
    if not fine or not math.isfinite(here):
        raise MisreadError(
            f"{name!r} has no number at {'.'.join(keys)}", hint="`breakeven profile --json` writes one"
        )
    return float(here)


def _given(kind: str, low: float, high: float, source: Source, name: str) -> Given:
    if low > high or (low == 0 < high):
        raise MisreadError(f"{name!r}: the interval {low:g}..{high:g} of {kind} is none")
    return Given(kind=KINDS[kind], form="value", numbers=(low, high), source=source)


def _last_day(data: Mapping[str, Any]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(data.get("last"))[:10])
    except ValueError:
        return None
