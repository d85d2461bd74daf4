"""A file that is to be imported, opened once: a zip archive, a JSON document, or a table of records."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.records import MOST_BYTES, Records, read_records
from breakeven.evidence.files import decoded, read_bytes

__all__ = ["Source"]

_MOST_MEMBERS: Final = 200_000
_MOST_MEMBER_BYTES: Final = 64 << 20


class Source:
    """What a file holds, each view of it made when it is first asked for. Archives are read, never unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = read_bytes(path, most=MOST_BYTES)

    @property
    def file(self) -> str:
        """The file's name, for messages."""
        return str(self.path)

    @property
    def stem(self) -> str:
        """The file's name without its endings."""
        return self.path.name.partition(".")[0] or self.path.name

    @property
    def is_zip(self) -> bool:
        """Whether the file is a zip archive."""
        return self._data.startswith(b"PK\x03\x04")

    @property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet."""
        return self._data.startswith(b"PAR1")

    @cached_property
    def document(self) -> Mapping[str, Any]:
        """The JSON object that the whole file is; empty where it is none."""
        if (
            self.is_zip
            or self.is_parquet
            or not self._data[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        ):
            return {}
        try:
            found = json.loads(decoded(self._data, self.path))
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def records(self) -> Records:
        """The file as a table; raises EvidenceError where it is none."""
        if self.is_zip:
            self.fail("a zip archive, but no log of Inspect", "name the file of results itself")
        return read_records(self.path)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The names of the table's columns; empty where the file is no table."""
        if self.is_zip:
            return frozenset()
        try:
            return frozenset(self.records.columns)
        except EvidenceError:
            return frozenset()

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names in a zip archive."""
        return tuple(info.filename for info in self._zip.infolist())

    def member(self, name: str) -> Any:
        """One JSON file of a zip archive; raises EvidenceError where it is damaged or too large."""
        place = f"{self.file}!{name}"
        try:
            with self._zip.open(name) as file:
                # What the archive says of the size may be a lie: what is read is counted.
                data = file.read(_MOST_MEMBER_BYTES + 1)
            if len(data) > _MOST_MEMBER_BYTES:
                raise _unreadable(place, f"more than {_MOST_MEMBER_BYTES >> 20} MB unpacked")
            return json.loads(data)
        except (KeyError, OSError, RuntimeError, ValueError, RecursionError, *_ZIP_ERRORS) as exc:
            raise _unreadable(place, f"can not be read: {exc}") from exc

    def json_members(self, folder: str) -> Iterator[tuple[str, Any]]:
        """Every JSON file in a folder of a zip archive, by name."""
        for name in self.members:
            if name.startswith(folder) and name.endswith(".json"):
                yield name, self.member(name)

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        try:
            archive = zipfile.ZipFile(io.BytesIO(self._data))
        except (*_ZIP_ERRORS, OSError, ValueError) as exc:
            raise _unreadable(self.file, f"a zip archive that can not be read: {exc}") from exc
        if len(archive.infolist()) > _MOST_MEMBERS:
            raise _unreadable(self.file, f"more than {_MOST_MEMBERS:,} files in the archive")
        return archive

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Raise an EvidenceError about the file as a whole."""
        raise EvidenceError(Problem(message=message, place=Place(file=self.file), hint=hint))


_ZIP_ERRORS: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError)


def _unreadable(place: str, message: str) -> EvidenceError:
    return EvidenceError(Problem(message=message, place=Place(file=place)))
