"""A row's name in an audit: a hash of what it says, so that an edited row is no longer the row that was judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from breakeven.evidence.training.row import TrainingRow

__all__ = ["row_keys"]


def row_keys(rows: Sequence[TrainingRow]) -> list[str]:
    """One key a row: ``r`` and 16 hexadecimal digits, and a number behind it where an earlier row says the same."""
    seen: dict[str, int] = {}
    keys = []
    for row in rows:
        key = _hash(row)
        seen[key] = seen.get(key, 0) + 1
        keys.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return keys


def _hash(row: TrainingRow) -> str:
    said = json.dumps(row.raw, sort_keys=True, ensure_ascii=True, default=str)
    # A letter first: a spreadsheet turns a name that looks like a number into one.
    return "r" + hashlib.sha256(said.encode("ascii")).hexdigest()[:16]
