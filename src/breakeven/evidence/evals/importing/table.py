"""Any table of scores, by its column names or by a map of them.

Long: a row for each run, with a column ``candidate`` where there are several. Wide: a row for each case and a column of
scores for each candidate (``score=gpt-4o,claude``, or ``score=*`` for all columns that stand for nothing else). Repeats
may stand in one cell, one digit a run (``repeats=outcomes``: 1101).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, nearest
from breakeven.evidence.evals.identity import derived_id
from breakeven.evidence.evals.importing.collecting import Collector, as_text, count, number
from breakeven.evidence.evals.importing.imported import Imported, Importer, Wishes
from breakeven.evidence.evals.importing.source import Source
from breakeven.evidence.evals.records import Record, Records, dig

__all__ = ["FIELDS", "TABLE"]

_COUNTS: Final = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
_AMOUNTS: Final = ("latency_s", "cost_usd", "judge_cost_usd")
_TEXTS: Final = ("failure", "output", "note", "input")
FIELDS: Final[tuple[str, ...]] = (
    "id", "candidate", "score", "repeats", "repeat", "cluster", "segment", "latency_ms", *_COUNTS, *_AMOUNTS, *_TEXTS,
)  # fmt: skip
"""Fields of a table; each is looked for under its own name where it is not mapped."""
_ROW: Final = "#row"
"""As an id: the number of the row. It pairs candidates that stand side by side in one table, and nothing else."""
_LIST: Final = re.compile(r"\[?\s*[01](?:[,;\s]*[01])*\s*\]?")


def _read(source: Source, wishes: Wishes) -> Imported:
    records = source.records
    columns = _columns(records, wishes)
    wide = _candidates(records, columns)
    collector = Collector(source.file, wishes, number_repeats=False)
    collector.problems += records.problems
    reader = _Rows(columns, wide, source.stem, records.file)
    for number_of_row, record in enumerate(records.rows, start=1):
        reader.row(record, number_of_row, collector)
    if reader.derived:
        collector.notes.append(
            f"{reader.derived:,} of {len(records.rows):,} rows have no id and got one made of their input (h-…)"
        )
    return collector.done("table")


def _columns(records: Records, wishes: Wishes) -> dict[str, tuple[str, ...]]:
    """Field → its columns, the stated ones checked."""
    found: dict[str, tuple[str, ...]] = {name: (name,) for name in FIELDS if name in records.columns}
    for name, columns in wishes.columns.items():
        for column in columns:
            if column not in (_ROW, "*") and not _is_there(records, column):
                near = nearest(column, records.columns)
                shown = _names(near or records.columns)
                raise _error(records.file, f"no column {column!r} for `{name}`", f"there are: {shown}")
        found[name] = columns
    if "score" in wishes.columns and "repeats" not in wishes.columns:
        found.pop("repeats", None)
    if not {"score", "repeats"} & set(found):
        shown = _names(records.columns)
        raise _error(records.file, "no column `score`", f"name it: --map score=COLUMN; there are: {shown}")
    if not {"id", "input"} & set(found):
        hint = (
            "name it: --map id=COLUMN; or the text of the case, --map input=COLUMN; or the row, --map id=#row"
        )
        raise _error(records.file, "no column `id`", hint)
    return found


def _names(columns: Iterable[str]) -> str:
    """The first columns, each on one line and cut short."""
    names = [" ".join(name.split())[:40] for name in columns if name.strip()]
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _error(file: str, message: str, hint: str) -> EvidenceError:
    return EvidenceError(Problem(message=message, place=Place(file=file), hint=hint))


def _is_there(records: Records, column: str) -> bool:
    return column in records.columns or any(dig(row.values, column) is not None for row in records.rows)


def _candidates(records: Records, columns: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Column of scores → the candidate that it is of; empty for a long table."""
    named = columns.get("score", ())
    if named == ("*",):
        taken = {column for name, others in columns.items() if name != "score" for column in others}
        named = tuple(name for name in records.columns if name not in taken)
    if len(named) < 2:
        return {}
    return dict(zip(named, _without_ending(named), strict=True))


def _without_ending(names: tuple[str, ...]) -> list[str]:
    """``a.right``, ``b.right`` as ``a``, ``b``: what all paths end in says nothing."""
    parts = [name.split(".") for name in names]
    if all(len(part) > 1 for part in parts) and len({part[-1] for part in parts}) == 1:
        return [name.rpartition(".")[0] for name in names]
    return list(names)


class _Rows:
    """Reads rows one by one."""

    def __init__(
        self, columns: Mapping[str, tuple[str, ...]], wide: Mapping[str, str], stem: str, file: str
    ) -> None:
        self._columns = columns
        self._wide = wide
        self._stem = stem
        self._file = file
        self._seen: dict[Any, Place] = {}
        self.derived = 0

    def row(self, record: Record, row: int, collector: Collector) -> None:
        """All runs of one row."""
        known = dict(self._known(record))
        case = self._id(record, row, known)
        if case is None:
            collector.reject("no id", record.place, "every row needs the id of its case, to be paired by")
            return
        known["case"] = case
        if self._wide:
            if (first := self._seen.setdefault(case, record.place)) is not record.place:
                hint = "each row of a wide table is a case: give it an id of its own (--map id=COLUMN, or 'id=#row')"
                collector.reject(f"case {case!r} stands at {_short(first)} already", record.place, hint)
                return
            for column, candidate in self._wide.items():
                # An empty cell is a case that this candidate did not run.
                if (score := dig(record.values, column)) is not None:
                    collector.add(candidate, record.place, **{**known, "score": score})
        else:
            self._long(record, known, collector)

    def _long(self, record: Record, known: Mapping[str, Any], collector: Collector) -> None:
        candidate = as_text(self._value(record, "candidate")) or self._stem
        outcomes = self._value(record, "repeats")
        if outcomes is None:
            collector.add(candidate, record.place, **known, score=self._value(record, "score"))
            return
        runs = _outcomes(outcomes)
        if not runs:
            hint = "one digit a run, 1 right and 0 wrong (1101), or a list of scores"
            collector.reject(f"repeats {str(outcomes)[:40]!r} can not be read", record.place, hint)
        for repeat, score in enumerate(runs, start=1):
            collector.add(candidate, record.place, **{**known, "score": score, "repeat": repeat})

    def _value(self, record: Record, name: str) -> Any:
        values = [dig(record.values, column) for column in self._columns.get(name, ())]
        if len(values) < 2:
            return values[0] if values else None
        return None if None in values else "/".join(str(value) for value in values)

    def _id(self, record: Record, row: int, known: Mapping[str, Any]) -> Any:
        if self._columns.get("id") == (_ROW,):
            return str(row)
        if (found := self._value(record, "id")) is not None:
            return found
        if (text := known.get("input")) is None or "id" in self._columns:
            return None
        self.derived += 1
        return derived_id({"input": text}, None)

    def _known(self, record: Record) -> Iterator[tuple[str, Any]]:
        for name in ("repeat", "cluster", "segment"):
            yield name, self._value(record, name)
        for name in _COUNTS:
            yield name, count(self._value(record, name))
        for name in _AMOUNTS:
            yield name, number(self._value(record, name))
        for name in _TEXTS:
            yield name, as_text(self._value(record, name))
        if (milliseconds := number(self._value(record, "latency_ms"))) is not None:
            yield "latency_s", milliseconds / 1000


def _short(place: Place) -> str:
    return f"line {place.line}"


def _outcomes(value: Any) -> list[Any]:
    """The scores of a cell that holds all runs of a case."""
    if isinstance(value, list):
        return value
    # A number would have lost the zeros that it began with.
    if isinstance(value, str) and _LIST.fullmatch(value.strip()):
        return [int(digit) for digit in re.findall("[01]", value)]
    return []


def _is_table(source: Source) -> bool:
    return bool(source.columns)


TABLE: Final = Importer(
    name="table", title="a table of scores (CSV, JSON Lines, JSON, Parquet)", recognises=_is_table, reads=_read,
    maps=FIELDS,
)  # fmt: skip
