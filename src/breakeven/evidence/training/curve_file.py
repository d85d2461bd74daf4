"""Training runs as ``breakeven eval curve --json`` prints them, read back; what else stands there is passed over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.files import read_text

__all__ = ["Runs", "read_curve_runs", "runs_in"]

Runs = tuple[tuple[float, float], ...]
"""(training examples, score within 0..1) of each run."""

_SHOWN: Final = 5
_MOST_RUNS: Final = 10_000
_WRITTEN_BY: Final = "`breakeven eval curve … --json > evidence/curve.json` writes one"


class _Run(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    size: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _CurveFile(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    runs: Annotated[tuple[_Run, ...], Field(max_length=_MOST_RUNS)]


def read_curve_runs(path: Path) -> Runs:
    """The runs in a file; raises EvidenceError where it is no learning curve."""
    place = Place(file=str(path))
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as exc:
        raise EvidenceError(Problem(message=f"not JSON: {exc}", place=place, hint=_WRITTEN_BY)) from exc
    if not isinstance(data, dict) or "runs" not in data:
        raise EvidenceError(
            Problem(message="no learning curve: `runs` is missing", place=place, hint=_WRITTEN_BY)
        )
    return runs_in(data, path)


def runs_in(data: Any, path: Path) -> Runs:
    """The runs of what was read from ``path``; raises EvidenceError with each one that is wrong."""
    try:
        return tuple((run.size, run.score) for run in _CurveFile.model_validate(data).runs)
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_context=False, include_input=False)
        raise EvidenceError(*(_problem(error, path) for error in found[:_SHOWN])) from exc


def _problem(error: Any, path: Path) -> Problem:
    """One wrong run, by its number from 1: a study that names the file keeps only a field of its own."""
    at = error["loc"]
    wrong = (
        "without a size and a score" if error["type"] == "missing" else f"{at[-1]}: {error['msg'].lower()}"
    )
    return Problem(
        message=f"run {at[1] + 1}: {wrong}" if len(at) > 1 else wrong,
        place=Place(file=str(path)),
        field=".".join(map(str, at)),
        hint="sizes are above 0, scores from 0 to 1",
    )
