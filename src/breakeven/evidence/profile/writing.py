"""A profile and its refused rows as files: a killed command leaves the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.calls.scratch import is_abandoned, lock

__all__ = ["Rejected", "as_json", "replaced", "write_profile", "write_rejected"]

_HALF: Final = ".half"
_YOUNG_S: Final = 60.0


def as_json(profile: Mapping[str, Any]) -> str:
    """Strict JSON: infinities and NaN are never written."""
    return json.dumps(profile, indent=2, ensure_ascii=False, allow_nan=False)


@contextmanager
def replaced(path: Path) -> Iterator[IO[str]]:
    """A text file that takes its name only when all of it is on disk. What killed runs left half written is deleted."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_HALF)
    except OSError as exc:
        raise EvidenceError(
            Problem(message=f"can not be written: {exc}", place=Place(file=str(path)))
        ) from exc
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            lock(handle)
            _sweep(path, Path(name))
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sweep(path: Path, own: Path) -> None:
    """Delete what killed runs left of this file, but nothing so young that it may not be locked yet."""
    young = own.stat().st_mtime - _YOUNG_S
    for half in path.parent.glob(f".{glob.escape(path.name)}.*{_HALF}"):
        with contextlib.suppress(OSError):
            if half.stat().st_mtime < young and is_abandoned(half):
                half.unlink()


def write_profile(profile: Mapping[str, Any], path: Path) -> None:
    """Write the profile in place of an older one."""
    with replaced(path) as file:
        file.write(as_json(profile) + "\n")


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """The file of refused rows as it was written."""

    name: str
    rows: int
    sha256: str
    """By which a profile knows its own from one that a later, killed run left beside it."""


def write_rejected(rows: Iterable[tuple[str, int, str, str | None]], path: Path) -> Rejected:
    """Write refused rows as JSON Lines: file, line, reason, and the text where texts are kept."""
    n, digest = 0, hashlib.sha256()
    with replaced(path) as file:
        for name, line, reason, text in rows:
            row = {"file": name, "line": line, "reason": reason} | ({} if text is None else {"text": text})
            said = json.dumps(row, ensure_ascii=False) + "\n"
            digest.update(said.encode("utf-8"))
            file.write(said)
            n += 1
    return Rejected(name=path.name, rows=n, sha256=digest.hexdigest())
