"""Rows as Axolotl takes them beside the formats that it shares with others: pairs after a conversation, and segments.

Pairs: ``messages`` or ``conversation`` (or ``question``, ``instruction``) with ``chosen`` and ``rejected``, each a
text, a message or a list of messages; also ``chosen_response`` and ``rejected_response``. Segments: texts in order,
of which those with a true ``label`` are learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.parts import as_text, last_answer, messages_in, tools_in
from breakeven.evidence.training.row import Message

__all__ = ["PAIRS", "SEGMENTS"]

_ASKED: Final = ("messages", "conversation")
_TEXTS: Final = ("question", "instruction")
_BETTER: Final = ("chosen", "chosen_response")
_WORSE: Final = ("rejected", "rejected_response")


def _is_pair(row: Mapping[str, Any]) -> bool:
    both = any(name in row for name in _BETTER) and any(name in row for name in _WORSE)
    return both and "prompt" not in row and any(name in row for name in (*_ASKED, *_TEXTS))


def _pair(row: Mapping[str, Any]) -> Example:
    asked = next((messages_in(row[name]) for name in _ASKED if name in row), ())
    if not asked:
        text = next((text for name in _TEXTS if (text := as_text(row.get(name)))), None)
        if text is None:
            raise UnusableRowError("no question", f"none of {', '.join((*_ASKED, *_TEXTS))} holds a text")
        system = as_text(row.get("system"))
        asked = (
            *([Message(role="system", content=system)] if system else []), Message(role="user", content=text)
        )  # fmt: skip
    given, worse = _answers(row, _BETTER), _answers(row, _WORSE)
    return Example(messages=(*asked, *given), rejected=last_answer(worse), tools=tools_in(row.get("tools")))


def _answers(row: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Message, ...]:
    name = next(name for name in names if name in row)
    value = row[name]
    if isinstance(value, Mapping):
        return messages_in([value])
    if isinstance(value, list):
        return messages_in(value)
    text = as_text(value)
    if text is None:
        raise UnusableRowError("no answer", f"`{name}` is empty")
    return (Message(role="assistant", content=text),)


def _segments(row: Mapping[str, Any]) -> Example:
    parts = row["segments"]
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise UnusableRowError("no segments", "`segments` is no list of objects")
    found: list[Message] = []
    for number, part in enumerate(parts, start=1):
        text = part.get("text")
        if not isinstance(text, str):
            raise UnusableRowError("no text", f"segment {number} holds none")
        role = "assistant" if part.get("label") is True else "user"
        if found and found[-1].role == role:
            text, _ = found[-1].content + text, found.pop()
        found.append(Message(role=role, content=text))
    if not any(message.role == "assistant" and message.content for message in found):
        raise UnusableRowError("no answer", "no segment has a true `label`: nothing is learned")
    return Example(messages=tuple(found))


PAIRS: Final = TrainingFormat(
    name="axolotl-pairs",
    title="chosen and rejected answers after a conversation",
    is_row=_is_pair,
    reads=_pair,
)
SEGMENTS: Final = TrainingFormat(
    name="axolotl-segments", title="segments, those with a label learned", is_row=lambda row: "segments" in row,
    reads=_segments,
)  # fmt: skip
