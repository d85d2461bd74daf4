"""The smallest answer that fits a JSON Schema, for the fake model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["example_of"]

_DEEPEST: Final = 12
_OF_TYPE: Final[Mapping[str, Any]] = {"string": "", "number": 0, "integer": 0, "boolean": False, "null": None}


def example_of(schema: Mapping[str, Any]) -> str:
    """JSON text of the smallest value that fits; of the common keywords only, as an example needs."""
    return json.dumps(_value(schema, schema, 0))


def _value(schema: Any, root: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return _value(_pointed(str(schema["$ref"]), root), root, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return _value(schema[word][0], root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        kind = kind[0] if kind else None
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        wanted = schema.get("required") or ()
        return {name: _value(properties.get(name), root, depth + 1) for name in wanted}
    if kind == "array":
        return [
            _value(schema.get("items"), root, depth + 1)
            for _ in range(min(int(schema.get("minItems", 0)), 10))
        ]
    if kind == "string":
        return "x" * min(int(schema.get("minLength", 0)), 100)
    if kind in ("number", "integer"):
        return schema.get("minimum", 0)
    return _OF_TYPE.get(str(kind))


def _pointed(reference: str, root: Mapping[str, Any]) -> Any:
    """What ``#/$defs/name`` points at; None where it points nowhere."""
    here: Any = root
    for step in reference.removeprefix("#/").split("/"):
        here = here.get(step) if isinstance(here, Mapping) else None
    return here
