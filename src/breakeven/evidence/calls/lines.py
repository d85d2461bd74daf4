"""The records of a file one by one, with the line each stands on, whatever is wrong with it."""

from __future__ import annotations

import csv
import json
import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.documents import read_whole, stream_records
from breakeven.evidence.calls.files import LogFile, breaks_off, open_bytes
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.unclosed import UNCLOSED, row_within

__all__ = [
    "LONGEST",
    "Line",
    "decoded",
    "elements",
    "header",
    "parquet_rows",
    "read_lines",
    "row_within_of",
    "separator",
    "told",
]

LONGEST: Final = 64 << 20
"""Bytes of one line that are still read: past it, the line is refused, so that memory stays bounded."""
_MEMBERS: Final = ("data", "results", "items", "rows", "requests", "observations", "calls")


class Line(NamedTuple):
    """One record: where it stands, its JSON, and what is already known to be wrong with it."""

    number: int
    """Line from 1; in a JSON document, the record's number from 1."""
    text: str
    broken: str | None


def read_lines(file: LogFile, log_format: LogFormat | None) -> Iterator[Line]:
    """Every record of a file; blank lines are passed over."""
    if file.container == "parquet":
        return (
            Line(i, json.dumps(row, default=str), None) for i, row in enumerate(parquet_rows(file), start=1)
        )
    if file.container == "csv":
        return _csv(file)
    if file.container == "json":
        return _document(file, log_format)
    if log_format is not None and log_format.unpack is not None:
        return _unpacked_lines(file, log_format)
    return _json_lines(file)


def parquet_rows(file: LogFile) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, some in memory at a time. Raises EvidenceError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(file.path).iter_batches(batch_size=1000):
            yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as exc:
        raise EvidenceError(f"{file.shown}: not a Parquet file: {exc}") from exc


def _json_lines(file: LogFile) -> Iterator[Line]:
    for number, raw in _raw_lines(file):
        if raw is None:
            yield Line(number, "", "line is longer than 64 MiB")
        elif (line := told(number, raw)) is not None:
            yield line


def told(number: int, raw: bytes) -> Line | None:
    """One line of JSON Lines from its bytes; None for a blank one."""
    raw = (raw.removeprefix(BOM_UTF8) if number == 1 else raw).strip(b" \t\r\n")
    if not raw:
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Line(number, raw.decode("utf-8", "replace"), "not UTF-8")
    return Line(number, text, "holds a NUL byte" if "\0" in text else None)


def _raw_lines(file: LogFile) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None for one that is too long."""
    with open_bytes(file.path, file.compression) as stream:
        number = 0
        try:
            while raw := stream.readline(LONGEST):
                number += 1
                if len(raw) == LONGEST and not raw.endswith(b"\n"):
                    while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
                        pass
                    yield number, None
                else:
                    yield number, raw
        except (OSError, EOFError) as exc:
            raise breaks_off(file, number + 1, exc) from exc


def _unpacked_lines(file: LogFile, log_format: LogFormat) -> Iterator[Line]:
    """JSON Lines whose every line is a document with records in it."""
    for line in _json_lines(file):
        if line.broken is not None:
            yield line
            continue
        try:
            document = json.loads(line.text)
        except (ValueError, RecursionError):
            yield Line(line.number, line.text, "not JSON")
            continue
        for record in _unpack(document, log_format):
            yield Line(line.number, *record)


def _document(file: LogFile, log_format: LogFormat | None) -> Iterator[Line]:
    """The records of one JSON document: its elements, or what the format finds in it."""
    data = read_whole(file)
    if data is None:
        yield from _large_document(file, log_format)
        return
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise EvidenceError(Problem(message="this is not UTF-8 text", place=Place(file=file.shown))) from exc
    except json.JSONDecodeError as exc:
        place = Place(file=file.shown, line=exc.lineno, column=exc.colno)
        raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place)) from exc
    except (ValueError, RecursionError) as exc:
        raise EvidenceError(Problem(message=f"not JSON: {exc}", place=Place(file=file.shown))) from exc
    del data
    if log_format is not None and log_format.unpack is not None:
        for number, record in enumerate(_unpack(document, log_format), start=1):
            yield Line(number, *record)
    else:
        for number, element in enumerate(elements(document), start=1):
            yield Line(number, json.dumps(element), None)


def _large_document(file: LogFile, log_format: LogFormat | None) -> Iterator[Line]:
    """The same for a document that is not held in memory."""
    number = 0
    for member, element in stream_records(file):
        if log_format is None or log_format.unpack is None:
            number += 1
            yield Line(number, json.dumps(element), None)
            continue
        document = [element] if member is None else {member: [element]}
        for record in _unpack(document, log_format):
            number += 1
            yield Line(number, *record)


def elements(document: Any) -> Iterable[Any]:
    """The records of a document of no special format: a list, or the list that an object holds."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        for member in _MEMBERS:
            if isinstance(document.get(member), list):
                return list(document[member])
    return [document]


def _unpack(document: Any, log_format: LogFormat) -> Iterator[tuple[str, str | None]]:
    assert log_format.unpack is not None
    try:
        for record in log_format.unpack(document):
            broken = record.get("broken")
            yield json.dumps(record), broken if isinstance(broken, str) else None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        yield json.dumps(document)[:1000], f"not a document of {log_format.title}"


def _csv(file: LogFile) -> Iterator[Line]:
    """The rows of a table as objects, with the line that each starts on.

    Where a quote is not closed, only its own line is refused: the ones that it took with it are read again.
    """
    delimiter, within = separator(file), row_within_of(file)
    lines, number = _Lines(decoded(file)), 1
    names: tuple[str, ...] | None = None
    while True:
        cells, taken = _next_row(lines, delimiter)
        if not taken:
            return
        first, number = number, number + len(taken)
        if names is None:
            names = _names(cells or [])
        elif len(taken) > 1 and within is not None and re.search(within, "".join(taken)):
            yield Line(first, taken[0], UNCLOSED)
            lines.back.extendleft(reversed(taken[1:]))
            number = first + 1
        elif cells is None:
            yield Line(first, "", "not CSV")
        elif any(cell.strip() for cell in cells):
            yield _row(first, cells, names)


class _Lines(Iterator[str]):
    """Lines, of which some may be put back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.back: deque[str] = deque()
        self._lines = lines

    def __next__(self) -> str:
        return self.back.popleft() if self.back else next(self._lines)


def _next_row(lines: _Lines, delimiter: str) -> tuple[list[str] | None, list[str]]:
    """The next row, and the lines that it takes; None where they are not CSV. No lines: the table has ended."""
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    try:
        return next(csv.reader(noted(), delimiter=delimiter, strict=True), None), taken
    except csv.Error:
        return None, taken


def _row(number: int, cells: list[str], names: tuple[str, ...]) -> Line:
    if len(cells) != len(names):
        return Line(number, ",".join(cells), "another number of columns than the header")
    if any("\ufffd" in cell for cell in cells):
        return Line(number, ",".join(cells), "not UTF-8")
    row = {name: _cell(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
    return Line(number, json.dumps(row), "holds a NUL byte" if any("\0" in c for c in cells) else None)


def row_within_of(file: LogFile) -> str | None:
    """The pattern of a row within a cell of this table (see ``unclosed``)."""
    lines = decoded(file)
    next(lines, None)
    return row_within(lines, len(header(file)), separator(file))


def header(file: LogFile) -> tuple[str, ...]:
    """The names of a table's columns."""
    rows = csv.reader(decoded(file), delimiter=separator(file))
    try:
        return _names(next(rows, []))
    except csv.Error as exc:
        raise EvidenceError(Problem(message=f"not CSV: {exc}", place=Place(file=file.shown, line=1))) from exc


def _names(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip().removeprefix("\ufeff") for name in cells)


def _cell(cell: str) -> Any:
    """A cell as text; one that holds a JSON object, as that object."""
    if cell.startswith("{") and cell.endswith("}"):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def decoded(file: LogFile) -> Iterator[str]:
    """The lines of a file as text; bytes that are not UTF-8 become U+FFFD."""
    for _, raw in _raw_lines(file):
        yield "" if raw is None else raw.decode("utf-8", "replace")


def separator(file: LogFile) -> str:
    """The separator that the first line holds most of."""
    with open_bytes(file.path, file.compression) as stream:
        first = stream.readline(1 << 20).decode("utf-8", "replace")
    return max((",", "\t", ";", "|"), key=first.count)
