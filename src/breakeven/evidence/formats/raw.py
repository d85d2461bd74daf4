"""What every format of score file is read into, before any value in it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from breakeven.errors import Place, Problem

__all__ = ["FIELDS", "RawFile", "RawRow"]

FIELDS: Final = ("id", "score", "cluster", "repeat", "failure")
"""Fields that a row may have, as written in a header (in any case of letters)."""


@dataclass(frozen=True, kw_only=True)
class RawRow:
    """One row as it stands in the file."""

    place: Place
    values: Mapping[str, object]
    """Field of ``FIELDS`` → what was read; a missing one is left out."""


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """All rows of a file, what could not become a row, and what the file says about itself."""

    rows: tuple[RawRow, ...]
    problems: tuple[Problem, ...] = ()
    """Rows that could not be read at all, each with its place."""
    metadata: Mapping[str, tuple[object, Place]] = field(default_factory=dict)
    """``candidate``, ``date`` or ``iterations`` → what was read, and where."""
    ignored: tuple[str, ...] = ()
    """Names of fields that are not used, sorted."""
