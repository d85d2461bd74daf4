"""The passages of a corpus, read from a table: CSV, JSON Lines, JSON or Parquet."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.records import read_records

__all__ = ["Passages", "read_passages"]

_TEXTS: Final = ("text", "passage", "content", "body", "chunk")


@dataclass(frozen=True, kw_only=True)
class Passages:
    """A corpus, in its file's order."""

    path: str
    ids: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)
    rejected: tuple[Problem, ...] = ()
    """Rows without a text, or with an id that was there before: their line, and why."""

    @cached_property
    def by_id(self) -> dict[str, int]:
        """The position of each id."""
        return {name: k for k, name in enumerate(self.ids)}


def read_passages(path: Path) -> Passages:
    """The passages of a file, each with ``text`` and ``id`` (else its row's number); raises EvidenceError."""
    records = read_records(path)
    column = next((name for name in _TEXTS if name in records.columns), None)
    if column is None:
        hint = (
            f"there are: {', '.join(records.columns[:10])}; rename the one that holds the passages to `text`"
        )
        raise EvidenceError(Problem(message="no column `text`", place=Place(file=str(path)), hint=hint))
    found: dict[str, str] = {}
    problems = list(records.problems)
    for number, row in enumerate(records.rows, start=1):
        name = str(row.values.get("id", number))
        text = row.values.get(column)
        wrong = _wrong(name, text, found)
        if wrong:
            problems.append(Problem(message=wrong, place=row.place))
        else:
            found[name] = str(text)
    if not found:
        raise EvidenceError(Problem(message="holds no passage", place=Place(file=str(path))))
    return Passages(path=str(path), ids=tuple(found), texts=tuple(found.values()), rejected=tuple(problems))


def _wrong(name: str, text: Any, found: dict[str, str]) -> str | None:
    if not isinstance(text, str) or not text.strip():
        return "no text"
    return f"the id {name!r} was there before" if name in found else None
