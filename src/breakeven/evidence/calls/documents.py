"""The records of one large JSON document, a part at a time, in bounded memory.

The parser of the standard library takes one value at a time from a buffer, so its speed stays that of C. A document
is an array of records, or an object of which one member is such an array: ``{"object": "list", "data": [ … ]}``.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.files import LogFile, open_bytes

__all__ = ["WHOLE", "head_of", "read_whole", "stream_records"]

WHOLE: Final = 64 << 20
"""Bytes of a document that is read at once; a larger one is read a record at a time."""
_LONGEST: Final = 64 << 20
"""Characters of one record, or of one member that is not the array of records."""
_CHUNK: Final = 1 << 20
_SPACE: Final = " \t\r\n"
_ARRAYS: Final = frozenset({
    "data", "results", "items", "rows", "requests", "observations", "calls", "spans", "resourceSpans", "resourceLogs",
})  # fmt: skip


def read_whole(file: LogFile) -> bytes | None:
    """The bytes of a document; None where it is larger than ``WHOLE``."""
    with open_bytes(file.path, file.compression) as stream:
        data = stream.read(WHOLE + 1)
    return None if len(data) > WHOLE else data


def stream_records(file: LogFile) -> Iterator[tuple[str | None, Any]]:
    """Every record of a large document, with the name of the array that it stands in (None: the document itself).

    Raises EvidenceError, with its line, where the document is not JSON or holds no array of records.
    """
    with open_bytes(file.path, file.compression) as stream:
        yield from _Reader(stream, file.shown).records()


def head_of(file: LogFile) -> list[Any]:
    """The members of a large document up to its records, as what tells its format; the records are left out."""
    with open_bytes(file.path, file.compression) as stream:
        reader = _Reader(stream, file.shown)
        return [] if reader.next_char() == "[" else [dict.fromkeys(reader.names_until_records())]


class _Reader:
    """A text that is read as far as it is needed."""

    def __init__(self, stream: IO[bytes], shown: str) -> None:
        self._stream = stream
        self._shown = shown
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._parse = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._lines = 1
        self._ended = False

    def records(self) -> Iterator[tuple[str | None, Any]]:
        """The records; what follows them in the document is read for its syntax only."""
        if self.next_char() == "[":
            yield from ((None, value) for value in self._elements())
            return
        names = self.names_until_records()
        if names[-1:] and names[-1] in _ARRAYS and self.next_char() == "[":
            yield from ((names[-1], value) for value in self._elements())
            return
        arrays = ", ".join(sorted(_ARRAYS))
        raise self._problem(
            f"one JSON document of over {WHOLE >> 20} MiB that holds no array of records",
            f"an array, or an object with one of {arrays}; JSON Lines are read at any size",
        )

    def names_until_records(self) -> list[str]:
        """The keys of the object up to that of its array of records; all keys where it has none."""
        found: list[str] = []
        self._take("{")
        while self.next_char() != "}":
            name = self._value()
            if not isinstance(name, str):
                raise self._problem("not JSON: a key is not a text")
            self._take(":")
            found.append(name)
            if name in _ARRAYS and self.next_char() == "[":
                return found
            self._value()
            if self.next_char() == ",":
                self._take(",")
        return found

    def next_char(self) -> str:
        """The next character that is no white space, not taken yet; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _elements(self) -> Iterator[Any]:
        self._take("[")
        while self.next_char() != "]":
            yield self._value()
            if self.next_char() == ",":
                self._take(",")
            elif self.next_char() != "]":
                raise self._problem("not JSON: the document breaks off, or a comma is missing")
        self._take("]")

    def _take(self, char: str) -> None:
        if self.next_char() != char:
            raise self._problem(f"not JSON: {char!r} is missing")
        self._at += 1

    def _value(self) -> Any:
        """The next value, whole: one that ends where the buffer ends might go on after it."""
        self.next_char()
        while True:
            try:
                value, end = self._parse(self._text, self._at)
            except (ValueError, RecursionError) as exc:
                if len(self._text) - self._at > _LONGEST:
                    raise self._problem(f"one record is longer than {_LONGEST >> 20} MiB") from exc
                if not self._more():
                    raise self._problem(f"not JSON: {getattr(exc, 'msg', exc)}") from exc
                continue
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, by as much as is held, so that a long value is not parsed too often; False at the end."""
        if self._ended:
            return False
        try:
            data = self._stream.read(max(_CHUNK, len(self._text) - self._at))
            self._lines += self._text.count("\n", 0, self._at)
            self._text = self._text[self._at :] + self._decode.decode(data, final=not data)
        except UnicodeDecodeError as exc:
            raise self._problem("this is not UTF-8 text") from exc
        except (OSError, EOFError) as exc:
            raise self._problem(f"the file breaks off: {exc}") from exc
        self._at = 0
        self._ended = not data
        return bool(data)

    def _problem(self, message: str, hint: str = "") -> EvidenceError:
        line = self._lines + self._text.count("\n", 0, self._at)
        return EvidenceError(Problem(message=message, place=Place(file=self._shown, line=line), hint=hint))
