"""Result files: one JSON file a candidate, with every run of every case; and plain files of scores, read the same way.

A result file is an object that begins ``{"breakeven_eval": 1, …`` and holds its runs under ``cases``, one a line; what
is not known is left out. A study's ``quality: {eval: FILE}`` reads the same file.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.records import MOST_BYTES
from breakeven.evidence.evals.result import CaseRun, EvalResult, PromptReference
from breakeven.evidence.files import decoded, read_bytes
from breakeven.evidence.formats.json_scores import Cursor
from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.scores import parse_scores

__all__ = ["VERSION", "OpenedResult", "open_result", "read_result", "write_result"]

VERSION: Final = 1
"""Version of the format that is written."""
_MARK: Final = "breakeven_eval"
_SHOWN: Final = 10
_REPEATS_HINT: Final = "give each run of a case its own `repeat`, or delete one of the rows"


@dataclass(frozen=True, kw_only=True)
class OpenedResult:
    """A result and what of its file could not be used."""

    result: EvalResult
    path: str
    rejected: tuple[Problem, ...] = ()


def read_result(path: Path) -> EvalResult:
    """The result in a file, ours or a plain file of scores; raises EvidenceError."""
    return open_result(path).result


def open_result(path: Path) -> OpenedResult:
    """The same with the rows that are not used: only a plain file of scores can have some.

    A plain file is CSV, JSON Lines or JSON with ``id`` and ``score``; its candidate is named after the file where it
    does not say. A damaged file of ours raises EvidenceError, with the place of each problem.
    """
    text = decoded(read_bytes(path, most=MOST_BYTES), path)
    if text.lstrip().startswith("{") and f'"{_MARK}"' in text[:4_096]:
        return OpenedResult(result=_parsed(text, str(path)), path=str(path))
    return _plain(text, path)


def _plain(text: str, path: Path) -> OpenedResult:
    table = parse_scores(text, file=str(path))
    clusters = table.clusters or (None,) * len(table.ids)
    counted: dict[str, int] = {}
    runs = []
    for case, score, cluster in zip(table.ids, table.scores.tolist(), clusters, strict=True):
        counted[case] = counted.get(case, 0) + 1
        runs.append(CaseRun(id=case, repeat=counted[case], score=score, cluster=cluster))
    result = EvalResult(
        candidate=table.candidate or path.name.partition(".")[0],
        runs=tuple(runs),
        date=table.date,
        iterations=table.iterations,
    )
    return OpenedResult(result=result, path=str(path), rejected=table.rejected)


# ------------------------------------------------------------------------------------------------- writing


def write_result(path: Path, result: EvalResult) -> None:
    """Write a result in place of an older one, whole or not at all; raises EvidenceError."""
    try:
        text = _as_text(result)
    except (TypeError, ValueError) as exc:
        message = f"the result can not be written as JSON: {exc}"
        raise EvidenceError(Problem(message=message, place=Place(file=str(path)))) from exc
    with replaced(path) as file:
        file.write(text)


def _as_text(result: EvalResult) -> str:
    head = {_MARK: VERSION, **_known(result, without=("runs",))}
    lines = [f"  {_json(name)}: {_json(value)}," for name, value in head.items()]
    cases = ",\n".join(f"    {_json(_known(run))}" for run in result.runs)
    return "\n".join(["{", *lines, f'  "cases": [\n{cases}\n  ]', "}"]) + "\n"


def _known(thing: Any, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A dataclass as a dictionary, without what is not known or empty."""
    found: dict[str, Any] = {}
    for entry in fields(thing):
        value = getattr(thing, entry.name)
        if entry.name in without or value is None or (isinstance(value, Mapping) and not value):
            continue
        if isinstance(value, PromptReference):
            value = _known(value)
        elif isinstance(value, dt.date):
            value = value.isoformat()
        elif isinstance(value, Mapping):
            value = dict(value)
        found[entry.name] = value
    return found


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # Half a character, which a model may well give, has no UTF-8; its escape has.
    return text if text.isascii() or _encodes(text) else json.dumps(value, allow_nan=False)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# ------------------------------------------------------------------------------------------------- reading

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _PromptRow(_Strict):
    name: str
    version: str
    sha256: str


class _HeadRow(_Strict):
    breakeven_eval: int
    candidate: Name
    date: dt.date | None = Field(default=None, strict=False)
    model: str | None = None
    prompt: _PromptRow | None = None
    scorer: str | None = None
    iterations: Count | None = None
    cases_sha256: str | None = None
    complete: bool = True
    hold_out_openings: Count | None = None
    settings: dict[str, Any] = {}


class _RunRow(_Strict):
    id: Name
    repeat: Annotated[int, Field(ge=1)] = 1
    score: Share | None = None
    scores: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = {}
    counts: dict[str, Annotated[tuple[Amount, Amount, Amount], Field(strict=False)]] = {}
    human: Share | None = None
    failure: str | None = None
    cluster: str | None = None
    segment: str | None = None
    input_tokens: Count | None = None
    cached_tokens: Count | None = None
    output_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    latency_s: Amount | None = None
    cost_usd: Amount | None = None
    judge_cost_usd: Amount | None = None
    output: str | None = None
    note: str | None = None
    input: str | None = None


@cache
def _run_rows() -> TypeAdapter[_RunRow]:
    return TypeAdapter(_RunRow)


def _parsed(text: str, file: str) -> EvalResult:
    cursor = Cursor(text, file)
    head: dict[str, Any] = {}
    rows: list[tuple[object, Place]] | None = None
    try:
        for name, place in cursor.members():
            if name in head or (name == "cases" and rows is not None):
                raise EvidenceError(Problem(message=f"{name!r} is given twice", place=place))
            if name == "cases":
                rows = list(cursor.elements())
            else:
                head[name] = cursor.value()
        cursor.finish()
    except json.JSONDecodeError as exc:
        place = Place(file=file, line=exc.lineno, column=exc.colno)
        raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place)) from exc
    except (RecursionError, ValueError) as exc:
        raise cursor.error(f"can not be read: {exc}") from exc
    if rows is None:
        raise EvidenceError(Problem(message="no `cases`", place=Place(file=file)))
    return _result(_head(head, file), _runs(rows))


def _head(head: dict[str, Any], file: str) -> _HeadRow:
    if head.get(_MARK) != VERSION:
        message = f"a result of format {head.get(_MARK)!r}; this version reads {VERSION}"
        raise EvidenceError(
            Problem(message=message, place=Place(file=file), hint="update Breakeven, or run the eval again")
        )
    try:
        return _HeadRow.model_validate(head)
    except ValidationError as exc:
        raise EvidenceError(*_problems(exc, Place(file=file))) from exc


def _runs(rows: list[tuple[object, Place]]) -> tuple[CaseRun, ...]:
    runs: list[CaseRun] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, int], Place] = {}
    for row, place in rows:
        try:
            run = CaseRun(**dict(_run_rows().validate_python(row)))
        except ValidationError as exc:
            problems += _problems(exc, place)
            continue
        if (run.id, run.repeat) in seen:
            message = f"case {run.id!r}, repeat {run.repeat}, stands at {seen[run.id, run.repeat]} already"
            problems.append(Problem(message=message, place=place, hint=_REPEATS_HINT))
        seen[run.id, run.repeat] = place
        runs.append(run)
    if problems:
        raise EvidenceError(*problems[:_SHOWN], *_more(len(problems)))
    return tuple(runs)


def _more(n: int) -> tuple[str, ...]:
    return (f"and {n - _SHOWN:,} more problems",) if n > _SHOWN else ()


def _problems(exc: ValidationError, place: Place) -> list[Problem]:
    found = []
    for error in exc.errors(include_url=False, include_context=False):
        name = ".".join(str(part) for part in error["loc"]) or None
        shown = repr(error.get("input"))
        shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
        what = "no such field" if error["type"] == "extra_forbidden" else error["msg"].lower()
        message = what if error["type"] == "missing" else f"{shown}: {what}"
        found.append(Problem(message=message, place=place, field=name))
    return found


def _result(head: _HeadRow, runs: tuple[CaseRun, ...]) -> EvalResult:
    prompt = head.prompt
    return EvalResult(
        candidate=head.candidate,
        runs=runs,
        date=head.date,
        model=head.model,
        prompt=None if prompt is None else PromptReference(**dict(prompt)),
        scorer=head.scorer,
        iterations=head.iterations,
        cases_sha256=head.cases_sha256,
        complete=head.complete,
        hold_out_openings=head.hold_out_openings,
        settings=head.settings,
    )
