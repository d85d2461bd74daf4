"""Rows for people in a CSV that a spreadsheet opens, and their verdicts read back."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.labelling import as_meant, harmless
from breakeven.evidence.evals.records import Record, Records, read_records
from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.prompts.redaction import redact
from breakeven.evidence.training.auditing.drawing import Drawn
from breakeven.evidence.training.auditing.verdicts import Verdict, word_of
from breakeven.evidence.training.row import TrainingRow

__all__ = ["Judged", "read_sheet", "taught", "write_sheet"]

_COLUMNS: Final = (
    "n", "asked", "taught", "looks_like", "verdict", "correct", "edge_case", "remark", "sample", "plan", "place", "row"
)  # fmt: skip
_EDGE: Final = {
    **dict.fromkeys(("yes", "y", "1", "1.0", "true", "x", "edge"), True),
    **dict.fromkeys(("no", "n", "0", "0.0", "false"), False),
}
"""What people write into ``edge_case``."""
_CELL: Final = 32_000
"""Characters of a cell; spreadsheets hold 32,767."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came back."""

    verdicts: tuple[Verdict, ...]
    skipped: int
    """Rows without a verdict before the last one that has one; taken as ``unsure``."""
    unread: int
    """Rows without a verdict at the end of the order drawn: nobody has come so far."""
    problems: tuple[Problem, ...]


def taught(row: TrainingRow) -> str:
    """What a person judges: the label, else the answer."""
    return row.label if row.label is not None else row.answer


def write_sheet(
    path: Path, rows: Sequence[TrainingRow], drawn: Sequence[Drawn], *, mask: bool = False
) -> None:
    """A CSV with an empty column ``verdict``; what a spreadsheet would compute gets an apostrophe before it.

    mask: personal data and keys in the texts are masked.
    """
    with replaced(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for n, one in enumerate(drawn, start=1):
            row = rows[one.row]
            asked, told = (redact(text).text if mask else text for text in (row.question, taught(row)))
            cells = (
                n,
                _cell(asked),
                _cell(told),
                _cell(one.guess),
                "",
                "",
                "",
                "",
                one.sample,
                one.plan or "",
            )
            writer.writerow([*cells, _cell(str(row.place)), one.key])


def _cell(text: str) -> str:
    text = "".join(c if c in "\n\t" or unicodedata.category(c) != "Cc" else f"\\x{ord(c):02x}" for c in text)
    return harmless(text if len(text) <= _CELL else text[: _CELL - 1] + "…")


def read_sheet(path: Path, *, date: str | None = None) -> Judged:
    """The verdicts on a sheet; raises EvidenceError where it is no such sheet."""
    records = _as_written(read_records(path))
    for name in ("verdict", "row", "sample"):
        if name not in records.columns:
            hint = "a sheet that breakeven data audit wrote is needed, with all its columns"
            raise EvidenceError(
                Problem(message=f"no column {name!r}", place=Place(file=str(path)), hint=hint)
            )
    problems = list(records.problems)
    rows = _as_drawn(records.rows)
    said = [str(row.values.get("verdict", "")).strip() for row in rows]
    last = max((k for k, word in enumerate(said) if word), default=-1)
    verdicts, skipped = [], 0
    for k, (row, word) in enumerate(zip(rows, said, strict=True)):
        if k > last:
            break
        skipped += not word
        found = _verdict(row, word or "unsure", date)
        if isinstance(found, Problem):
            problems.append(found)
        elif word or found.sample == "random":
            verdicts.append(found)
    unread = len(rows) - last - 1
    return Judged(verdicts=tuple(verdicts), skipped=skipped, unread=unread, problems=tuple(problems))


def _as_drawn(rows: Sequence[Record]) -> list[Record]:
    """The rows in the order they were drawn, however a spreadsheet has sorted them: what was passed over goes by it."""
    numbers = [_number(row.values.get("n")) for row in rows]
    if any(number is None for number in numbers):
        return list(rows)
    return [row for _, row in sorted(zip(numbers, rows, strict=True), key=lambda pair: pair[0] or 0)]


def _as_written(records: Records) -> Records:
    """The records with our own names of columns, where someone wrote them in other letters: ``Verdict``."""
    names = {column: column.strip().lower().replace(" ", "_") for column in records.columns}
    if len(set(names.values())) < len(names):
        return records
    rows = tuple(
        replace(row, values={names.get(key, key): value for key, value in row.values.items()})
        for row in records.rows
    )
    return replace(records, columns=tuple(names.values()), rows=rows)


def _verdict(row: Record, word: str, date: str | None) -> Verdict | Problem:
    judgement = word_of(word)
    if judgement is None:
        return Problem(message=f"verdict {word[:40]!r}", place=row.place, hint="write right, wrong or unsure")
    key, sample = str(row.values.get("row", "")), str(row.values.get("sample", ""))
    if not key or sample not in ("random", "suspect"):
        return Problem(message="`row` or `sample` was changed or lost", place=row.place)
    correct = as_meant(str(row.values.get("correct", "")).strip()) or None
    return Verdict(
        row=key, sample="random" if sample == "random" else "suspect", verdict=judgement, date=date,
        place=as_meant(str(row.values.get("place", ""))), correct=correct, plan=_number(row.values.get("plan")),
        edge=_EDGE.get(str(row.values.get("edge_case", "")).strip().lower()),
    )  # fmt: skip


def _number(value: Any) -> int | None:
    try:
        return int(float(str(value)))
    except ValueError:
        return None
