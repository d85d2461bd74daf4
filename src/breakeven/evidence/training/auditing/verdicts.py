"""What people said of rows, as a file that is kept: JSON Lines with hashes of rows, and none of their texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.files import decoded, read_bytes
from breakeven.evidence.profile.writing import replaced

__all__ = ["Judgement", "Sample", "Verdict", "audit_file", "merged", "read_audit", "word_of", "write_audit"]

Judgement = Literal["right", "wrong", "unsure"]
Sample = Literal["random", "suspect"]

_WORDS: Final[dict[str, Judgement]] = {
    **dict.fromkeys(("right", "r", "y", "yes", "ok", "correct", "true", "1"), "right"),
    **dict.fromkeys(("wrong", "w", "n", "no", "incorrect", "false", "0"), "wrong"),
    **dict.fromkeys(("unsure", "u", "?", "skip", "maybe"), "unsure"),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one person said of one row."""

    row: str
    """Its key."""
    sample: Sample
    """How it came to be looked at; only rows that were drawn at random count for a claim."""
    verdict: Judgement
    place: str = ""
    """Where the row stood: ``train.jsonl:12``."""
    correct: str | None = None
    """The label that would be right, where it was said."""
    plan: int | None = None
    """Rows that the random sample was to have in all, as planned before it was looked at."""
    date: str | None = None
    edge: bool | None = None
    """Whether it is an edge case; None: nobody said."""


def audit_file(train: str) -> Path:
    """Where an audit is kept: ``train.audit`` beside ``train.jsonl``, an ending that a folder of rows passes over."""
    path = Path(train)
    return path.with_name(f"{path.name.partition('.')[0] or path.name}.audit")


def word_of(said: str) -> Judgement | None:
    """What a person wrote, in our words; None: it can not be told."""
    return _WORDS.get(said.strip().lower())


def merged(old: Sequence[Verdict], new: Sequence[Verdict]) -> list[Verdict]:
    """Old and new; where a row was judged again the new word counts, but a random row stays a random one."""
    found = {one.row: one for one in old}
    for one in new:
        before = found.get(one.row)
        if before is not None and before.sample == "random" and one.sample != "random":
            one = replace(one, sample=before.sample, plan=before.plan)
        if before is not None and one.edge is None:
            one = replace(one, edge=before.edge)
        found[one.row] = one
    return list(found.values())


def write_audit(path: Path, verdicts: Sequence[Verdict]) -> None:
    """One verdict a line, in place of an older file; whole or not at all."""
    with replaced(path) as file:
        for one in verdicts:
            known = {name: value for name, value in asdict(one).items() if value not in (None, "")}
            file.write(json.dumps(known, ensure_ascii=False) + "\n")


def read_audit(path: Path) -> list[Verdict]:
    """The verdicts of a file, none where there is no file yet; raises EvidenceError for damaged lines."""
    if not path.exists():
        return []
    found, problems = [], []
    for number, line in enumerate(decoded(read_bytes(path), path).splitlines(), start=1):
        if line.strip():
            try:
                found.append(_verdict(json.loads(line)))
            except (ValueError, TypeError) as exc:
                place = Place(file=str(path), line=number)
                hint = "restore the line from a copy: a verdict that is dropped makes the labels look better"
                problems.append(Problem(message=f"no verdict of an audit: {exc}", place=place, hint=hint))
    if problems:
        raise EvidenceError(*problems[:10])
    return found


def _verdict(read: Any) -> Verdict:
    if not isinstance(read, dict):
        raise TypeError(f"{read!r}"[:60])
    for name, allowed in (("verdict", Judgement), ("sample", Sample)):
        if read.get(name) not in get_args(allowed):
            raise ValueError(f"{name} {read.get(name)!r}; one of {', '.join(get_args(allowed))}")
    if not isinstance(read.get("row"), str):
        raise TypeError("no `row`")
    if not isinstance(read.get("edge"), bool | None):
        raise TypeError(f"edge {read.get('edge')!r}; true or false")
    return Verdict(**cast("dict[str, Any]", read))
