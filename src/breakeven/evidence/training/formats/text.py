"""Rows of one ``text`` to go on with: no question is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat
from breakeven.evidence.training.formats.parts import answered, needed

__all__ = ["TEXT"]


def _reads(row: Mapping[str, Any]) -> Example:
    return answered(None, needed(row, "text", "no text"))


TEXT: Final = TrainingFormat(name="text", title="plain text", is_row=lambda row: "text" in row, reads=_reads)
