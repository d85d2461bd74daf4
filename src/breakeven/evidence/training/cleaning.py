"""A cleaned copy of a training file, and a log that undoes it.

The source is never touched. Rows that are kept are kept byte for byte. The log holds the original bytes of every row
that was left out or masked, so that the copy and the log give the source again; it therefore holds what was masked, and
only its owner may read it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from breakeven.errors import EvidenceError, InputError, Place, Problem
from breakeven.evidence.files import read_bytes
from breakeven.evidence.prompts.redaction import mask_names, redact, redact_row
from breakeven.evidence.training.check import CheckResult
from breakeven.evidence.training.packing import unpacked
from breakeven.evidence.training.private import PERSONAL, SECRETS, Private
from breakeven.evidence.training.row import Rejected, TrainingData

__all__ = [
    "MARK",
    "MASKS",
    "MOST_BYTES",
    "UNREADABLE",
    "WHOLE",
    "Change",
    "Cleaned",
    "clean_rows",
    "counted",
    "plan_changes",
    "sha256_of",
    "undo",
    "write_cleaned",
]

Action = Literal["drop", "mask"]

MASKS: Final[Mapping[str, frozenset[str]]] = {"personal-data": PERSONAL, "secrets": SECRETS}
"""Checks whose rows can be masked → the kinds that are."""
UNREADABLE: Final = "unreadable"
"""Stands for a check whose rows are those that could not be read."""
MARK: Final = "breakeven_clean"
"""The key by which a log is known."""
_VERSION: Final = 1
WHOLE: Final = 2
"""The version of a log that holds its source whole, as ``rewriting`` writes it."""
_BOM: Final = b"\xef\xbb\xbf"
MOST_BYTES: Final = 4 << 30


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is done to one row of the source, and why."""

    line: int
    """Where the row begins, from 1."""
    action: Action
    checks: tuple[str, ...]
    reasons: tuple[str, ...]
    kinds: frozenset[str] = frozenset()
    """What is masked."""
    names: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What a model found in it, and the kind of each: masked as well."""


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """A cleaned copy, before it is written."""

    source: str
    source_sha256: str
    data: bytes
    """The copy."""
    log: bytes
    dropped: Mapping[str, int]
    """Check → rows left out on its account (a row may have two)."""
    masked: Mapping[str, int]
    n_dropped: int
    n_masked: int
    kept: int
    refused: tuple[Rejected, ...] = ()
    """Rows that the copy's format has no words for."""
    to: str | None = None
    """The copy's format, where it is another than the source's."""


def plan_changes(
    train: TrainingData,
    drop: Sequence[CheckResult],
    mask: Sequence[CheckResult],
    found: Sequence[Private] = (),
) -> list[Change]:
    """One change for each row that a check flags; a row that is left out is not masked as well.

    found: what a model found in rows, where personal data is masked.
    """
    dropped = _by_line(drop)
    masked = {line: told for line, told in _by_line(mask).items() if line not in dropped}
    wrong = sorted({result.check for result in mask} - set(MASKS))
    if wrong:
        hint = f"what can be masked: {', '.join(MASKS)}; rows of other checks can be dropped"
        raise InputError(Problem(message=f"{wrong[0]!r} can not be masked", hint=hint))
    changes = [_change(line, "drop", told) for line, told in dropped.items()]
    names = {train.rows[one.row].place.line: one.names for one in found if one.names}
    changes += [_change(line, "mask", told, names.get(line, ())) for line, told in masked.items()]
    return sorted(changes, key=lambda one: one.line)


def _by_line(results: Sequence[CheckResult]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for result in results:
        for one in result.flagged:
            if one.place.line is not None:
                found.setdefault(one.place.line, []).append((result.check, one.reason))
    return found


def _change(
    line: int, action: Action, found: list[tuple[str, str]], names: tuple[tuple[str, str], ...] = ()
) -> Change:  # fmt: skip
    checks = tuple(dict.fromkeys(check for check, _ in found))
    kinds = (
        frozenset[str]().union(*(MASKS[check] for check in checks)) if action == "mask" else frozenset[str]()
    )
    return Change(
        line=line, action=action, checks=checks, reasons=tuple(r for _, r in found), kinds=kinds, names=names
    )  # fmt: skip


def clean_rows(path: Path, changes: Sequence[Change]) -> Cleaned:
    """The copy and its log, for a JSON Lines or CSV file; raises EvidenceError for other formats."""
    source = _source(path)
    table = _is_csv(path)
    at = {change.line: change for change in changes}
    kept: list[bytes] = []
    entries: list[dict[str, Any]] = []
    n = 0
    for position, (line, record) in enumerate(_records(source, table=table)):
        change = at.pop(line, None)
        if change is None:
            kept.append(record)
            n += bool(record.strip())
            continue
        entries.append(_entry(position, change, record))
        if change.action == "mask":
            kept.append(_masked(record, change, table=table))
            n += 1
    if at:
        place = Place(file=str(path), line=min(at))
        raise EvidenceError(
            Problem(message="no row begins here: the file has changed since it was checked", place=place)
        )
    data = b"".join(kept)
    head = {
        MARK: _VERSION, "source": path.name, "source_sha256": sha256_of(source), "clean_sha256": sha256_of(data),
        "csv": table,
    }  # fmt: skip
    log = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in (head, *entries))
    return Cleaned(
        source=str(path), source_sha256=str(head["source_sha256"]), data=data, log=log.encode("utf-8"),
        dropped=counted(changes, "drop"), masked=counted(changes, "mask"), kept=n - table,
        n_dropped=sum(c.action == "drop" for c in changes), n_masked=sum(c.action == "mask" for c in changes),
    )  # fmt: skip


def counted(changes: Iterable[Change], action: Action) -> dict[str, int]:
    """Check → rows that are dropped, or masked, on its account."""
    found: dict[str, int] = {}
    for change in changes:
        for check in change.checks if change.action == action else ():
            found[check] = found.get(check, 0) + 1
    return found


def _source(path: Path) -> bytes:
    data = path.read_bytes() if path.suffix == ".gz" and path.is_file() else read_bytes(path, most=MOST_BYTES)
    head = data.removeprefix(_BOM).lstrip()[:1]
    if data.startswith((b"\x1f\x8b", b"PAR1")) or (head != b"{" and not _is_csv(path)):
        hint = "--to chat cleans it too: the copy's rows are then chat messages, one a line"
        raise EvidenceError(
            Problem(
                message="only JSON Lines and CSV are cleaned as they stand",
                place=Place(file=str(path)),
                hint=hint,
            )
        )
    return data


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".tsv")


def _records(data: bytes, *, table: bool) -> Iterator[tuple[int, bytes]]:
    """(line where it begins, bytes) of every record; in a CSV one may hold line breaks within quotes."""
    part, begins, number = b"", 1, 0
    for line in io.BytesIO(data):
        number += 1
        part += line
        if table and part.count(b'"') % 2:
            continue
        yield begins, part
        part, begins = b"", number + 1
    if part:
        yield begins, part


def _entry(position: int, change: Change, record: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "position": position, "line": change.line, "action": change.action, "checks": list(change.checks),
        "reasons": list(change.reasons),
    }  # fmt: skip
    try:
        return {**entry, "original": record.decode("utf-8")}
    except UnicodeDecodeError:
        return {**entry, "original_base64": base64.b64encode(record).decode("ascii")}


def _masked(record: bytes, change: Change, *, table: bool) -> bytes:
    body = record.rstrip(b"\r\n")
    ending = record[len(body) :]
    bom = _BOM if body.startswith(_BOM) else b""
    text = body.removeprefix(_BOM).decode("utf-8", "replace")
    # A mask holds no separator, quote or line break, so that a table's cells stay what they are.
    if table:
        named = mask_names(text, [(name.replace('"', '""'), kind) for name, kind in change.names])
        masked = redact(named, change.kinds).text
    else:
        masked = redact_row(text, change.kinds, change.names)
    return bom + masked.encode("utf-8", "replace") + ending


def sha256_of(data: bytes) -> str:
    """The hash of a file's bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


# --------------------------------------------------------------------------------------------------- files


def write_cleaned(cleaned: Cleaned, path: Path, log: Path) -> None:
    """Write the log, readable by its owner only, and then the copy; each whole or not at all."""
    for target in (path, log):
        if target.resolve() == Path(cleaned.source).resolve():
            raise InputError(Problem(message=f"{target} is the source itself; it is never written over"))
    if cleaned.to is not None and path.suffix.lower() not in (".jsonl", ".ndjson", ""):
        hint = "rows in another format are JSON Lines: end its name in .jsonl"
        raise InputError(Problem(message=f"{path.name} would hold rows written as {cleaned.to}", hint=hint))
    if cleaned.to is None and _is_csv(path) != _is_csv(Path(cleaned.source)):
        source = Path(cleaned.source)
        hint = f"the copy has the source's format: end its name in {source.suffix or '.jsonl'}"
        raise InputError(Problem(message=f"{path.name} would hold what {source.name} holds", hint=hint))
    if path.resolve() == log.resolve():
        raise InputError(f"{path}: the copy and its log need two names")
    _write(log, cleaned.log, mode=0o600)
    _write(path, cleaned.data, mode=0o644)


def _write(path: Path, data: bytes, *, mode: int) -> None:
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".half")
    except OSError as exc:
        raise EvidenceError(
            Problem(message=f"can not be written: {exc}", place=Place(file=str(path)))
        ) from exc
    half = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(mode)
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def undo(copy: Path, log: Path, output: Path) -> int:
    """Write the source again, byte for byte, from its copy and the log; how many rows were put back.

    Raises EvidenceError where the copy has changed since, or the two do not belong together.
    """
    data = read_bytes(copy, most=MOST_BYTES)
    head, entries = _read_log(log)
    if sha256_of(data) != head.get("clean_sha256"):
        hint = "the log undoes the copy as it was written; a later edit can not be carried over"
        raise EvidenceError(Problem(message=f"is not the copy that {log.name} belongs to, or was edited",
                                    place=Place(file=str(copy)), hint=hint))  # fmt: skip
    restored = _source_in(head, log) if head[MARK] == WHOLE else b"".join(
        _restored(iter([record for _, record in _records(data, table=bool(head.get("csv")))]), entries)
    )  # fmt: skip
    if sha256_of(restored) != head.get("source_sha256"):
        raise EvidenceError(
            Problem(message="does not give the source again: it is damaged", place=Place(file=str(log)))
        )
    _write(output, restored, mode=0o644)
    return len(entries)


def _source_in(head: Mapping[str, Any], log: Path) -> bytes:
    """The source that a log holds whole."""
    try:
        return unpacked(str(head.get("source_packed", "")))
    except ValueError as exc:
        raise EvidenceError(
            Problem(message=f"does not give the source again: {exc}", place=Place(file=str(log)))
        ) from exc


def _restored(kept: Iterator[bytes], entries: Mapping[int, dict[str, Any]]) -> Iterator[bytes]:
    position, left = 0, len(entries)
    while True:
        entry = entries.get(position)
        if entry is None:
            record = next(kept, None)
            if record is None:
                return
            yield record
        else:
            left -= 1
            if entry["action"] == "mask":
                next(kept, None)
            yield _original(entry)
        position += 1
        if not left:
            yield from kept
            return


def _original(entry: Mapping[str, Any]) -> bytes:
    coded = entry.get("original_base64")
    return str(entry["original"]).encode("utf-8") if coded is None else base64.b64decode(coded)


def _read_log(log: Path) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    try:
        head, *entries = [json.loads(line) for line in read_bytes(log, most=MOST_BYTES).split(b"\n") if line]
        if head[MARK] not in (_VERSION, WHOLE):
            raise ValueError(f"format {head[MARK]!r}; this version reads {_VERSION} and {WHOLE}")
        return head, {
            int(entry["position" if head[MARK] == _VERSION else "line"]): entry for entry in entries
        }
    except (ValueError, KeyError, TypeError) as exc:
        hint = "the file that data clean wrote beside its copy is needed"
        raise EvidenceError(
            Problem(message=f"is no log of data clean: {exc}", place=Place(file=str(log)), hint=hint)
        ) from exc
