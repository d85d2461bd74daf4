"""Writes what editors and readers know of the study file, from its models and defaults.

``docs/reference/study.schema.json``, and the tables of keys and defaults in ``docs/reference/study-file.md``. Run it
from the root of the checkout after a change to either: ``python -m tools.write_schema``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breakeven.sources import Source
from breakeven.study.defaults import defaults
from breakeven.study.schema import json_schema

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "docs" / "reference" / "study.schema.json"
PAGE = ROOT / "docs" / "reference" / "study-file.md"

SECTIONS = {
    "At the top": "",
    "`workload`": "WorkloadFile",
    "`workload.tokens`, and `tokens` of a candidate": "TokensFile",
    "`workload.errors`": "ErrorsFile",
    "`prices`, by model": "PriceFile",
    "`facts`": "FactsFile",
    "A `prompt` candidate": "PromptFile",
    "A `tuned` candidate": "TunedFile",
    "A `hybrid` candidate": "HybridFile",
    "A `classifier` candidate": "ClassifierFile",
    "A `wait` candidate": "WaitFile",
    "`quality`": "QualityFile",
    "`training`": "TrainingFile",
    "`evaluation`": "EvaluationFile",
    "`retrain`": "RetrainFile",
    "`hosting`": "HostingFile",
    "`retrieval`": "RetrievalFile",
    "`guard`": "GuardFile",
    "`review`": "ReviewFile",
    "`incidents`": "IncidentsFile",
    "`compliance`": "ComplianceFile",
    "`storage`": "StorageFile",
    "`synthetic`": "SyntheticFile",
    "`cold_starts`": "ColdStartsFile",
}


def schema_text() -> str:
    """The schema's file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def page_text(page: str) -> str:
    """The page with fresh tables between its marks."""
    for name, lines in {"keys": _keys(), "defaults": _defaults()}.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        table = "\n".join(lines)
        page = mark.sub(lambda found, table=table: f"{found[1]}\n{table}\n{found[2]}", page)  # type: ignore[misc]
    return page


def _keys() -> Iterator[str]:
    schema = json_schema()
    shown: set[str] = set()
    for title, name in SECTIONS.items():
        model = _mapping(schema["$defs"][name] if name else schema)
        yield f"### {title}\n\n| key | meaning | such as |\n| --- | --- | --- |"
        for key, its in model["properties"].items():
            if key in shown and title.startswith("A `") and key in _served(schema):
                continue
            needed = " (needed)" if key in model.get("required", ()) else ""
            yield f"| `{key}`{needed} | {_cell(its.get('description', ''))} | {_example(its)} |"
        if name == "PromptFile":
            shown = set(model["properties"])
        elif title.startswith("A `") and name != "WaitFile":
            yield f"\nAnd, as a prompt: {_shared(model, shown)}."
        yield ""


def _served(schema: dict[str, Any]) -> set[str]:
    return set(_mapping(schema["$defs"]["PromptFile"])["properties"]) - {"kind", "model"}


def _shared(model: dict[str, Any], shown: set[str]) -> str:
    return ", ".join(f"`{key}`" for key in model["properties"] if key in shown and key != "kind")


def _mapping(node: dict[str, Any]) -> dict[str, Any]:
    """The long form of a mapping that also has a short one."""
    return next(part for part in node["anyOf"] if "properties" in part) if "anyOf" in node else node


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _example(its: dict[str, Any]) -> str:
    if "const" in its:
        return f"`{its['const']}`"
    if "enum" in its:
        return ", ".join(f"`{word}`" for word in its["enum"])
    if its.get("type") == "boolean":
        return "`true`, `false`"
    return ", ".join(f"`{_plain(example)}`" for example in its.get("examples", ()))


def _plain(example: object) -> str:
    if isinstance(example, dict):
        return "{" + ", ".join(f"{json.dumps(k) if k == '*' else k}: {v}" for k, v in example.items()) + "}"
    return str(example)


def _defaults() -> Iterator[str]:
    yield "| input | default | source |\n| --- | --- | --- |"
    for name, given in defaults().items():
        belief = given.belief(name, Source(kind="stated", reference=""))
        yield f"| `{name}` | {belief} | {given.source} |"
    yield ""


def main() -> None:
    """Write both files."""
    SCHEMA.write_text(schema_text(), "utf-8")
    PAGE.write_text(page_text(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
