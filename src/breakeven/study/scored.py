"""What candidates scored on the same cases, as a study hands it on: for pages that show the evidence itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from breakeven.beliefs import Values
from breakeven.statistics.arrays import IntArray

__all__ = ["Scored", "ScoredGroup"]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What is known of one candidate's scores besides the scores."""

    iterations: int | None = None
    """Versions of the prompt that were tried on these cases; None: not told."""
    openings: int | None = None
    """How often the sealed cases had been opened; None: they are not sealed."""
    moved: float = 0.0
    """What people's labels add to a judge's mean score."""
    leaked: int = 0
    """Scored cases that stood in its training rows."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredGroup:
    """Candidates that were scored on the same cases."""

    names: tuple[str, ...]
    scores: Values
    """(cases, candidates) within 0..1, without leaked cases; what the qualities are drawn from."""
    clusters: IntArray | None
    seen: Values
    """(cases, candidates) as the files say, leaked cases among them; the cases need not be those of ``scores``."""
    seen_clusters: IntArray | None
    drawn: Values
    """(draws, candidates) true qualities, corrected for selection, judge, leak and openings."""
    known: Mapping[str, Scored]
    versions: Mapping[str, Values] = field(default_factory=dict)
    """Candidate → (cases, versions) scores of all versions that it was picked from, in the study's order."""
    confidence: Mapping[str, Values] = field(default_factory=dict)
    """Candidate → (cases,) how sure it was of each answer, where every one of ``scores``'s cases has a figure."""
