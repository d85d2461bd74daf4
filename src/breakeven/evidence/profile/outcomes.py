"""Measured quality: the outcomes in a log, by name, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from breakeven.statistics import Estimate

__all__ = ["LEVEL", "summarise_outcomes"]

LEVEL: Final = 0.95
_WORDS: Final = {
    "true": 1.0,
    "false": 0.0,
    "yes": 1.0,
    "no": 0.0,
    "pass": 1.0,
    "fail": 0.0,
    "1": 1.0,
    "0": 0.0,
}
_MOST: Final = 1_000_000


def summarise_outcomes(rows: Sequence[tuple[str, str, int]]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """From (name, value as text, count): n, mean, low, high of each name; and a warning for values that are none."""
    by_name: dict[str, dict[float, int]] = {}
    unread: dict[str, int] = {}
    for name, text, count in rows:
        value = _value(text)
        if value is None:
            unread[name] = unread.get(name, 0) + count
        else:
            values = by_name.setdefault(name, {})
            values[value] = values.get(value, 0) + count
    found = {name: _shown(_estimate(values)) for name, values in sorted(by_name.items())}
    said = "values are no number and no yes or no; left out"
    return found, [f"outcome {name!r}: {n:,} {said}" for name, n in unread.items()]


def _value(text: str) -> float | None:
    word = text.strip().strip('"').lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _estimate(values: dict[float, int]) -> Estimate:
    from breakeven.statistics import clustered_wilson, t_mean, wilson  # most logs have no outcomes

    n = sum(values.values())
    if set(values) <= {0.0, 1.0}:
        return wilson(values.get(1.0, 0), n, level=LEVEL)
    scale = max(1, -(-n // _MOST))
    array = np.repeat(list(values), [max(1, count // scale) for count in values.values()])
    if min(values) >= 0 and max(values) <= 1:
        return clustered_wilson(array, level=LEVEL)
    return t_mean(array, level=LEVEL)


def _shown(estimate: Estimate) -> dict[str, Any]:
    return {
        "n": estimate.n, "mean": estimate.value, "low": estimate.low, "high": estimate.high,
        "level": estimate.level, "method": estimate.method,
    }  # fmt: skip
