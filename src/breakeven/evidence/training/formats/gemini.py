"""Rows as Gemini is tuned with on Vertex AI: ``{"systemInstruction": …, "contents": [{"role", "parts"}]}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.parts import content_text, tools_in
from breakeven.evidence.training.row import Message

__all__ = ["GEMINI"]


def _reads(row: Mapping[str, Any]) -> Example:
    contents = row.get("contents")
    if not isinstance(contents, list) or not contents:
        raise UnusableRowError("no messages", "`contents` is no list of contents")
    messages = [_content(item, number) for number, item in enumerate(contents, start=1)]
    system = row.get("systemInstruction", row.get("system_instruction"))
    if isinstance(system, Mapping):
        messages.insert(
            0, Message(role="system", content=content_text(system.get("parts"), "the system text"))
        )
    if not any(message.content or message.tool_calls for message in messages):
        raise UnusableRowError("no text", "all contents are empty")
    return Example(messages=tuple(messages), tools=tools_in(row.get("tools")))


def _content(item: Any, number: int) -> Message:
    if not isinstance(item, Mapping):
        raise UnusableRowError("message is no object", f"content {number}")
    role = item.get("role")
    if not isinstance(role, str) or not role.strip():
        raise UnusableRowError("message without role", f"content {number}")
    parts = item.get("parts")
    if not isinstance(parts, list):
        raise UnusableRowError("message without content", f"content {number}")
    calls = [part["functionCall"] for part in parts if isinstance(part, Mapping) and "functionCall" in part]
    return Message(
        role={"model": "assistant", "function": "tool"}.get(role, role),
        content=content_text(parts, f"content {number}"),
        tool_calls=tuple([call for call in calls if isinstance(call, Mapping)]),
        more=None
        if all(isinstance(part, Mapping) and [*part] == ["text"] for part in parts)
        else {"content": parts},
    )


GEMINI: Final = TrainingFormat(
    name="gemini", title="contents of Gemini", is_row=lambda row: "contents" in row, reads=_reads
)
