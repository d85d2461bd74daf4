"""Scores from JSON: a list of cases, or an object that holds them with a word about where they come from.

Three shapes::

    [{"id": "a", "score": 1, "cluster": "customer 7", "repeat": 1}, …]
    {"candidate": "prompt", "date": "2026-11-02", "iterations": 14, "cases": [{"id": "a", "score": 1}, …]}
    {"date": "2026-11-02", "scores": {"a": 1, "b": 0.5}}

The document is walked with ``json``'s own decoder one case at a time, since that tells where each case stands,
and sees an id that is given twice (which a plain ``json.loads`` drops without a word).
"""

from __future__ import annotations

import bisect
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.formats.raw import FIELDS, RawFile, RawRow

__all__ = ["Cursor", "Rows", "decode", "read_json"]

_METADATA: Final = ("candidate", "date", "iterations")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_LINES: Final = "one object a line is JSON Lines: name the file .jsonl"
_SHAPES: Final = 'use `[{"id": …, "score": …}, …]`, `{"cases": […]}` or `{"scores": {"ID": SCORE}}`'


def read_json(text: str, file: str) -> RawFile:
    """The rows of a JSON document; raises EvidenceError where it is not JSON, or of another shape."""
    cursor = Cursor(text, file)
    rows = Rows()
    metadata: dict[str, tuple[object, Place]] = {}
    try:
        if cursor.peek() == "[":
            _cases(cursor, rows)
        elif cursor.peek() == "{":
            _document(cursor, rows, metadata)
        else:
            raise cursor.error("neither a list nor an object", hint=_SHAPES)
        cursor.finish()
    except json.JSONDecodeError as exc:
        place = Place(file=file, line=exc.lineno, column=exc.colno)
        hint = _LINES if exc.msg == "Extra data" else None
        raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place, hint=hint)) from exc
    except (RecursionError, ValueError) as exc:  # nested too deep; a number of thousands of digits
        raise cursor.error(f"can not be read: {exc}") from exc
    return rows.file(metadata)


def decode(text: str) -> object:
    """One JSON value whose objects remember names that they hold twice; raises ValueError."""
    return _DECODER.decode(text)


class Rows:
    """Collects the rows of a file as they are read."""

    def __init__(self) -> None:
        self._rows: list[RawRow] = []
        self._problems: list[Problem] = []
        self._ignored: set[str] = set()

    def add(self, value: object, place: Place) -> None:
        """One case: an object with ``id`` and ``score``."""
        if not isinstance(value, dict):
            shown = json.dumps(value)[:60]
            hint = 'a case is an object: {"id": …, "score": …}'
            self.reject(f"{shown} is not a case", place, hint)
            return
        names = [name.strip().lower() for name in value]
        twice = sorted(
            {name for name in names if names.count(name) > 1 and name in FIELDS}
            | {name for name in getattr(value, "repeated", ()) if name.strip().lower() in FIELDS}
        )
        if twice:
            self.reject(f"`{twice[0]}` is given twice in one case", place, "keep one of them")
            return
        known = {n: v for n, v in zip(names, value.values(), strict=True) if n in FIELDS and v is not None}
        self._ignored.update(name for name in value if name.strip().lower() not in FIELDS)
        self._rows.append(RawRow(place=place, values=known))

    def add_pair(self, case: str, score: object, place: Place) -> None:
        """One member of an object ``{"ID": SCORE}``."""
        known = {"id": case} if score is None else {"id": case, "score": score}
        self._rows.append(RawRow(place=place, values=known))

    def ignore(self, name: str) -> None:
        """Note a field that is not used."""
        self._ignored.add(name)

    def reject(self, message: str, place: Place, hint: str | None = None) -> None:
        """Note what can not become a row."""
        self._problems.append(Problem(message=message, place=place, hint=hint))

    def file(self, metadata: dict[str, tuple[object, Place]] | None = None) -> RawFile:
        """All that was collected."""
        return RawFile(
            rows=tuple(self._rows),
            problems=tuple(self._problems),
            metadata=metadata or {},
            ignored=tuple(sorted(self._ignored)),
        )


class _Fields(dict[str, object]):
    """A JSON object that remembers which names it was given twice."""

    repeated: tuple[str, ...] = ()


def _fields(pairs: list[tuple[str, object]]) -> _Fields:
    fields = _Fields(pairs)
    if len(fields) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        fields.repeated = tuple(name for name, count in counts.items() if count > 1)
    return fields


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_fields)


class Cursor:
    """A place in a JSON text that moves on value by value."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._at = 0
        self._line_ends = [found.start() for found in re.finditer("\n", text)]

    def place(self, at: int | None = None) -> Place:
        """Where in the file this position stands."""
        position = self._at if at is None else at
        line = bisect.bisect_left(self._line_ends, position)
        start = self._line_ends[line - 1] + 1 if line else 0
        return Place(file=self._file, line=line + 1, column=position - start + 1)

    def error(self, message: str, hint: str | None = None) -> EvidenceError:
        """An error at this place."""
        return EvidenceError(Problem(message=message, place=self.place(), hint=hint))

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        found = _SPACE.match(self._text, self._at)
        assert found is not None  # the pattern matches the empty text
        self._at = found.end()
        return self._text[self._at : self._at + 1]

    def take(self, character: str) -> None:
        """Step over this character."""
        if self.peek() != character:
            raise json.JSONDecodeError(f"Expecting {character!r}", self._text, self._at)
        self._at += 1

    def value(self) -> object:
        """The next value, whole."""
        self.peek()
        value, self._at = _DECODER.raw_decode(self._text, self._at)
        return value

    def elements(self) -> Iterator[tuple[object, Place]]:
        """The elements of a list, each with its place."""
        self.take("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            self.peek()
            at = self._at
            value = self.value()
            yield value, self.place(at)
            if self.peek() != ",":
                break
            self._at += 1
        self.take("]")

    def members(self) -> Iterator[tuple[str, Place]]:
        """The names in an object, each with its place; the caller takes the value that follows."""
        self.take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise json.JSONDecodeError("Expecting a name in double quotes", self._text, self._at)
            at = self._at
            name = str(self.value())
            self.take(":")
            yield name, self.place(at)
            if self.peek() != ",":
                break
            self._at += 1
        self.take("}")

    def finish(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            raise json.JSONDecodeError("Extra data", self._text, self._at)


def _cases(cursor: Cursor, rows: Rows) -> None:
    for value, place in cursor.elements():
        rows.add(value, place)


def _document(cursor: Cursor, rows: Rows, metadata: dict[str, tuple[object, Place]]) -> None:
    """An object around the cases."""
    found: dict[str, Place] = {}
    for written, place in cursor.members():
        name = written.strip().lower()
        opens = cursor.peek()
        if name in found:
            raise EvidenceError(Problem(message=f"{written!r} is given twice", place=place))
        found[name] = place
        if name == "cases" and opens == "[":
            _cases(cursor, rows)
        elif name == "scores" and opens == "{":
            for case, where in cursor.members():
                rows.add_pair(case, cursor.value(), where)
        elif name in ("cases", "scores"):
            raise EvidenceError(Problem(message=f"`{name}` has the wrong shape", place=place, hint=_SHAPES))
        elif name in _METADATA:
            metadata[name] = (cursor.value(), place)
        else:
            cursor.value()
            rows.ignore(written)
    if ("cases" in found) == ("scores" in found):
        names = ", ".join(repr(name) for name in sorted(found)[:8]) or "nothing"
        message = f"the object holds {names}; one of `cases` and `scores` is needed"
        raise cursor.error(message, hint=_LINES if "id" in found else _SHAPES)
