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
    from breakeven.study.model import Study

__all__ = ["SUFFIXES", "WORKBOOK", "check_suffix", "write", "write_text"]


def _html(decision: Decision, study: Study | None) -> bytes:
    from breakeven.report.html import to_html

    return to_html(decision).encode()


def _json(decision: Decision, study: Study | None) -> bytes:
    from breakeven.report.as_json import to_json

    return (to_json(decision) + "\n").encode()


def _markdown(decision: Decision, study: Study | None) -> bytes:
    from breakeven.report.markdown import to_markdown

    return to_markdown(decision).encode()


def _pdf(decision: Decision, study: Study | None) -> bytes:
    from breakeven.report.pdf import to_pdf

    return to_pdf(decision)


def _workbook(decision: Decision, study: Study | None) -> bytes:
    from breakeven.report.workbook import to_workbook

    if study is None:
        raise InputError(Problem(message="a workbook needs the study: its formulas are made from it"))
    return to_workbook(study, decision)


# Each format is loaded when it is first written: a JSON report needs no template engine.
_FORMATS: Final[Mapping[str, Callable[[Decision, Study | None], bytes]]] = {
    ".html": _html, ".pdf": _pdf, ".xlsx": _workbook, ".md": _markdown, ".json": _json,
}  # fmt: skip

WORKBOOK: Final = ".xlsx"
"""The kind of report that is made from the study, too."""
SUFFIXES: Final = tuple(suffix for suffix in _FORMATS if suffix != WORKBOOK)
"""The kinds of report that a decision alone is enough for."""


def check_suffix(path: Path) -> None:
    """Raise InputError where the file's suffix names no format: before anything is computed."""
    if path.suffix.lower() not in _FORMATS:
        raise InputError(_unknown_suffix(path))


def write(decision: Decision, path: Path, *, study: Study | None = None) -> Path:
    """Write the report in the format that the file's suffix names; returns the path.

    ``study``: the one decided on, which a workbook is made from. Raises InputError for another suffix and where the
    file can not be written, MissingExtraError where the format needs the extra `report`.
    """
    check_suffix(path)
    return _write_whole(path, _FORMATS[path.suffix.lower()](decision, study))


def _unknown_suffix(path: Path) -> Problem:
    suffix = path.suffix.lower()
    *most, last = _FORMATS
    known = f"{', '.join(most)} or {last}"
    message = (
        f"no report format is called {suffix!r}" if suffix else "the file has no suffix to tell its format"
    )
    return Problem(message=message, place=Place(file=str(path)), hint=f"name a file that ends in {known}")


def write_text(path: Path, text: str) -> Path:
    """Write text to a file atomically: a reader, or a crash, sees the old file or the new one and nothing between.

    Raises InputError where the folder is missing or can not be written to.
    """
    return _write_whole(path, text.encode())


def _write_whole(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
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
