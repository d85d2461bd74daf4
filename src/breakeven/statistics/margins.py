"""Whether a candidate is good enough to replace another: no more than a stated margin worse.

A cheaper candidate need not be better. "No significant difference" is no argument for it either, since too few cases
always give that. The question is turned round: is it at most ``margin`` worse, with what probability? The interval is
two-sided at 2·confidence - 1, so that its lower end and the verdict always agree (Wellek, 2010).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.statistics.arrays import check_level, scores_vector
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.pairing import (
    difference_from_draws,
    is_binary,
    p_difference_above,
    paired_cells,
    paired_difference,
)

__all__ = ["NonInferiority", "Verdict", "inferiority_at", "non_inferiority"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]
Verdict = Literal["shown", "not shown", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class NonInferiority:
    """Candidate b against candidate a, at a stated margin."""

    margin: float
    """How much worse is still good enough, a share: 0.01 is one point."""
    difference: Estimate
    """Mean score of b less that of a; level 2·confidence - 1."""
    p_within: float
    """Probability that b is no more than ``margin`` worse."""
    verdict: Verdict
    """``shown``: it is; ``not shown``: it is worse than that; ``cannot tell``: too few cases for either."""
    confidence: float
    """Probability at which a verdict is given."""


def non_inferiority(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    margin: float = 0.01,
    clusters: Labels | None = None,
    confidence: float = 0.95,
    draws: int = 20_000,
) -> NonInferiority:
    """Whether b is no more than ``margin`` worse than a: scores (n,) on the same cases, row for row.

    Right-or-wrong scores without clusters are exact (Dirichlet(½) on the paired cells); graded or clustered ones use
    draws of the joint posterior. A verdict also needs data that allow an interval.
    """
    check_level(confidence)
    if not 0 < margin < 1 or confidence <= 0.5:
        raise InputError(
            f"margin {margin:g}, confidence {confidence:g}: a margin between 0 and 1 (0.01 is one point) and a "
            "confidence above 0.5 are needed"
        )
    first, second = scores_vector(a, "a"), scores_vector(b, "b")
    level = round(2 * confidence - 1, 12)
    if clusters is None and first.shape == second.shape and is_binary(first, second):
        cells = paired_cells(first, second)
        difference, p_within = paired_difference(cells, level=level), p_difference_above(cells, -margin)
    else:
        difference, drawn = difference_from_draws(first, second, clusters, level, rng, draws)
        p_within = float((drawn > -margin).mean())
    return inferiority_at(difference, p_within, margin=margin, confidence=confidence)


def inferiority_at(
    difference: Estimate, p_within: float, *, margin: float, confidence: float
) -> NonInferiority:
    """The verdict on a difference (level 2·confidence - 1) whose probability to be within the margin is known."""
    return NonInferiority(
        margin=margin,
        difference=difference,
        p_within=p_within,
        verdict=_verdict(p_within, confidence, enough=difference.enough),
        confidence=confidence,
    )


def _verdict(p_within: float, confidence: float, *, enough: bool) -> Verdict:
    if enough and p_within >= confidence:
        return "shown"
    if enough and p_within <= 1 - confidence:
        return "not shown"
    return "cannot tell"
