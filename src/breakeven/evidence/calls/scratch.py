"""A temporary folder of a run, deleted at its end; those that killed runs left are deleted by the next run.

A folder is in use as long as a file in it, ``owner``, is locked: the kernel gives the lock back however a run ends, and
no two runs take each other's folder for a dead one. Only folders of the same user are touched.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["Scratch", "is_abandoned", "lock"]

_PREFIX: Final = "breakeven-"
_OWNER: Final = "owner"


class Scratch:
    """A folder of one's own under the system's temporary folder. ``close`` deletes it, a context manager does, too."""

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        unnamed = self.path / f".{_OWNER}"  # locked before it has its name: nobody sees it unlocked
        self._owner: int | None = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        lock(self._owner)
        unnamed.rename(self.path / _OWNER)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the folder. Once is enough, twice is no fault."""
        if self._owner is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._owner)
            self._owner = None


def lock(handle: int) -> bool:
    """Lock an open file until it is closed; False where someone holds it, or the system knows no such locks."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_abandoned(path: Path) -> bool:
    """Whether this is a plain file of ours that nobody holds locked: whoever wrote it is gone."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        found = os.fstat(handle)
        return stat.S_ISREG(found.st_mode) and found.st_uid == _user() and lock(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Delete what killed runs of this user left."""
    for path in folder.glob(f"{_PREFIX}*"):
        try:
            found = path.lstat()
        except OSError:
            continue
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == _user()
        if ours and is_abandoned(path / _OWNER):
            shutil.rmtree(path, ignore_errors=True)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0
