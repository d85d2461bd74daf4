"""A cleaned copy of a training file in another format, and a log that gives the source back.

A copy in the source's own format keeps its bytes (``cleaning``). One in another format keeps none of them, so the log
holds the whole source, packed, and says of every row of it where it went.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.files import read_bytes
from breakeven.evidence.prompts.redaction import redact_row
from breakeven.evidence.training.cleaning import MARK, MOST_BYTES, WHOLE, Change, Cleaned, counted, sha256_of
from breakeven.evidence.training.converting import Converted, convert_rows
from breakeven.evidence.training.packing import packed
from breakeven.evidence.training.row import TrainingData

__all__ = ["rewrite_rows"]


def rewrite_rows(
    path: Path,
    train: TrainingData,
    changes: Sequence[Change],
    to: str,
    *,
    system: str | None = None,
    keep: Sequence[str] = (),
) -> Cleaned:
    """The copy in the format ``to``, and its log, for a file of any kind that can be read.

    Rows that can not be read, and those that the format has no words for, are left out; the log names them. system,
    keep: as for ``convert_rows``. Raises EvidenceError where the file can not be read, or no row is left.
    """
    source = path.read_bytes() if path.is_file() else read_bytes(path, most=MOST_BYTES)
    found = convert_rows(train.rows, to, system=system, keep=keep)
    at = {change.line: change for change in changes}
    lines = [*_written(train, found, at)]
    if not lines:
        why = ", ".join(
            f"{k:,} {reason}" for reason, k in Counter(one.reason for one in found.refused).most_common(3)
        )
        hint = f"{to} has no words for them: {why}" if why else "fewer checks in --drop leave more"
        raise EvidenceError(
            Problem(message=f"no row is left to be written as {to}", place=Place(file=str(path)), hint=hint)
        )
    data = "".join(text for text, _ in lines).encode("utf-8")
    head = {
        MARK: WHOLE, "source": path.name, "to": to, "source_sha256": sha256_of(source),
        "clean_sha256": sha256_of(data), "source_packed": packed(source),
    }  # fmt: skip
    entries = [head, *_entries(train, found, at, {line: k for k, (_, line) in enumerate(lines, start=1)})]
    return Cleaned(
        source=str(path), source_sha256=str(head["source_sha256"]), data=data,
        log="".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode("utf-8"),
        dropped=counted(changes, "drop"), masked=counted(changes, "mask"), kept=len(lines),
        n_dropped=sum(c.action == "drop" for c in changes), n_masked=sum(c.action == "mask" for c in changes),
        refused=found.refused, to=to,
    )  # fmt: skip


def _written(
    train: TrainingData, found: Converted, at: dict[int, Change]
) -> Iterator[tuple[str, int]]:  # fmt: skip
    """The lines of the copy, each with the line of the source that it comes from."""
    for row, text in zip(train.rows, found.texts, strict=True):
        line = row.place.line or 0
        change = at.get(line)
        if not text or (change is not None and change.action == "drop"):
            continue
        if change is not None:
            text = redact_row(text, change.kinds, change.names) + "\n"
        yield text, line


def _entries(
    train: TrainingData, found: Converted, at: dict[int, Change], written: dict[int, int]
) -> Iterator[dict[str, Any]]:
    """What became of each row, in the order of the source."""
    refused = {one.place.line or 0: one for one in found.refused}
    unread = {bad.place.line or 0: bad for bad in train.rejected}
    ids = {row.place.line or 0: row.id for row in train.rows}
    for line in sorted({*ids, *unread}):
        change, bad = at.get(line), unread.get(line) or refused.get(line)
        entry: dict[str, Any] = {"line": line}
        if ids.get(line) is not None:
            entry["id"] = ids[line]
        if change is not None:
            entry |= {"action": change.action, "checks": list(change.checks), "reasons": list(change.reasons)}
        elif bad is not None:
            entry |= {
                "action": "drop",
                "reasons": [f"{bad.reason}: {bad.detail}" if bad.detail else bad.reason],
            }
        if line in written:
            entry["written"] = written[line]
        yield entry
