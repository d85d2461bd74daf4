"""Which format a file has, told by the keys of its first records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import Line, read_lines

__all__ = ["detect", "keys_of", "sample"]

_SAMPLE: Final = 1_000
_DEPTH: Final = 6


def sample(file: LogFile) -> list[Any]:
    """The first records of a file that are JSON objects; of a document, the document itself comes first."""
    if file.container == "parquet":
        return [_parquet_keys(file)]
    lines = islice(read_lines(file, None), _SAMPLE)
    found = [record for line in lines if isinstance(record := _loaded(line), dict)]
    if file.container == "json":
        found += [document for document in _documents(file) if isinstance(document, dict)]
    return found


def _loaded(line: Line) -> Any:
    try:
        return json.loads(line.text) if line.broken is None else None
    except (ValueError, RecursionError):
        return None


def _documents(file: LogFile) -> list[Any]:
    from breakeven.evidence.calls.files import open_bytes

    with open_bytes(file.path, file.compression) as stream:
        document = json.loads(stream.read().decode("utf-8-sig"))
    return document if isinstance(document, list) else [document]


def _parquet_keys(file: LogFile) -> dict[str, Any]:
    """A Parquet file's columns as one record without values."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def tree(kind: pa.DataType) -> Any:
        if pa.types.is_struct(kind):
            return {kind.field(i).name: tree(kind.field(i).type) for i in range(kind.num_fields)}
        return None

    try:
        schema = pq.read_schema(file.path)
    except (OSError, pa.ArrowException) as exc:
        place = Place(file=file.shown)
        raise EvidenceError(Problem(message=f"not a Parquet file: {exc}", place=place)) from exc
    return {field.name: tree(field.type) for field in schema}


def keys_of(records: Iterable[Any]) -> set[str]:
    """Every key of the records, nested ones joined by dots."""
    found: set[str] = set()
    for record in records:
        _collect(record, "", _DEPTH, found)
    return found


def _collect(record: Any, before: str, depth: int, found: set[str]) -> None:
    if not isinstance(record, Mapping) or depth == 0:
        return
    for key, value in record.items():
        found.add(f"{before}{key}")
        _collect(value, f"{before}{key}.", depth - 1, found)


def detect(records: Iterable[Any], formats: Iterable[LogFormat]) -> LogFormat | None:
    """The format of which the records hold the largest set of marks; the first in order among equals."""
    keys = keys_of(records)
    best: tuple[int, LogFormat | None] = (0, None)
    for log_format in formats:
        size = max((len(marks) for marks in log_format.marks if keys.issuperset(marks)), default=0)
        if size > best[0]:
            best = (size, log_format)
    return best[1]
