"""The rows that checks flag, as files beside the result: place, check and reason, never a whole text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.training.check import CheckResult, Flagged

__all__ = ["FOLDER", "rows_file", "write_flagged"]

FOLDER: Final = "rows"
"""The folder beside the result."""
_LONGEST: Final = 300
"""Characters of a reason."""


def rows_file(check: str) -> str:
    """Where the rows of a check stand, from the result's folder."""
    return f"{FOLDER}/{re.sub(r'[^A-Za-z0-9._-]+', '-', check)}.jsonl"


def write_flagged(folder: Path, results: Iterable[CheckResult]) -> dict[str, str]:
    """Write one file for each check that flags rows; check → its file, from ``folder``.

    Each file takes its name when all of it is on disk. The file of a check that flags nothing any more is deleted.
    """
    written: dict[str, str] = {}
    for result in results:
        path = folder / rows_file(result.check)
        if not result.flagged:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as file:
            file.writelines(
                json.dumps(_line(result.check, one), ensure_ascii=False) + "\n" for one in result.flagged
            )
        written[result.check] = rows_file(result.check)
    return written


def _line(check: str, one: Flagged) -> dict[str, Any]:
    return {
        "file": one.place.file, "line": one.place.line, "row": None if one.row < 0 else one.row, "check": check,
        "reason": one.reason[:_LONGEST],
    }  # fmt: skip
