"""Scores of one candidate, case by case, as measured: read from a file, checked, nothing dropped silently.

A score lies within 0..1: 1 right, 0 wrong, or a grade in between. Every row that can not be used is kept as a
problem with its line and its reason; a file that is unusable as a whole is an EvidenceError.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from breakeven.errors import EvidenceError, Place, Problem, QuantityError
from breakeven.evidence.files import read_text
from breakeven.evidence.formats import RawFile, RawRow, reader_for
from breakeven.statistics.arrays import FloatArray

__all__ = ["ScoreTable", "parse_scores", "read_label", "read_score", "read_scores"]

_WORDS: Final = {
    "true": 1.0,
    "pass": 1.0,
    "passed": 1.0,
    "false": 0.0,
    "fail": 0.0,
    "failed": 0.0,
}
_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%?)", re.ASCII | re.IGNORECASE)
_LONGEST_LABEL: Final = 1_000
_SHOWN_PROBLEMS: Final = 10
_QUOTES: Final = "'\""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreTable:
    """All usable scores of a file, row by row, and what was wrong with the others."""

    path: str
    ids: tuple[str, ...]
    """The case of each row. A case that was run more than once stands here more than once."""
    scores: FloatArray
    """The score of each row, within 0..1; read-only."""
    clusters: tuple[str | None, ...] | None
    """What each row's case belongs to (a customer, a document); None in it: the case stands alone."""
    repeats: tuple[str | None, ...] | None
    """Which run of its case each row is; None: no row says."""
    binary: bool
    """Whether every score is 0 or 1."""
    rejected: tuple[Problem, ...]
    """Every row that is not used: its line, and why."""
    date: dt.date | None = None
    """When it was measured, where the file says so."""
    candidate: str | None = None
    """Which candidate it was measured on, where the file says so."""
    iterations: int | None = None
    """How many versions of the prompt were tried on these cases, where the file says so."""
    ignored: tuple[str, ...] = ()
    """Fields or columns of the file that are not used."""

    @property
    def n_cases(self) -> int:
        """Different cases."""
        return len(set(self.ids))


def read_scores(path: Path) -> ScoreTable:
    """The scores in a JSON, JSON Lines or CSV file; raises EvidenceError where the file is unusable."""
    return parse_scores(read_text(path), file=str(path))


def parse_scores(text: str, *, file: str) -> ScoreTable:
    """The same for text at hand. ``file``: its name, which tells its format and stands in messages."""
    text = text.removeprefix("\ufeff")
    raw = reader_for(file, text)(text, file)
    reading = _Reading(raw)
    if not reading.ids:
        raise _unusable(raw, reading.problems, file)
    scores = np.array(reading.scores)
    scores.setflags(write=False)
    return ScoreTable(
        path=file,
        ids=tuple(reading.ids),
        scores=scores,
        clusters=_or_none(reading.clusters),
        repeats=_or_none(reading.repeats),
        binary=bool(np.isin(scores, (0.0, 1.0)).all()),
        rejected=tuple(sorted(reading.problems, key=_line)),
        date=_date(raw.metadata),
        candidate=_candidate(raw.metadata),
        iterations=_iterations(raw.metadata),
        ignored=raw.ignored,
    )


@dataclass(kw_only=True)
class _Row:
    """One row whose values could all be read."""

    id: str
    score: float
    cluster: str | None
    repeat: str | None


class _Reading:
    """The usable rows of a file, collected one by one."""

    def __init__(self, raw: RawFile) -> None:
        self.ids: list[str] = []
        self.scores: list[float] = []
        self.repeats: list[str | None] = []
        self.problems: list[Problem] = list(raw.problems)
        self._first: dict[tuple[str, str | None], Place] = {}
        self._cluster: dict[str, str] = {}
        self._read(raw.rows)

    @property
    def clusters(self) -> list[str | None]:
        """The cluster of each row's case, whichever of its rows named it."""
        return [self._cluster.get(case) for case in self.ids]

    def _read(self, rows: Iterable[RawRow]) -> None:
        outside: list[tuple[RawRow, float]] = []
        for raw in rows:
            try:
                row = _row(raw)
                if 0 <= row.score <= 1:
                    self._add(row, raw.place)
                else:
                    outside.append((raw, row.score))
            except QuantityError as exc:
                self.problems.append(Problem(message=exc.message, place=raw.place, hint=exc.hint))
        if outside:
            raise _wrong_scale(outside)

    def _add(self, row: _Row, place: Place) -> None:
        key = (row.id, row.repeat)
        if key in self._first:
            again = "" if row.repeat is None else f" with repeat {row.repeat}"
            hint = "give each run of a case its own `repeat`, or delete one of the rows"
            raise QuantityError(
                f"case {_shown(row.id)}{again} stands at {self._first[key]} already", hint=hint
            )
        if row.cluster is not None and self._cluster.setdefault(row.id, row.cluster) != row.cluster:
            was, now = _shown(self._cluster[row.id]), _shown(row.cluster)
            message = f"case {_shown(row.id)} is in cluster {now} here and in {was} before"
            raise QuantityError(message, hint="a case belongs to one cluster")
        self._first[key] = place
        self.ids.append(row.id)
        self.scores.append(row.score)
        self.repeats.append(row.repeat)


def _row(raw: RawRow) -> _Row:
    values = raw.values
    if "id" not in values:
        raise QuantityError("no id", hint="every row needs the id of its case, to be paired by")
    case = read_label(values["id"], "id")
    if "score" not in values and "failure" in values:
        raise QuantityError(f"case {_shown(case)}: not scored: {_shown(values['failure']).strip(_QUOTES)}")
    if "score" not in values:
        hint = "a case that was not run has no score; one that failed has score 0"
        raise QuantityError(f"case {_shown(case)}: no score", hint=hint)
    return _Row(
        id=case,
        score=read_score(values["score"], case),
        cluster=read_label(values["cluster"], "cluster") if "cluster" in values else None,
        repeat=read_label(values["repeat"], "repeat") if "repeat" in values else None,
    )


def read_label(value: object, what: str) -> str:
    """A text or a whole number as one line of text; ``what`` names it in the QuantityError for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise QuantityError(
            f"{what} {_shown(value)} is not a label", hint="a text or a whole number is needed"
        )
    label = str(value).strip()
    if not label:
        raise QuantityError(f"the {what} is blank", hint="a text or a whole number is needed")
    if "\n" in label or "\r" in label:
        raise QuantityError(
            f"{what} {_shown(label)} goes over lines", hint="a quote before it may not be closed"
        )
    if len(label) > _LONGEST_LABEL:
        raise QuantityError(
            f"{what} {_shown(label)} has {len(label)} characters", hint=f"up to {_LONGEST_LABEL}"
        )
    if any("\ud800" <= character <= "\udfff" for character in label):
        raise QuantityError(
            f"{what} {_shown(label)} holds half a character", hint="escape it as valid UTF-16"
        )
    return label


def read_score(value: object, case: str) -> float:
    """A number, a share in per cent, true or false, pass or fail, as a finite number; its range is not checked.

    ``case`` names the row in the QuantityError for anything else.
    """
    if isinstance(value, bool | int | float):
        return _finite(value, case)
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _WORDS:
            return _WORDS[word]
        if (found := _NUMBER.fullmatch(word)) is not None:
            return _finite(float(found[1]), case) / (100 if found[2] else 1)
    hint = "a number from 0 to 1, true or false, pass or fail"
    raise QuantityError(f"case {_shown(case)}: score {_shown(value)} can not be read", hint=hint)


def _finite(value: float, case: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        hint = "leave out the row of a case that was not run"
        raise QuantityError(f"case {_shown(case)}: score {_shown(value)} is not finite", hint=hint)
    return number


def _wrong_scale(outside: list[tuple[RawRow, float]]) -> EvidenceError:
    """Scores on another scale make every row doubtful: is a 1 the best score, or one per cent?"""
    worst, score = max(outside, key=lambda row: abs(row[1]))
    message = f"score {score:g} is outside 0..1 (one of {len(outside)} such rows), so the scale is in doubt: "
    hint = "write every score as a share from 0 to 1 (0.92), or with its sign (92%)"
    first = Problem(message=message + _readings(score), place=worst.place, field="score", hint=hint)
    others = [
        Problem(message=f"score {value:g} is outside 0..1", place=raw.place, field="score")
        for raw, value in outside[:_SHOWN_PROBLEMS]
        if raw is not worst
    ]
    return EvidenceError(first, *others)


def _readings(score: float) -> str:
    """The two readings of a score outside 0..1."""
    if score < 0:
        return "it may mark a case that was not run (leave the row out), or one that failed (write 0)"
    top = next((top for top in (5, 10) if score <= top), None)
    if top is not None:
        return f"as a percentage it is {score / 100:g}, as a grade out of {top} it is {score / top:g}"
    if score <= 100:
        return f"as a percentage it is {score / 100:g}, as a share it is more than everything"
    return "as a percentage and as a share it is more than everything"


def _unusable(raw: RawFile, problems: list[Problem], file: str) -> EvidenceError:
    read = len(raw.rows) + len(raw.problems)
    message = f"no usable score in {read} rows" if read else "no rows"
    hint = "one row a case is needed, with `id` and `score`"
    head = Problem(message=message, place=Place(file=file), hint=hint)
    return EvidenceError(head, *sorted(problems, key=_line)[:_SHOWN_PROBLEMS])


def _line(problem: Problem) -> tuple[int, int]:
    place = problem.place
    return (place.line or 0, place.column or 0) if place else (0, 0)


def _or_none(labels: list[str | None]) -> tuple[str | None, ...] | None:
    return tuple(labels) if any(label is not None for label in labels) else None


def _shown(value: object) -> str:
    """A value as it may stand in a message: on one line, escaped, not endless."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


Metadata = Mapping[str, tuple[object, Place]]


def _date(metadata: Metadata) -> dt.date | None:
    value, place = metadata.get("date", (None, None))
    if value is None:
        return None
    try:
        # An instant keeps its date as written: the day on which it was measured, there.
        return dt.datetime.fromisoformat(str(value)).date()
    except ValueError as exc:
        message, hint = f"{_shown(value)} is not a date", "write it as 2026-11-02"
        raise EvidenceError(Problem(message=message, place=place, field="date", hint=hint)) from exc


def _candidate(metadata: Metadata) -> str | None:
    value, place = metadata.get("candidate", (None, None))
    if value is None:
        return None
    try:
        return read_label(value, "candidate")
    except QuantityError as exc:
        raise EvidenceError(Problem(message=exc.message, place=place, hint=exc.hint)) from exc


def _iterations(metadata: Metadata) -> int | None:
    value, place = metadata.get("iterations", (None, None))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message, hint = f"{_shown(value)} is not a count", "how many versions were tried on these cases: 14"
        raise EvidenceError(Problem(message=message, place=place, field="iterations", hint=hint))
    return value
