"""The messages of a prompt, out of whatever shape a log keeps them in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

__all__ = ["Message", "messages_of"]


class Message(NamedTuple):
    """One part of a prompt as a model reads it."""

    role: str
    """system, user, assistant, tool; ``tools`` for the definitions of tools that stand before all messages."""
    text: str


_ROLES: Final = {
    "developer": "system",
    "model": "assistant",
    "ai": "assistant",
    "human": "user",
    "function": "tool",
}
_LISTS: Final = ("messages", "contents", "input", "prompt")
_SYSTEM: Final = ("system", "instructions", "system_instruction", "systemInstruction", "system_instructions")
_DEPTH: Final = 6


def messages_of(value: Any, *, depth: int = _DEPTH) -> tuple[Message, ...]:
    """The messages in a request, a list of messages, or the JSON of either; plain text is one user message.

    Tool definitions come first, then system texts, as providers put them before the rest of the prompt.
    """
    value = _decoded(value)
    if depth == 0 or value is None:
        return ()
    if isinstance(value, str):
        return (Message("user", value),) if value.strip() else ()
    if isinstance(value, Mapping):
        return _one(value) if "role" in value else _request(value, depth)
    if isinstance(value, Sequence):
        return tuple(message for part in value for message in _part(part, depth))
    return ()


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _part(part: Any, depth: int) -> tuple[Message, ...]:
    if isinstance(part, Mapping) and "role" not in part and _text(part):
        return (Message("user", _text(part)),)
    return messages_of(part, depth=depth - 1)


def _request(request: Mapping[str, Any], depth: int) -> tuple[Message, ...]:
    """The messages of a request body: chat completions, Responses, Anthropic's and Google's shapes."""
    found: list[Message] = []
    config = request.get("config") or request.get("generationConfig")
    for part in (request, config):
        if isinstance(part, Mapping):
            found += _definitions(part)
            found += [Message("system", text) for key in _SYSTEM if (text := _text(_decoded(part.get(key))))]
    found.sort(key=lambda message: message.role != "tools")
    for key in _LISTS:
        inner = messages_of(request.get(key), depth=depth - 1)
        if inner:
            return (*found, *inner)
    return tuple(found)


def _definitions(request: Mapping[str, Any]) -> list[Message]:
    tools = _decoded(request.get("tools") or request.get("functions"))
    return [Message("tools", json.dumps(tools, ensure_ascii=False))] if tools else []


def _one(message: Mapping[str, Any]) -> tuple[Message, ...]:
    role = str(message["role"]).lower()
    places = ("content", "parts", "text", "message")
    texts = [text for key in places if (text := _text(message.get(key)))][:1]
    texts += list(_tool_calls(message))
    return (Message(_ROLES.get(role, role), "\n".join(texts)),) if texts else ()


def _tool_calls(message: Mapping[str, Any]) -> Iterator[str]:
    for call in _each(message.get("tool_calls")):
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            yield f"{function.get('name', '')}({_text(function.get('arguments'))})"


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


_TEXT_KEYS: Final = ("text", "content", "value", "parts", "response", "result", "arguments", "output")


def _text(value: Any, depth: int = _DEPTH) -> str:
    """The text in a content: text itself, a list of parts, or a part; images and sounds have none."""
    if isinstance(value, str):
        return value
    if depth == 0 or value is None:
        return ""
    if isinstance(value, Mapping):
        return next((text for key in _TEXT_KEYS if (text := _text(value.get(key), depth - 1))), "")
    return "\n".join(text for part in _each(value) if (text := _text(part, depth - 1)))
