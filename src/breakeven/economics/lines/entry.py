"""A cost line: one entry with its formula, unit and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from breakeven.economics.world import Terms, World

__all__ = ["CostLine", "Group"]

Group = Literal["model calls", "build", "people", "serving", "consequences"]
"""What a line belongs to on a stacked chart."""


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """One of the lines that a bill is made of."""

    number: int
    key: str
    """Stable name, as in ``decide --json``."""
    title: str
    formula: str
    """In the symbols of the money model's page."""
    group: Group
    source: str
    """Why the line exists: the document or the price list that names it."""
    terms: Callable[[World], Terms]
    """Dollars for each unit of a driver; empty where the line is not counted."""
    unit: str = "US dollars a month, while it runs"

    @property
    def consequence(self) -> bool:
        """Whether it is not on the bill: wrong answers, latency, delay."""
        return self.group == "consequences"
