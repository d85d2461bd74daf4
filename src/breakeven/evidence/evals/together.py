"""Several scorers on one answer; those that have to be paid come when all is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.judging import Judge
from breakeven.evidence.evals.scorers import Scored, Scorer
from breakeven.evidence.evals.scorers.similarity import Similarity

__all__ = ["Together"]


@dataclass(frozen=True, kw_only=True)
class Together:
    """Several scorers on one answer: the first gives the score, the others named scores beside it."""

    scorers: Mapping[str, Scorer]
    judge: Judge | None = None
    """Asked in a second pass, since it has to be paid."""
    judge_first: bool = False
    """Whether the judge's verdict is the score; else it is a named one."""
    similarities: Mapping[str, Similarity] = field(default_factory=lambda: MappingProxyType({}))
    """Compared by vectors when all is answered, since these have to be paid; by the name of their score."""
    similarity_first: bool = False
    """Whether the first of them is the score; else all are named ones."""

    @property
    def title(self) -> str:
        """The first one's."""
        if self.judge is not None and self.judge_first:
            return self.judge.title
        if self.similarity_first:
            return next(iter(self.similarities.values())).title
        return next(iter(self.scorers.values())).title

    @property
    def later_first(self) -> bool:
        """Whether the score is only known when all is answered."""
        return self.judge_first or self.similarity_first

    def check(self, case: Case) -> None:
        """Raises EvidenceError where a case can not be scored, whatever is answered."""
        self.before_judging(case, "")
        for it in self.similarities.values():
            it.references(case)

    def score(self, case: Case, output: str) -> Scored:
        """The first scorer's score; each further one's under its name.

        Raises EvidenceError where a judge or vectors are first.
        """
        if self.later_first:
            hint = "put another scorer first in `score`, or score with `breakeven eval run`"
            what = "a judge is asked" if self.judge_first else "similarity is scored"
            raise EvidenceError(Problem(message=f"{what} in a second pass; nothing scores here", hint=hint))
        return self.before_judging(case, output)

    def before_judging(self, case: Case, output: str) -> Scored:
        """The same for a run whose judge is asked later: where that one is first, the score is 0 until then."""
        if self.later_first:
            return Scored(score=0.0, scores=self._named(case, output, self.scorers))
        (_, first), *others = self.scorers.items()
        found = first.score(case, output)
        if not others:
            return found
        return replace(found, scores={**found.scores, **self._named(case, output, dict(others))})

    def _named(self, case: Case, output: str, scorers: Mapping[str, Scorer]) -> dict[str, float]:
        return {name: scorer.score(case, output).score for name, scorer in scorers.items()}
