"""Cases from a file: JSON Lines, JSON, CSV, Parquet, or the ``tests`` of a promptfoo configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, QuantityError, nearest
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.identity import cases_sha256, derived_id
from breakeven.evidence.evals.promptfoo_tests import read_promptfoo_tests
from breakeven.evidence.evals.records import Record, dig, read_records
from breakeven.evidence.scores import read_label

__all__ = ["FIELDS", "read_cases"]

FIELDS: Final = ("id", "expected", "cluster", "segment")
"""Fields of a case that are no variables of its prompt."""
_ALIASES: Final = {"expected": ("expected", "target")}
_OBJECTS: Final = ("variables", "vars")
_SHOWN: Final = 10


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A row that became a case, and where it stood."""

    case: Case
    place: Place
    derived: bool


def read_cases(path: Path, *, columns: Mapping[str, str] | None = None) -> Cases:
    """The cases of a file; raises EvidenceError where none of its rows can be used.

    columns: field → column, where a field stands under another name: ``{"id": "ticket", "expected": "label"}``. A
    field that is not one of ``FIELDS`` becomes a variable of that name: ``{"input": "question"}``. Columns may be
    dotted paths into nested objects; a CSV without a header has the columns ``#1``, ``#2``, … All columns that stand
    for no field are variables. A case without an id gets one made of its content.
    """
    wanted = dict(columns or {})
    if path.suffix.lower() in (".yaml", ".yml"):
        drafts, problems = _from_promptfoo(path)
    else:
        drafts, problems = _from_records(path, wanted)
    return _checked(path, drafts, problems)


def _from_records(path: Path, columns: Mapping[str, str]) -> tuple[list[_Draft], list[Problem]]:
    records = read_records(path, header=not any(name.startswith("#") for name in columns.values()))
    _check_columns(columns, records.columns, records.rows, str(path))
    problems, drafts = list(records.problems), []
    for record in records.rows:
        try:
            drafts.append(_draft(record, columns))
        except QuantityError as exc:
            problems.append(Problem(message=exc.message, place=record.place, hint=exc.hint))
    return drafts, problems


def _check_columns(
    columns: Mapping[str, str], known: Iterable[str], rows: Iterable[Record], file: str
) -> None:
    names = list(known)
    for name, column in columns.items():
        if column not in names and not any(dig(row.values, column) is not None for row in rows):
            near = nearest(column, names)
            hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(names[:_SHOWN])}"
            message = f"no column {column!r} for `{name}`"
            raise EvidenceError(Problem(message=message, place=Place(file=file), hint=hint))


def _draft(record: Record, columns: Mapping[str, str]) -> _Draft:
    values = record.values
    taken = {column.partition(".")[0] for column in columns.values()} | set(columns.values())
    found = {name: _field(values, name, columns) for name in FIELDS}
    for name in FIELDS:
        taken.update(_ALIASES.get(name, (name,)) if name not in columns else ())
    variables: dict[str, Any] = {}
    for name, value in values.items():
        if name in _OBJECTS and isinstance(value, Mapping):
            variables.update(value)
        elif name not in taken and name != "metadata":
            variables[name] = value
    variables.update(
        {
            name: v
            for name, column in columns.items()
            if name not in FIELDS and (v := dig(values, column)) is not None
        }
    )
    if not variables:
        raise QuantityError(
            "nothing to ask: the row has no variable", hint="a column such as `input` is needed"
        )
    return _case(found, variables, values.get("metadata"), record.place)


def _field(values: Mapping[str, Any], name: str, columns: Mapping[str, str]) -> Any:
    if name in columns:
        return dig(values, columns[name])
    return next((values[a] for a in _ALIASES.get(name, (name,)) if a in values), None)


def _case(found: Mapping[str, Any], variables: Mapping[str, Any], metadata: Any, place: Place) -> _Draft:
    expected = _decoded(found["expected"])
    labels = {
        name: None if found[name] is None else read_label(found[name], name)
        for name in ("id", "cluster", "segment")
    }
    case = Case(
        id=labels["id"] or derived_id(variables, expected),
        variables=variables,
        expected=expected,
        cluster=labels["cluster"],
        segment=labels["segment"],
        metadata=metadata if isinstance(metadata, Mapping) else {},
    )
    return _Draft(case=case, place=place, derived=labels["id"] is None)


def _decoded(value: Any) -> Any:
    """A list or an object that a CSV holds as JSON text."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _from_promptfoo(path: Path) -> tuple[list[_Draft], list[Problem]]:
    tests, problems = read_promptfoo_tests(path)
    drafts = []
    for test in tests:
        fields = {"id": test.id, "expected": test.expected, "cluster": None, "segment": None}
        metadata = {**test.metadata, **({"description": test.description} if test.description else {})}
        try:
            drafts.append(_case(fields, test.variables, metadata, test.place))
        except QuantityError as exc:
            problems.append(Problem(message=exc.message, place=test.place, hint=exc.hint))
    return drafts, problems


def _checked(path: Path, drafts: Iterable[_Draft], problems: list[Problem]) -> Cases:
    """Each id once; what is not used is listed."""
    seen: dict[str, Place] = {}
    used: list[_Draft] = []
    for draft in drafts:
        if draft.case.id in seen:
            problems.append(_twice(draft, seen[draft.case.id]))
        else:
            seen[draft.case.id] = draft.place
            used.append(draft)
    if not used:
        head = Problem(message="no usable case", place=Place(file=str(path)), hint="one row a case is needed")
        raise EvidenceError(head, *problems[:_SHOWN])
    cases = tuple(draft.case for draft in used)
    derived = sum(draft.derived for draft in used)
    note = f"{derived:,} of {len(used):,} cases have no id and got one made of their content (h-…)"
    return Cases(
        path=str(path),
        sha256=cases_sha256(cases),
        cases=cases,
        rejected=tuple(sorted(problems, key=_line)),
        notes=(note,) if derived else (),
    )


def _twice(draft: _Draft, first: Place) -> Problem:
    if draft.derived:
        message, hint = f"the same case as at {first}", "give each its own `id` if both are wanted"
    else:
        message, hint = f"case {draft.case.id!r} stands at {first} already", "an id stands for one case"
    return Problem(message=message, place=draft.place, hint=hint)


def _line(problem: Problem) -> int:
    return problem.place.line or 0 if problem.place else 0
