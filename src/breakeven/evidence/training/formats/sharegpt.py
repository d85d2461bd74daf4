"""ShareGPT rows: ``{"conversations": [{"from": "human", "value": …}, {"from": "gpt", "value": …}]}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, TrainingFormat
from breakeven.evidence.training.formats.parts import as_text, messages_in, tools_in
from breakeven.evidence.training.row import Message

__all__ = ["SHAREGPT"]

_NAMES: Final = ("conversations", "conversation")


def _reads(row: Mapping[str, Any]) -> Example:
    messages = messages_in(next((row[name] for name in _NAMES if name in row), None))
    system = as_text(row.get("system"))
    if system is not None and messages[0].role != "system":
        messages = (Message(role="system", content=system), *messages)
    return Example(messages=messages, tools=tools_in(row.get("tools")))


SHAREGPT: Final = TrainingFormat(
    name="sharegpt",
    title="ShareGPT conversations",
    is_row=lambda row: any(name in row for name in _NAMES),
    reads=_reads,
)
