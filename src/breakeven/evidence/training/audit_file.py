"""The audit of training data as a file, ``data.json``: written whole or not at all, read back for a study."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.files import read_text
from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.training.audit import DataAudit
from breakeven.evidence.training.check import CheckResult
from breakeven.evidence.training.costs import Cost, HostCost
from breakeven.evidence.training.row import TrainingFile
from breakeven.evidence.training.tokens import TokenSummary

__all__ = ["NAME", "VERSION", "audit_as_dict", "read_audit", "write_audit"]

NAME: Final = "data.json"
"""What the file is called in its folder."""
VERSION: Final = 1
_MARK: Final = "breakeven_data"
_SHOWN: Final = 5


def audit_as_dict(audit: DataAudit, *, folder: Path | None = None) -> dict[str, Any]:
    """The audit as plain values. ``folder``: put before the names of the files of flagged rows."""
    tokens = audit.tokens
    return {
        _MARK: VERSION,
        "readiness": audit.readiness,
        "paths": list(audit.paths),
        "sha256": audit.sha256,
        "rows": audit.rows,
        "rejected": dict(audit.rejected),
        "tokens": None if tokens is None else tokens.sum,
        "token_counts": None if tokens is None else _fields(tokens),
        "checks": [_check(check, audit, folder) for check in audit.checks],
        "costs": [
            {"host": one.host, "low_usd": one.low_usd, "high_usd": one.high_usd, "note": one.note,
             "models": [_fields(cost) for cost in one.costs]}
            for one in audit.costs
        ],
        "epochs": list(audit.epochs),
        "runs": list(audit.runs),
        "hosts": list(audit.hosts),
        "model": audit.model,
        "eval_cases": audit.cases,
        "log_texts": audit.logs,
        "seed": audit.seed,
        "files": [_fields(file) for file in audit.files],
        "mapping": dict(audit.mapping),
        "notes": list(audit.notes),
    }  # fmt: skip


def _fields(thing: Any) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _check(check: CheckResult, audit: DataAudit, folder: Path | None) -> dict[str, Any]:
    file = audit.rows_files.get(check.check)
    return {
        "check": check.check, "title": check.title, "verdict": check.verdict, "because": check.because,
        "value": _plain(check.value), "low": _plain(check.low), "high": _plain(check.high), "level": check.level,
        "n": check.n, "unit": check.unit, "method": check.method, "threshold": _plain(check.threshold),
        "better": check.better, "source": check.source, "flagged": audit.flagged.get(check.check, 0),
        "rows_file": file if file is None or folder is None else str(folder / file),
        "next_step": check.next_step, "details": _plain(check.details),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as strict JSON holds it: a figure that is not finite is not known."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if not math.isfinite(number):
        return None
    return int(number) if hasattr(value, "dtype") and value.dtype.kind in "iu" else number


def write_audit(folder: Path, audit: DataAudit) -> Path:
    """Write the audit into a folder, in place of an older one; returns its path."""
    path = folder / NAME
    with replaced(path) as file:
        file.write(json.dumps(audit_as_dict(audit), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return path


# ------------------------------------------------------------------------------------------------- reading

_Count = Annotated[int, Field(ge=0)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _TokensRow(_Strict):
    vocabulary: str
    own: bool
    sum: _Count
    answers: _Count
    mean: _Amount
    p50: _Amount
    p95: _Amount
    max: _Count


class _CheckRow(_Strict):
    check: str
    title: str
    verdict: Literal["pass", "fail", "cannot_tell"]
    because: str
    value: float | None
    low: float | None
    high: float | None
    level: float | None
    n: int | None
    unit: str
    method: str
    threshold: float | None
    better: Literal["above", "below", ""]
    source: str
    flagged: _Count
    rows_file: str | None
    next_step: str
    details: dict[str, Any]


class _CostRow(_Strict):
    base: str
    variant: str
    usd_per_mtok: _Amount
    low_usd: _Amount
    high_usd: _Amount
    source: str
    low_usd_per_mtok: _Amount | None = None
    high_usd_per_mtok: _Amount | None = None
    minimum_usd: _Amount = 0.0
    seen: str = "primary"
    date: str = ""
    hosting_usd_per_hour: _Amount | None = None
    note: str = ""


class _HostRow(_Strict):
    host: str
    low_usd: _Amount | None
    high_usd: _Amount | None
    note: str
    models: tuple[_CostRow, ...]


class _FileRow(_Strict):
    name: str
    format: str
    container: str
    packed: bool
    n_bytes: _Count
    n_rows: _Count


class _AuditFile(_Strict):
    breakeven_data: int
    readiness: str
    paths: tuple[str, ...]
    sha256: str
    rows: _Count
    rejected: dict[str, _Count]
    tokens: _Count | None
    token_counts: _TokensRow | None
    checks: tuple[_CheckRow, ...]
    costs: tuple[_HostRow, ...]
    epochs: tuple[int, int]
    runs: tuple[int, int]
    hosts: tuple[str, ...]
    model: str | None
    eval_cases: _Count | None
    log_texts: _Count | None
    seed: int
    files: tuple[_FileRow, ...]
    mapping: dict[str, str]
    notes: tuple[str, ...]


def read_audit(path: Path) -> DataAudit:
    """The audit in a file, or in the ``data.json`` of a folder; raises EvidenceError where it is none.

    Its checks hold no flagged rows: those stand in the files beside it.
    """
    path = path / NAME if path.is_dir() else path
    place = Place(file=str(path))
    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError) as exc:
        raise EvidenceError(Problem(message=f"not JSON: {exc}", place=place)) from exc
    version = data.get(_MARK) if isinstance(data, dict) else None
    if version != VERSION:
        message = (
            "no audit of training data"
            if version is None
            else f"an audit of format {version!r}; this reads {VERSION}"
        )
        hint = "breakeven data check train.jsonl -o DIR writes one"
        raise EvidenceError(Problem(message=message, place=place, hint=hint))
    try:
        return _audit(_AuditFile.model_validate(data))
    except ValidationError as exc:
        found = exc.errors(include_url=False, include_context=False, include_input=False)
        raise EvidenceError(
            *(Problem(message=error["msg"].lower(), place=place, field=".".join(map(str, error["loc"])))
              for error in found[:_SHOWN])
        ) from exc  # fmt: skip


def _audit(file: _AuditFile) -> DataAudit:
    return DataAudit(
        paths=file.paths, sha256=file.sha256, rows=file.rows, rejected=file.rejected,
        files=tuple(TrainingFile(**dict(one)) for one in file.files), mapping=file.mapping, notes=file.notes,
        tokens=None if file.token_counts is None else TokenSummary(**dict(file.token_counts)),
        costs=tuple(
            HostCost(host=one.host, note=one.note, costs=tuple(Cost(**dict(cost)) for cost in one.models))
            for one in file.costs
        ),
        epochs=file.epochs, runs=file.runs, hosts=file.hosts, model=file.model, cases=file.eval_cases,
        logs=file.log_texts, seed=file.seed, checks=tuple(_result(one) for one in file.checks),
        flagged={one.check: one.flagged for one in file.checks},
        rows_files={one.check: one.rows_file for one in file.checks if one.rows_file is not None},
    )  # fmt: skip


def _result(row: _CheckRow) -> CheckResult:
    known = {name: value for name, value in row if name not in ("flagged", "rows_file")}
    return CheckResult(**known)
