"""Rows written as they stood in their file, byte for byte; a killed command leaves whole files or none."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.calls.files import LogFile, find_files, open_bytes
from breakeven.evidence.calls.lines import separator
from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.training.row import TrainingData

__all__ = ["Verbatim", "verbatim", "write_rows"]

_LIKE_FILES: Final = {"jsonl": ".jsonl", "csv": ".csv"}


@dataclass(frozen=True, kw_only=True)
class Verbatim:
    """Every row as text, in order, and what a file of them starts with."""

    rows: Sequence[str]
    head: str
    """The header of a table; empty for JSON Lines."""
    suffix: str
    """Of a file of them: ``.jsonl`` or ``.csv``."""
    as_read: bool
    """Whether these are the file's own bytes; False: rows of JSON, Parquet or several kinds, as JSON Lines."""


def verbatim(data: TrainingData) -> Verbatim:
    """The rows as they stood: lines of JSON Lines, records of one or more tables with the same header.

    Rows of other files become JSON Lines. Raises EvidenceError where a file has changed since it was read.
    """
    if "-" in data.paths:
        return _as_json(data)
    with tempfile.TemporaryDirectory() as spool:
        files = find_files(list(data.paths), spool=Path(spool))
        kinds = {file.container for file in files}
        heads = {_head(file) for file in files} if kinds == {"csv"} else {""}
        if len(kinds) > 1 or len(heads) > 1 or not kinds <= set(_LIKE_FILES):
            return _as_json(data)
        found = {file.shown: dict(_records(file)) for file in files}
    rows = []
    for row in data.rows:
        text = found.get(row.place.file, {}).get(row.place.line or 0)
        if text is None:
            raise EvidenceError(Problem(message="the row is gone: the file has changed", place=row.place))
        rows.append(text)
    return Verbatim(rows=rows, head=heads.pop(), suffix=_LIKE_FILES[kinds.pop()], as_read=True)


def _as_json(data: TrainingData) -> Verbatim:
    rows = [json.dumps(dict(row.raw), ensure_ascii=False, default=str) + "\n" for row in data.rows]
    return Verbatim(rows=rows, head="", suffix=".jsonl", as_read=False)


def write_rows(path: Path, found: Verbatim, rows: Iterable[int]) -> None:
    """A file of some of the rows, in the order given."""
    with replaced(path) as file:
        file.write(found.head)
        file.writelines(found.rows[k] for k in rows)


def _lines(file: LogFile) -> Iterator[str]:
    with open_bytes(file.path, file.compression) as stream:
        for k, raw in enumerate(stream):
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                text = raw.decode("utf-8", "replace")  # such a row is rejected, and never written
            yield text.removeprefix("\ufeff") if k == 0 else text


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _head(file: LogFile) -> str:
    return next((text for _, text in _csv_records(file)), "")


def _records(file: LogFile) -> Iterator[tuple[int, str]]:
    if file.container == "jsonl":
        return ((number, _ended(text)) for number, text in enumerate(_lines(file), start=1))
    return _csv_records(file)


def _csv_records(file: LogFile) -> Iterator[tuple[int, str]]:
    """Records of a table, header first, each with the line it starts on."""
    taken: list[str] = []

    def kept() -> Iterator[str]:
        for line in _lines(file):
            taken.append(line)
            yield line

    reader = csv.reader(kept(), delimiter=separator(file), strict=True)
    while True:
        number = reader.line_num + 1
        taken.clear()
        try:
            next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        yield number, _ended("".join(taken))
