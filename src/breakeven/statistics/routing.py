"""What handing doubtful cases from a small model to a large one brings, judged on cases that did not set the rule.

A threshold scanned over a few hundred cases looks better than it is (by 1.9 to 4.7 $ per 1,000 calls, simulated) and
buys nothing over one model. Two smoothed logistic fits, one for each model's chance to be right given the small one's
score, lose a third of that; each fifth of the cases is judged by fits to the other four, so the value printed is one
that a new case would bring.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, encode, finite, scores_vector

__all__ = ["LEAST_CASES", "RoutingCurve", "routing_curve"]

FOLDS: Final = 5
LEAST_CASES: Final = 30
"""Fewer cases say nothing about who should answer which."""
_STEPS: Final = 50
_NEWTON: Final = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class RoutingCurve:
    """Quality by the share of cases that are handed on, and the rule that pays. Cross-fitted throughout."""

    shares: FloatArray
    """(k,) handed on, from 0 to 1."""
    quality: FloatArray
    """(k,) share of right answers if the cases with the highest expected gain are handed on."""
    by_chance: FloatArray
    """(k,) … if as many are handed on by chance: the straight line from one model to the other."""
    gain: FloatArray
    """(n,) expected gain in quality of handing each case on, by fits that have not seen it."""
    best_share: float | None
    """Share that the rule hands on; None: no value of a right answer is known."""
    value_per_call_usd: float | None
    """What the rule brings over the small model alone, for each call."""
    error_usd: float | None
    """Its standard error."""
    large_per_call_usd: float | None
    """What handing every call on would bring."""
    n: int


def routing_curve(
    score: npt.ArrayLike, small: npt.ArrayLike, large: npt.ArrayLike, rng: np.random.Generator, *,
    value_usd: float | None = None, extra_cost_usd: float = 0.0,
    clusters: Sequence[Hashable | None] | npt.NDArray[np.generic] | None = None,
) -> RoutingCurve:  # fmt: skip
    """The cross-fitted frontier of one router.

    score: (n,) the small model's confidence, 0 to 1. small, large: (n,) scores of both on the same cases. The rule:
    hand on where ``value_usd`` · (P(large right | score) − P(small right | score)) exceeds ``extra_cost_usd``, both for
    one call. Cases of one cluster are judged together. Raises NotEnoughEvidenceError under 30 cases.
    """
    sure, ours, theirs = finite(score, "score"), scores_vector(small, "small"), scores_vector(large, "large")
    n = ours.size
    if not sure.shape == ours.shape == theirs.shape:
        raise InputError(
            f"score, small and large have {sure.size}, {n} and {theirs.size} cases; all need the same"
        )
    if n < LEAST_CASES:
        raise NotEnoughEvidenceError(f"{n} cases; at least {LEAST_CASES} are needed to see which to hand on")
    part = _folds(n, clusters, rng)
    gain = _expected_gain(_standard(sure), ours, theirs, part)
    order = np.argsort(_places(gain, part, rng), kind="stable")
    earned = np.concatenate([[0.0], np.cumsum((theirs - ours)[order])]) / n
    at = np.unique(np.linspace(0, n, _STEPS + 1).round().astype(int))
    shares = at / n
    quality = float(ours.mean()) + earned[at]
    chance = float(ours.mean()) + shares * float((theirs - ours).mean())
    if value_usd is None:
        return RoutingCurve(shares=shares, quality=quality, by_chance=chance, gain=gain, best_share=None,
                            value_per_call_usd=None, error_usd=None, large_per_call_usd=None, n=n)  # fmt: skip
    handed = value_usd * gain > extra_cost_usd
    each = np.where(handed, value_usd * (theirs - ours) - extra_cost_usd, 0.0)
    return RoutingCurve(
        shares=shares, quality=quality, by_chance=chance, gain=gain, best_share=float(handed.mean()),
        value_per_call_usd=float(each.mean()), error_usd=float(each.std(ddof=1) / np.sqrt(n)),
        large_per_call_usd=value_usd * float((theirs - ours).mean()) - extra_cost_usd, n=n,
    )  # fmt: skip


def _folds(
    n: int, clusters: Sequence[Hashable | None] | npt.NDArray[np.generic] | None, rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Each case's part; cases of one cluster in one."""
    groups = np.arange(n) if clusters is None else encode(clusters, n, "clusters")
    part = rng.permutation(int(groups.max()) + 1) % FOLDS
    return np.asarray(part[groups], dtype=np.intp)


def _places(gain: FloatArray, part: npt.NDArray[np.intp], rng: np.random.Generator) -> FloatArray:
    """Each case's place among those of its own part, 0 the first to be handed on; ties by chance.

    Parts are not pooled by gain: a part in which the large model happens to do badly leaves fits that favour it, so its
    cases would come first, and a score that tells nothing would look worse than chance.
    """
    found, chance = np.empty(gain.size), rng.random(gain.size)
    for k in np.unique(part):
        here = np.flatnonzero(part == k)
        order = np.lexsort((chance[here], -gain[here]))
        found[here[order]] = (np.arange(here.size) + chance[here[order]]) / here.size
    return found


def _standard(score: FloatArray) -> FloatArray:
    """Scores spread out where they crowd near 0 and 1, mean 0 and deviation 1."""
    spread = special.logit(np.clip(score, 1e-4, 1 - 1e-4))
    deviation = float(spread.std())
    return np.asarray((spread - spread.mean()) / deviation if deviation > 0 else np.zeros(score.size))


def _expected_gain(
    z: FloatArray, small: FloatArray, large: FloatArray, part: npt.NDArray[np.intp]
) -> FloatArray:
    found = np.empty(z.size)
    for k in range(FOLDS):
        rest, here = part != k, part == k
        fits = [_logistic(z[rest], y[rest]) for y in (large, small)]
        chances = [special.expit(a + b * z[here]) for a, b in fits]
        found[here] = chances[0] - chances[1]
    return found


def _logistic(z: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Intercept and slope by penalised likelihood: one case of ½ at the middle, and a slope of 0 ± 2."""
    x = np.column_stack([np.ones(z.size + 1), np.append(z, 0.0)])
    seen = np.append(y, 0.5)
    penalty = np.array([0.0, 0.25])
    beta = np.zeros(2)
    for _ in range(_NEWTON):
        p = special.expit(x @ beta)
        slope = x.T @ (seen - p) - penalty * beta
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        beta = beta + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(beta[0]), float(beta[1])
