"""What a scorer is: it turns a case and an answer into a score, without a call to anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from breakeven.evidence.evals.case import Case

__all__ = ["Counts", "FindFile", "Scored", "Scorer", "ScorerFactory"]

Counts: TypeAlias = Mapping[str, tuple[float, float, float]]
"""Label → true positives, false positives, misses."""


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What one answer is worth."""

    score: float
    """Within 0..1."""
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Named parts of it, such as one a field."""
    format_failure: bool = False
    """The answer could not be read as what was asked for; its score is 0."""
    note: str | None = None
    """Why it scored as it did."""
    counts: Counts = field(default_factory=lambda: MappingProxyType({}))
    """What F1 over the whole set is made of, where the task has labels: it is no mean of scores."""


class Scorer(Protocol):
    """Scores answers. It is handed the empty answer for every case before the first call is paid for."""

    @property
    def title(self) -> str:
        """What the score is, in words: ``exact match, normalised``."""
        ...

    def score(self, case: Case, output: str) -> Scored:
        """The score of one answer; raises EvidenceError where the case lacks what is needed to score any."""
        ...


FindFile: TypeAlias = Callable[[str], Path]
"""From a name in the suite to the file in its folder; raises InputError where it leads outside or to nothing."""

ScorerFactory: TypeAlias = Callable[[Mapping[str, Any], FindFile], Scorer]
"""Makes a scorer from its options in the suite; raises EvidenceError on an option that it can not use."""
