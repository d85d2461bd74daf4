"""Rows as TRL takes them, plain text or messages: ``prompt`` and ``completion``, or ``chosen`` and ``rejected``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.parts import as_text, last_answer, messages_in, tools_in
from breakeven.evidence.training.row import Message

__all__ = ["CHOSEN", "COMPLETION"]


def _completion(row: Mapping[str, Any]) -> Example:
    asked = _side(row, "prompt", "user", "no question")
    given = _side(row, "completion", "assistant", "no answer")
    return Example(messages=(*asked, *given), tools=tools_in(row.get("tools")))


def _chosen(row: Mapping[str, Any]) -> Example:
    """A pair; without ``prompt``, both sides begin with it."""
    asked = _side(row, "prompt", "user", "no question") if "prompt" in row else ()
    given = _side(row, "chosen", "assistant", "no answer")
    worse = _side(row, "rejected", "assistant", "no answer")
    return Example(messages=(*asked, *given), rejected=last_answer(worse), tools=tools_in(row.get("tools")))


def _side(row: Mapping[str, Any], name: str, role: str, reason: str) -> tuple[Message, ...]:
    """One side of a row: text by this role, or messages as they stand."""
    value = row.get(name)
    if isinstance(value, list) and value:
        return messages_in(value)
    text = as_text(value)
    if text is None or isinstance(value, list | Mapping):
        what = "is missing" if name not in row else "is empty" if text is None else "is no text"
        raise UnusableRowError(reason, f"`{name}` {what}")
    return (Message(role=role, content=text),)


COMPLETION: Final = TrainingFormat(
    name="completion",
    title="prompt and completion",
    is_row=lambda row: "prompt" in row and "completion" in row,
    reads=_completion,
)
CHOSEN: Final = TrainingFormat(
    name="chosen",
    title="chosen and rejected answers",
    is_row=lambda row: "chosen" in row and "rejected" in row,
    reads=_chosen,
)
