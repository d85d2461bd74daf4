"""What the formats share in reading rows: messages, contents, cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from breakeven.evidence.training.formats.format import Example, UnusableRowError
from breakeven.evidence.training.row import Message

__all__ = ["answered", "as_text", "content_text", "last_answer", "messages_in", "needed", "tools_in"]

_ROLES: Final = {
    "human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant", "model": "assistant",
    "ai": "assistant", "function_call": "assistant", "function": "tool", "observation": "tool",
    "tool_response": "tool",
}  # fmt: skip
"""Other names of the roles; any other name stands as it is written."""
_MORE: Final = ("name", "tool_call_id", "weight")
"""What a message may say besides who speaks and what is said or called."""


def messages_in(value: Any) -> tuple[Message, ...]:
    """A list of messages, with ``role`` and ``content`` or ``from`` and ``value``; raises UnusableRowError."""
    value = _decoded(value)
    if not isinstance(value, list):
        raise UnusableRowError("no messages", f"a list of messages is needed, there is {_kind(value)}")
    if not value:
        raise UnusableRowError("no messages", "the list is empty")
    found = tuple([_message(item, number) for number, item in enumerate(value, start=1)])
    if not any(message.content or message.tool_calls for message in found):
        raise UnusableRowError("no text", "all messages are empty")
    return found


def _message(item: Any, number: int) -> Message:
    if not isinstance(item, dict):
        raise UnusableRowError("message is no object", f"message {number} is {_kind(item)}")
    role = item.get("role", item.get("from"))
    if not isinstance(role, str) or not role.strip():
        raise UnusableRowError("message without role", f"message {number}")
    calls = _calls(item, number) if "tool_calls" in item or "function_call" in item else ()
    content = item["content"] if "content" in item else item.get("value")
    more = None if len(item) == 2 and isinstance(content, str) else _more(item, content)
    if isinstance(content, str):
        if role == "function_call" and (said := _said_call(content)) is not None:
            return Message(role="assistant", content="", tool_calls=(said,), more=more)
        return Message(role=_ROLES.get(role, role), content=content, tool_calls=calls, more=more)
    if content is None and not calls:
        raise UnusableRowError("message without content", f"message {number}")
    text = "" if content is None else content_text(content, f"message {number}")
    return Message(role=_ROLES.get(role, role), content=text, tool_calls=calls, more=more)


def _said_call(text: str) -> Mapping[str, Any] | None:
    """The call of a tool that a ShareGPT turn writes as JSON, as chat messages hold it; None where it is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("name"), str):
        return None
    arguments = said.get("arguments", {})
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"type": "function", "function": {"name": said["name"], "arguments": written}}


def _more(item: Mapping[str, Any], content: Any) -> Mapping[str, Any] | None:
    found = {name: item[name] for name in _MORE if name in item}
    if isinstance(content, list):
        found["content"] = content
    return found or None


def _calls(item: Mapping[str, Any], number: int) -> tuple[Mapping[str, Any], ...]:
    """The calls of tools that a message asks for, the older ``function_call`` among them."""
    calls = item.get("tool_calls")
    if calls is None:
        one = item.get("function_call")
        return ({"type": "function", "function": one},) if isinstance(one, Mapping) else ()
    if not isinstance(calls, list) or not all(isinstance(call, Mapping) for call in calls):
        raise UnusableRowError("tool calls are no list", f"message {number}")
    return tuple(calls)


def content_text(content: Any, place: str) -> str:
    """The text of a content: itself, or the texts of its parts, a line each; raises UnusableRowError."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise UnusableRowError("content is no text", f"{place}: {_kind(content)}")
    texts = []
    for part in content:
        text = part.get("text") if isinstance(part, Mapping) else part
        if isinstance(text, str):
            texts.append(text)
        elif not isinstance(part, Mapping):
            raise UnusableRowError("content is no text", f"{place}: a part is {_kind(part)}")
    return "\n".join(texts)


def tools_in(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Definitions of tools, as a list or the JSON of one; raises UnusableRowError."""
    value = _decoded(value)
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(tool, Mapping) for tool in value):
        raise UnusableRowError("tools are no list", _kind(value))
    return tuple(value)


def as_text(value: Any) -> str | None:
    """A cell as text; None where it is empty. What is no text is written as JSON."""
    if isinstance(value, str):
        return value if value.strip() else None
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def needed(row: Mapping[str, Any], name: str, reason: str) -> str:
    """A cell that must be there, as text; raises UnusableRowError."""
    text = as_text(row.get(name))
    if text is None:
        raise UnusableRowError(reason, f"`{name}` is {'empty' if name in row else 'missing'}")
    return text


def answered(question: str | None, answer: str, *, system: str | None = None, **more: Any) -> Example:
    """An example of one question and its answer."""
    asked = (("system", system), ("user", question), ("assistant", answer))
    messages = tuple([Message(role=role, content=text) for role, text in asked if text is not None])
    return Example(messages=messages, **more)


def last_answer(messages: Sequence[Message]) -> str:
    """The text of the last message of an assistant; empty where there is none."""
    return next((m.content for m in reversed(messages) if m.role == "assistant"), "")


def _decoded(value: Any) -> Any:
    """A list that a table holds as JSON text."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


_KINDS: Final = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}


def _kind(value: Any) -> str:
    return "nothing" if value is None else _KINDS.get(type(value), "an object")
