"""What all charts are made of: candidates' marks, tables, densities, and what every chart has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from breakeven.beliefs import Values

__all__ = ["ChartBase", "Density", "Mark", "Role", "Table"]

Role = Literal["today", "recommended", "other"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How a candidate is shown in every chart: its name, its colour, its part in the decision."""

    name: str
    colour: int
    """0 is today's grey; 1 and up are the palette's."""
    role: Role
    extrapolated: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """The figures behind a chart."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class ChartBase:
    """What all charts have."""

    title: str
    """The finding, one sentence."""
    text: str
    """What is to be seen, for readers who can not see it."""
    table: Table


@dataclass(frozen=True, kw_only=True)
class Density:
    """A smoothed share of draws over dollars."""

    usd: Values
    """(k,) ascending."""
    height: Values
    """(k,) 0 to 1; the same scale for all candidates of a chart."""
