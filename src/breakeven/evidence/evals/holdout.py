"""A sealed hold-out: cases set aside by cluster, under a hash, with a ledger of every time they were used.

``seal_cases`` writes three files beside the case file::

    cases.open.jsonl             work with these as often as you like
    cases.sealed.jsonl           score the finished candidate on these, once
    cases.sealed.ledger.jsonl    what was sealed, and a line for each opening, each with the hash of the one before

The ledger shows an edited or missing line, and a case file that is not the one that was sealed. It can not show what it
does not see: who deletes it, restores an older copy or reads the sealed file by other means leaves no trace here. In
git it is as safe as the history there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.identity import cases_sha256
from breakeven.evidence.files import read_text
from breakeven.evidence.profile.writing import replaced

__all__ = [
    "Ledger",
    "Opened",
    "Sealed",
    "ledger_of",
    "open_sealed",
    "read_ledger",
    "seal_cases",
    "split_by_cluster",
]

_FORMAT: Final = 1
_SUFFIX: Final = ".ledger.jsonl"
_FIRST: Final = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What was sealed, and every opening since."""

    path: Path
    sealed: Mapping[str, Any]
    """``n``, ``clusters``, ``ids_sha256``, ``cases_sha256``, ``share``, ``seed``, ``planned``, ``on``."""
    openings: tuple[Mapping[str, Any], ...]
    head: str
    """Hash of the last line."""

    @property
    def planned(self) -> int | None:
        """Openings that were planned; None: an open end."""
        found = self.sealed.get("planned")
        return found if isinstance(found, int) else None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One opening of a sealed set."""

    number: int
    planned: int | None

    def __str__(self) -> str:
        of = f" of {self.planned} planned" if self.planned else ""
        return f"Sealed: set opened {self.number}×{of}; the intervals pay for each opening"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """The files that sealing wrote."""

    open_file: Path
    sealed_file: Path
    ledger: Ledger
    n_open: int
    n_sealed: int
    n_clusters: int | None
    """Clusters among the sealed cases; None: the cases have none."""


def split_by_cluster(
    cases: Sequence[Case], share: float, rng: np.random.Generator
) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """Cases in two: the rest, and about ``share`` of them. No cluster is in both; the order of the cases stays.

    Raises EvidenceError where one side would have none.
    """
    groups: dict[str, list[int]] = {}
    for k, case in enumerate(cases):
        groups.setdefault(f"cluster {case.cluster}" if case.cluster is not None else f"case {k}", []).append(
            k
        )
    names = list(groups)
    wanted = share * len(cases)
    taken: set[int] = set()
    for k in rng.permutation(len(names)).tolist():
        group = groups[names[k]]
        if abs(len(taken) + len(group) - wanted) < abs(len(taken) - wanted):
            taken.update(group)
    if not taken or len(taken) == len(cases):
        message = f"{len(cases)} cases in {len(groups)} clusters can not be split at {share:.0%}"
        raise EvidenceError(Problem(message=message, hint="more clusters are needed, or another share"))
    return (
        tuple(case for k, case in enumerate(cases) if k not in taken),
        tuple(case for k, case in enumerate(cases) if k in taken),
    )


def seal_cases(
    cases: Cases, *, folder: Path, stem: str, share: float, seed: int, on: str, planned: int | None = None
) -> Sealed:
    """Split cases by cluster and write both halves and the ledger; files that exist are never replaced."""
    rest, aside = split_by_cluster(cases.cases, share, np.random.default_rng(seed))
    open_file, sealed_file = folder / f"{stem}.open.jsonl", folder / f"{stem}.sealed.jsonl"
    ledger = ledger_of(sealed_file)
    for path in (ledger, sealed_file, open_file):
        if path.exists():
            hint = "a set is sealed once; give another --name to seal other cases"
            raise EvidenceError(Problem(message="is there already", place=Place(file=str(path)), hint=hint))
    clusters = {case.cluster for case in aside if case.cluster is not None}
    line = {
        "breakeven_ledger": _FORMAT, "on": on, "n": len(aside), "clusters": len(clusters) or None, "share": share,
        "seed": seed, "planned": planned, "ids_sha256": _ids_sha256(aside), "cases_sha256": cases_sha256(aside),
    }  # fmt: skip
    _write_cases(open_file, rest)
    _write_cases(sealed_file, aside)
    with replaced(ledger) as file:
        file.write(_chained({name: value for name, value in line.items() if value is not None}, _FIRST))
    return Sealed(
        open_file=open_file, sealed_file=sealed_file, ledger=read_ledger(ledger), n_open=len(rest),
        n_sealed=len(aside), n_clusters=len(clusters) or None,
    )  # fmt: skip


def _write_cases(path: Path, cases: Iterable[Case]) -> None:
    with replaced(path) as file:
        for case in cases:
            row = {"id": case.id, **case.variables, "expected": case.expected, "cluster": case.cluster,
                   "segment": case.segment, **case.metadata}  # fmt: skip
            file.write(json.dumps({k: v for k, v in row.items() if v is not None}, ensure_ascii=True) + "\n")


def _ids_sha256(cases: Iterable[Case]) -> str:
    return hashlib.sha256(json.dumps(sorted(case.id for case in cases)).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------- the ledger


def ledger_of(file: Path) -> Path:
    """Where the ledger of a case file stands, if it has one."""
    return file.with_name(file.stem + _SUFFIX)


def _chained(line: Mapping[str, Any], before: str) -> str:
    body = {**line, "before": before}
    return json.dumps({**body, "hash": _hash(body)}) + "\n"


def _hash(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def read_ledger(path: Path) -> Ledger:
    """A ledger whose lines follow from each other; raises EvidenceError with the first that does not."""
    lines: list[dict[str, Any]] = []
    before = _FIRST
    for number, text in enumerate(read_text(path).splitlines(), start=1):
        before = _checked(text, before, Place(file=str(path), line=number), lines)
    if not lines:
        raise EvidenceError(Problem(message="the ledger is empty", place=Place(file=str(path))))
    return Ledger(path=path, sealed=lines[0], openings=tuple(lines[1:]), head=before)


def _checked(text: str, before: str, place: Place, lines: list[dict[str, Any]]) -> str:
    """One line more, if it follows from the one before; its hash."""
    hint = "restore it from version control; openings that are not known can not be paid for"
    try:
        line = json.loads(text)
    except ValueError as exc:
        raise EvidenceError(Problem(message="is no line of a ledger", place=place, hint=hint)) from exc
    body = {name: value for name, value in line.items() if name != "hash"} if isinstance(line, dict) else {}
    kind = "breakeven_ledger" if not lines else "opening"
    if body.get("before") != before or line.get("hash") != _hash(body) or kind not in body:
        message = "the ledger was edited: this line does not follow from the one before"
        raise EvidenceError(Problem(message=message, place=place, hint=hint))
    if lines and body["opening"] != len(lines):
        raise EvidenceError(Problem(message=f"opening {len(lines)} is missing", place=place, hint=hint))
    lines.append(body)
    return str(line["hash"])


def open_sealed(cases: Cases, *, keys: Iterable[str], candidates: Sequence[str], on: str) -> Opened | None:
    """Count one opening of a sealed case file; None: the file is not sealed.

    keys: of all requests that are about to be made. The same requests again, after a run was killed or to print its
    results once more, show nothing new and are the same opening. Raises EvidenceError where the cases are not the ones
    that were sealed, the ledger was edited, or all planned openings are spent.
    """
    path = ledger_of(Path(cases.path))
    if not path.is_file():
        return None
    ledger = read_ledger(path)
    if cases.sha256 != ledger.sealed.get("cases_sha256"):
        message = "these are not the cases that were sealed: the file was changed since"
        raise EvidenceError(
            Problem(message=message, place=Place(file=cases.path), hint=f"restore it; see {path}")
        )
    return _opened(ledger, keys=keys, candidates=candidates, on=on)


def open_set(
    ledger: Path, *, n: int, cases_sha256: str, keys: Iterable[str], candidates: Sequence[str], on: str
) -> Opened:
    """The same for cases that no file holds: the ledger begins with the first opening. Raises EvidenceError."""
    if not ledger.exists():
        line = {"breakeven_ledger": _FORMAT, "on": on, "n": n, "cases_sha256": cases_sha256}
        with replaced(ledger) as file:
            file.write(_chained(line, _FIRST))
    return _opened(read_ledger(ledger), keys=keys, candidates=candidates, on=on)


def _opened(ledger: Ledger, *, keys: Iterable[str], candidates: Sequence[str], on: str) -> Opened:
    run = hashlib.sha256("\n".join(sorted(set(keys))).encode()).hexdigest()
    for line in ledger.openings:
        if line.get("run") == run:
            return Opened(number=int(line["opening"]), planned=ledger.planned)
    number, path = len(ledger.openings) + 1, ledger.path
    if ledger.planned is not None and number > ledger.planned:
        message = (
            f"all {ledger.planned} planned openings are spent: another one would have no error rate left"
        )
        raise EvidenceError(Problem(message=message, place=Place(file=str(path)), hint="seal fresh cases"))
    text = _chained({"opening": number, "on": on, "candidates": list(candidates), "run": run}, ledger.head)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as exc:
        raise EvidenceError(
            Problem(message=f"can not be written: {exc}", place=Place(file=str(path)))
        ) from exc
    return Opened(number=number, planned=ledger.planned)
