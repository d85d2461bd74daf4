"""How often each candidate is right, with a prior that leans less: Jeffreys' on every level, the pairing kept.

The joint posterior puts Dirichlet(½) on the four cells of every pair, which is what differences need. For one candidate
alone that is Beta(1, 1): it pulls a share of 90% on 60 cases down by 1.3 points, and statements like "meets the target"
lean with it (simulated: said 75%, true in 81%). Beta(½, ½), Jeffreys' prior, halves the pull. So each candidate's draws
are moved from the one posterior to the other, quantile by quantile; all move alike, and what they have in common stays.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.statistics.arrays import FloatArray, encode, scores_matrix
from breakeven.statistics.joint import group_sums, prior_case_weight

__all__ = ["with_jeffreys_levels"]

_KNOTS = np.linspace(-4.5, 4.5, 129)
"""Standard normal scores at which the map is computed; straight lines between them."""


def with_jeffreys_levels(
    draws: FloatArray,
    scores: npt.ArrayLike,
    clusters: Sequence[Hashable | None] | npt.NDArray[np.generic] | None = None,
) -> FloatArray:
    """The draws of ``joint_posterior`` with every candidate's level under Jeffreys' prior; same shape, same order.

    draws: (draws, K). scores: (n_cases, K), and clusters: (n_cases,), as they were given to ``joint_posterior``. With
    clusters or graded scores the prior weighs as many cases as one effective case does, as it does there.
    """
    matrix = scores_matrix(scores)
    groups = None if clusters is None else encode(clusters, matrix.shape[0], "clusters")
    n = matrix.shape[0] / prior_case_weight(matrix, *group_sums(matrix, groups))
    moved = [
        np.interp(column, *_map(float(level) * n, (1 - float(level)) * n))
        for column, level in zip(draws.T, matrix.mean(axis=0), strict=True)
    ]
    return np.column_stack(moved)


def _map(right: float, wrong: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles of Beta(right + 1, wrong + 1), and those of Beta(right + ½, wrong + ½) beside them."""
    shares = special.ndtr(_KNOTS)
    flat, jeffreys = (special.betaincinv(right + prior, wrong + prior, shares) for prior in (1.0, 0.5))
    ends = (np.zeros(1), np.ones(1))
    return np.concatenate([ends[0], flat, ends[1]]), np.concatenate([ends[0], jeffreys, ends[1]])
