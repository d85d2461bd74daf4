"""Pairs of a better and a worse answer, as OpenAI's: ``input``, ``preferred_output``, ``non_preferred_output``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.parts import last_answer, messages_in, tools_in

__all__ = ["PREFERENCE"]


def _is_row(row: Mapping[str, Any]) -> bool:
    return "preferred_output" in row or "non_preferred_output" in row


def _reads(row: Mapping[str, Any]) -> Example:
    given = row.get("input")
    if not isinstance(given, Mapping):
        raise UnusableRowError("no question", "`input` holds no `messages`")
    for name in ("preferred_output", "non_preferred_output"):
        if not row.get(name):
            raise UnusableRowError("no answer", f"`{name}` is {'empty' if name in row else 'missing'}")
    asked = messages_in(given.get("messages"))
    return Example(
        messages=(*asked, *messages_in(row["preferred_output"])),
        rejected=last_answer(messages_in(row["non_preferred_output"])),
        tools=tools_in(given.get("tools")),
    )


PREFERENCE: Final = TrainingFormat(
    name="preference", title="preferred and non-preferred answers", is_row=_is_row, reads=_reads
)
