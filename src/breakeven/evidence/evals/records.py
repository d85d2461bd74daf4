"""Rows of any table as plain records with their places: CSV, JSON Lines, JSON and Parquet, plain or gzip.

Nothing is judged here but whether a row can be read at all; what its values mean is for those who ask for records.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from breakeven.errors import EvidenceError, MissingExtraError, Place, Problem
from breakeven.evidence.files import decoded, read_bytes
from breakeven.evidence.formats.json_scores import Cursor, decode

__all__ = ["MOST_BYTES", "MOST_ROWS", "Record", "Records", "dig", "read_records"]

MOST_BYTES: Final = 512 << 20
"""Largest file that is read, unpacked."""
MOST_ROWS: Final = 2_000_000
"""Most rows that are read of one file."""
_SEPARATORS: Final = (",", ";", "\t")
_ROW_LISTS: Final = ("cases", "rows", "records", "examples", "tests")
"""Under these names an object may hold its rows; also ``columns`` with ``data``, as pandas splits a table."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row."""

    place: Place
    """Its line; in a Parquet file the number of its row."""
    values: Mapping[str, Any]
    """Column → value. An empty cell and a null are left out."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """All rows of a file, and those that could not be read."""

    file: str
    rows: tuple[Record, ...]
    columns: tuple[str, ...]
    """Columns in order of appearance, empty ones included."""
    problems: tuple[Problem, ...]


def read_records(path: Path, *, header: bool = True) -> Records:
    """The rows of a file; its format is told by its content. Raises EvidenceError where it is unusable as a whole.

    header: whether a CSV names its columns; without, they are called ``#1``, ``#2``, …
    """
    data = read_bytes(path, most=MOST_BYTES)
    reading = _Reading(str(path))
    if data.startswith(b"PAR1"):
        reading.parquet(path)
    else:
        reading.text(decoded(data, path), header=header)
    return reading.done()


def dig(values: Mapping[str, Any], column: str) -> Any:
    """The value of a column, or of a dotted path into nested ones (``175b.is_correct``); None where there is none."""
    if column in values:
        return values[column]
    head, dot, rest = column.partition(".")
    while dot:
        if isinstance(inner := values.get(head), Mapping) and (found := dig(inner, rest)) is not None:
            return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


class _Reading:
    """Collects the rows of one file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: list[Record] = []
        self._problems: list[Problem] = []
        self._columns: dict[str, None] = {}

    def done(self) -> Records:
        if not self._rows and not self._problems:
            self._fail("no rows")
        return Records(
            file=self._file,
            rows=tuple(self._rows),
            columns=tuple(self._columns),
            problems=tuple(self._problems),
        )

    def _fail(self, message: str, hint: str | None = None, line: int | None = None) -> NoReturn:
        raise EvidenceError(Problem(message=message, place=Place(file=self._file, line=line), hint=hint))

    def _reject(self, message: str, place: Place, hint: str | None = None) -> None:
        self._problems.append(Problem(message=message, place=place, hint=hint))

    def _add(self, values: Mapping[str, Any], place: Place) -> None:
        if len(self._rows) >= MOST_ROWS:
            self._fail(f"more than {MOST_ROWS:,} rows", "split the file")
        self._columns.update(dict.fromkeys(values))
        known = {name: value for name, value in values.items() if value is not None}
        self._rows.append(Record(place=place, values=known))

    def _add_object(self, value: object, place: Place) -> None:
        if not isinstance(value, dict):
            self._reject(f"{json.dumps(value)[:60]} is no object", place, "one object a row is needed")
        elif twice := getattr(value, "repeated", ()):
            self._reject(f"`{twice[0]}` is given twice in one row", place, "keep one of them")
        else:
            self._add(value, place)

    # Text.

    def text(self, text: str, *, header: bool) -> None:
        """CSV, JSON Lines or JSON."""
        start = text.lstrip()[:1]
        if start == "[" or (start == "{" and not _is_lines(text)):
            self._json(text)
        elif start == "{":
            self._lines(text)
        else:
            self._csv(text, header=header)

    def _lines(self, text: str) -> None:
        # Not splitlines(), which also cuts at characters that may stand inside a JSON string.
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            place = Place(file=self._file, line=number)
            try:
                value = decode(line.strip())
            except (RecursionError, ValueError) as exc:
                reason = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
                self._reject(f"not JSON: {reason}", place, "one object a line is needed")
                continue
            self._add_object(value, place)

    def _json(self, text: str) -> None:
        cursor = Cursor(text, self._file)
        try:
            if cursor.peek() == "[":
                for value, place in cursor.elements():
                    self._add_object(value, place)
            else:
                self._document(cursor)
            cursor.finish()
        except json.JSONDecodeError as exc:
            place = Place(file=self._file, line=exc.lineno, column=exc.colno)
            raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place)) from exc
        except (RecursionError, ValueError) as exc:
            raise cursor.error(f"can not be read: {exc}") from exc

    def _document(self, cursor: Cursor) -> None:
        """An object that holds the rows under one of its names."""
        split: dict[str, Any] = {}
        found = False
        for name, _ in cursor.members():
            if name in _ROW_LISTS and cursor.peek() == "[":
                found = True
                for value, place in cursor.elements():
                    self._add_object(value, place)
            elif name in ("columns", "data"):
                split[name] = cursor.value()
            else:
                cursor.value()
        if not found and not self._split(split):
            names = ", ".join(f"`{name}`" for name in _ROW_LISTS)
            self._fail("an object without rows", f"a list of objects, alone or under {names}")

    def _split(self, split: Mapping[str, Any]) -> bool:
        """A table as pandas splits it: names apart from rows."""
        columns, data = split.get("columns"), split.get("data")
        if not isinstance(columns, list) or not isinstance(data, list):
            return False
        names = [str(column) for column in columns]
        for number, row in enumerate(data, start=1):
            place = Place(file=self._file, line=number)
            if not isinstance(row, list) or len(row) != len(names):
                self._reject(f"row {number} has not the {len(names)} values of `columns`", place)
            else:
                self._add(dict(zip(names, row, strict=True)), place)
        return True

    def _csv(self, text: str, *, header: bool) -> None:
        separator = _separator(text)
        names: list[str] | None = None
        for cells, place in self._records(text, separator):
            if names is None:
                names = (
                    [cell.strip() for cell in cells] if header else [f"#{k + 1}" for k in range(len(cells))]
                )
                self._check_header(names, place)
                self._columns.update(dict.fromkeys(names))
                if header:
                    continue
            if len(cells) != len(names):
                message = f"{len(cells)} fields where the header has {len(names)}"
                self._reject(message, place, "put quotes around a value that holds a separator")
                continue
            self._add({name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}, place)

    def _check_header(self, names: list[str], place: Place) -> None:
        twice = next((name for name in names if name and names.count(name) > 1), None)
        if twice is not None:
            message = f"the header names `{twice}` {names.count(twice)} times"
            raise EvidenceError(Problem(message=message, place=place, hint="give each column its own name"))

    def _records(self, text: str, separator: str) -> Iterator[tuple[list[str], Place]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        while True:
            place = Place(file=self._file, line=reader.line_num + 1)
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                hint = "a quote inside a quoted value is written twice; a quote that opens must close"
                self._reject(f"not CSV: {exc}", place, hint)
                continue
            if any(cell.strip() for cell in cells):
                yield cells, place

    # Parquet.

    def parquet(self, path: Path) -> None:
        """Row by row, a group at a time."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as exc:
            raise MissingExtraError("pyarrow", "eval") from exc
        number = 0
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=4_096):
                    for row in batch.to_pylist():
                        number += 1
                        self._add(row, Place(file=self._file, line=number))
        except (pa.ArrowException, OSError) as exc:
            raise EvidenceError(
                Problem(message=f"not readable as Parquet: {exc}", place=Place(file=self._file))
            ) from exc


def _is_lines(text: str) -> bool:
    """Whether a text that opens with a brace is one object a line, rather than one document."""
    lines = [line.strip() for line in text.lstrip()[: 1 << 20].split("\n", 2)[:2] if line.strip()]
    try:
        return isinstance(json.loads(lines[0]), dict) and (len(lines) > 1 or not _holds_rows(lines[0]))
    except (ValueError, RecursionError):
        return len(lines) > 1 and lines[0].endswith("}") and lines[1].startswith("{")


def _holds_rows(line: str) -> bool:
    value = json.loads(line)
    return any(isinstance(value.get(name), list) for name in (*_ROW_LISTS, "data"))


def _separator(text: str) -> str:
    """The separator that the first line that is not blank holds most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=first.count)
