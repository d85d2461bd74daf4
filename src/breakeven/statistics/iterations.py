"""What one more prompt iteration is likely to gain, from the scores of the versions so far.

No badge says "plateau": at realistic numbers of cases nothing tells a plateau from a pause. What can be said is how far
the versions moved, corrected for having been picked on the same cases (``select_best``), how far the next may move,
and whether that is worth its cost. Steps of late iterations count more than early ones, since the first edits find the
easy gains; a short history leans on a prior of no gain on average, a few points either way (a guess, stated as one).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, check_level, scores_matrix
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.selection import Selection, select_best

__all__ = ["NextIteration", "next_iteration"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]

PRIOR_STEP_SD = 0.02
"""Standard deviation of one step's true gain before anything was seen: 2 points (a guess)."""
PRIOR_STEPS = 3.0
"""Steps that this prior counts for."""
HALF_LIFE = 5.0
"""Iterations after which a step counts half."""
LEAST_CASES, LEAST_ITERATIONS = 100, 10
"""What document 000 asks for before tuning is considered."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NextIteration:
    """What one more iteration is likely to bring. Gains are shares: 0.01 is one point."""

    gain: Estimate
    """Gain in true quality if the next version is kept only where it scores higher; can be below 0 by bad luck."""
    gain_if_known: float
    """E[max(gain, 0)]: the same if it were known which version is truly better. The most it can bring."""
    p_gains: float
    """Probability that the next version is truly better than the one in use."""
    p_pays: float | None
    """Probability that its gain is worth more than it costs; None: no value or cost was given."""
    value_usd: float | None
    """Expected worth of the gain that can be had, E[max(gain, 0)] × value of a point."""
    cost_usd: float | None
    pays: bool | None
    """Whether ``value_usd`` exceeds ``cost_usd``: the stopping rule. None: no value or cost was given."""
    versions: int
    """Versions in the history."""
    prior_share: float
    """How much of the forecast rests on the prior and not on the history, 0..1."""
    gate_met: bool
    """Whether document 000's gate is met: at least 100 cases and 10 iterations."""
    selection: Selection
    """All versions' scores, raw and corrected for selection."""
    draws: FloatArray
    """Draws (draws,) of the true quality of the next version less that of the one in use."""


def next_iteration(
    scores: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    usd_per_point: float | None = None,
    cost_usd: float | None = None,
    clusters: Labels | None = None,
    level: float = 0.90,
    draws: int = 20_000,
) -> NextIteration:
    """What the next prompt version is likely to gain over the best one so far.

    scores: (n_cases, versions) within 0..1, in the order in which they were written, all versions, on the same cases.
    usd_per_point: what one point (0.01) of quality is worth over the horizon. cost_usd: of one iteration.

    Model: the next version's true quality is that of the one in use plus a step; steps are normal with unknown mean and
    spread, learned from the differences of the versions' corrected qualities from the best seen before them.
    """
    check_level(level)
    matrix = scores_matrix(scores)
    if matrix.shape[1] < 2:
        raise NotEnoughEvidenceError(f"{matrix.shape[1]} version; at least 2 are needed to see a step")
    if (usd_per_point is not None and usd_per_point < 0) or (cost_usd is not None and cost_usd < 0):
        raise InputError(f"value {usd_per_point} and cost {cost_usd} in dollars can not be below 0")
    selection = select_best(matrix, rng, clusters=clusters, level=level, draws=draws)
    counted = _recency(matrix.shape[1] - 1)
    step = _next_step(_steps(selection.draws, matrix.mean(axis=0)), counted, rng)
    kept = step * _kept(step, matrix, selection.best, rng)
    can_be_had = np.maximum(step, 0)
    worth = None if usd_per_point is None else can_be_had * 100 * usd_per_point
    value = None if worth is None else float(worth.mean())
    known = worth is not None and cost_usd is not None
    return NextIteration(
        gain=_gain(kept, selection.raw[0], level),
        gain_if_known=float(can_be_had.mean()),
        p_gains=float((step > 0).mean()),
        p_pays=float((worth > cost_usd).mean()) if worth is not None and cost_usd is not None else None,
        value_usd=value,
        cost_usd=cost_usd,
        pays=(value or 0.0) > (cost_usd or 0.0) if known else None,
        versions=matrix.shape[1],
        prior_share=PRIOR_STEPS / (PRIOR_STEPS + float(counted.sum())),
        gate_met=matrix.shape[0] >= LEAST_CASES and matrix.shape[1] > LEAST_ITERATIONS,
        selection=selection,
        draws=step,
    )


def _recency(steps: int) -> FloatArray:
    """What each step counts for: 1 for the latest, half of it ``HALF_LIFE`` iterations before."""
    return np.asarray(0.5 ** (np.arange(steps)[::-1] / HALF_LIFE))


def _steps(quality: FloatArray, seen: FloatArray) -> FloatArray:
    """Each version's true quality less that of the one in use when it was written, (draws, versions - 1).

    In use is the version that had scored highest until then, as a team that looks at its scores would have it.
    """
    used = [int(seen[:k].argmax()) for k in range(1, seen.size)]
    return np.asarray(quality[:, 1:] - quality[:, used])


def _next_step(steps: FloatArray, counted: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One predicted step a draw: normal, mean and spread from the weighted steps and the prior (normal-gamma)."""
    draws, total = steps.shape[0], float(counted.sum())
    mean = steps @ counted / total
    scatter = ((steps - mean[:, None]) ** 2) @ counted
    pooled = PRIOR_STEPS * total / (PRIOR_STEPS + total) * mean**2
    freedom = PRIOR_STEPS + total
    variance = (PRIOR_STEPS * PRIOR_STEP_SD**2 + scatter + pooled) / rng.chisquare(freedom, draws)
    centre = total * mean / (PRIOR_STEPS + total)
    spread = np.sqrt(variance * (1 + 1 / (PRIOR_STEPS + total)))
    return np.asarray(np.clip(centre + spread * rng.standard_normal(draws), -1, 1))


def _kept(step: FloatArray, matrix: FloatArray, best: int, rng: np.random.Generator) -> FloatArray:
    """Whether the next version would score higher on the same cases, and so be kept, (draws,) of 0 or 1."""
    n = matrix.shape[0]
    apart = np.delete(matrix, best, axis=1) - matrix[:, [best]]
    error = math.sqrt(max(float(apart.var(axis=0).mean()), 1 / n) / n)
    # The seen score of the one in use is a lucky one; the next must beat that, not its true quality.
    luck = error * _expected_luck(matrix.shape[1])
    return np.asarray(step + error * rng.standard_normal(step.size) > luck)


def _expected_luck(versions: int) -> float:
    """Roughly by how many standard errors of a difference the picked version was lucky (Blom's normal score)."""
    return float(special.ndtri((versions - 0.375) / (versions + 0.25))) / math.sqrt(2)


def _gain(kept: FloatArray, like: Estimate, level: float) -> Estimate:
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    value = float(kept.mean())
    return Estimate(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        level=level,
        n=like.n,
        n_clusters=like.n_clusters,
        method="steps of the history, corrected for selection",
    )
