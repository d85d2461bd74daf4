"""One file a format of scores, each a function from the file's text to its raw rows.

To add a format: write a function ``(text, file) -> RawFile`` in a file of its own here, and enter it in
``READERS`` under the ends of the names that such files have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final

from breakeven.evidence.formats.csv_scores import read_csv
from breakeven.evidence.formats.json_scores import read_json
from breakeven.evidence.formats.jsonl_scores import read_jsonl
from breakeven.evidence.formats.raw import FIELDS, RawFile, RawRow

__all__ = ["FIELDS", "READERS", "RawFile", "RawRow", "Reader", "reader_for"]

Reader = Callable[[str, str], RawFile]
"""(text of the file, its name for messages) → its rows."""

READERS: Final[Mapping[str, Reader]] = {
    ".csv": read_csv,
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".tsv": read_csv,
}
"""End of a file's name → its reader."""


def reader_for(file: str, text: str) -> Reader:
    """The reader for a file, by its name, or by its first character where the name says nothing."""
    name = PurePath(file)
    suffix = PurePath(name.stem).suffix if name.suffix.lower() == ".gz" else name.suffix
    named = READERS.get(suffix.lower())
    if named is not None:
        return named
    start = text.lstrip()[:1]
    if start == "[":
        return read_json
    if start == "{":
        lines = [line for line in text.split("\n") if line.strip()]
        one_a_line = len(lines) > 1 and all(line.strip().endswith("}") for line in lines[:2])
        return read_jsonl if one_a_line else read_json
    return read_csv
