"""From a sample of a log's calls to all of them, and how far off the sample may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from breakeven.evidence.profile.student import t_95
from breakeven.evidence.prompts.counting import Tally

__all__ = ["LEVEL", "sampled", "scaled_up"]

LEVEL: Final = 0.90
_SUMS: Final = (
    "calls",
    "tokens",
    "usd",
    "usd_after_cache",
    "static_prefix",
    "static_elsewhere",
    "variable",
    "input",
)
"""Figures that are sums over calls."""
_COLD: Final = (
    "read in {n} stretches of neighbouring calls: what the cache held before each is not known, so that hits are a few "
    "too low"
)


def sampled(tally: Tally, static: Mapping[tuple[int, str | None], float]) -> dict[str, Any] | None:
    """The sample's size, and the 90% interval of the static share of the input; None where all calls were read.

    ``static``: (template's id, model) → static tokens of one call. The share is a ratio of sums over stretches, which
    are what was drawn: its error comes from how far each stretch lies off it (Student's t, stretches less one).
    """
    if not tally.stretches:
        return None
    rows = [
        (
            sum(calls * static.get(key, 0.0) for key, (calls, _) in within.items()),
            sum(n for _, n in within.values()),
        )
        for within in tally.stretches.values()
    ]
    removed, given = np.array(rows, dtype=np.float64).T
    found = {"calls": tally.calls, "stretches": len(rows), "level": LEVEL, "share_of_input": None}
    if len(rows) < 2 or not given.sum():
        return found
    share, n = removed.sum() / given.sum(), len(rows)
    spread = np.sqrt(n / (n - 1) * ((removed - share * given) ** 2).sum())
    half = t_95(n - 1) * float(spread / given.sum())
    return found | {"share_of_input": {"low": max(share - half, 0.0), "high": min(share + half, 1.0)}}


def scaled_up(found: dict[str, Any], calls: int, with_texts: int, *, of: int) -> tuple[int, int]:
    """Scale the sums of the findings up to all calls, in place; (all calls, about how many keep texts)."""
    factor = of / calls if calls else 1.0
    for part in (found["removable"], *found["templates"]):
        _scale(part, factor)
    for name in found["removable"]["kinds"]:
        found["removable"]["kinds"][name] *= factor
    found["unmatched"]["calls"] = round(found["unmatched"]["calls"] * factor)
    found["unmatched"]["input"] *= factor
    if found["sample"] is not None:
        found["sample"]["of"] = of
        found["caching"]["assumptions"].append(_COLD.format(n=found["sample"]["stretches"]))
    return of, round(with_texts * factor)


def _scale(part: dict[str, Any], factor: float) -> None:
    for name in _SUMS:
        if part.get(name) is not None:
            part[name] = round(part[name] * factor) if name == "calls" else part[name] * factor
