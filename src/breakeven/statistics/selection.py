"""The best of several prompts, corrected for having been picked.

The prompt that scored highest was also lucky, so its score is too high: by 1.3 points for the best of 20 equally good
ones on 300 cases. And since prompts are tried by the dozen where a fine-tune is run once, the plain comparison
works *against* tuning. Here the prompts of one family share a prior: true quality is normal around their common mean
with an unknown spread τ (half-normal), and scores on the same cases err together, with one pooled
compound-symmetric covariance (the full sample covariance is worse: too many parameters for the cases). The posterior
over τ is a grid; given τ all is normal (empirical Bayes: Efron and Morris, 1975; half-normal: Gelman, 2006).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, IntArray, check_level, encode, scores_matrix
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import clustered_wilson
from breakeven.statistics.joint import PRIOR_CASES, group_sums, prior_case_weight

__all__ = ["SPREAD_SCALE", "Selection", "select_best"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]

SPREAD_SCALE = 0.03
"""Scale of the half-normal prior on the spread τ of true qualities between prompts: 3 points."""
_SPREADS = 81
"""Values of τ on the grid, the middles of as many parts of 0 to four scales: never 0, where all would tie."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Selection:
    """Every candidate's score as seen and as corrected, and what the seen best one is worth."""

    raw: tuple[Estimate, ...]
    """Scores as seen, one a candidate; right for a candidate that nobody picked."""
    corrected: tuple[Estimate, ...]
    """Posterior means, drawn towards the family's mean; right for whichever is picked."""
    best: int
    """Column of the prompt that scored highest (the first, where several did)."""
    p_best: tuple[float, ...]
    """Probability that a candidate is truly the best of all of them."""
    optimism: float
    """How much too high the best prompt's seen score is: seen less corrected, a share (0.013: 1.3 points)."""
    spread: float
    """Posterior mean of τ, the standard deviation of true quality between the prompts, a share."""
    draws: FloatArray
    """Corrected quality, (draws, candidates), joint; within 0..1."""

    @property
    def best_draws(self) -> FloatArray:
        """Draws (draws,) of the true quality of the prompt that scored highest."""
        return np.asarray(self.draws[:, self.best])

    def p_better(self, a: int, b: int) -> float:
        """Probability that candidate ``b`` is truly better than candidate ``a`` (columns)."""
        ahead = self.draws[:, b] - self.draws[:, a]
        return float((ahead > 0).mean() + (ahead == 0).mean() / 2)


@dataclass(frozen=True, kw_only=True)
class _Errors:
    """Covariance of the mean scores' errors: compound-symmetric for the prompts, free for the others."""

    shared: float
    """Variance of the part that all prompts have in common: easy or hard cases."""
    own: float
    """Variance of the part that each prompt has alone."""
    slopes: FloatArray
    """How strongly each other candidate follows the shared part, (others,)."""
    rest: FloatArray
    """Covariance of what is left of the others, (others, others)."""
    groups: int


def select_best(
    scores: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    others: npt.ArrayLike | None = None,
    clusters: Labels | None = None,
    level: float = 0.90,
    draws: int = 20_000,
    spread_scale: float = SPREAD_SCALE,
) -> Selection:
    """Scores of K prompts on the same cases, corrected for picking the best of them.

    scores: (n_cases, K) within 0..1, repeats averaged: every version that was tried, not only the good ones.
    others: (n_cases, M) candidates that were not picked from this family (one tuned model, today's prompt of
    another team): they get a flat prior and so no shrinkage, and are columns K, K+1, … of the result.
    clusters: (n_cases,) labels.

    Of 20 prompts on 300 cases the best is 1.3 points too high as seen and its nominal 90% interval holds .75 of the
    time; corrected -0.1 points and .94. It does not undo *adaptive* search (edits made after reading
    the errors): that needs a sealed set, see ``holdout``.
    """
    check_level(level)
    prompts = scores_matrix(scores)
    table = prompts if others is None else np.column_stack([prompts, scores_matrix(others, "others")])
    groups = None if clusters is None else encode(clusters, table.shape[0], "clusters")
    _check(table.shape[0] if groups is None else int(groups.max()) + 1, draws, spread_scale)
    errors = _errors(table, prompts.shape[1], groups)
    means = table.mean(axis=0)
    spreads = (np.arange(_SPREADS) + 0.5) / _SPREADS * 4 * spread_scale
    weights = _spread_weights(means[: prompts.shape[1]], errors.own, spreads, spread_scale)
    drawn = _draw(means, prompts.shape[1], errors, spreads[rng.choice(_SPREADS, draws, p=weights)], rng)
    # Before they are cut off at 1, or ties there would all go to the first.
    p_best = np.bincount(drawn.argmax(axis=1), minlength=table.shape[1]) / draws
    drawn = np.clip(drawn, 0.0, 1.0)
    best = int(means[: prompts.shape[1]].argmax())
    raw = tuple(clustered_wilson(column, clusters=clusters, level=level) for column in table.T)
    return Selection(
        raw=raw,
        corrected=tuple(_estimate(drawn[:, k], raw[k], level) for k in range(table.shape[1])),
        best=best,
        p_best=tuple(p_best.tolist()),
        optimism=float(means[best] - drawn[:, best].mean()),
        spread=float(weights @ spreads),
        draws=drawn,
    )


def _check(independent: int, draws: int, spread_scale: float) -> None:
    if independent < 2:
        raise NotEnoughEvidenceError(
            f"{independent} independent case; at least 2 are needed to correct a choice"
        )
    if draws < 1 or spread_scale <= 0:
        raise InputError(f"draws {draws}, spread scale {spread_scale:g}: both must be above 0")


def _errors(table: FloatArray, k: int, groups: IntArray | None) -> _Errors:
    """The errors' covariance from the cases, with the prior of ``joint_posterior`` (two cases) mixed in.

    Without it, prompts that never differed on 30 cases would be known to be equal.
    """
    n = table.shape[0]
    sums, sizes = group_sums(table, groups)
    weight = prior_case_weight(table, sums, sizes)
    means = table.mean(axis=0)
    deviations = sums - sizes[:, None] * means
    prior = PRIOR_CASES * weight**2 * (np.eye(table.shape[1]) / 4 + np.outer(means - 0.5, means - 0.5))
    covariance = (deviations.T @ deviations * (sizes.size / (sizes.size - 1)) + prior) / (n + weight) ** 2
    family = covariance[:k, :k]
    total = float(np.trace(family)) / k
    shared = total if k == 1 else float(family.sum() - np.trace(family)) / (k * (k - 1))
    shared = min(max(shared, 0.0), total)
    across = covariance[k:, :k].mean(axis=1)
    slopes = across / shared if shared > 0 else np.zeros_like(across)
    return _Errors(
        shared=shared,
        own=total - shared,
        slopes=slopes,
        rest=covariance[k:, k:] - np.outer(slopes, slopes) * shared,
        groups=sizes.size,
    )


def _spread_weights(means: FloatArray, own: float, spreads: FloatArray, scale: float) -> FloatArray:
    """Posterior of τ on the grid: the prompts' scores scatter with variance τ² + own around their mean."""
    variance = spreads**2 + max(own, 1e-12)
    scatter = float(((means - means.mean()) ** 2).sum())
    log = -(means.size - 1) / 2 * np.log(variance) - scatter / (2 * variance) - (spreads / scale) ** 2 / 2
    weights = np.exp(log - log.max())
    return np.asarray(weights / weights.sum())


def _draw(
    means: FloatArray, k: int, errors: _Errors, spreads: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Joint draws of the true qualities, not yet within 0..1; the errors' own scale is uncertain, as in Student's t."""
    n = spreads.size
    stretch = np.sqrt((errors.groups - 1) / rng.chisquare(errors.groups - 1, n)) if errors.groups > 1 else 1.0
    own = max(errors.own, 1e-12)
    kept = spreads**2 / (spreads**2 + own)
    centre = means[:k].mean() + np.sqrt((spreads**2 + own) / k) * rng.standard_normal(n)
    shrunk = centre[:, None] + kept[:, None] * (means[:k] - centre[:, None])
    mean = means[:k].mean() + kept[:, None] * (means[:k] - means[:k].mean())
    noise = shrunk - mean + np.sqrt(kept * own)[:, None] * rng.standard_normal((n, k))
    shared = math.sqrt(errors.shared) * rng.standard_normal(n)
    columns = mean + (noise + shared[:, None]) * np.reshape(stretch, (-1, 1))
    if errors.slopes.size:
        rest = rng.standard_normal((n, errors.slopes.size)) @ _root(errors.rest).T
        free = means[k:] + (shared[:, None] * errors.slopes + rest) * np.reshape(stretch, (-1, 1))
        columns = np.column_stack([columns, free])
    return np.asarray(columns)


def _root(covariance: FloatArray) -> FloatArray:
    """A square root of a covariance that rounding and pooling may have left slightly indefinite."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _estimate(drawn: FloatArray, raw: Estimate, level: float) -> Estimate:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    value = float(drawn.mean())
    enough = raw.enough
    return Estimate(
        value=value,
        low=min(float(low), value) if enough else None,
        high=max(float(high), value) if enough else None,
        level=level,
        n=raw.n,
        n_clusters=raw.n_clusters,
        method="empirical Bayes over the candidates",
    )
