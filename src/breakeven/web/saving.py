"""Edits back into the study's file, and a decision out as a file."""

from __future__ import annotations

import difflib
import re
import stat
import tempfile
from pathlib import Path
from typing import Final

from breakeven.advice.decision import Decision
from breakeven.errors import InputError, Place, Problem
from breakeven.report.text import clean
from breakeven.report.write import SUFFIXES, WORKBOOK, write, write_text
from breakeven.study.model import Study
from breakeven.web.serving import Edited

__all__ = ["KINDS", "difference", "exported", "save"]

_TYPES: Final = {
    "html": ("Report (HTML)", "text/html; charset=utf-8"),
    "md": ("Markdown", "text/markdown; charset=utf-8"),
    "json": ("JSON", "application/json"),
    "xlsx": ("Workbook (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": ("PDF", "application/pdf"),
}
KINDS: Final = tuple(
    (kind, what) for kind, (what, _) in _TYPES.items() if f".{kind}" in (*SUFFIXES, WORKBOOK)
)
"""What a decision can be exported as, and what the page calls it."""


def exported(kind: str, decision: Decision, study: Study) -> tuple[str, str, bytes]:
    """(file name, media type, content) of the decision on this study. Raises InputError for another kind."""
    if kind not in {known for known, _ in KINDS}:
        known = ", ".join(known for known, _ in KINDS)
        raise InputError(Problem(message=f"there is no export {kind[:20]!r}", hint=f"one of {known}"))
    name = re.sub(r"[^A-Za-z0-9]+", "-", decision.study).strip("-").lower()[:60] or "decision"
    with tempfile.TemporaryDirectory(prefix="breakeven-export-") as folder:
        path = write(decision, Path(folder) / f"report.{kind}", study=study)
        return f"{name}.{kind}", _TYPES[kind][1], path.read_bytes()


def difference(edited: Edited, name: str) -> list[tuple[str, str]]:
    """The lines that differ: (``+``, ``-``, `` `` or ``@``, text)."""
    old, new = edited.saved.splitlines(), edited.text.splitlines()
    lines = list(difflib.unified_diff(old, new, name, name, lineterm="", n=1))[2:]
    return [("@", _place(line)) if line.startswith("@@") else (line[0], _visible(line[1:])) for line in lines]


def _place(line: str) -> str:
    """``line 13`` for ``@@ -13,3 +13,3 @@``."""
    found = re.search(r"-(\d+)", line)
    return f"line {found[1]}" if found else ""


def _visible(text: str) -> str:
    """The line with its indent, and nothing in it that reorders letters or hides."""
    return text[: len(text) - len(text.lstrip(" "))] + clean(text)


def save(path: Path, text: str) -> None:
    """Write a file of the study: whole or not at all, its line ends as given; who may read it stays.

    A link keeps leading to its file. Raises InputError where it can not be written.
    """
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, text)
        if mode is not None:
            target.chmod(mode)
    except (OSError, InputError) as exc:
        why = exc.__cause__ if isinstance(exc, InputError) and exc.__cause__ is not None else exc
        reason = getattr(why, "strerror", None) or str(why)
        problem = Problem(message=f"can not be written: {reason}", place=Place(file=path.name))
        raise InputError(problem) from exc
