"""Training data from files of any format: every usable row, and every other one with its place and its reason."""

from __future__ import annotations

import gc
import hashlib
import itertools
import tempfile
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, nearest
from breakeven.evidence.calls.files import LogFile, find_files, open_bytes
from breakeven.evidence.calls.lines import LONGEST
from breakeven.evidence.evals.records import dig
from breakeven.evidence.training.formats import (
    TrainingFormat,
    UnusableRowError,
    find_training_format,
    training_formats,
)
from breakeven.evidence.training.formats.table import CONTENT, FIELDS, column_names, guessed, mapped_format
from breakeven.evidence.training.raw_rows import RawRow, raw_rows
from breakeven.evidence.training.row import Origin, Rejected, TrainingData, TrainingFile, TrainingRow

__all__ = ["parse_columns", "read_training"]

_SAMPLE: Final = 200
"""Rows by which a file's format and columns are told."""
_SHOWN: Final = 10
_TABLE: Final = "table"
_ABOUT: Final = ("id", "cluster", "origin")
"""Fields of rows of every format."""
_FEWEST: Final = 20
"""Rows from which answers can be told to be classes."""
_REPEATS: Final = 5
"""Rows for each class, in the mean, from which they are."""
_LONGEST: Final = 60
"""Characters of the name of a class."""
_KINDS: Final = {"jsonl": "JSON Lines", "json": "JSON", "csv": "CSV", "parquet": "Parquet"}
_ORIGINS: Final[Mapping[str, Origin]] = {
    "human": "human", "person": "human", "manual": "human", "expert": "human",
    "verified": "verified", "reviewed": "verified", "human-verified": "verified", "checked": "verified",
    "synthetic": "synthetic", "generated": "synthetic", "model": "synthetic", "llm": "synthetic", "ai": "synthetic",
}  # fmt: skip


def parse_columns(pairs: Iterable[str]) -> dict[str, str]:
    """``field=column`` pairs, as ``--map`` takes them; raises EvidenceError."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, column = (part.strip() for part in pair.partition("="))
        if not sign or not column:
            hint = "write it as question=my_column"
            raise EvidenceError(Problem(message=f"--map {pair!r} names no column", hint=hint))
        found[name] = column
    _check_fields(found)
    return found


def _check_fields(mapping: Mapping[str, str]) -> None:
    for name in mapping:
        if name not in FIELDS:
            near = nearest(name, FIELDS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"fields: {', '.join(FIELDS)}"
            raise EvidenceError(Problem(message=f"no field of a row is called {name!r}", hint=hint))


def read_training(
    paths: Sequence[str | Path],
    *,
    mapping: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002  - what people call it
    strict: bool = False,
) -> TrainingData:
    """The rows of files, folders, globs or ``-`` (standard input): JSON Lines, JSON, CSV or Parquet, plain or gzip.

    mapping: field → column (dotted into nested objects), for tables or to point at the id, the cluster, the origin.
    format: a format's name, ``table`` for columns; left out, each file's rows tell it. strict: the first row that can
    not be used is an error. Raises EvidenceError where a file can not be read, its format is not told, or no row is
    left.
    """
    mapping = dict(mapping or {})
    _check_fields(mapping)
    named = find_training_format(format) if format not in (None, _TABLE) else None
    with tempfile.TemporaryDirectory() as spool:
        files = _files([str(path) for path in paths], Path(spool))
        reading = _Reading(named, mapping, table=format == _TABLE, strict=strict)
        digest = hashlib.sha256()
        with _uncollected():
            for file in files:
                reading.file(file)
                _hash(file.path, digest.update)
    return reading.done(tuple(file.shown for file in files), digest.hexdigest())


def _files(paths: Sequence[str], spool: Path) -> list[LogFile]:
    for path in paths:
        if Path(path).is_file() and not Path(path).stat().st_size:
            raise EvidenceError(
                Problem(
                    message="the file is empty", place=Place(file=path), hint="one example a row is needed"
                )
            )
    return [_unmistaken(file) for file in find_files(paths, spool=spool)]


def _unmistaken(file: LogFile) -> LogFile:
    """The file as JSON Lines, where its first line is one long object and only looked like the start of a document."""
    if file.container != "json":
        return file
    with open_bytes(file.path, file.compression) as stream:
        first = stream.readline(LONGEST).removeprefix(BOM_UTF8).strip()
        more = stream.readline(LONGEST).strip()
    if not (first.startswith(b"{") and first.endswith(b"}") and more.startswith(b"{")):
        return file
    return replace(file, container="jsonl")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: rows have none, and looking for them in millions of values doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _hash(path: Path, update: Callable[[bytes], None]) -> None:
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            update(block)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How one file is read."""

    format: TrainingFormat
    about: Mapping[str, str]
    """``id``, ``cluster``, ``origin``, and maybe ``label`` → column."""


class _Reading:
    """Collects rows, file by file."""

    def __init__(
        self, named: TrainingFormat | None, mapping: Mapping[str, str], *, table: bool, strict: bool
    ) -> None:
        self._named = named
        self._mapping = mapping
        self._table = table or any(field in CONTENT for field in mapping if field != "label")
        self._strict = strict
        self._rows: list[TrainingRow] = []
        self._rejected: list[Rejected] = []
        self._notes: list[str] = []
        self._columns: dict[str, str] = dict(mapping)
        self._files: list[TrainingFile] = []

    def file(self, file: LogFile) -> None:
        """All rows of a file."""
        before = len(self._rows)
        self._read(file)
        found = self._rows[before:]
        self._files.append(
            TrainingFile(
                name=file.shown,
                format=found[0].format if found else "",
                container=file.container,
                packed=file.compression != "none",
                n_bytes=file.path.stat().st_size,
                n_rows=len(found),
            )
        )

    def _read(self, file: LogFile) -> None:
        rows = raw_rows(file)
        head = list(itertools.islice(rows, _SAMPLE))
        sample = [row.values for row in head if row.values is not None]
        if not sample:
            more = next((row for row in rows if row.values is not None), None)
            self._all_bad(file, head if more is None else [*head, more], rows, more)
            return
        plan = self._plan(sample, file)
        for row in itertools.chain(head, rows):
            self._take(row, file.shown, plan)

    def _all_bad(
        self, file: LogFile, head: list[RawRow], rows: Iterator[RawRow], more: RawRow | None
    ) -> None:
        """A file whose first rows can all not be read: told by the first that can, where there is one."""
        plan = None if more is None or more.values is None else self._plan([more.values], file)
        for row in itertools.chain(head, rows):
            if plan is not None:
                self._take(row, file.shown, plan)
            else:
                self._reject(row, file.shown, row.reason, row.detail)

    def _plan(self, sample: Sequence[dict[str, Any]], file: LogFile) -> _Plan:
        keys = column_names(sample)
        _check_columns(self._mapping, sample, keys, file.shown)
        found = self._named
        columns: dict[str, str] = {}
        if found is None and not self._table:
            found = _told(sample)
        if found is None or found.name == "text":
            columns = self._content(keys)
            if _makes_rows(columns):
                lists = _list_columns(sample, columns)
                found = mapped_format(columns, lists)
                self._notes += [
                    f"{file.shown}: a row without `{name}` is read as an empty list" for name in lists
                ]
        if found is None:
            raise _unknown(file.shown, keys)
        about = guessed(
            [key for key in keys if "." not in key or key.startswith(("metadata.", "meta."))], _ABOUT
        )
        about = {field: column for field, column in about.items() if column not in columns.values()}
        about |= {field: column for field, column in self._mapping.items() if field in (*_ABOUT, "label")}
        self._note(file, found, {**columns, **about})
        return _Plan(format=found, about=about)

    def _content(self, keys: Sequence[str]) -> dict[str, str]:
        """Field → column of a table: as mapped, else by name."""
        stated = {field: column for field, column in self._mapping.items() if field in CONTENT}
        if "messages" in stated:
            return stated
        free = [key for key in keys if key not in self._mapping.values()]
        wanted = [field for field in CONTENT if field not in stated]
        if {"answer", "label"} & set(stated):
            wanted = [field for field in wanted if field not in ("answer", "label")]
        return {**stated, **guessed(free, wanted)}

    def _note(self, file: LogFile, found: TrainingFormat, columns: Mapping[str, str]) -> None:
        read = ", ".join(
            f"{field} from `{column[:40]}`{'' if field in self._mapping else ' (by its name)'}"
            for field, column in columns.items()
            if column != field
        )
        self._notes.append(
            f"{file.shown}: {found.title}, {_KINDS[file.container]}" + (f"; {read}" if read else "")
        )
        self._columns.update(columns)

    def _take(self, row: RawRow, shown: str, plan: _Plan) -> None:
        values = row.values
        if values is None:
            self._reject(row, shown, row.reason, row.detail)
            return
        try:
            found = plan.format.reads(values)
        except UnusableRowError as exc:
            other = None if plan.format.is_row(values) else _told([values])
            if other is not None and other.name not in (plan.format.name, "text"):
                self._reject(row, shown, "another format", f"{other.title} among {plan.format.title}")
            else:
                self._reject(row, shown, exc.reason, exc.detail)
            return
        about = {field: _cell(dig(values, column)) for field, column in plan.about.items()}
        self._rows.append(
            TrainingRow(
                place=Place(file=shown, line=row.number),
                format=plan.format.name,
                raw=values,
                messages=found.messages,
                rejected=found.rejected,
                tools=found.tools,
                label=found.label or about.get("label"),
                id=about.get("id"),
                cluster=about.get("cluster"),
                origin=_ORIGINS.get((about.get("origin") or "").strip().lower(), "unknown"),
            )
        )

    def _reject(self, row: RawRow, shown: str, reason: str, detail: str) -> None:
        place = Place(file=shown, line=row.number)
        if self._strict:
            raise EvidenceError(
                Problem(message=f"{reason}: {detail}" if detail else reason, place=place,
                        hint="without --strict, such rows are listed and the others are used")
            )  # fmt: skip
        self._rejected.append(Rejected(place=place, reason=reason, detail=detail))

    def done(self, paths: tuple[str, ...], sha256: str) -> TrainingData:
        """Everything that was read; raises EvidenceError where no row can be used."""
        if not self._rows:
            worst = [
                Problem(message=bad.reason + (f": {bad.detail}" if bad.detail else ""), place=bad.place)
                for bad in self._rejected[:_SHOWN]
            ]
            raise EvidenceError(
                Problem(message="no row can be used", place=Place(file=", ".join(paths)),
                        hint="one example a row is needed: chat messages, a question and its answer, …"),
                *worst,
            )  # fmt: skip
        classes = _classes(self._rows)
        if classes:
            self._rows = [replace(row, label=row.answer.strip() or None) for row in self._rows]
            self._notes.append(f"the answers are {classes:,} classes: each is read as its row's label")
        return TrainingData(
            paths=paths, sha256=sha256, rows=tuple(self._rows), rejected=tuple(self._rejected),
            notes=tuple(dict.fromkeys(self._notes)), mapping=self._columns, files=tuple(self._files),
        )  # fmt: skip


def _classes(rows: Sequence[TrainingRow]) -> int:
    """How many classes the answers are, where they are classes: short, and few of them for so many rows."""
    if len(rows) < _FEWEST or any(row.label is not None or row.rejected is not None for row in rows):
        return 0
    answers = Counter(answer for row in rows if (answer := row.answer.strip()))
    short = [a for a in answers if len(a) <= _LONGEST and "\n" not in a and a[0] not in "[{"]
    classes = len(short) == len(answers) and 0 < _REPEATS * len(answers) <= len(rows)
    return len(answers) if classes else 0


def _told(sample: Sequence[Mapping[str, Any]]) -> TrainingFormat | None:
    """The format that most rows are of; None where it is none's."""
    votes = Counter(
        next((known.name for known in training_formats() if known.is_row(row)), "") for row in sample
    )
    name = votes.most_common(1)[0][0]
    return next((known for known in training_formats() if known.name == name), None)


def _check_columns(
    mapping: Mapping[str, str], sample: Sequence[Mapping[str, Any]], keys: Sequence[str], shown: str
) -> None:
    for field, column in mapping.items():
        if column not in keys and not any(dig(row, column) is not None for row in sample):
            near = nearest(column, keys)
            hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(keys[:_SHOWN])}"
            message = f"no column {column!r} for `{field}`"
            raise EvidenceError(Problem(message=message, place=Place(file=shown), hint=hint))


def _list_columns(sample: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> tuple[str, ...]:
    """Columns of answers that hold lists, and are left out in some rows: there the list is empty."""
    found = []
    for field in ("answer", "label"):
        cells = [dig(row, columns[field]) for row in sample] if field in columns else []
        given = [cell for cell in cells if cell is not None]
        if given and len(given) < len(cells) and all(isinstance(cell, list) for cell in given):
            found.append(columns[field])
    return tuple(found)


def _makes_rows(columns: Mapping[str, str]) -> bool:
    return "messages" in columns or ("question" in columns and bool({"answer", "label"} & set(columns)))


def _unknown(shown: str, keys: Sequence[str]) -> EvidenceError:
    known = ", ".join(found.name for found in training_formats())
    columns = ", ".join(key[:40] for key in keys[:_SHOWN]) + (", …" if len(keys) > _SHOWN else "")
    return EvidenceError(
        Problem(
            message=f"the columns tell no training format: {columns}",
            place=Place(file=shown),
            hint=f"say where things stand, --map question=COLUMN --map answer=COLUMN; known formats: {known}",
        )
    )


def _cell(value: Any) -> str | None:
    """An id, a cluster or an origin as text; None where it is empty or no plain value."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    return text or None
