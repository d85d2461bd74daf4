"""Several candidates' scores brought onto the same cases, so that differences come from pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.scores import ScoreTable
from breakeven.statistics.arrays import FloatArray, IntArray, average_by, encode

__all__ = ["Paired", "align"]

_SHOWN = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Paired:
    """Scores of all candidates on the cases that every one of them was run on."""

    names: tuple[str, ...]
    """The candidates, one a column."""
    ids: tuple[str, ...]
    """The cases, one a row, in the order of the first candidate's file."""
    scores: FloatArray
    """Shape (cases, candidates), within 0..1, repeats of a case averaged; read-only."""
    clusters: IntArray | None
    """Code of the cluster of each case; None where no file names clusters; read-only."""
    unpaired: Mapping[str, tuple[str, ...]]
    """Candidate → its cases that some other candidate was not run on, and that are left out here."""
    binary: bool
    """Whether every averaged score is 0 or 1."""


def align(tables: Mapping[str, ScoreTable]) -> Paired:
    """Pair candidates (name → scores) by case id.

    Raises EvidenceError where they share no case, or where two files put one case into different clusters.
    """
    if not tables:
        raise EvidenceError("no scores to pair; name at least one file of scores")
    means = {name: _case_means(table) for name, table in tables.items()}
    shared = set.intersection(*(set(cases) for cases in means.values()))
    if not shared:
        raise _nothing_shared(tables, means)
    ids = tuple(case for case in next(iter(means.values())) if case in shared)
    scores = np.array([[cases[case] for cases in means.values()] for case in ids])
    scores.setflags(write=False)
    unpaired = {name: tuple(case for case in cases if case not in shared) for name, cases in means.items()}
    return Paired(
        names=tuple(tables),
        ids=ids,
        scores=scores,
        clusters=_clusters(tables, ids),
        unpaired=MappingProxyType(unpaired),
        binary=bool(np.isin(scores, (0.0, 1.0)).all()),
    )


def _case_means(table: ScoreTable) -> dict[str, float]:
    """Case → mean of its runs, in order of first appearance."""
    codes = encode(table.ids, len(table.ids), table.path)
    means, _ = average_by(table.scores, codes)
    return dict(zip(dict.fromkeys(table.ids), means.tolist(), strict=True))


def _clusters(tables: Mapping[str, ScoreTable], ids: tuple[str, ...]) -> IntArray | None:
    """Cluster codes of the cases. A file that leaves a case's cluster open takes it from one that does not."""
    known: dict[str, tuple[str, ScoreTable]] = {}
    for table in tables.values():
        for case, label in zip(table.ids, table.clusters or (), strict=False):
            if label is None:
                continue
            before, where = known.setdefault(case, (label, table))
            if before != label:
                message = f"case {case!r} is in cluster {label!r} here and in {before!r} in {where.path}"
                hint = "a case belongs to one cluster, whichever candidate runs it"
                raise EvidenceError(Problem(message=message, place=Place(file=table.path), hint=hint))
    if not known:
        return None
    codes = encode([known[case][0] if case in known else None for case in ids], len(ids), "clusters")
    codes.setflags(write=False)
    return codes


def _nothing_shared(
    tables: Mapping[str, ScoreTable], means: Mapping[str, Mapping[str, float]]
) -> EvidenceError:
    problems = [
        Problem(
            message=f"{name} was run on {', '.join(repr(case) for case in list(means[name])[:_SHOWN])}, …",
            place=Place(file=table.path),
        )
        for name, table in tables.items()
    ]
    head = Problem(
        message=f"{', '.join(tables)}: no case that all were run on",
        hint="run the candidates on the same cases, and give a case the same id in every file",
    )
    return EvidenceError(head, *problems)
