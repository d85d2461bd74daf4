"""The cases of an eval: what is asked, what would be right, and which cases belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from breakeven.errors import Problem

__all__ = ["Case", "Cases"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case. Its id pairs it across candidates."""

    id: str
    variables: Mapping[str, Any]
    """What a prompt's placeholders are filled with: ``{'input': 'Where is my card?'}``."""
    expected: Any = None
    """What would be right: a text, a number, a list of labels, an object; None: not known."""
    cluster: str | None = None
    """What the case belongs to (a customer, a document, a template); None: it stands alone."""
    segment: str | None = None
    """The kind of case that results are broken down by."""
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Cases:
    """All usable cases of a file, and what was wrong with the others."""

    path: str
    sha256: str
    """Hash over the usable cases' contents: the same cases in another order or format have the same one."""
    cases: tuple[Case, ...]
    rejected: tuple[Problem, ...] = ()
    """Every row that is not used: its line, and why."""
    notes: tuple[str, ...] = ()
    """What a reader should know of the file: how ids were made, and the like."""
