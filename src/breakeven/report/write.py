"""A decision to a file: whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breakeven.errors import InputError, Place, Problem

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision

__all__ = ["SUFFIXES", "write", "write_text"]


def _html(decision: Decision) -> str:
    from breakeven.report.html import to_html

    return to_html(decision)


def _json(decision: Decision) -> str:
    from breakeven.report.as_json import to_json

    return to_json(decision) + "\n"


def _markdown(decision: Decision) -> str:
    from breakeven.report.markdown import to_markdown

    return to_markdown(decision)


# Each format is loaded when it is first written: a JSON report needs no template engine.
_FORMATS: Final[Mapping[str, Callable[[Decision], str]]] = {".html": _html, ".json": _json, ".md": _markdown}
_LATER: Final = frozenset({".pdf", ".xlsx"})

SUFFIXES: Final = tuple(_FORMATS)
"""The kinds of file that a report can be."""


def write(decision: Decision, path: Path) -> Path:
    """Write the report in the format that the file's suffix names; returns the path.

    Raises InputError for another suffix, before anything is computed, and where the file can not be written.
    """
    render = _FORMATS.get(path.suffix.lower())
    if render is None:
        raise InputError(_unknown_suffix(path))
    return write_text(path, render(decision))


def _unknown_suffix(path: Path) -> Problem:
    suffix = path.suffix.lower()
    known = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
    if suffix in _LATER:
        message = f"this version writes no {suffix} report"
    else:
        message = (
            f"no report format is called {suffix!r}"
            if suffix
            else "the file has no suffix to tell its format"
        )
    return Problem(message=message, place=Place(file=str(path)), hint=f"name a file that ends in {known}")


def write_text(path: Path, text: str) -> Path:
    """Write text to a file atomically: a reader, or a crash, sees the old file or the new one and nothing between.

    Raises InputError where the folder is missing or can not be written to.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            Problem(
                message=f"the report can not be written: {error.strerror or error}",
                place=Place(file=str(path)),
                hint="name a file in a folder that exists and that you may write to",
            )
        ) from error
    return path
