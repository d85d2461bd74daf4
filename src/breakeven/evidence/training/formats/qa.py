"""Rows of a ``question`` and its ``answer``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat
from breakeven.evidence.training.formats.parts import answered, as_text, needed

__all__ = ["QA"]


def _reads(row: Mapping[str, Any]) -> Example:
    question = needed(row, "question", "no question")
    return answered(question, needed(row, "answer", "no answer"), system=as_text(row.get("system")))


QA: Final = TrainingFormat(
    name="qa",
    title="question and answer",
    is_row=lambda row: "question" in row and "answer" in row,
    reads=_reads,
)
