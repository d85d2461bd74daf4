"""Names that spreadsheet programs take: of sheets, and of inputs in formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["formula_names", "sheet_names"]

LONGEST_SHEET: Final = 31
LONGEST_NAME: Final = 200
_OTHERS: Final = re.compile(r"[^\w .()-]|[\U00010000-\U0010ffff]")
"""What sheets' names may not hold, what would look like a formula there, and letters that count twice."""
_LIKE_A_CELL: Final = re.compile(r"(?i)([a-z]{1,3}\d+|r\d*(c\d*)?|c\d*|true|false)")


def sheet_names(wanted: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """A sheet's name for each wanted one: allowed, short enough, and its alone whatever the case."""
    used = {name.casefold() for name in taken} | {"history"}
    found: dict[str, str] = {}
    for name in wanted:
        plain = _OTHERS.sub("_", name).strip() or "candidate"
        found[name] = _alone(plain, used, LONGEST_SHEET)
    return found


def formula_names(wanted: Iterable[str]) -> dict[str, str]:
    """A name for formulas for each input: ``candidates.tuned.label_cost``, in letters, digits, dots and underscores."""
    used: set[str] = set()
    found: dict[str, str] = {}
    for name in wanted:
        plain = re.sub(r"[^A-Za-z0-9_.]+", "_", name)
        safe = plain if re.match(r"[A-Za-z_]", plain) and not _LIKE_A_CELL.fullmatch(plain) else f"in_{plain}"
        found[name] = _alone(safe, used, LONGEST_NAME)
    return found


def _alone(name: str, used: set[str], longest: int) -> str:
    """The name cut to length, with a number behind it where it is taken; notes it as used."""
    cut, number = name[:longest].rstrip(), 2
    while cut.casefold() in used:
        ending = f"_{number}"
        cut, number = name[: longest - len(ending)].rstrip() + ending, number + 1
    used.add(cut.casefold())
    return cut
