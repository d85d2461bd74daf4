"""How many more: cases to settle a comparison, cases to show "not worse", repeats or cases.

Every answer here is itself uncertain, since it rests on the few cases seen so far: it comes with the range that their
posterior leaves. Where the difference may as well be nothing, no number of cases settles it, and the upper end is None.
Sources: Connor (1987) for paired right-or-wrong cases; Kish (1965) for design effects.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, IntArray, check_level, encode, scores_vector
from breakeven.statistics.intervals import VarianceParts
from breakeven.statistics.joint import drawn_totals

__all__ = [
    "Buy",
    "Needed",
    "cases_for_non_inferiority",
    "cases_to_settle",
    "design_effect",
    "repeats_or_cases",
]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]
_MOST = 10**7
"""Cases beyond which the answer is "none settles it"."""
_MOST_REPEATS = 100
_DRAWS = 4_000
_Size = Callable[[FloatArray, FloatArray], FloatArray]
"""From mean and mean square of the difference to a number of cases."""


@dataclass(frozen=True, kw_only=True)
class Needed:
    """How many are needed in all, with the range that today's evidence leaves."""

    n: int | None
    """In all, not beyond those there are; None: no number does it, as things look now."""
    low: int | None
    """If the truth is as favourable as the evidence still allows (10th percentile)."""
    high: int | None
    """If it is as unfavourable (90th percentile); None: no number does it."""
    have: int
    """There are now."""
    unit: str
    """What is counted: ``cases``."""
    purpose: str
    """What they are needed for, as a reader may see it."""

    @property
    def more(self) -> int | None:
        """How many beyond those there are; 0: there are enough; None: no number does it."""
        return None if self.n is None else max(0, self.n - self.have)


def cases_to_settle(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    clusters: Labels | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
) -> Needed:
    """Cases in all to settle which of two candidates is better, given the disagreement and difference seen.

    a, b: (n,) scores on the same cases, right-or-wrong or graded. n = (z_α/2·√D + z_power·√(D - δ²))²/δ² with
    difference δ and mean squared difference D per case (for right-or-wrong scores, the share of disagreement).
    """
    z_power, z_error = _quantile(power), _quantile(1 - alpha / 2)
    ahead, groups = _ahead(a, b, clusters)

    def size(mean: FloatArray, square: FloatArray) -> FloatArray:
        spread = z_error * np.sqrt(square) + z_power * np.sqrt(np.maximum(square - mean**2, 0))
        return np.asarray((spread / np.abs(mean)) ** 2)

    return _needed(ahead, groups, rng, size, f"settle the difference, power {power:.0%}")


def cases_for_non_inferiority(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    margin: float = 0.01,
    clusters: Labels | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    assumed_difference: float | None = None,
) -> Needed:
    """Cases in all to show that b is no more than ``margin`` worse than a (a share: 0.01 is one point).

    assumed_difference: plan for this true difference (0: equally good) instead of the one seen.
    """
    if margin <= 0:
        raise InputError(f"margin {margin:g}: a share above 0 is needed, such as 0.01")
    z = _quantile(power) + _quantile(confidence)
    ahead, groups = _ahead(a, b, clusters)

    def size(mean: FloatArray, square: FloatArray) -> FloatArray:
        difference = mean if assumed_difference is None else np.full_like(mean, assumed_difference)
        room = difference + margin
        needed = z**2 * np.maximum(square - difference**2, 0) / room**2
        return np.where(room > 0, needed, np.inf)

    return _needed(ahead, groups, rng, size, f"show at most {100 * margin:g} points worse, power {power:.0%}")


@dataclass(frozen=True, kw_only=True)
class Buy:
    """What to spend the next calls on."""

    buy: str
    """``more cases`` or ``more repeats``."""
    error_now: float
    """Standard error of the mean score."""
    error_more_cases: float
    """After twice the cost, all of it spent on new cases."""
    error_more_repeats: float
    """After twice the cost, all of it spent on repeats of the same cases."""
    best_repeats: int
    """Repeats a case that give the smallest error for the money, from the start."""


def repeats_or_cases(parts: VarianceParts, *, cost_per_run: float = 1.0, cost_per_case: float = 0.0) -> Buy:
    """Whether the next money goes to new cases or to repeats of the old ones.

    parts: from ``variance_parts``, with repeats. cost_per_case: what a new case costs beyond its runs (writing and
    labelling it), in the unit of ``cost_per_run``. Best repeats a case: √(within/between · cost_per_case/cost_per_run)
    (Cochran, 1977, 10.6), at least 1: where a new case costs no more than a run, never repeat.
    """
    if cost_per_run <= 0 or cost_per_case < 0:
        raise InputError(
            f"cost per run {cost_per_run:g}, per case {cost_per_case:g}: above 0, and at least 0"
        )
    if parts.within is None or parts.error_from_runs is None:
        raise NotEnoughEvidenceError("no case was run twice: run some cases again to see how runs differ")
    runs = parts.n_runs / parts.n_cases
    spent = parts.n_cases * (cost_per_case + runs * cost_per_run)
    cases = parts.n_cases + spent / (cost_per_case + runs * cost_per_run)
    repeats = (parts.n_runs + spent / cost_per_run) / parts.n_cases
    of_cases, of_runs = parts.error_from_cases**2, parts.error_from_runs**2
    more_cases = math.sqrt((of_cases + of_runs) * parts.n_cases / cases)
    more_repeats = math.sqrt(of_cases + of_runs * runs / repeats)
    return Buy(
        buy="more cases" if more_cases <= more_repeats else "more repeats",
        error_now=math.sqrt(of_cases + of_runs),
        error_more_cases=more_cases,
        error_more_repeats=more_repeats,
        best_repeats=_best_repeats(parts.within, parts.between, cost_per_case / cost_per_run),
    )


def _best_repeats(within: float, between: float, cost_ratio: float) -> int:
    """The better of the two whole numbers around the optimum; 100 where cases do not differ at all."""
    best = _MOST_REPEATS if between == 0 else math.sqrt(within / between * cost_ratio)
    low = max(1, math.floor(min(best, _MOST_REPEATS - 1)))
    return min((low, low + 1), key=lambda r: (between + within / r) * (cost_ratio + r))


def _quantile(share: float) -> float:
    check_level(share)
    return float(special.ndtri(share))


def _ahead(a: npt.ArrayLike, b: npt.ArrayLike, clusters: Labels | None) -> tuple[FloatArray, IntArray | None]:
    first, second = scores_vector(a, "a"), scores_vector(b, "b")
    if first.shape != second.shape:
        raise InputError(f"a has {first.size} scores and b has {second.size}; both must be on the same cases")
    if first.size < 2:
        raise NotEnoughEvidenceError("1 case says nothing about how many are needed; run at least 2")
    return second - first, None if clusters is None else encode(clusters, first.size, "clusters")


def _needed(
    ahead: FloatArray, groups: IntArray | None, rng: np.random.Generator, size: _Size, purpose: str
) -> Needed:
    """The number at the seen values, and its range over the Bayesian bootstrap of the cases."""
    effect = design_effect(ahead, groups)
    means, squares = _moment_draws(ahead, groups, rng)
    with np.errstate(divide="ignore", invalid="ignore"):
        # No disagreement yet is not none: the prior's one case of it stands in.
        square = float((ahead**2).mean()) or 1 / (ahead.size + 2)
        seen = size(np.array([ahead.mean()]), np.array([square]))
        drawn = np.nan_to_num(size(means, squares), nan=np.inf, posinf=np.inf)
    low, high = np.quantile(np.minimum(effect * drawn, 2.0 * _MOST), [0.1, 0.9])
    value = _whole(effect * float(np.nan_to_num(seen[0], nan=np.inf, posinf=np.inf)))
    ends = _whole(float(low)), _whole(float(high))
    if value is None:
        ends = ends[0], None
    else:
        ends = min(ends[0] or value, value), None if ends[1] is None else max(ends[1], value)
    return Needed(n=value, low=ends[0], high=ends[1], have=ahead.size, unit="cases", purpose=purpose)


def _moment_draws(
    ahead: FloatArray, groups: IntArray | None, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draws of mean and mean square of the difference; with a prior worth two cases, as in ``joint_posterior``."""
    codes = np.arange(ahead.size) if groups is None else groups
    table = np.column_stack(
        [np.bincount(codes, weights=column) for column in (ahead, ahead**2, np.ones(ahead.size))]
    )
    prior = np.array([[-1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    shapes = np.append(np.ones(table.shape[0]), [0.5, 0.5, 1.0])
    totals = np.empty((_DRAWS, 3))
    for where, drawn in drawn_totals(np.vstack([table, prior]), shapes, _DRAWS, rng):
        totals[where] = drawn
    return totals[:, 0] / totals[:, 2], totals[:, 1] / totals[:, 2]


def design_effect(ahead: FloatArray, groups: IntArray | None) -> float:
    """How many clustered cases are worth one independent one, at least 1."""
    deviations = ahead - ahead.mean()
    alone = float((deviations**2).sum())
    if groups is None or alone < 1e-12:
        return 1.0
    sums = np.bincount(groups, weights=deviations)
    return max(1.0, float((sums**2).sum()) / alone)


def _whole(number: float) -> int | None:
    return math.ceil(number) if number <= _MOST else None
