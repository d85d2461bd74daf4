"""What the command line lends to the API: its own functions, so that both give the same JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from breakeven.advice.purchases import PurchaseKind
from breakeven.advice.rule import Rule

__all__ = ["Desk"]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Functions of the edge above this one. Each stands at the top of a module: another process imports it by name."""

    today: Callable[[], dt.date]
    """The day: only the command line reads the clock."""
    rules: Callable[[], Sequence[Rule]]
    purchases: Callable[[], Sequence[PurchaseKind]]
    profile: Callable[..., dict[str, Any]]
    """``profile(logs, **options)`` → what ``profile --json`` prints."""
    reprice: Callable[..., dict[str, Any]]
    compare: Callable[..., dict[str, Any]]
    check: Callable[..., dict[str, Any]]
