"""The rows of a file as they stand, one by one, each with its place, or with what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from breakeven.errors import EvidenceError, MissingExtraError, Place, Problem
from breakeven.evidence.calls.documents import read_whole
from breakeven.evidence.calls.files import LogFile
from breakeven.evidence.calls.lines import Line, elements, read_lines

__all__ = ["MAX_DEPTH", "RawRow", "raw_rows"]

MAX_DEPTH: Final = 64
"""Deepest nesting of a row: messages with tool definitions need about ten levels."""


class RawRow(NamedTuple):
    """One row of a file."""

    number: int
    """Line, or row of a JSON document or a Parquet file, from 1."""
    values: dict[str, Any] | None
    """None for a row that can not be read."""
    reason: str = ""
    """Why it can not."""
    detail: str = ""


class _BadRowError(ValueError):
    """What is wrong with the text of a row, in a few words; a ValueError, so that the parser passes it on."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason)


def raw_rows(file: LogFile) -> Iterator[RawRow]:
    """Every row of a file, empty lines among the bad ones. Raises EvidenceError for the file as a whole."""
    if file.container == "json":
        return _document(file)
    if file.container == "parquet":
        _need_pyarrow()
    return _lines(file)


def _need_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as exc:
        raise MissingExtraError("pyarrow", "eval") from exc


def _lines(file: LogFile) -> Iterator[RawRow]:
    strict = file.container == "jsonl"
    last = 0
    for line in read_lines(file, None):
        if strict:
            for number in range(last + 1, line.number):
                yield RawRow(number, None, "empty line")
        last = line.number
        yield _row(line, strict=strict)


def _row(line: Line, *, strict: bool) -> RawRow:
    if line.broken is not None:
        return RawRow(line.number, None, line.broken)
    try:
        value = _strictly(line.text) if strict else json.loads(line.text)
        return _checked(line.number, value)
    except _BadRowError as exc:
        return RawRow(line.number, None, exc.reason, exc.detail)
    except RecursionError:
        return RawRow(line.number, None, "nested too deeply")
    except json.JSONDecodeError as exc:
        return RawRow(line.number, None, "not JSON", f"{exc.msg} (column {exc.colno})")
    except ValueError as exc:
        return RawRow(line.number, None, "number too large" if "digits" in str(exc) else "not JSON")


def _checked(number: int, value: Any) -> RawRow:
    if not isinstance(value, dict):
        raise _BadRowError("not an object", "one object a row is needed")
    if not value:
        raise _BadRowError("no columns", "an empty object")
    return RawRow(number, value)


def _strictly(text: str) -> Any:
    """A JSON value; raises for what other readers may take otherwise: names given twice, NaN, deep nesting."""
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(text)
    value = _STRICT.decode(text)
    if "\\ud" in text or "\\uD" in text:
        _check_unicode(value)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _BadRowError("name given twice", f"`{twice[:40]}`")
    return found


def _no_constant(name: str) -> float:
    raise _BadRowError("not JSON", f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _BadRowError("number too large")
    return value


_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKETS: Final = re.compile(r"[{}\[\]]")
_STRICT: Final = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)


def _check_depth(text: str) -> None:
    """Count brackets outside of texts, before the parser meets them."""
    depth = 0
    for bracket in _BRACKETS.findall(_QUOTED.sub("", text)):
        depth += 1 if bracket in "{[" else -1
        if depth > MAX_DEPTH:
            raise _BadRowError("nested too deeply", f"more than {MAX_DEPTH} levels")


def _check_unicode(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise _BadRowError("not Unicode", "half of a surrogate pair") from exc


def _document(file: LogFile) -> Iterator[RawRow]:
    """The rows of one JSON document; one too large to be held at once is read a row at a time."""
    try:
        data = read_whole(file)
    except (OSError, EOFError) as exc:
        raise EvidenceError(Problem(message=f"can not be read: {exc}", place=Place(file=file.shown))) from exc
    if data is None:
        yield from _lines(file)
        return
    twice: list[dict[str, Any]] = []
    document = _whole(data, file.shown, twice)
    marked = {id(found) for found in twice}
    for number, element in enumerate(elements(document), start=1):
        yield _element(number, element, marked)


def _element(number: int, element: Any, marked: set[int]) -> RawRow:
    try:
        if marked and _holds(element, marked):
            raise _BadRowError("name given twice")
        if _deeper(element, MAX_DEPTH):
            raise _BadRowError("nested too deeply", f"more than {MAX_DEPTH} levels")
        _check_unicode(element)
        return _checked(number, element)
    except _BadRowError as exc:
        return RawRow(number, None, exc.reason, exc.detail)


def _whole(data: bytes, shown: str, twice: list[dict[str, Any]]) -> Any:
    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.append(found)
        return found

    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=hook)
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        place = Place(file=shown, line=line)
        raise EvidenceError(Problem(message="this is not UTF-8 text", place=place)) from exc
    except json.JSONDecodeError as exc:
        place = Place(file=shown, line=exc.lineno, column=exc.colno)
        raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place)) from exc
    except (ValueError, RecursionError) as exc:
        raise EvidenceError(Problem(message=f"not JSON: {exc}", place=Place(file=shown))) from exc


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def _holds(value: Any, marked: set[int]) -> bool:
    """Whether one of the marked objects is in this value."""
    level = [value]
    while level:
        if any(id(one) in marked for one in level):
            return True
        level = [inner for one in level for inner in _inside(one)]
    return False


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most + 1):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True
