"""Rows that sum the calls of a window of time: how wide a window is, and its calls spread over it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from breakeven.evidence.calls.detect import unpacked
from breakeven.evidence.calls.format import LogFormat

__all__ = ["spread", "with_width"]


def with_width(log_format: LogFormat, records: Iterable[Any]) -> LogFormat:
    """The format with the width that most of the windows have: from start to end, else to the next start."""
    if not log_format.per_window:
        return log_format
    widths = Counter(_widths(log_format, unpacked(log_format, records)))
    if not widths:
        return log_format
    return replace(log_format, window_s=max(widths, key=lambda width: (widths[width], -width)))


def _widths(log_format: LogFormat, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    ends = [tuple(_seconds(_first(log_format, row, n)) for n in ("time", "end_time")) for row in rows]
    pairs = [(start, end) for start, end in ends if start is not None]
    stated = [end - start for start, end in pairs if end is not None and end > start]
    if stated:
        return stated
    starts = sorted({start for start, _ in pairs})
    return [min(b - a for a, b in pairwise(starts))] if len(starts) > 1 else []


def _first(log_format: LogFormat, row: Mapping[str, Any], name: str) -> Any:
    return next((row[at.path] for at in log_format.places(name) if row.get(at.path) is not None), None)


def _seconds(value: Any) -> float | None:
    """Seconds since 1970, of a number of them or of ISO text."""
    try:
        return None if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        pass
    try:
        time = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).timestamp()


def spread(
    counts: Sequence[tuple[int, float]], *, width_s: float, bucket_s: float
) -> list[tuple[int, float]]:
    """Calls by bucket, where each stands at the start of a window that is several buckets wide: evenly over it."""
    n = round(width_s / bucket_s)
    if n <= 1:
        return list(counts)
    return [(bucket + i, calls / n) for bucket, calls in counts for i in range(n)]
