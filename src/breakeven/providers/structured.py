"""Structured output as OpenAI's wire asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["is_strict", "response_format"]


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The ``response_format`` that holds an answer to a schema; strict where the schema allows it."""
    title = schema.get("title")
    name = (
        re.sub(r"[^A-Za-z0-9_-]+", "_", title if isinstance(title, str) else "").strip("_")[:64] or "answer"
    )
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": is_strict(schema)},
    }


def is_strict(schema: object) -> bool:
    """Whether every object in a schema closes its list of fields and needs all of them, as strict mode demands."""
    if isinstance(schema, list | tuple):
        return all(is_strict(part) for part in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        closed = schema.get("additionalProperties") is False
        needed = set(schema.get("required") or ()) == set(properties)
        return (
            closed
            and needed
            and all(is_strict(part) for name, part in schema.items() if name != "properties")
            and all(is_strict(part) for part in properties.values())
        )
    if schema.get("type") == "object":
        return False
    return all(is_strict(part) for part in schema.values())
