"""Rules that hosts share: roles and their order, weights, parts of contents, calls of tools."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from breakeven.evidence.training.hosts.host import Rule
from breakeven.evidence.training.row import TrainingRow

__all__ = [
    "alternates",
    "ends_with_answer",
    "has_user",
    "only_keys",
    "part_types",
    "system_first",
    "weights",
]

_SYSTEM: Final = ("system", "developer")


def system_first(row: TrainingRow) -> Iterator[str]:
    """Instructions stand before everything else."""
    asked = False
    for message in row.messages:
        if message.role in _SYSTEM and asked:
            yield "a system message that does not come first"
            return
        asked = asked or message.role not in _SYSTEM


def has_user(row: TrainingRow) -> Iterator[str]:
    """Someone asks something."""
    if row.format != "text" and not any(message.role == "user" for message in row.messages):
        yield "no user message"


def ends_with_answer(row: TrainingRow) -> Iterator[str]:
    """The last message is an answer that says or does something."""
    last = row.messages[-1]
    if not any(message.role == "assistant" for message in row.messages):
        yield "no assistant message"
    elif last.role != "assistant":
        yield "the last message is not the assistant's"
    elif not last.content.strip() and not last.tool_calls:
        yield "the answer is empty"
    if row.rejected is not None and not row.rejected.strip():
        yield "the answer not to give is empty"


def alternates(row: TrainingRow) -> Iterator[str]:
    """No role speaks twice in a row, the tools apart."""
    roles = [message.role for message in row.messages]
    for before, after in pairwise(roles):
        if before == after and after != "tool":
            yield f"two {after} messages in a row"
            return


def only_keys(*keys: str) -> Rule:
    """The rule that a row has no keys beyond these."""

    def rule(row: TrainingRow) -> Iterator[str]:
        more = [key[:30] for key in row.raw if key not in keys]
        if more:
            yield f"a key that is refused: {', '.join(more[:3])}"

    return rule


def weights(row: TrainingRow) -> Iterator[str]:
    """A weight is 0 or 1, stands at an assistant's message, and not all are 0."""
    found = [(message.get("role"), message["weight"]) for message in _raw(row) if "weight" in message]
    if any(isinstance(weight, bool) or weight not in (0, 1) for _, weight in found):
        yield "a weight that is neither 0 nor 1"
    elif any(role != "assistant" for role, _ in found):
        yield "a weight at a message that is not the assistant's"
    elif found and not any(weight for _, weight in found):
        said = sum(message.get("role") == "assistant" for message in _raw(row))
        if said == len(found):
            yield "all weights are 0: nothing is learned"


def part_types(*known: str) -> Rule:
    """The rule that contents in parts are of these types."""

    def rule(row: TrainingRow) -> Iterator[str]:
        for message in _raw(row):
            content = message.get("content")
            for part in _dicts(content) if isinstance(content, list) else ():
                if part.get("type") not in known:
                    yield f"a part of type {str(part.get('type'))[:20]!r}"
                    return

    return rule


def _raw(row: TrainingRow) -> list[dict[str, Any]]:
    """The messages as they were written."""
    found = _dicts(row.raw.get("messages"))
    if found or "messages" in row.raw:
        return found
    given = row.raw.get("input")
    lists = [given.get("messages") if isinstance(given, dict) else None]
    lists += [row.raw.get(name) for name in ("preferred_output", "prompt", "completion", "chosen")]
    return [message for messages in lists for message in _dicts(messages)]


def _dicts(messages: Any) -> list[dict[str, Any]]:
    return [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
