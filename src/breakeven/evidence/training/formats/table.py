"""Any table, by a map of its columns or by their names: a text and its label, an utterance and its slots."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from breakeven.evidence.evals.records import dig
from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.parts import answered, as_text, messages_in, tools_in

__all__ = ["CONTENT", "FIELDS", "GUESSES", "column_names", "guessed", "mapped_format"]

CONTENT: Final = ("messages", "system", "question", "answer", "rejected", "label", "tools")
"""Fields that make a row of a table."""
FIELDS: Final = (*CONTENT, "id", "cluster", "origin")
"""All fields that can be mapped; the last three in rows of every format."""

GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "question": ("question", "prompt", "query", "input", "text", "utterance", "sentence", "user", "ticket"),
    "answer": ("answer", "completion", "response", "output", "target", "expected", "reply", "assistant", "labels"),
    "label": ("label", "category", "intent", "class", "sentiment", "queue", "topic"),
    "system": ("system", "systemprompt"),
    "id": ("id", "exampleid", "rowid", "uuid", "customid"),
    "cluster": ("cluster", "clusterid", "customerid", "documentid", "conversationid", "sessionid", "templateid",
                "groupid"),
    "origin": ("origin", "provenance", "writtenby"),
}  # fmt: skip
"""Field → names of columns, in small letters and digits alone, that most likely hold it; the first wins."""


def guessed(row_keys: Iterable[str], fields: Iterable[str]) -> dict[str, str]:
    """Field → column, by the columns' names; of ``a.b``, the name is ``b``. A column is taken once."""
    by_name: dict[str, str] = {}
    for key in sorted(row_keys, key=lambda key: (key.count("."), len(key), key)):
        by_name.setdefault(re.sub(r"[^a-z0-9]", "", key.rpartition(".")[2].lower()), key)
    found: dict[str, str] = {}
    for field in fields:
        column = next((by_name[name] for name in GUESSES.get(field, ()) if name in by_name), None)
        if column is not None and column not in found.values():
            found[field] = column
    return found


def column_names(sample: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns in order of appearance, those of an object in a column as ``a.b``."""
    found: dict[str, None] = {}
    for row in sample:
        for key, value in row.items():
            found[key] = None
            if isinstance(value, Mapping):
                found.update(dict.fromkeys(f"{key}.{inner}" for inner in value))
    return [key for key in found if not any(isinstance(row.get(key), Mapping) for row in sample)]


def _cell(row: Mapping[str, Any], column: str, lists: Collection[str]) -> Any:
    value = dig(row, column)
    return [] if value is None and column in lists else value


def mapped_format(columns: Mapping[str, str], lists: Collection[str] = ()) -> TrainingFormat:
    """The format of a table whose fields stand in these columns. ``lists``: columns whose missing cells are []."""

    def reads(row: Mapping[str, Any]) -> Example:
        if "messages" in columns:
            return Example(
                messages=messages_in(dig(row, columns["messages"])),
                tools=tools_in(dig(row, columns["tools"]) if "tools" in columns else None),
            )
        cells = {
            field: as_text(_cell(row, column, lists)) for field, column in columns.items() if field in CONTENT
        }
        answer = cells.get("answer") or cells.get("label")
        for cell, field in ((cells.get("question"), "question"), (answer, "answer")):
            if cell is None:
                column = columns.get(field) or columns.get("label", field)
                raise UnusableRowError(f"no {field}", f"`{column}` is empty or missing")
        return answered(
            cells["question"], answer or "", system=cells.get("system"), label=cells.get("label"),
            rejected=cells.get("rejected"),
        )  # fmt: skip

    def is_row(row: Mapping[str, Any]) -> bool:
        return any(dig(row, column) is not None for field, column in columns.items() if field in CONTENT)

    return TrainingFormat(name="table", title="a table", is_row=is_row, reads=reads)
