"""Labelled texts that a classifier learns from, and the text of a case that it is asked with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, nearest
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.records import dig, read_records

__all__ = ["LabelledTexts", "LinearCandidate", "case_text", "read_labelled"]

_INPUTS: Final = ("input", "text", "question", "message")
_LABELS: Final = ("expected", "label", "category", "target", "intent")
_SHOWN: Final = 10
_FEWEST: Final = 10


@dataclass(frozen=True, kw_only=True)
class LabelledTexts:
    """The usable rows of a training file, in its order."""

    path: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    input: str
    """The column that the texts stood in."""
    rejected: tuple[Problem, ...] = ()
    """Rows without a text or a label: their line, and why."""

    def part(self, rows: Sequence[int]) -> LabelledTexts:
        """Some of the rows."""
        return LabelledTexts(
            path=self.path, texts=tuple(self.texts[k] for k in rows), input=self.input,
            labels=tuple(self.labels[k] for k in rows), rejected=self.rejected,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LinearCandidate:
    """A suite's candidate that is trained here."""

    name: str
    train: LabelledTexts = field(repr=False)
    seed: int = 0
    usd_per_second: float | None = None
    """What the machine costs that it will run on; None: not stated, so no call has a cost."""
    embeddings: str | None = None
    """The embedding model that its features come from; None: TF-IDF."""
    settings: dict[str, Any] = field(default_factory=dict)
    """As the suite states them."""


def read_labelled(path: Path, *, input: str | None = None, label: str | None = None) -> LabelledTexts:  # noqa: A002
    """The labelled texts of a table; raises EvidenceError where there are too few, or one label only.

    input, label: the columns, or dotted paths; where left out, the usual names are looked for.
    """
    records = read_records(path)
    names = list(records.columns)
    source = _column(path, names, input, _INPUTS, "input")
    target = _column(path, names, label, _LABELS, "label")
    texts, labels, problems = [], [], list(records.problems)
    for row in records.rows:
        text, named = dig(row.values, source), dig(row.values, target)
        missing = [name for name, value in ((source, text), (target, named)) if _blank(value)]
        if missing:
            problems.append(Problem(message=f"no {' and no '.join(missing)}", place=row.place))
        else:
            texts.append(str(text))
            labels.append(str(named).strip())
    _check(path, labels, target)
    return LabelledTexts(
        path=str(path), texts=tuple(texts), labels=tuple(labels), input=source, rejected=tuple(problems)
    )


def _blank(value: Any) -> bool:
    return value is None or isinstance(value, dict | list) or not str(value).strip()


def _column(path: Path, names: list[str], stated: str | None, usual: Sequence[str], key: str) -> str:
    found = stated or next((name for name in usual if name in names), None)
    if found is not None and found.partition(".")[0] in (*names, *(n.partition(".")[0] for n in names)):
        return found
    near = nearest(stated, names) if stated else []
    hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(names[:_SHOWN])}"
    message = (
        f"no column {stated!r}" if stated else f"no column is called {', '.join(usual)}: name it by `{key}`"
    )
    raise EvidenceError(Problem(message=message, place=Place(file=str(path)), field=key, hint=hint))


def _check(path: Path, labels: list[str], column: str) -> None:
    counts = Counter(labels)
    place = Place(file=str(path))
    if len(labels) < _FEWEST:
        message = f"{len(labels)} labelled texts; a classifier needs {_FEWEST} at least"
        raise EvidenceError(Problem(message=message, place=place))
    if len(counts) < 2:
        message = f"every row has the label {next(iter(counts))!r}"
        raise EvidenceError(Problem(message=message, place=place, field=column, hint="two labels at least"))
    if len(counts) > len(labels) / 2:
        message = f"{len(counts):,} different labels on {len(labels):,} rows: these are no classes"
        raise EvidenceError(
            Problem(message=message, place=place, field=column, hint="`label` names the column of classes")
        )


def case_text(case: Case, column: str) -> str:
    """What a classifier reads of a case: its ``input``, what the training column is called, or its only variable.

    Raises EvidenceError where none of them is there.
    """
    names = [name for name in ("input", column) if name in case.variables]
    names += list(case.variables) if len(case.variables) == 1 else []
    if not names:
        there = ", ".join(map(str, case.variables))
        hint = f"name it where the cases are read: cases: {{file: …, input: {next(iter(case.variables), 'text')}}}"
        raise EvidenceError(Problem(message=f"case {case.id!r} has no `input`; it has {there}", hint=hint))
    return str(case.variables[names[0]])
