"""What the pictures of a decision show besides its tables: frozen figures, without a pixel.

Each is None, or an empty tuple, where the study holds nothing to show; the page then says what evidence would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from breakeven.beliefs import Values

__all__ = [
    "AcceptabilityGrid",
    "CurvePoint",
    "EvidenceFacts",
    "LearningFan",
    "MeasuredDifference",
    "NextGain",
    "OutcomeGrid",
    "RoutingFrontier",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class AcceptabilityGrid:
    """How often each candidate is best at each price of an error, or value of a point of quality."""

    over: Literal["error cost", "value per point"]
    names: tuple[str, ...]
    values_usd: Values
    """(g,) ascending from 0."""
    p_best: Values
    """(g, names)."""
    frontier: tuple[str, ...]
    """(g,) who has the highest *expected* net benefit, which need not be best in most draws."""
    believed: tuple[float, float, float] | None
    """5th percentile, mean and 95th percentile of what the study believes; None where it states none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OutcomeGrid:
    """What the result of a purchase would have one do."""

    words: str
    """The figure that decides: ``pilot gains``."""
    on: str
    """Where it is seen: ``over prompt on the same 400 cases``."""
    kind: str
    """Its kind of quantity, for showing."""
    values: Values
    """(g,) results, ascending, from the 0.5th to the 99.5th percentile."""
    names: tuple[str, ...]
    leader: str
    """The choice as it stands: all others are held against it."""
    expected_usd: Values
    """(g, names) E[net benefit − the leader's | result]."""
    edges: Values
    """(b + 1,) ends of the bins of ``share``."""
    share: Values
    """(b,) how likely a result in each bin is."""


@dataclass(frozen=True, kw_only=True)
class MeasuredDifference:
    """One candidate's score less that of another on the same cases; shares, where 0.01 is a point; 90% intervals."""

    candidate: str
    reference: str
    n_cases: int
    n_clusters: int | None
    raw: float
    """As the files say."""
    raw_low: float | None
    """None: too few cases for an interval."""
    raw_high: float | None
    corrected: float
    """As the decision counts it: for selection, judge, leaked cases and openings."""
    corrected_low: float
    corrected_high: float
    p_better: float
    """Probability that its true quality is higher, as corrected."""
    why: tuple[str, ...]
    """What was corrected for, in words; empty: nothing had to be."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RoutingFrontier:
    """What handing doubtful answers of one candidate to another would bring; cross-fitted."""

    small: str
    large: str
    n_cases: int
    shares: Values
    """(k,) of calls handed on."""
    quality: Values
    """(k,) by the small one's confidence."""
    by_chance: Values
    """(k,) handed on by chance."""
    best_share: float | None
    """That pays most; None: errors have no price."""
    value_usd_per_1000: float | None
    """Over the small one alone, in 1,000 calls, as cases show that did not set the rule."""
    error_usd_per_1000: float | None
    large_usd_per_1000: float | None
    """… of handing all on."""
    extra_cost_usd_per_1000: float
    """What 1,000 calls handed on cost more."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NextGain:
    """What one more version of a prompt may bring, in dollars over the horizon."""

    candidate: str
    versions: int
    n_cases: int
    usd_per_point: float
    gain_usd: Values
    """(d,) draws of the next version's true gain, may be below 0."""
    value_usd: float
    """E[max(gain, 0)]: the most that it can bring, on average."""
    p_gains: float
    cost_usd: float | None
    """Of writing and scoring it; None: nobody said."""
    p_pays: float | None
    prior_share: float
    """How much of it rests on a prior and not on the history."""
    scores: tuple[tuple[float, float, float, float], ...]
    """For each version so far, in order: as scored, corrected, and the corrected 90% interval."""


@dataclass(frozen=True, kw_only=True)
class EvidenceFacts:
    """What a candidate's scores stand on."""

    candidate: str
    n_cases: int
    iterations: int | None
    optimism: float | None
    """What picking the best of several versions flattered it by, taken off; None: no other version is known."""
    openings: int | None
    """How often the sealed cases were opened; None: they are not sealed."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The score of one training run at one size, with its interval; shares."""

    size: float
    value: float
    low: float
    high: float
    extrapolated: bool


@dataclass(frozen=True, kw_only=True)
class LearningFan:
    """What a training run of each size brings, by the runs that there are; the quality used is not taken from it."""

    candidate: str
    file: str
    """Where the runs stand, as the study names it."""
    runs: tuple[tuple[float, float], ...]
    """(size, score) of each training run."""
    band: tuple[CurvePoint, ...]
    """Along the curve, ascending, as far as anything is told."""
    marked: tuple[CurvePoint, ...]
    """At the sizes that were run, and those that are forecast; ascending."""
    largest: float
    """The largest size that was run: beyond it all is extrapolated."""
    farthest: float
    """Beyond it nothing is told."""
    level: float
    """Of the intervals."""
    planned: float | None
    """Examples that the candidate is to be trained on, at the centre; None: the study prices no examples."""
    expected: CurvePoint | None
    """… and what they bring; None where the runs are too far from it to tell."""
