"""Training rows written in a format that hosts take, whatever format they were read from.

A row is written from what was read of it: the conversation, the answer not to give, the tools. Nothing is made up but
the names by which calls of tools and their results find each other, where the source has them in order only: what
the other format can not say (a pair without a worse answer, a call of a tool where there is no word for one) is a row
that is refused, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from breakeven.errors import InputError, Problem
from breakeven.evidence.training.formats.format import UnusableRowError
from breakeven.evidence.training.row import Message, Rejected, TrainingRow

__all__ = ["KEPT", "TARGETS", "Converted", "convert_row", "convert_rows"]

KEPT: Final = ("id", "label", "cluster", "origin")
"""What can be written beside a row's own keys. Not by default: some hosts refuse a key that they do not know."""

Writer = Callable[[TrainingRow, str | None], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Converted:
    """Rows in another format."""

    texts: tuple[str, ...]
    """One line of JSON with its line break a row; empty where the row can not be written so."""
    refused: tuple[Rejected, ...]


def convert_rows(
    rows: Sequence[TrainingRow], to: str, *, system: str | None = None, keep: Sequence[str] = ()
) -> Converted:
    """Every row as a line of JSON Lines.

    system: instructions for rows that have none. keep: of ``KEPT``, what is written beside. Raises InputError where no
    format is called ``to``, or no field as in ``keep``.
    """
    texts, refused = [], []
    for row in rows:
        try:
            texts.append(
                json.dumps(convert_row(row, to, system=system, keep=keep), ensure_ascii=False) + "\n"
            )
        except UnusableRowError as exc:
            texts.append("")
            refused.append(Rejected(place=row.place, reason=exc.reason, detail=exc.detail))
    return Converted(texts=tuple(texts), refused=tuple(refused))


def convert_row(
    row: TrainingRow, to: str, *, system: str | None = None, keep: Sequence[str] = ()
) -> dict[str, Any]:
    """A row in another format; raises UnusableRowError where that has no words for it, InputError as above."""
    for name, known, what in ((to, TARGETS, "format"), *((name, KEPT, "field") for name in keep)):
        if name not in known:
            hint = f"there are: {', '.join(known)}"
            raise InputError(Problem(message=f"no {what} to write is called {name!r}", hint=hint))
    beside = {name: value for name in keep if (value := _beside(row, name)) is not None}
    return {**TARGETS[to](row, system), **beside}


def _beside(row: TrainingRow, name: str) -> str | None:
    value: str | None = getattr(row, name)
    return None if name == "origin" and value == "unknown" else value


def _chat(row: TrainingRow, system: str | None) -> dict[str, Any]:
    messages = _spoken(row, system)
    written = row.raw.get("messages")
    if row.format == "chat" and isinstance(written, list) and len(messages) == len(written):
        return {"messages": written, **{key: row.raw[key] for key in _CHAT if key in row.raw}}
    return {"messages": _messages(messages), **_tools(row)}


def _preference(row: TrainingRow, system: str | None) -> dict[str, Any]:
    asked, given, worse = _pair(row, system)
    return {
        "input": {"messages": _messages(asked), **_tools(row)},
        "preferred_output": _messages([given]),
        "non_preferred_output": [worse],
    }


def _chosen(row: TrainingRow, system: str | None) -> dict[str, Any]:
    asked, given, worse = _pair(row, system)
    return {"prompt": _messages(asked), "chosen": _messages([given]), "rejected": [worse], **_tools(row)}


def _completion(row: TrainingRow, system: str | None) -> dict[str, Any]:
    asked, given = _taught(row, system)
    return {"prompt": _messages(asked), "completion": _messages([given]), **_tools(row)}


def _gemini(row: TrainingRow, system: str | None) -> dict[str, Any]:
    messages = _spoken(row, system)
    if row.tools or any(m.tool_calls or m.role == "tool" for m in messages):
        raise UnusableRowError("calls of tools", "they are not written in Gemini's form")
    told = "\n".join(m.content for m in messages if m.role in ("system", "developer"))
    contents = [
        {"role": _GEMINI.get(m.role, m.role), "parts": [{"text": _text(m)}]}
        for m in messages if m.role not in ("system", "developer")
    ]  # fmt: skip
    instruction = {"systemInstruction": {"role": "system", "parts": [{"text": told}]}} if told else {}
    return {**instruction, "contents": contents}


TARGETS: Final[Mapping[str, Writer]] = MappingProxyType(
    {
        "chat": _chat,
        "preference": _preference,
        "chosen": _chosen,
        "completion": _completion,
        "gemini": _gemini,
    }
)
"""Format → how a row is written in it; the names are those of the formats that are read."""
_CHAT: Final = ("tools", "functions", "parallel_tool_calls")
"""Keys of a chat row besides its messages, which stay as they were written."""
_GEMINI: Final = {"assistant": "model"}


# ------------------------------------------------------------------------------------------------------- parts


def _spoken(row: TrainingRow, system: str | None) -> list[Message]:
    """The conversation, with instructions before it where it has none."""
    messages = list(row.messages)
    if not any(m.role not in ("system", "developer", "assistant") for m in messages):
        raise UnusableRowError("no question", "nothing is asked in this row")
    if system and not row.system:
        messages.insert(0, Message(role="system", content=system))
    return messages


def _taught(row: TrainingRow, system: str | None) -> tuple[list[Message], Message]:
    *asked, given = _spoken(row, system)
    if given.role != "assistant":
        raise UnusableRowError("no answer", "the last message is not the assistant's")
    return asked, given


def _pair(row: TrainingRow, system: str | None) -> tuple[list[Message], Message, dict[str, Any]]:
    if row.rejected is None:
        raise UnusableRowError("no worse answer", "a pair needs an answer that is not to be given")
    return *_taught(row, system), {"role": "assistant", "content": row.rejected}


def _messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [_message(message, number) for number, message in enumerate(_linked(messages), start=1)]


def _linked(messages: Sequence[Message]) -> Iterator[Message]:
    """The messages with a name for each call that has none, as in ShareGPT, and the same at the result that follows."""
    waiting: list[str] = []
    made = 0
    for message in messages:
        calls = []
        for call in message.tool_calls:
            made += 1
            calls.append({"id": f"call_{made}", **call})
            waiting.append(str(calls[-1]["id"]))
        more = dict(message.more or {})
        if message.role == "tool" and "tool_call_id" not in more and waiting:
            more["tool_call_id"] = waiting.pop(0)
        elif more.get("tool_call_id") in waiting:
            waiting.remove(more["tool_call_id"])
        yield replace(message, tool_calls=tuple(calls), more=more or None)


def _message(message: Message, number: int) -> dict[str, Any]:
    more = dict(message.more or {})
    if any("function" not in call for call in message.tool_calls) or _is_gemini(more.get("content")):
        raise UnusableRowError("calls of tools", f"message {number} has them, or parts, in Gemini's form")
    if message.role == "tool" and "tool_call_id" not in more:
        raise UnusableRowError("a tool's result without its call", f"message {number} has no `tool_call_id`")
    said: dict[str, Any] = {"role": message.role, "content": message.content, **more}
    if message.tool_calls:
        said |= {"tool_calls": [dict(call) for call in message.tool_calls]}
        if not message.content:
            said["content"] = None
    return said


def _is_gemini(content: Any) -> bool:
    """Whether a content in parts is Gemini's, whose parts have no ``type``."""
    return isinstance(content, list) and any(isinstance(p, Mapping) and "type" not in p for p in content)


def _text(message: Message) -> str:
    """The text of a message for Gemini; raises where it holds more than texts."""
    content = (message.more or {}).get("content")
    if isinstance(content, list) and not all(isinstance(p, str) or "text" in p for p in content):
        raise UnusableRowError("content is no text", "a part that is no text is not written in Gemini's form")
    return message.content


def _tools(row: TrainingRow) -> dict[str, Any]:
    return {"tools": [dict(tool) for tool in row.tools]} if row.tools else {}
