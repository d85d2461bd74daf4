"""Scores without eval cases that stand in the training rows of what is scored: leaked cases flatter it.

Where the audit names the cases, those are left out, for all candidates that are compared on them. Where it only counts
them, the measured accuracy m is taken down draw by draw to what it is on clean cases if every leaked one was answered
from memory: m = f·1 + (1−f)·c for a leaked share f, so c = (m − f)/(1 − f), and f(1−c) is taken off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from breakeven.beliefs import Values
from breakeven.evidence import ScoreTable
from breakeven.study.candidate_file import HybridFile
from breakeven.study.context import Context
from breakeven.study.data_evidence import DataEvidence
from breakeven.study.training_data import source_of

__all__ = ["Leak", "corrected", "data_behind", "find_leak", "leak_note", "without"]


@dataclass(frozen=True, kw_only=True)
class Leak:
    """What leaked of one candidate's scored cases."""

    data: DataEvidence
    cases: frozenset[str] = frozenset()
    """Scored cases that stand in the rows."""
    unknown: int = 0
    """Scored cases that the audit did not look at, where it knows others of them."""
    by_share: bool = False
    """Whether only the share of leaked cases is known."""


def data_behind(ctx: Context, name: str) -> DataEvidence | None:
    """The training rows that a candidate's answers come from: its own, or those of a hybrid's small candidate."""
    file = ctx.file.candidates.get(name)
    return ctx.data.get(file.small if isinstance(file, HybridFile) else name)


def find_leak(data: DataEvidence | None, table: ScoreTable) -> Leak | None:
    """What leaked of the scored cases; None where nothing did, or nothing says."""
    if data is None or not data.leaked:
        return None
    scored = frozenset(table.ids)
    known = scored & (data.leaked_cases | data.clean_cases)
    if not known:
        return Leak(data=data, by_share=True)
    return Leak(data=data, cases=scored & data.leaked_cases, unknown=len(scored - known))


def without(table: ScoreTable, cases: frozenset[str]) -> ScoreTable:
    """The table without these cases."""
    keep = np.array([case not in cases for case in table.ids], dtype=bool)
    if keep.all():
        return table
    kept = np.flatnonzero(keep).tolist()

    def of(column: tuple[str | None, ...] | None) -> tuple[str | None, ...] | None:
        return None if column is None else tuple(column[k] for k in kept)

    scores = table.scores[keep]
    scores.setflags(write=False)
    return replace(
        table, ids=tuple(table.ids[k] for k in kept), scores=scores, clusters=of(table.clusters),
        repeats=of(table.repeats),
    )  # fmt: skip


def corrected(
    drawn: Values, leaks: Mapping[int, tuple[int, int]], rng: np.random.Generator
) -> Values:  # fmt: skip
    """(draws, candidates) with the columns of ``leaks`` taken down to what they are on clean cases.

    leaks: column → leaked and all cases that the audit looked at. The share is drawn from its Jeffreys posterior: the
    scored cases need not be the audited ones.
    """
    found = drawn.copy()
    for column, (leaked, n) in leaks.items():
        share = rng.beta(leaked + 0.5, n - leaked + 0.5, drawn.shape[0])
        found[:, column] = np.clip((drawn[:, column] - share) / (1 - share), 0.0, 1.0)
    return found


def leak_note(name: str, leak: Leak, table: ScoreTable) -> str:
    """What was found, and what was done about it."""
    data, source = leak.data, source_of(leak.data)
    if leak.by_share:
        return (
            f"{name}: {data.leaked:,} of {data.audited_cases:,} eval cases stand in its training rows, and the audit "
            f"does not say which of the scored ones: its quality is taken down as if each was answered from memory "
            f"({source})"
        )
    clean = without(table, leak.cases)
    cases = "1 scored case was" if leak.unknown == 1 else f"{leak.unknown:,} scored cases were"
    more = f"; {cases} not looked at" if leak.unknown else ""
    if not leak.cases:
        return f"{name}: none of its scored cases stands in its training rows{more} ({source})"
    return (
        f"{name}: {len(leak.cases):,} of {table.n_cases:,} scored cases stand in its training rows and are left out: "
        f"it scored {table.scores.mean():.1%} on all, {clean.scores.mean():.1%} on the {clean.n_cases:,} clean ones"
        f"{more} ({source})"
    )
