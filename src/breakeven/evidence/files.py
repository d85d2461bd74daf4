"""The text of an evidence file, or one clear error with its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from breakeven.errors import EvidenceError, Place, Problem, nearest

__all__ = ["MAX_BYTES", "read_text"]

MAX_BYTES: Final = 64 << 20
"""Largest file that is read whole: about a million scores."""


def read_text(path: Path) -> str:
    """All text of a UTF-8 file (a byte order mark is taken off); raises EvidenceError."""
    data = _read_bytes(path)
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


def _read_bytes(path: Path) -> bytes:
    try:
        # A pipe or a device might never end.
        if path.exists() and not path.is_file():
            what = "a folder" if path.is_dir() else "not a regular file"
            raise _error(path, f"this is {what}", hint="name a file of scores")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise _error(path, "there is no such file", hint=_near(path)) from exc
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        raise _error(path, f"can not be read: {exc}") from exc
    if len(data) > MAX_BYTES:
        raise _error(path, f"more than {MAX_BYTES >> 20} MB", hint="keep only id, score, cluster and repeat")
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
