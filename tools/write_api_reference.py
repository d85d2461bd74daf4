"""Writes docs/reference/api.md from the API's OpenAPI document.

Run as ``python -m tools.write_api_reference``; ``--check`` only says whether it is out of date (exit code 1).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from breakeven.web.api.mounting import openapi_document

__all__ = ["PAGE", "page"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/reference/api.md"
_ABOUT: Final = """\
# The API

<!-- written by tools/write_api_reference.py -->

`breakeven ui` serves it under `/api/v1`, beside the page. [Use the API](../how-to/use-the-api.md) shows it at work; a
running server has its OpenAPI 3.1 document at `/api/v1/openapi.json`.

Bodies and answers are JSON. An answer has the keys of the command's [JSON output](json.md); those to rely on
are named below. Keys are added over time and never renamed. Unknown fields of a request are refused.
"""
_ERRORS: Final = """\
## Errors

Every error has one form: `{"problems": [{"message", "place", "field", "hint"}]}`, each but `message` may be null.

| status | meaning |
|---|---|
"""
_TITLES: Final = {"study": "Studies", "evidence": "Evidence", "uploads": "Uploads", "reference": "Reference"}


def page(document: Mapping[str, Any]) -> str:
    """The page for this document."""
    found: dict[str, list[str]] = {tag: [] for tag in _TITLES}
    errors: dict[str, str] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].append("\n".join(_operation(method, path, operation, document)))
            errors |= {
                c: r["description"] for c, r in operation["responses"].items() if not c.startswith("2")
            }
    parts = [f"## {title}\n\n" + "\n\n".join(found[tag]) for tag, title in _TITLES.items()]
    rows = [f"| {code} | {_cell(errors[code])} |" for code in sorted(errors)]
    return "\n\n".join([_ABOUT.rstrip(), *parts, _ERRORS + "\n".join(rows)]) + "\n"


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`\n"
    yield f"{operation['description']}\n"
    rows = [*_parameters(operation), *_body(operation, document)]
    if rows:
        yield from ("| field | type | default | meaning |", "|---|---|---|---|", *rows, "")
    success = next(code for code in operation["responses"] if code.startswith("2"))
    yield f"Answers {success}{_keys(operation['responses'][success], document)}."


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        name = f"`{parameter['name']}` ({parameter['in']})"
        yield _row(
            name, parameter["schema"], parameter.get("description", ""), required=parameter["required"]
        )


def _body(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    body = operation.get("requestBody")
    if body is None:
        return
    schema = body["content"].get("application/json", {}).get("schema")
    if schema is None:
        yield f"| the body | bytes | needed | {_cell(body['description'])} |"
        return
    model = _resolved(schema, document)
    for name, field in model["properties"].items():
        yield _row(
            f"`{name}`", field, field.get("description", ""), required=name in model.get("required", ())
        )


def _row(name: str, schema: Mapping[str, Any], meaning: str, *, required: bool) -> str:
    default = "needed" if required else f"`{_literal(schema.get('default'))}`"
    return f"| {name} | {_type(schema)} | {default} | {_cell(meaning)} |"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _type(schema: Mapping[str, Any]) -> str:
    """A short name: ``integer 2..200,000``."""
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is not None and high is not None and high < 2**53:
        return f"{kind} {_figure(low)}..{_figure(high)}"
    return f"{kind} from {_figure(low)}" if low is not None else kind


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:g}"


def _keys(answer: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    content = answer.get("content", {}).get("application/json")
    if content is None:
        return ", without a body"
    schema = content["schema"]
    many = schema.get("type") == "array"
    model = _resolved(schema["items"] if many else schema, document)
    keys = ", ".join(f"`{name}`" for name in model["properties"])
    return f" with {'a list of ' if many else ''}{keys}"


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema["$ref"].rpartition("/")[2]
    found: Mapping[str, Any] = document["components"]["schemas"][name]
    return found


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """Write, or check."""
    text = page(openapi_document())
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if stale and "--check" not in sys.argv:
        PAGE.write_text(text, "utf-8")
    if stale:
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(PAGE.relative_to(ROOT)))
    return int(stale and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
