"""Many candidates on the same cases: which differ, and which is best, without a lucky pair among many.

Of 190 pairs of equally good candidates ten differ "at 5%". The intervals here hold *together*: with probability
``level`` all pairs' true differences lie inside. They are max-T intervals: the largest studentised deviation over all
pairs, in draws of the joint posterior. Holm's correction was the alternative; it takes no account of how strongly
differences between candidates on the same cases hang together, so it is longer, and gives verdicts without intervals
(Westfall and Young, 1993; Hothorn, Bretz and Westfall, 2008).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import check_level, encode, scores_matrix
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.joint import joint_posterior

__all__ = ["Contrast", "Several", "compare_several"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Candidate b against candidate a, as one of many comparisons."""

    a: int
    """Column of a."""
    b: int
    """Column of b."""
    difference: Estimate
    """Mean score of b less that of a; all intervals of a table hold together at the level."""
    p_b_better: float
    """Probability that b is truly better, of this pair alone."""
    p_adjusted: float
    """How often the largest of all comparisons would be as far from 0 as this one by luck."""

    @property
    def settled(self) -> bool:
        """Whether the pair is told apart, all other comparisons allowed for."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


@dataclass(frozen=True, kw_only=True)
class Several:
    """Many candidates compared at once."""

    contrasts: tuple[Contrast, ...]
    """Every pair (a before b), or every other candidate against the reference."""
    p_best: tuple[float, ...]
    """Probability that a candidate is truly the best, in order of column."""
    multiplier: float
    """Standard errors on either side of each interval: 1.96 would be one comparison's."""
    level: float


def compare_several(
    scores: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    reference: int | None = None,
    clusters: Labels | None = None,
    level: float = 0.95,
    draws: int = 20_000,
) -> Several:
    """All pairs of K candidates, or all against ``reference`` (a column), with intervals that hold together.

    scores: (n_cases, K) within 0..1, all on the same cases, repeats averaged. clusters: (n_cases,) labels. The order
    of candidates changes signs and nothing else, but for the noise of the draws.
    """
    check_level(level)
    matrix = scores_matrix(scores)
    n, k = matrix.shape
    pairs = _pairs(k, reference)
    groups = None if clusters is None else encode(clusters, n, "clusters")
    units = n if groups is None else int(groups.max()) + 1
    if units < 2:
        raise NotEnoughEvidenceError(f"{units} independent case; at least 2 are needed to compare candidates")
    means = joint_posterior(matrix, rng, draws, groups)
    # Few cases know their own spread badly: widened as Student's t is against the normal.
    widened = float(special.stdtrit(units - 1, (1 + level) / 2) / special.ndtri((1 + level) / 2))
    drawn = means[:, [b for _, b in pairs]] - means[:, [a for a, _ in pairs]]
    largest = widened * np.abs((drawn - drawn.mean(axis=0)) / drawn.std(axis=0)).max(axis=1)
    multiplier = float(np.quantile(largest, level))
    estimate = partial(_estimate, level=level, n=n, n_clusters=None if groups is None else units)
    seen = matrix.mean(axis=0)
    contrasts = []
    for (a, b), column in zip(pairs, drawn.T, strict=True):
        centre, error = float(column.mean()), float(column.std())
        contrasts.append(
            Contrast(
                a=a,
                b=b,
                difference=estimate(float(seen[b] - seen[a]), centre, multiplier * error),
                p_b_better=float((column > 0).mean() + (column == 0).mean() / 2),
                p_adjusted=float((largest >= abs(centre) / error).mean()),
            )
        )
    p_best = np.bincount(means.argmax(axis=1), minlength=k) / draws
    return Several(
        contrasts=tuple(contrasts), p_best=tuple(p_best.tolist()), multiplier=multiplier, level=level
    )


def _pairs(k: int, reference: int | None) -> list[tuple[int, int]]:
    if k < 2:
        raise InputError(f"{k} candidate; at least 2 are needed to compare")
    if reference is None:
        return list(combinations(range(k), 2))
    if not 0 <= reference < k:
        raise InputError(f"reference {reference}: a column from 0 to {k - 1} is needed")
    return [(reference, other) for other in range(k) if other != reference]


def _estimate(
    value: float, centre: float, half: float, *, level: float, n: int, n_clusters: int | None
) -> Estimate:
    """The interval around the posterior's centre, stretched to hold the value as seen."""
    return Estimate(
        value=value,
        low=max(-1.0, min(centre - half, value)),
        high=min(1.0, max(centre + half, value)),
        level=level,
        n=n,
        n_clusters=n_clusters,
        method="joint posterior, simultaneous (max-T)",
    )
