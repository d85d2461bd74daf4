"""The text of an evidence file, plain or gzip, or one clear error with its name."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import Final

from breakeven.errors import EvidenceError, Place, Problem, nearest

__all__ = ["MAX_BYTES", "decoded", "read_bytes", "read_text"]

MAX_BYTES: Final = 64 << 20
"""Largest file of scores that is read whole, unpacked: about a million scores."""


def read_text(path: Path) -> str:
    """All text of a UTF-8 file (a byte order mark is taken off); raises EvidenceError."""
    return decoded(read_bytes(path), path)


def decoded(data: bytes, path: Path) -> str:
    """The text of a file's bytes; raises EvidenceError where it is not UTF-8, or empty."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error(path, "this is UTF-16 text", hint="save it as UTF-8 (in Excel: CSV UTF-8)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data.count(b"\n", 0, exc.start) + 1
        message = f"byte {data[exc.start]:#04x} is not UTF-8 text"
        raise _error(path, message, line=line, hint="save it as UTF-8 (in Excel: CSV UTF-8)") from exc
    if not text.strip():
        raise _error(path, "the file is empty", hint="one row a case is needed, with `id` and `score`")
    return text


def read_bytes(path: Path, *, most: int | None = None) -> bytes:
    """All bytes of a regular file, unpacked where it is gzip; raises EvidenceError.

    ``most``: bytes beyond which it is refused, packed or unpacked; left out, ``MAX_BYTES``.
    """
    most = MAX_BYTES if most is None else most
    data = _raw_bytes(path, most)
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            data = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise _error(path, f"gzip that can not be unpacked: {exc}") from exc
    return _within(data, most, path)


def _raw_bytes(path: Path, most: int) -> bytes:
    try:
        # A pipe or a device might never end.
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "not a regular file"
            raise _error(path, f"this is {what}", hint="name a file of scores")
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError as exc:
        raise _error(path, "there is no such file", hint=_near(path)) from exc
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        raise _error(path, f"can not be read: {exc}") from exc
    return _within(data, most, path)


def _within(data: bytes, most: int, path: Path) -> bytes:
    if len(data) > most:
        raise _error(path, f"more than {most >> 20} MB", hint="keep only id, score, cluster and repeat")
    return data


def _near(path: Path) -> str | None:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"there is no folder {str(path.parent)!r} either"
    near = nearest(path.name, names)
    return f"near it: {', '.join(near)}" if near else None


def _error(path: Path, message: str, *, line: int | None = None, hint: str | None = None) -> EvidenceError:
    return EvidenceError(Problem(message=message, place=Place(file=str(path), line=line), hint=hint))
