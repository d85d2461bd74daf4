"""The JSON Schema and the reference page say what the models say, for every key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from breakeven.sources import Source
from breakeven.study import json_schema
from breakeven.study.candidate_file import CANDIDATE_FILES
from breakeven.study.defaults import defaults
from breakeven.study.file import StudyFile
from breakeven.yaml_places import load
from tests.study.studies import EVERYTHING, SMALLEST, problems
from tools import write_schema

SCHEMA = json_schema()
TEMPLATES = Path(write_schema.ROOT / "src" / "breakeven" / "study" / "templates")


def test_the_written_files_are_current() -> None:
    hint = "run: python -m tools.write_schema"
    assert write_schema.SCHEMA.read_text("utf-8") == write_schema.schema_text(), hint
    page = write_schema.PAGE.read_text("utf-8")
    assert page == write_schema.page_text(page), hint


def test_it_is_draft_2020_12_and_plain_json() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert "x-breakeven" not in json.dumps(SCHEMA)


def nodes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for item in node for found in nodes(item)]
    if not isinstance(node, dict):
        return []
    return [node, *(found for item in node.values() for found in nodes(item))]


def test_every_key_has_its_help() -> None:
    for node in nodes(SCHEMA):
        properties = node.get("properties")
        if not isinstance(properties, dict) or "type" not in node:
            continue
        for key, its in properties.items():
            assert its.get("description"), f"`{key}` has no help; its field needs a docstring"


def test_every_reference_leads_somewhere() -> None:
    for node in nodes(SCHEMA):
        if isinstance(node.get("$ref"), str):
            assert node["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_every_field_of_the_models_is_a_key_of_the_schema() -> None:
    assert list(SCHEMA["properties"]) == list(StudyFile.model_fields)
    for kind, model in CANDIDATE_FILES.items():
        its = SCHEMA["$defs"][model.__name__]
        assert set(its["properties"]) == set(model.model_fields)
        assert its["properties"]["kind"]["const"] == kind
        assert its["additionalProperties"] is False


def fits(data: Any, schema: dict[str, Any]) -> bool:
    """Whether data fits a schema, as far as ours use the language: enough to try files on it."""
    schema = (
        {**SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], **schema} if "$ref" in schema else schema
    )
    checks = [
        "type" not in schema or any(_is(data, its) for its in _list(schema["type"])),
        "const" not in schema or data == schema["const"],
        "enum" not in schema or data in schema["enum"],
        "pattern" not in schema or not isinstance(data, str) or bool(re.search(schema["pattern"], data)),
        "anyOf" not in schema or any(fits(data, its) for its in schema["anyOf"]),
        "oneOf" not in schema or sum(fits(data, its) for its in schema["oneOf"]) == 1,
        set(schema.get("required", ())) <= set(data) if isinstance(data, dict) else True,
    ]
    if isinstance(data, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        checks += [fits(its, known[key]) if key in known else _rest(its, rest) for key, its in data.items()]
    if isinstance(data, list) and isinstance(schema.get("items"), dict):
        checks += [fits(its, schema["items"]) for its in data]
    return all(checks)


def _rest(data: Any, rest: Any) -> bool:
    return fits(data, rest) if isinstance(rest, dict) else bool(rest)


def _list(one_or_many: Any) -> list[str]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]


def _is(data: Any, name: str) -> bool:
    number = isinstance(data, int | float) and not isinstance(data, bool)
    return {
        "string": isinstance(data, str), "number": number, "integer": number and data == int(data),
        "boolean": isinstance(data, bool), "object": isinstance(data, dict), "array": isinstance(data, list),
    }[name]  # fmt: skip


TEXTS = {"smallest": SMALLEST, **{path.stem: path.read_text("utf-8") for path in TEMPLATES.glob("*.yaml")}}


@pytest.mark.parametrize("name", TEXTS)
def test_files_that_open_fit_the_schema(name: str) -> None:
    assert fits(load(TEXTS[name], "x").data, SCHEMA)


def test_the_file_with_every_key_fits_the_schema() -> None:
    data: Any = load(EVERYTHING, "x").data
    data["facts"]["ml_team"] = True  # `yes` is read, but editors only know true and false
    assert fits(data, SCHEMA)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("volume:", "volumes:"), ("task: ner", "task: nre"), ("kind: prompt", "kind: promt"), ("name: Smallest\n", ""),
        ("volume: 10K/day", "volume: [10K/day]"), ("volume: 10K/day", "volume: {value: 10K/day, sorce: guess}"),
        ("volume: 10K/day", "volume: {value: 1/day, normal: 1/day}"), ("model:", "base:"),
    ],
)  # fmt: skip
def test_what_editors_refuse_is_refused_here_too(old: str, new: str) -> None:
    wrong = SMALLEST.replace(old, new)
    assert not fits(load(wrong, "x").data, SCHEMA)
    assert problems(wrong)


def test_the_page_shows_studies_that_open() -> None:
    blocks = re.findall(r"```yaml\n(name: .*?)```", write_schema.PAGE.read_text("utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        assert problems(block.replace("today:", "start: 2026-12\ntoday:", 1)) == []


def test_every_default_has_its_source_and_lies_within_its_bounds() -> None:
    for name, given in defaults().items():
        assert given.source is not None, name
        assert given.source.reference, f"{name} does not say where it comes from"
        belief = given.belief(name, Source(kind="stated", reference=""))
        assert given.kind.low <= belief.low <= belief.centre <= belief.high <= given.kind.high


def test_published_defaults_name_their_document() -> None:
    for name, given in defaults().items():
        assert given.source is not None
        if given.source.kind == "published":
            assert re.search(r"document(s)? 00\d|price histories", given.source.reference), name
