"""Scores from JSON Lines: one case a line, ``{"id": "a", "score": 1}``."""

from __future__ import annotations

import json

from breakeven.errors import Place
from breakeven.evidence.formats.json_scores import Rows, decode
from breakeven.evidence.formats.raw import RawFile

__all__ = ["read_jsonl"]


def read_jsonl(text: str, file: str) -> RawFile:
    """The rows of a JSON Lines file. A line that is not JSON (the last one of a killed run) is one problem."""
    rows = Rows()
    # Not splitlines(), which also cuts at characters that may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = Place(file=file, line=number)
        try:
            value = decode(line.strip())
        except (RecursionError, ValueError) as exc:
            reason = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
            rows.reject(f"not JSON: {reason}", place, 'one object a line is needed: {"id": …, "score": …}')
            continue
        rows.add(value, place)
    return rows.file()
