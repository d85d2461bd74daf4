"""What several checks need of the same input, computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from breakeven.evidence.training.check import CheckInput

__all__ = ["once"]

T = TypeVar("T")


def once(given: CheckInput, name: str, compute: Callable[[], T]) -> T:
    """The computed value, kept with the input as ``functools.cached_property`` keeps its own."""
    kept = vars(given)
    key = f"once {name}"
    if key not in kept:
        kept[key] = compute()
    found: T = kept[key]
    return found
