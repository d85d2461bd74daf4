"""Rows that repeat another one, or nearly."""

from __future__ import annotations

from typing import Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.commands import clean_command
from breakeven.evidence.training.neighbours import SIMILARITY, Neighbours, find_neighbours
from breakeven.evidence.training.neighbours.rows import compared_text
from breakeven.evidence.training.once import once

__all__ = ["CHECK", "neighbours_of"]

_NAME: Final = "duplicates"
_TITLE: Final = "Duplicates and near-duplicates"
_MOST: Final = 0.05


def neighbours_of(given: CheckInput) -> Neighbours:
    """The repeats among the rows' questions, found once for all checks."""
    similarity = float(given.settings.get("similarity", SIMILARITY))
    texts = [compared_text(row) for row in given.train.rows]
    return once(given, "neighbours", lambda: find_neighbours(texts, similarity=similarity))


def _find(given: CheckInput) -> CheckResult:
    n = len(given.train.rows)
    most = float(given.settings.get(_NAME, _MOST))
    if n == 0:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because="there are no rows", threshold=most
        )
    found = neighbours_of(given)
    share, near = found.n_repeated / n, found.n_repeated - found.n_equal
    clusters = found.members()
    because = (
        f"{found.n_repeated:,} of {n:,} rows repeat another one: {found.n_equal:,} exactly, but for case and "
        f"punctuation; {near:,} nearly ({found.similarity:.0%} of their letters in fours in common)"
    )
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if share <= most else "fail", because=because, value=share, n=n,
        method=f"counted: equal text, or Jaccard ≥ {found.similarity:g} of pieces of 4 letters (MinHash, checked)",
        threshold=most, better="below", source="document 003, section 4", flagged=tuple(_flagged(given, found)),
        next_step=clean_command(given, drop="duplicates")
        if found.n_repeated else "",
        details={"exact": found.n_equal, "near": near, "clusters": len(clusters),
                 "largest_cluster": max(map(len, clusters), default=1), "similarity": found.similarity},
    )  # fmt: skip


def _flagged(given: CheckInput, found: Neighbours) -> list[Flagged]:
    rows = given.train.rows
    flagged = []
    for k, (equal, cluster) in enumerate(zip(found.equal.tolist(), found.cluster.tolist(), strict=True)):
        if equal != k:
            flagged.append(
                Flagged(row=k, place=rows[k].place, reason=f"same question as {rows[equal].place}")
            )
        elif cluster != k:
            reason = f"nearly the same question as {rows[cluster].place}, directly or over others"
            flagged.append(Flagged(row=k, place=rows[k].place, reason=reason))
    return flagged


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
