"""Chat rows as OpenAI's: ``{"messages": [{"role", "content", "tool_calls", "weight"}], "tools": […]}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat
from breakeven.evidence.training.formats.parts import messages_in, tools_in

__all__ = ["CHAT"]


def _reads(row: Mapping[str, Any]) -> Example:
    return Example(
        messages=messages_in(row.get("messages")), tools=tools_in(row.get("tools") or row.get("functions"))
    )


CHAT: Final = TrainingFormat(
    name="chat", title="chat messages", is_row=lambda row: "messages" in row, reads=_reads
)
