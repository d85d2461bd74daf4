"""MLflow evaluation tables: ``result_df`` and ``search_traces`` of MLflow 3, ``eval_results_table.json`` of before.

A trace has an id of its own in every run, which pairs nothing: a case is known by ``client_request_id`` or else by its
request. ``NAME/value`` and ``NAME/v1/score`` columns are scores, as is feedback inside ``assessments``. A table of runs
(``metrics.…``) holds one mean a run and no cases, and is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, QuantityError
from breakeven.evidence.evals.identity import derived_id
from breakeven.evidence.evals.importing.collecting import About, Collector, as_text, count, number
from breakeven.evidence.evals.importing.imported import Imported, Importer, Wishes
from breakeven.evidence.evals.importing.source import Source
from breakeven.evidence.evals.records import Record, Records, dig
from breakeven.evidence.scores import read_score

__all__ = ["MLFLOW"]

_TRACES: Final = frozenset({"trace_id", "assessments"})
_SCORE: Final = re.compile(r"(?P<name>.+?)/(?:v\d+/)?(?P<kind>value|score)")
_INPUTS: Final = ("request", "inputs", "question", "input", "messages")
_OUTPUTS: Final = ("response", "outputs", "prediction", "predictions", "output")
_USAGE: Final = "mlflow.trace.tokenUsage"
_VERDICTS: Final = {"yes": 1.0, "no": 0.0}


def _recognises(source: Source) -> bool:
    columns = source.columns
    if _runs_table(columns) or columns >= _TRACES:
        return True
    return any(_SCORE.fullmatch(column) for column in columns)


def _runs_table(columns: frozenset[str]) -> bool:
    return {"run_id", "status"} <= columns and any(column.startswith("metrics.") for column in columns)


def _read(source: Source, wishes: Wishes) -> Imported:
    if _runs_table(source.columns):
        source.fail(
            "a table of runs: one mean a run, and no scores of cases",
            "export the evaluation's own table: `result_df.to_csv(…)`, or the artifact eval_results_table.json",
        )
    table = _Table(source.records, wishes)
    collector = Collector(source.file, wishes, number_repeats=True)
    collector.problems += source.records.problems
    for record in source.records.rows:
        name = as_text(table.value(record, "candidate")) or source.stem
        collector.add(name, record.place, **table.run(record))
    if table.derived:
        collector.notes.append(
            f"{table.derived:,} of {len(source.records.rows):,} rows are known by their request alone (h-…)"
        )
    about = About(scorer=table.score, settings={"imported_from": "MLflow"})
    names = {as_text(table.value(record, "candidate")) or source.stem for record in source.records.rows}
    return collector.done("mlflow", dict.fromkeys(names, about))


class _Table:
    """Where things stand in one table."""

    def __init__(self, records: Records, wishes: Wishes) -> None:
        self._records = records
        self._wishes = wishes
        self.score = self._score_name()
        self.derived = 0

    def value(self, record: Record, field: str) -> Any:
        """The value of a field that the user mapped; ``run_id`` tells candidates apart where nothing is said."""
        column = self._wishes.one(field) or ("run_id" if field == "candidate" else field)
        return dig(record.values, column)

    def _score_name(self) -> str:
        """The one thing that scores a row; raises EvidenceError where there are several and none was named."""
        names = self._scoring()
        wanted = self._wishes.one("score")
        if wanted is not None:
            match = _SCORE.fullmatch(wanted)
            name = match["name"] if match else wanted
            if name in names:
                return name
            raise self._error(f"no score {wanted!r}", f"there are: {', '.join(names) or 'none'}")
        if len(names) == 1:
            return names[0]
        if not names:
            raise self._error(
                "no score", "a column such as `correctness/value`, or feedback in `assessments`"
            )
        raise self._error("several scores", f"name one: --map score=…; there are: {', '.join(names)}")

    def _scoring(self) -> list[str]:
        """Names of all that gives numbers or verdicts; what was expected of a row is no score of it."""
        names: dict[str, bool] = {}
        for record in self._records.rows:
            expected = {name for name, kind, _ in _assessments(record) if kind == "expectation"}
            for name, value in self._values(record).items():
                names[name] = names.get(name, True) and name not in expected and _readable(value)
        return [name for name, reads in names.items() if reads]

    def _values(self, record: Record) -> dict[str, Any]:
        found = {name: value for name, kind, value in _assessments(record) if kind == "feedback"}
        for column, value in record.values.items():
            if match := _SCORE.fullmatch(column):
                found[match["name"]] = value
        return found

    def _error(self, message: str, hint: str) -> EvidenceError:
        return EvidenceError(Problem(message=message, place=Place(file=self._records.file), hint=hint))

    def run(self, record: Record) -> dict[str, Any]:
        """All that is known of one row, as a run."""
        values, row = self._values(record), record.values
        score = values.get(self.score)
        request = next((row[name] for name in _INPUTS if name in row), None)
        usage = _object(
            dig(row, f"trace_metadata.{_USAGE}") or _object(row.get("trace_metadata")).get(_USAGE)
        )
        return {
            "case": self._id(record, request),
            "score": score,
            "failure": None if score is not None else _failure(row),
            "scores": _others(values, self.score),
            "cluster": as_text(self.value(record, "cluster")),
            "segment": as_text(self.value(record, "segment")),
            "latency_s": _latency(row),
            "input_tokens": count(usage.get("input_tokens")),
            "output_tokens": count(usage.get("output_tokens")),
            "output": as_text(next((row[name] for name in _OUTPUTS if name in row), None)),
            "input": as_text(request),
        }

    def _id(self, record: Record, request: Any) -> Any:
        stated = dig(record.values, self._wishes.one("id") or "client_request_id")
        if stated is not None or request is None:
            return stated
        self.derived += 1
        return derived_id({"request": _parsed_any(request)}, None)


def _assessments(record: Record) -> Iterator[tuple[str, str, Any]]:
    """(name, ``feedback`` or ``expectation``, value) of every assessment of a trace."""
    listed = _parsed_any(record.values.get("assessments"))
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and isinstance(name := entry.get("assessment_name"), str):
            for kind in ("feedback", "expectation"):
                if isinstance(inner := entry.get(kind), Mapping):
                    yield name, kind, inner.get("value")


def _parsed_any(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _object(value: Any) -> Mapping[str, Any]:
    found = _parsed_any(value)
    return found if isinstance(found, Mapping) else {}


def _readable(value: Any) -> bool:
    if value is None or (isinstance(value, str) and value.strip().lower() in _VERDICTS):
        return True
    try:
        read_score(value, "")
    except QuantityError:
        return False
    return True


def _others(values: Mapping[str, Any], score: str) -> dict[str, float] | None:
    return {
        name: found
        for name, value in values.items()
        if name != score and (found := number(value)) is not None
    } or None


def _failure(row: Mapping[str, Any]) -> str:
    state = row.get("state") or row.get("status")
    return "error" if isinstance(state, str) and state.upper().endswith("ERROR") else "no score"


def _latency(row: Mapping[str, Any]) -> float | None:
    """Seconds: MLflow 3 and 2.x traces tell milliseconds, the older table seconds."""
    for name in ("execution_duration", "execution_time_ms"):
        if (found := number(row.get(name))) is not None:
            return found / 1000
    return number(row.get("latency"))


MLFLOW: Final = Importer(
    name="mlflow", title="MLflow evaluation tables (CSV, Parquet, JSON)", recognises=_recognises, reads=_read,
    maps=("id", "score", "candidate", "cluster", "segment"),
)  # fmt: skip
