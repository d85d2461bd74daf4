"""Rules on calls of tools: declared, with arguments that are JSON and fit what was declared, and answered in order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.evidence.training.row import TrainingRow

__all__ = ["tool_answers", "tool_call_ids", "tool_calls", "tool_calls_as_objects"]

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "array": (list,),
    "object": (dict,), "null": (type(None),),
}  # fmt: skip


def tool_calls(row: TrainingRow) -> Iterator[str]:
    """Arguments are the JSON text of an object that fits the declared tool."""
    yield from _calls(row, texts=True)


def tool_calls_as_objects(row: TrainingRow) -> Iterator[str]:
    """The same, for trainers that take arguments as objects, too."""
    yield from _calls(row, texts=False)


def tool_call_ids(row: TrainingRow) -> Iterator[str]:
    """Every call in ``tool_calls`` has an id of its own."""
    messages = row.raw.get("messages")
    for message in messages if isinstance(messages, list) else ():
        calls = message.get("tool_calls") if isinstance(message, Mapping) else None
        ids = [call.get("id") for call in calls or () if isinstance(call, Mapping)]
        if any(not isinstance(one, str) or not one for one in ids):
            yield "a call of a tool without its id"
            return
        if len(set(ids)) < len(ids):
            yield "two calls of tools with one id"
            return


def tool_answers(row: TrainingRow) -> Iterator[str]:
    """Every result of a tool belongs to a call that was made before it."""
    if not any(message.role == "tool" for message in row.messages):
        return
    messages = row.raw.get("messages")
    asked: set[object] = set()
    for message in messages if isinstance(messages, list) else ():
        calls = message.get("tool_calls")
        asked.update(call.get("id") for call in calls or () if isinstance(call, Mapping))
        if message.get("role") == "tool" and message.get("tool_call_id") not in asked - {None}:
            yield "a tool's result that no call asked for"
            return


def _calls(row: TrainingRow, *, texts: bool) -> Iterator[str]:
    if not any(message.tool_calls for message in row.messages):
        return
    declared = dict(_declared(row))
    for message in row.messages:
        for call in message.tool_calls:
            problem = _problem(call, declared, texts=texts)
            if problem:
                yield problem
                return


def _declared(row: TrainingRow) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name → schema of the arguments."""
    for tool in row.tools:
        function = tool.get("function", tool)
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            schema = function.get("parameters")
            yield function["name"], schema if isinstance(schema, Mapping) else {}


def _problem(call: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]], *, texts: bool) -> str:
    function = call.get("function", call)
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(name, str) or not name:
        return "a call of a tool without its name"
    shown = name[:40]
    arguments = function.get("arguments", {} if not texts else None)
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return f"arguments of {shown} are not JSON"
    elif texts:
        return f"arguments of {shown} are no JSON text"
    if not isinstance(arguments, dict):
        return f"arguments of {shown} are no object"
    if name not in declared:
        return f"calls {shown}, which the row does not declare"
    return _unfit(arguments, declared[name], shown)


def _unfit(arguments: Mapping[str, Any], schema: Mapping[str, Any], shown: str) -> str:
    """What of the arguments does not fit the schema, at its first level; empty where all does."""
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) else ():
        if name not in arguments:
            return f"a call of {shown} without {str(name)[:30]}"
    for name, value in arguments.items():
        expected = properties.get(name)
        if expected is None and schema.get("additionalProperties") is False:
            return f"a call of {shown} with {name[:30]}, which it does not have"
        if isinstance(expected, Mapping) and not _fits(value, expected):
            return f"a call of {shown} with a wrong {name[:30]}"
    return ""


def _fits(value: Any, expected: Mapping[str, Any]) -> bool:
    values = expected.get("enum")
    if isinstance(values, list) and value not in values:
        return False
    kinds = expected.get("type")
    names = kinds if isinstance(kinds, list) else [kinds]
    known = [str(name) for name in names if name in _TYPES]
    if not known:
        return True
    if isinstance(value, bool):
        return "boolean" in known
    if isinstance(value, float) and value.is_integer() and "integer" in known:
        return True
    return any(isinstance(value, _TYPES[name]) for name in known)
