"""Alpaca rows: ``instruction``, maybe ``input``, and ``output`` or ``response``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat
from breakeven.evidence.training.formats.parts import answered, as_text, needed

__all__ = ["ALPACA"]


def _reads(row: Mapping[str, Any]) -> Example:
    question = needed(row, "instruction", "no question")
    more = as_text(row.get("input"))
    answer = needed(row, "output" if "output" in row else "response", "no answer")
    return answered(
        question if more is None else f"{question}\n{more}", answer, system=as_text(row.get("system"))
    )


ALPACA: Final = TrainingFormat(
    name="alpaca",
    title="instruction and output",
    is_row=lambda row: "instruction" in row and ("output" in row or "response" in row),
    reads=_reads,
)
