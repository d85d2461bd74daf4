"""Which format a file has, told by the keys of its records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.documents import head_of, read_whole
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.lines import Line, header, read_lines

__all__ = ["detect", "keys_of", "sample", "seen_all_over", "unpacked"]

_SAMPLE: Final = 1_000
_SMALL: Final = 4 << 20
"""Bytes of a file of JSON Lines whose every line is looked at."""
_SPOTS: Final = 32
_ALIKE: Final = 200
"""Records that are kept although others look the same."""
_AT_EACH: Final = 16
"""Records that are looked at in each of so many places of a large file, besides its first ones."""
_LONGEST: Final = 1 << 20
_DEPTH: Final = 6


def sample(file: LogFile) -> list[Any]:
    """Records of a file that are JSON objects: all of a small one, else the first ones and some of all over it.

    Of a table, one record without values comes first, for columns that are empty at the start.
    """
    if file.container == "parquet":
        return [_parquet_keys(file)]
    if file.container == "csv":
        return [dict.fromkeys(header(file)), *_records(read_lines(file, None), _SAMPLE)]
    most = None if file.container == "jsonl" and _is_small(file) else _SAMPLE
    found = _records(read_lines(file, None), most)
    if file.container == "json":
        found += [document for document in _documents(file) if isinstance(document, dict)]
    if most is not None and seen_all_over(file):
        found += _records(_spots(file), None)
    return found


def _records(lines: Iterable[Line], most: int | None) -> list[Any]:
    """The records that are objects: the first ones, then those of a shape not seen before."""
    found: list[Any] = []
    shapes: set[Any] = set()
    for line in islice(lines, most):
        record = _loaded(line)
        if isinstance(record, dict):
            shape = _shape(record, _DEPTH)
            if len(found) < _ALIKE or (shape not in shapes and len(shapes) < _SAMPLE):
                found.append(record)
            shapes.add(shape)
    return found


def _shape(value: Any, depth: int) -> Any:
    """The keys and the types of the values within."""
    if isinstance(value, dict) and depth:
        return tuple([(key, _shape(within, depth - 1)) for key, within in value.items()])
    if isinstance(value, list) and value and depth:
        return (list, _shape(value[0], depth - 1))
    return type(value)


def seen_all_over(file: LogFile) -> bool:
    """Whether the sample tells of the whole file: what it does not hold is rare, or in no record."""
    return file.container == "jsonl" and (file.compression == "none" or _is_small(file))


def _is_small(file: LogFile) -> bool:
    """Whether the file is read to its end in no time; packed ones hold many times their size."""
    size = file.path.stat().st_size
    return size <= (_SMALL if file.compression == "none" else _SMALL // 20)


def _spots(file: LogFile) -> Iterator[Line]:
    """Lines from places all over a file that is not packed, its last ones among them."""
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        for spot in range(1, _SPOTS + 1):
            stream.seek(max(0, size * spot // _SPOTS - (1 << 16 if spot == _SPOTS else 0)))
            stream.readline(_LONGEST)
            for _ in range(_AT_EACH if spot < _SPOTS else _SAMPLE):
                raw = stream.readline(_LONGEST)
                if raw.strip():
                    yield Line(0, raw.decode("utf-8", "replace"), None)


def unpacked(log_format: LogFormat, records: Iterable[Any]) -> list[Mapping[str, Any]]:
    """The sampled records as the format takes them apart; those that it can not are left out."""
    found: list[Any] = []
    for record in records:
        try:
            found += [record] if log_format.unpack is None else log_format.unpack(record)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    return [record for record in found if isinstance(record, Mapping)]


def _loaded(line: Line) -> Any:
    try:
        return json.loads(line.text) if line.broken is None else None
    except (ValueError, RecursionError):
        return None


def _documents(file: LogFile) -> list[Any]:
    data = read_whole(file)
    if data is None:
        return head_of(file)
    document = json.loads(data.decode("utf-8-sig"))
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
