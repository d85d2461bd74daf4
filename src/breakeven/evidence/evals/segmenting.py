"""Which segment a case is in, by a field of the case file or by what the results hold themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping

from breakeven.errors import InputError, Problem
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.records import dig
from breakeven.evidence.evals.result import EvalResult

__all__ = ["case_texts", "segments_by"]


def segments_by(field: str, results: Mapping[str, EvalResult], cases: Cases | None) -> dict[str, str]:
    """Case → segment; raises InputError where nobody knows the field.

    field: a variable or metadata of the cases, or one of their own fields (``segment``, ``cluster``, ``expected``);
    without a case file, ``segment`` and ``cluster`` of the runs.
    """
    if cases is not None:
        found = {case.id: value for case in cases.cases if (value := _of_case(case, field)) is not None}
    else:
        runs = [run for result in results.values() for run in result.runs]
        found = {
            run.id: value
            for run in runs
            if field in ("segment", "cluster") and isinstance(value := getattr(run, field), str)
        }
    if not found:
        where = "the results" if cases is None else cases.path
        hint = (
            "name the case file that has it: --cases FILE" if cases is None else "a column of the case file"
        )
        raise InputError(Problem(message=f"no case has a {field!r} in {where}", hint=hint))
    return found


def _of_case(case: Case, field: str) -> str | None:
    for holder in (case.variables, case.metadata):
        if (value := dig(holder, field)) is not None:
            return value if isinstance(value, str) else json.dumps(value, default=str)
    value = getattr(case, field, None) if field in ("segment", "cluster", "expected") else None
    return value if value is None or isinstance(value, str) else json.dumps(value, default=str)


def case_texts(cases: Cases) -> dict[str, str]:
    """Case → what it asks, as one text: its only variable, or all of them by name."""
    texts = {}
    for case in cases.cases:
        values = [v if isinstance(v, str) else json.dumps(v, default=str) for v in case.variables.values()]
        named = [f"{name}: {value}" for name, value in zip(case.variables, values, strict=True)]
        texts[case.id] = values[0] if len(values) == 1 else "\n".join(named)
    return texts
