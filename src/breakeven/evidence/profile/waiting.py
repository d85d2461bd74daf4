"""What could wait for a batch: the evidence that a log holds, and none where it holds none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from breakeven.evidence.profile.cells import Cell

__all__ = ["batchable"]

_NAMED: Final = re.compile(
    r"batch|nightly|backfill|offline|cron\b|\betl\b|bulk|(?:^|[^a-z])(?:re)?index(?:ing|er)?(?:[^a-z]|$)|enrich|migrat|digest"
)
_RUN_S: Final = 3 * 3_600
"""Longest a day's run may take, and its starts may lie apart."""
_RUNS: Final = 5
_DAY: Final = 86_400
_UNKNOWN: Final = "a log does not say who waits for an answer: state the share that may take a day"


def batchable(cells: Sequence[Cell]) -> dict[str, Any]:
    """What could take a day: what already does, what is streamed to somebody, and features that look like runs.

    ``share`` is None: it can not be known from a log. ``likely`` are features whose name or whose hours say that
    nobody waits for them; ``at_most`` is 1 less what is streamed.
    """
    total = sum(cell.calls for cell in cells) or 1.0
    streamed = sum(cell.streamed for cell in cells) / total
    tiered = sum(cell.tiered for cell in cells)
    likely = sorted(_likely(cells, total), key=lambda one: (-one["share"], one["feature"]))
    return {
        "share": None,
        "at_most": 1.0 - streamed if streamed else None,
        "already": sum(cell.batched for cell in cells) / total if tiered else None,
        "streamed": streamed or None,
        "likely": likely,
        "reason": _UNKNOWN,
    }


def _likely(cells: Sequence[Cell], total: float) -> Any:
    groups: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.feature is not None:
            groups[cell.feature].append(cell)
    for feature, group in groups.items():
        streamed = sum(cell.streamed for cell in group)
        why = "its name says so" if _NAMED.search(feature.lower()) else _runs(group)
        if why is not None and not streamed:
            yield {"feature": feature, "share": sum(cell.calls for cell in group) / total, "why": why}


def _runs(group: Sequence[Cell]) -> str | None:
    """Whether a feature's calls come once a day at the same hours: every day within three of them."""
    days: Mapping[int, list[tuple[float, float]]] = defaultdict(list)
    for cell in group:
        if cell.day is not None and cell.first is not None and cell.last is not None:
            days[cell.day].append((cell.first, cell.last))
    if len(days) < _RUNS or sum(cell.rows for cell in group) < 10 * len(days):
        return None
    spans = [
        (min(a for a, _ in ends) - day * _DAY, max(b for _, b in ends) - day * _DAY)
        for day, ends in days.items()
    ]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    if last - first > _RUN_S:
        return None
    return f"its calls come between {_clock(first)} and {_clock(last)} only, on {len(days)} days"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3_600):02d}:{int(seconds % 3_600 // 60):02d}"
