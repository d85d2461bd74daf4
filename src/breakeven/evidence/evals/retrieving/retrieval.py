"""What a candidate retrieves for each case, and how many of the relevant passages are among it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.prompting import CONTEXT, INPUT, as_text
from breakeven.evidence.evals.retrieving.bm25 import BM25
from breakeven.evidence.evals.retrieving.passages import Passages

__all__ = ["RELEVANT", "Ranking", "Retrieval", "recall_of", "relevant_ids"]

Ranking: TypeAlias = Literal["bm25", "embeddings"]
RELEVANT: Final = "relevant"
"""The field of a case that names the passages which hold its answer."""


@dataclass(frozen=True, kw_only=True)
class Retrieval:
    """How passages are found for a case."""

    passages: Passages
    top: int = 4
    """Passages that a prompt gets at most."""
    by: Ranking = "bm25"
    model: str | None = None
    """The embedding model, where vectors rank."""
    query: str = INPUT
    """The variable of a case that is searched with."""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How it ranks, in words."""
        return "BM25" if self.model is None else f"embeddings by {self.model}"

    def wants(self, case: Case) -> bool:
        """Whether a case is searched for: one that brings its own context keeps it."""
        return not case.variables.get(CONTEXT)

    def query_of(self, case: Case) -> str:
        """What is searched with; raises EvidenceError where the case does not have it."""
        if self.query not in case.variables:
            there = ", ".join(case.variables)
            message = f"case {case.id!r} has no variable {self.query!r} to search with"
            raise EvidenceError(
                Problem(message=message, hint=f"it has {there}; context: {{query: …}} names it")
            )
        return as_text(case.variables[self.query])

    def found(self, cases: Sequence[Case], vectors: Vectors) -> list[tuple[int, ...]]:
        """Positions of the passages for each case, best first; none where a case keeps its own context.

        vectors: those of passages and queries. Where they lack, words rank, as a stand-in for counting tokens.
        """
        lacking = self.lacking(cases, vectors)
        asked = {k: self.query_of(case) for k, case in enumerate(cases) if self.wants(case)}
        by_words = [k for k in asked if self.model is None or k in lacking]
        places = {k: tuple(self._index.top(asked[k], self.top).tolist()) for k in by_words}
        rest = [k for k in asked if k not in places]
        places |= dict(zip(rest, self._nearest([asked[k] for k in rest], vectors), strict=True))
        return [places.get(k, ()) for k in range(len(cases))]

    def lacking(self, cases: Sequence[Case], vectors: Vectors) -> frozenset[int]:
        """Positions of the cases whose passages vectors are to rank, and can not: one of the passages or the query
        has none."""
        if self.model is None:
            return frozenset()
        asked = [k for k, case in enumerate(cases) if self.wants(case)]
        if vectors.missing(self.model, self.passages.texts):
            return frozenset(asked)
        return frozenset(k for k in asked if vectors.missing(self.model, [self.query_of(cases[k])]))

    @cached_property
    def _index(self) -> BM25:
        return BM25(self.passages.texts)

    def _nearest(self, queries: Sequence[str], vectors: Vectors) -> list[tuple[int, ...]]:
        if not queries:
            return []
        assert self.model is not None  # else words rank
        rows = vectors.rows(self.model, [*self.passages.texts, *queries])
        n = len(self.passages.texts)
        found = []
        for query in rows[n:]:
            best = np.argsort(-(rows[:n] @ query), kind="stable")[: self.top]
            found.append(tuple(int(k) for k in best))
        return found

    def filled(self, case: Case, places: Sequence[int]) -> Case:
        """The case with what was found for it as its context."""
        if not self.wants(case):
            return case
        texts = [self.passages.texts[k] for k in places]
        return replace(case, variables={**case.variables, CONTEXT: texts})

    def check(self, cases: Sequence[Case]) -> None:
        """Raises EvidenceError where a case names a relevant passage that is not there."""
        for case in cases:
            unknown = sorted(relevant_ids(case) - self.passages.by_id.keys())
            if unknown:
                message = f"case {case.id!r}: no passage of {self.passages.path} has the id {unknown[0]!r}"
                raise EvidenceError(Problem(message=message, field=RELEVANT))


def relevant_ids(case: Case) -> frozenset[str]:
    """The ids of the passages that hold a case's answer; empty: it does not say. Text is split at commas."""
    given = case.variables.get(RELEVANT, ())
    if isinstance(given, str):
        given = given.split(",")
    elif not isinstance(given, list | tuple):
        given = (given,)
    return frozenset(name for it in given if (name := str(it).strip()))


def recall_of(case: Case, found_ids: Sequence[str]) -> float | None:
    """The share of a case's relevant passages that were found; None: it names none."""
    wanted = relevant_ids(case)
    return len(wanted.intersection(found_ids)) / len(wanted) if wanted else None
