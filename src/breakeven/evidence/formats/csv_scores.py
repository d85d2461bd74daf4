"""Scores from CSV: a header with ``id`` and ``score``, and ``cluster`` and ``repeat`` where there are any.

Commas, semicolons and tabs separate, whichever the header uses. Other columns are left unread, and listed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.formats.raw import FIELDS, RawFile, RawRow

__all__ = ["read_csv"]

_SEPARATORS: Final = (",", ";", "\t")


def read_csv(text: str, file: str) -> RawFile:
    """The rows of a CSV file; raises EvidenceError where the header does not name ``id`` and ``score``."""
    problems: list[Problem] = []
    records = _records(text, file, problems)
    header, place = next(records, ([], Place(file=file, line=1)))
    columns = _columns(header, place)
    rows = []
    for cells, where in records:
        if len(cells) != len(header):
            hint = "put quotes around a value that holds a separator"
            message = f"{len(cells)} fields where the header has {len(header)}"
            problems.append(Problem(message=message, place=where, hint=hint))
            continue
        values = {name: cells[at] for name, at in columns.items() if cells[at].strip()}
        rows.append(RawRow(place=where, values=values))
    others = sorted(
        {name.strip() for i, name in enumerate(header) if i not in columns.values() and name.strip()}
    )
    return RawFile(rows=tuple(rows), problems=tuple(problems), ignored=tuple(others))


def _records(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[list[str], Place]]:
    """Every record that is not blank, with the line it starts on; broken ones go to ``problems``."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    while True:
        place = Place(file=file, line=reader.line_num + 1)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            hint = "a quote inside a quoted value is written twice; a quote that opens must close"
            problems.append(Problem(message=f"not CSV: {exc}", place=place, hint=hint))
            continue
        if any(cell.strip() for cell in cells):
            yield cells, place


def _separator(text: str) -> str:
    """The separator with which the first line that is not blank names both ``id`` and ``score``."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for separator in _SEPARATORS:
        names = {_name(cell) for cell in first.split(separator)}
        if {"id", "score"} <= names:
            return separator
    return ","


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().lower()


def _columns(header: list[str], place: Place) -> dict[str, int]:
    """Field → its column."""
    names = [_name(cell) for cell in header]
    hint = "a header such as `id,score` or `id,score,cluster,repeat` is needed"
    missing = [f"`{name}`" for name in ("id", "score") if name not in names]
    if missing:
        shown = ",".join(header)[:80]
        message = f"the header reads {shown!r}: no column {' and no column '.join(missing)}"
        raise EvidenceError(Problem(message=message, place=place, hint=hint))
    twice = [name for name in FIELDS if names.count(name) > 1]
    if twice:
        message = f"the header names `{twice[0]}` {names.count(twice[0])} times"
        raise EvidenceError(Problem(message=message, place=place, hint=hint))
    return {name: names.index(name) for name in FIELDS if name in names}
