"""What an import gives, and what may be said about it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from breakeven.errors import Problem
from breakeven.evidence.evals.result import EvalResult

if TYPE_CHECKING:
    from breakeven.evidence.evals.importing.source import Source

__all__ = ["Imported", "Importer", "Wishes"]


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user said about a file."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Field → the columns, paths or names where it stands."""
    scale: tuple[float, float] | None = None
    """The worst and the best score there can be, where that is not 0 and 1."""
    texts: bool = True
    """Whether inputs and outputs are kept."""

    def one(self, field_name: str) -> str | None:
        """The column of a field that stands in one column; None where nothing was said."""
        return next(iter(self.columns.get(field_name, ())), None)


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The results in a file, and what of it could not be used."""

    tool: str
    """Which tool's file it was taken for: ``promptfoo``."""
    results: tuple[EvalResult, ...]
    problems: tuple[Problem, ...] = ()
    """Every row that is not used, and every gap: its place, and why."""
    notes: tuple[str, ...] = ()
    """What a reader should know: how ids were made, what a figure includes."""


@dataclass(frozen=True, kw_only=True)
class Importer:
    """One tool's files: how they are known, and how they are read."""

    name: str
    title: str
    """The tool and its files, as a reader may see it."""
    recognises: Callable[[Source], bool]
    reads: Callable[[Source, Wishes], Imported]
    maps: tuple[str, ...] = ("id", "score", "cluster", "segment")
    """Fields whose place the user may name."""
