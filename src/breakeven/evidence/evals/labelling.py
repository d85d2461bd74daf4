"""Cases to be labelled by people: a sheet out, the same sheet read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.records import read_records
from breakeven.evidence.profile.writing import replaced

__all__ = ["Labelled", "as_meant", "harmless", "read_labels", "write_cases", "write_sheet"]

_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell."""
_SUGGESTION: Final = "suggestion"


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """What came back."""

    cases: tuple[Case, ...]
    """Those with an expected answer, in the order of the case file."""
    unlabelled: tuple[str, ...]
    """Ids of cases without one."""
    problems: tuple[Problem, ...]
    """Rows that are not used: contradictory ones, ids that no case has."""


def write_cases(path: Path, cases: Sequence[Case]) -> None:
    """One case a line, as ``read_cases`` reads them; an older file is replaced, whole or not at all."""
    with replaced(path) as file:
        for case in cases:
            file.write(json.dumps(_row(case), ensure_ascii=False) + "\n")


def _row(case: Case) -> dict[str, Any]:
    row: dict[str, Any] = {"id": case.id}
    names = {"expected": case.expected, "cluster": case.cluster, "segment": case.segment}
    # A variable that is called like a field of a case keeps its name one level down.
    apart = any(name in ("id", "metadata", "variables", "vars", "target", *names) for name in case.variables)
    row |= {"variables": dict(case.variables)} if apart else dict(case.variables)
    row |= {name: value for name, value in names.items() if value is not None}
    return row | ({"metadata": dict(case.metadata)} if case.metadata else {})


def write_sheet(path: Path, cases: Sequence[Case], suggestions: Mapping[str, str] | None = None) -> None:
    """A CSV with an empty column ``expected``. ``suggestions``: case → an answer that is shown beside it.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    names = list(dict.fromkeys(name for case in cases for name in case.variables))
    shown = [] if suggestions is None else [_SUGGESTION]
    with replaced(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", *names, *shown, "expected", "remark"])
        for case in cases:
            texts = [_text(case.variables.get(name, "")) for name in names]
            texts += [suggestions.get(case.id, "")] if suggestions is not None else []
            label = "" if case.expected is None else _text(case.expected)
            writer.writerow([harmless(text) for text in (case.id, *texts, label, "")])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def harmless(text: str) -> str:
    """The text so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if text.startswith(_STARTS) else text


def as_meant(text: str) -> str:
    """A label without the apostrophe that keeps a spreadsheet from computing it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_STARTS) else text


def read_labels(path: Path, cases: Sequence[Case]) -> Labelled:
    """The cases with what the sheet's ``expected`` says; raises EvidenceError where it has no such column.

    Two rows of one case that say the same are one label; two that contradict each other are none.
    """
    records = read_records(path)
    for name in ("id", "expected"):
        if name not in records.columns:
            hint = f"there are: {', '.join(records.columns)}"
            raise EvidenceError(
                Problem(message=f"no column {name!r}", place=Place(file=str(path)), hint=hint)
            )
    known = {case.id for case in cases}
    problems = list(records.problems)
    given: dict[str, dict[str, Place]] = {}
    for row in records.rows:
        case, label = str(row.values.get("id", "")).strip(), row.values.get("expected")
        if case not in known:
            problems.append(Problem(message=f"no case has the id {case[:60]!r}", place=row.place))
        elif label is not None and str(label).strip():
            given.setdefault(case, {}).setdefault(as_meant(str(label).strip()), row.place)
    problems += [_contradiction(case, labels) for case, labels in given.items() if len(labels) > 1]
    agreed = {case: next(iter(labels)) for case, labels in given.items() if len(labels) == 1}
    labelled = tuple(replace(case, expected=agreed[case.id]) for case in cases if case.id in agreed)
    missing = tuple(case.id for case in cases if case.id not in given)
    return Labelled(cases=labelled, unlabelled=missing, problems=tuple(problems))


def _contradiction(case: str, labels: Mapping[str, Place]) -> Problem:
    said = " and ".join(f"{label[:40]!r} ({place})" for label, place in labels.items())
    return Problem(message=f"case {case!r} is labelled {said}", hint="keep one of them")
