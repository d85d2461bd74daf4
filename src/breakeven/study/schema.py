"""The study file's JSON Schema, for editors: every key with its help, written from the models and their docstrings."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import Any, Final, cast

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from breakeven.study.fields import Short
from breakeven.study.file import StudyFile
from breakeven.study.given import FORMS, SOURCES

__all__ = ["field_help", "json_schema"]

_TITLE: Final = "A Breakeven study"


@cache
def _field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field of a class and its parents."""
    docs: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if issubclass(parent, BaseModel) and parent.__module__.startswith("breakeven."):
            docs.update(_own_docs(parent))
    return docs


def _own_docs(model: type[BaseModel]) -> dict[str, str]:
    [body] = [node for node in ast.parse(inspect.getsource(model)).body if isinstance(node, ast.ClassDef)]
    docs = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            docs[field.target.id] = inspect.cleandoc(str(text.value.value))
    return docs


def field_help(model: type[BaseModel], field: str) -> str | None:
    """What a field means, as its docstring says it; None where it has none."""
    return _field_docs(model).get(field)


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, but a key that may be left out may not stand there empty."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        made = super().model_schema(schema)
        model = cast("type[BaseModel]", schema["cls"])
        docs = _field_docs(model)
        for name, its in made.get("properties", {}).items():
            its.pop("title", None)
            if name in docs:
                its["description"] = docs[name]
        made.pop("title", None)
        own = [name for name in model.__annotations__ if name in made.get("properties", {})]
        made["properties"] = {
            name: made["properties"][name] for name in dict.fromkeys([*own, *made["properties"]])
        }
        if issubclass(model, Short):  # the one value that mostly matters may stand alone
            short = made["properties"][model.short]
            return {"anyOf": [short, made], "description": made.pop("description")}
        return made


def json_schema() -> dict[str, Any]:
    """The schema of ``breakeven.yaml``: draft 2020-12, with a description for every key."""
    made = StudyFile.model_json_schema(schema_generator=_Generator)
    made = _written_out(made)
    made["$defs"] |= _quantity()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        **made,
    }


def _written_out(node: Any) -> Any:
    """The schema with a reference wherever a quantity's mapping may stand."""
    if isinstance(node, list):
        return [_written_out(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-breakeven") == "quantity":
        node = {"$ref": "#/$defs/Quantity", **{key: its for key, its in node.items() if key != "x-breakeven"}}
    # Editors tell candidates apart by the constant `kind`; `discriminator` is OpenAPI's word for it.
    return {key: _written_out(value) for key, value in node.items() if key != "discriminator"}


def _quantity() -> dict[str, Any]:
    simple = {"type": ["string", "number"]}
    several = {"type": "array", "items": simple}
    shapes: dict[str, Any] = {
        "value": {**simple, "description": "One value, or a range low..high that holds with 90%."},
        "uniform": {**simple, "description": "Every value between the ends is as likely."},
        "normal": {**simple, "description": "Normal; the ends are the 5th and 95th percentile."},
        "lognormal": {**simple, "description": "Lognormal; the ends are the 5th and 95th percentile."},
        "triangular": {**several, "minItems": 3, "maxItems": 3, "description": "Lowest, likeliest, highest."},
        "beta": {"type": "array", "items": {"type": "number", "exclusiveMinimum": 0}, "minItems": 2,
                 "maxItems": 2, "description": "A share: successes and failures."},
        "draws": {"anyOf": [several, {"type": "string"}],
                  "description": "Measured values: a list, or the path of a CSV file in the study's folder."},
    }  # fmt: skip
    assert tuple(shapes) == FORMS
    written_out = {
        "type": "object",
        "description": "A quantity with its source, or as a named distribution.",
        "properties": {
            **shapes,
            "source": {"enum": list(SOURCES), "description": "Where it comes from."},
            "reference": {"type": "string", "description": "Which measurement, contract or page."},
            "date": {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$", "description": "Its date."},
        },
        "additionalProperties": False,
        "oneOf": [{"required": [shape]} for shape in shapes],
    }
    return {"Quantity": {"anyOf": [simple, written_out]}}
