"""A format of training rows: how it is told, and how one row of it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from breakeven.errors import BreakevenError
from breakeven.evidence.training.row import Message

__all__ = ["Example", "TrainingFormat", "UnusableRowError"]


class UnusableRowError(BreakevenError):
    """A row that this format can not use. ``reason`` is one of a few, ``detail`` what was read; never a text."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """What a format finds in one row."""

    messages: tuple[Message, ...]
    """The conversation, the answer that is taught last."""
    rejected: str | None = None
    """The answer that a preference pair teaches not to give."""
    tools: tuple[Mapping[str, Any], ...] = ()
    label: str | None = None
    """The class, where the answer is one."""


@dataclass(frozen=True, kw_only=True)
class TrainingFormat:
    """One format. A file is of the format that most of its first rows are told by."""

    name: str
    """``chat``, ``preference`` …"""
    title: str
    """For pages: ``chat messages``."""
    is_row: Callable[[Mapping[str, Any]], bool]
    """Whether a row is of this format, by its keys."""
    reads: Callable[[Mapping[str, Any]], Example]
    """What stands in a row; raises UnusableRowError."""
