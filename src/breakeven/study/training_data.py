"""What candidates are trained on: the audit that ``breakeven data check -o`` wrote, held against the rows and told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from breakeven.beliefs import Belief, Source, point
from breakeven.errors import EvidenceError
from breakeven.study.candidate_file import ClassifierFile, PromptFile, TunedFile
from breakeven.study.context import Context
from breakeven.study.data_evidence import DataEvidence, DataFinding
from breakeven.study.given import MisreadError
from breakeven.yaml_places import Path as At
from breakeven.yaml_places import dotted

if TYPE_CHECKING:
    from breakeven.evidence.training.audit import DataAudit
    from breakeven.evidence.training.check import CheckResult

__all__ = ["read_training_data", "rows_of", "source_of", "tokens_of"]

LEFT_OUT: Final = ("duplicates", "leakage")
"""Checks whose flagged rows are not trained on, where they fail."""
_MOST_BYTES: Final = 256_000_000
"""Rows above this are compared by their size alone: a decision should not wait for a hash."""


def read_training_data(ctx: Context) -> None:
    """Put the audit of every candidate that names one into ``ctx.data``; problems and notes are added."""
    known: dict[str, DataEvidence | None] = {}
    for name, file in ctx.file.candidates.items():
        if isinstance(file, TunedFile | ClassifierFile) and file.data is not None:
            if file.data not in known:
                known[file.data] = _read(ctx, ("candidates", name, "data"), file.data)
            found = known[file.data]
            if found is not None:
                ctx.data[name] = found
    for file_name, found in known.items():
        if found is not None:
            users = [name for name, its in ctx.data.items() if its.file == file_name]
            ctx.notes.extend(_notes(ctx, ", ".join(users), found))


def source_of(data: DataEvidence) -> Source:
    """Where figures of an audit come from."""
    return Source(kind="measured", reference=data.file)


def rows_of(at: At, data: DataEvidence) -> Belief:
    """The usable rows, counted."""
    return point(dotted(at), "count", float(data.usable), source_of(data))


def tokens_of(at: At, data: DataEvidence) -> Belief | None:
    """Tokens of one row, counted; None where the audit did not count them."""
    if data.tokens_per_example is None:
        return None
    return point(dotted(at), "tokens", data.tokens_per_example, source_of(data))


# ------------------------------------------------------------------------------------------------- reading


def _read(ctx: Context, at: At, file: str) -> DataEvidence | None:
    from breakeven.evidence.training.audit_file import read_audit

    try:
        path = ctx.folder.find(file)
        audit = read_audit(path)
    except MisreadError as exc:
        hint = exc.hint or f"`breakeven data check train.jsonl -o {PurePath(file).parent}` writes it"
        ctx.problems.add(at, exc.message, hint)
    except EvidenceError as exc:
        ctx.problems.add_error(at, exc)
    else:
        return _evidence(file, path.parent, audit, _changed(ctx, path.parent, audit))
    ctx.problems.blind(at)
    return None


def _evidence(file: str, folder: Path, audit: DataAudit, changed: bool | None) -> DataEvidence:
    checks = {one.check: one for one in audit.checks}
    labels, leakage = checks.get("labels"), checks.get("leakage")
    return DataEvidence(
        file=file, rows=audit.rows, usable=audit.rows - _left_out(folder, audit),
        tokens_per_example=None if audit.tokens is None else audit.tokens.sum / max(audit.rows, 1),
        findings=tuple(_finding(one) for one in audit.checks),
        audited=_n(labels), wrong=_detail(labels, "errors"), audited_cases=_n(leakage),
        leaked=_detail(leakage, "leaked"),
        leaked_cases=_ids(leakage, "leaked_cases"), clean_cases=_ids(leakage, "clean_cases"), changed=changed,
    )  # fmt: skip


def _finding(one: CheckResult) -> DataFinding:
    return DataFinding(
        check=one.check, verdict=one.verdict, because=one.because, value=one.value, low=one.low, high=one.high,
        threshold=one.threshold, source=one.source,
    )  # fmt: skip


def _n(check: CheckResult | None) -> int:
    return 0 if check is None or check.value is None else max(check.n or 0, 0)


def _detail(check: CheckResult | None, name: str) -> int:
    """A count among the check's figures, never more than the check looked at."""
    value = None if check is None else check.details.get(name)
    return min(max(value, 0), _n(check)) if isinstance(value, int) else 0


def _ids(check: CheckResult | None, name: str) -> frozenset[str]:
    value = None if check is None else check.details.get(name)
    return frozenset(map(str, value)) if isinstance(value, list | tuple) else frozenset()


def _left_out(folder: Path, audit: DataAudit) -> int:
    """Different rows that failed checks would leave out; where their files are gone, as if none were in two."""
    failed = [one.check for one in audit.checks if one.check in LEFT_OUT and one.verdict == "fail"]
    flagged = [_flagged_rows(folder, audit, check) for check in failed]
    known = [rows for rows in flagged if rows is not None]
    if len(known) == len(failed):
        return min(len(set[int]().union(*known)), audit.rows)
    return min(sum(audit.flagged.get(check, 0) for check in failed), audit.rows)


def _flagged_rows(folder: Path, audit: DataAudit, check: str) -> set[int] | None:
    """The rows in the file beside the audit; None where it can not be read."""
    name = audit.rows_files.get(check)
    if name is None or PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        return None
    try:
        with (folder / name).open(encoding="utf-8") as lines:
            rows = [json.loads(line).get("row") for line in lines]
    except (OSError, ValueError, AttributeError):
        return None
    return {row for row in rows if isinstance(row, int)}


# ------------------------------------------------------------------------------------------------ changed rows


def _changed(ctx: Context, folder: Path, audit: DataAudit) -> bool | None:
    """Whether the audited files have other bytes now; None where they do not lie in the study's folder."""
    paths = [_found(ctx, folder, named) for named in audit.paths]
    there = [path for path in paths if path is not None]
    if not there or len(there) < len(paths):
        return None
    sizes = [path.stat().st_size for path in there]
    if len(audit.files) == len(sizes) and sizes != [one.n_bytes for one in audit.files]:
        return True
    return None if sum(sizes) > _MOST_BYTES else _sha256(there) != audit.sha256


def _found(ctx: Context, folder: Path, named: str) -> Path | None:
    """A file by the path under which it was audited, from the study's folder; else by its name alone."""
    root = ctx.folder.root
    beside = [] if root is None else [root / PurePath(named).name, folder / PurePath(named).name]
    for path in ([] if root is None else [root / named]) + beside:
        try:
            inside = root is not None and path.resolve().is_relative_to(root.resolve())
            if inside and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):
            continue
    return None


def _sha256(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


# --------------------------------------------------------------------------------------------------- notes


def _notes(ctx: Context, users: str, data: DataEvidence) -> Sequence[str]:
    notes = [f"{users}: {_rows_said(data)} ({source_of(data)})"]
    if data.changed:
        notes.append(
            f"{users}: the training rows have CHANGED since {data.file} was written (another size or hash): what it "
            "says is of the rows before; run `breakeven data check` again"
        )
    notes += [
        f"{name}: if its {file.shots} examples stand among the training rows, so may some of the {data.leaked:,} eval "
        f"cases that leaked into them: its score is then flattered, too ({source_of(data)})"
        for name, file in ctx.file.candidates.items()
        if isinstance(file, PromptFile) and file.shots and data.leaked
    ]
    return notes


def _rows_said(data: DataEvidence) -> str:
    tokens = "" if data.tokens_per_example is None else f", {data.tokens_per_example:,.1f} tokens each"
    if data.usable == data.rows:
        return f"{data.rows:,} training rows{tokens}"
    why = [
        f"{one.value:.1%} repeat others"
        if one.check == "duplicates"
        else f"some hold {data.leaked:,} eval cases"
        for one in data.findings
        if one.check in LEFT_OUT and one.verdict == "fail" and one.value is not None
    ]
    return f"{data.usable:,} of {data.rows:,} training rows are usable ({', '.join(why)}){tokens}"
