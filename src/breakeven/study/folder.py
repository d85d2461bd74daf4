"""The files that a study names: inside its own folder, unless the user says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breakeven.errors import nearest
from breakeven.study.given import MisreadError

__all__ = ["Folder"]

MAX_BYTES: Final = 32_000_000
"""The largest file that is read whole."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A study's folder."""

    root: Path | None
    """None: the study came as text, so it can name no file."""
    allow_outside: bool = False

    def find(self, text: str) -> Path:
        """The path of a file that the study names; raises MisreadError where it leads outside or to nothing."""
        if self.root is None:
            raise MisreadError("a study without a folder can name no file", hint="state the value itself")
        path = self.root / text
        try:
            if not self.allow_outside and not path.resolve().is_relative_to(self.root.resolve()):
                hint = "move the file inside, or open the study with --allow-outside"
                raise MisreadError(f"{text!r} leads out of the study's folder", hint=hint)
            if not path.is_file():
                raise MisreadError(f"{text!r} is not a file in the study's folder", hint=self._near(path))
        except (OSError, ValueError, RuntimeError) as exc:  # a name too long, a NUL in it, a loop of links
            raise MisreadError(f"{text!r} can not be opened") from exc
        return path

    def _near(self, path: Path) -> str | None:
        try:
            names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        except OSError:
            return None
        near = nearest(path.name, names)
        return f"near it: {', '.join(near)}" if near else None

    def read(self, text: str) -> str:
        """The text of a file that the study names."""
        path = self.find(text)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise MisreadError(f"{text!r} is larger than {MAX_BYTES // 1_000_000} MB")
            return data.decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise MisreadError(f"{text!r} can not be read as UTF-8 text") from exc
