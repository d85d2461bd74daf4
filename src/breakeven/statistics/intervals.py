"""Intervals around one rate or mean: Wilson, clustered Wilson, exact binomial, Student's t.

Which to use: ``clustered_wilson`` for eval scores, always (a score lies within 0..1, and cases may
share a customer, a document or a template); ``exact_binomial`` where a promise must hold whatever the
truth (an audit); ``wilson`` for plain counts; ``t_mean`` for figures without bounds, such as latencies.
Sources: Wilson (1927); Clopper and Pearson (1934); Kish (1965) for the effective number of cases.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import (
    FloatArray,
    IntArray,
    average_by,
    check_level,
    encode,
    finite,
    scores_vector,
)
from breakeven.statistics.estimate import Estimate

__all__ = [
    "VarianceParts",
    "cases_to_claim",
    "clustered_wilson",
    "exact_binomial",
    "t_mean",
    "variance_parts",
    "wilson",
]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]


def wilson(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Share of successes with Wilson's score interval, for independent trials."""
    _check_counts(successes, n, level)
    share = successes / n
    low, high = _wilson_bounds(share, n, float(special.ndtri((1 + level) / 2)))
    return _estimate(share, (low, high) if n > 1 else None, level, n, "Wilson")


def exact_binomial(successes: int, n: int, *, level: float = 0.95) -> Estimate:
    """Share of successes with the Clopper–Pearson interval: covers at least ``level``, whatever the truth."""
    _check_counts(successes, n, level)
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(special.betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(special.betaincinv(successes + 1, n - successes, 1 - tail))
    return _estimate(successes / n, (low, high) if n > 1 else None, level, n, "exact binomial")


def clustered_wilson(
    scores: npt.ArrayLike, *, cases: Labels | None = None, clusters: Labels | None = None, level: float = 0.95
) -> Estimate:
    """Mean score with Wilson's interval at the effective number of cases and a t quantile.

    scores: (n,) each within 0..1. cases: label of the case each score belongs to; repeats of a case are
    averaged first, since they say nothing about other cases. clusters: label of the group each score
    belongs to (customer, document); None within it stands alone.

    The effective number of cases is p(1-p) over the clustered variance of the mean; the quantile is
    Student's with (clusters - 1) degrees of freedom. Where the scores do not vary, their correlation
    within clusters can not be seen, and each cluster counts as one case: 50 of 50 gives (.925, 1.0).
    """
    check_level(level)
    values = scores_vector(scores)
    means, groups = _by_case(values, cases, clusters)
    n_groups = _n_groups(groups, means.size)
    share = float(means.mean())
    bounds = None
    if n_groups > 1:
        n_effective = _effective_n(means, groups, binary_runs=values.size if _is_binary(values) else None)
        bounds = _wilson_bounds(share, n_effective, float(special.stdtrit(n_groups - 1, (1 + level) / 2)))
    method = "Wilson, t quantile" if groups is None else "clustered Wilson"
    return _estimate(share, bounds, level, means.size, method, None if groups is None else n_groups)


def t_mean(values: npt.ArrayLike, *, clusters: Labels | None = None, level: float = 0.95) -> Estimate:
    """Mean with Student's t interval, robust to clusters; for figures of any range (seconds, dollars).

    Values that do not vary give no interval: zero would be a claim that no data can support.
    """
    array = finite(values, "values")
    if array.ndim != 1:
        raise InputError(f"values: shape {array.shape}; one value a case is needed, shape (n_cases,)")
    check_level(level)
    groups = None if clusters is None else encode(clusters, array.size, "clusters")
    n_groups = _n_groups(groups, array.size)
    mean = float(array.mean())
    variance = _clustered_variance(array, groups)
    bounds = None
    if n_groups > 1 and variance > 0:
        half = float(special.stdtrit(n_groups - 1, (1 + level) / 2)) * math.sqrt(variance)
        bounds = (mean - half, mean + half)
    method = "Student's t" if groups is None else "clustered Student's t"
    return _estimate(mean, bounds, level, array.size, method, None if groups is None else n_groups)


@dataclass(frozen=True, kw_only=True)
class VarianceParts:
    """Where the error of a mean score comes from: which cases were drawn, or how each run fell out."""

    between: float
    """Variance of the true score from case to case."""
    within: float | None
    """Variance of one run around its case's true score; None: no case was run twice."""
    n_cases: int
    n_runs: int
    error_from_cases: float
    """Standard error of the mean that more cases would shrink."""
    error_from_runs: float | None
    """Standard error of the mean that more runs of the same cases would shrink; None: not known."""


def variance_parts(scores: npt.ArrayLike, *, cases: Labels) -> VarianceParts:
    """The variance of scores, split into a part between cases and a part within (one-way, by moments).

    With runs r_i of case i: within = pooled variance around the case means; between = variance of the
    case means less within × mean(1/r_i), not below zero.
    """
    values = scores_vector(scores)
    codes = encode(cases, values.size, "cases")
    means, runs = average_by(values, codes)
    if means.size < 2:
        raise NotEnoughEvidenceError(f"{means.size} case; at least 2 are needed to see how cases differ")
    of_means = float(means.var(ddof=1))
    spare = values.size - means.size
    if spare == 0:
        return VarianceParts(
            between=of_means,
            within=None,
            n_cases=means.size,
            n_runs=values.size,
            error_from_cases=math.sqrt(of_means / means.size),
            error_from_runs=None,
        )
    within = float(((values - means[codes]) ** 2).sum() / spare)
    from_runs = within * float((1 / runs).mean())
    between = max(0.0, of_means - from_runs)
    return VarianceParts(
        between=between,
        within=within,
        n_cases=means.size,
        n_runs=values.size,
        error_from_cases=math.sqrt(between / means.size),
        error_from_runs=math.sqrt(from_runs / means.size),
    )


def cases_to_claim(share: float, *, errors: int = 0, confidence: float = 0.95) -> int:
    """Fewest audited cases with which ``errors`` wrong ones still prove a right share above ``share``.

    Exact one-sided binomial: the smallest n for which P(X <= errors) <= 1 - confidence when the true
    error rate is 1 - share. ``cases_to_claim(0.95)`` is 59.
    """
    if not 0 < share < 1 or errors < 0:
        raise InputError(
            f"share {share:g}, errors {errors}: a share between 0 and 1 and errors >= 0 are needed"
        )
    check_level(confidence)
    low, high = errors + 1, errors + 2
    while special.bdtr(errors, high, 1 - share) > 1 - confidence:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        if special.bdtr(errors, middle, 1 - share) > 1 - confidence:
            low = middle + 1
        else:
            high = middle
    return low


def _by_case(
    values: FloatArray, cases: Labels | None, clusters: Labels | None
) -> tuple[FloatArray, IntArray | None]:
    """One mean a case, and the cluster code of each case (None: cases stand alone)."""
    if cases is None:
        return values, None if clusters is None else encode(clusters, values.size, "clusters")
    codes = encode(cases, values.size, "cases")
    means, _ = average_by(values, codes)
    if clusters is None:
        return means, None
    # A None stands alone *as a case*: its repeats must stay together.
    labels = list(clusters)
    if len(labels) != values.size:
        raise InputError(
            f"clusters: {len(labels)} labels for {values.size} scores; one label a score is needed"
        )
    named: dict[int, Hashable] = {}
    for code, label in zip(codes.tolist(), labels, strict=True):
        if named.setdefault(code, label) != label:
            raise InputError(
                f"clusters: one case stands in {named[code]!r} and in {label!r}; it can be in one only"
            )
    return means, encode([named[code] for code in range(means.size)], means.size, "clusters")


def _clustered_variance(values: FloatArray, groups: IntArray | None) -> float:
    """Variance of the mean of ``values``, robust to correlation within groups; 0 for a single group."""
    deviations = values - values.mean()
    sums = deviations if groups is None else np.bincount(groups, weights=deviations)
    if sums.size < 2:
        return 0.0
    variance = float((sums**2).sum()) / values.size**2 * sums.size / (sums.size - 1)
    # Equal values leave rounding dust behind; their variance is zero, not 1e-34.
    dust = 1e-13 * float(np.abs(values).max())
    return 0.0 if variance < dust * dust else variance


def _effective_n(values: FloatArray, groups: IntArray | None, *, binary_runs: int | None) -> float:
    """Independent right-or-wrong cases that would know the mean as well as these scores do.

    ``binary_runs``: number of right-or-wrong runs behind the scores, which it can not exceed.
    """
    variance = _clustered_variance(values, groups)
    if variance == 0:
        return float(_n_groups(groups, values.size))
    share = float(values.mean())
    n_effective = share * (1 - share) / variance
    return n_effective if binary_runs is None else min(n_effective, float(binary_runs))


def _wilson_bounds(share: float, n: float, quantile: float) -> tuple[float, float]:
    squared = quantile * quantile
    centre = (share + squared / (2 * n)) / (1 + squared / n)
    half = quantile * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    # The ends hold the share exactly in arithmetic, and but for rounding in floating point.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def _estimate(
    value: float,
    bounds: tuple[float, float] | None,
    level: float,
    n: int,
    method: str,
    n_clusters: int | None = None,
) -> Estimate:
    low, high = bounds if bounds is not None else (None, None)
    return Estimate(value=value, low=low, high=high, level=level, n=n, method=method, n_clusters=n_clusters)


def _n_groups(groups: IntArray | None, n: int) -> int:
    return n if groups is None else int(groups.max()) + 1


def _is_binary(values: FloatArray) -> bool:
    return bool(np.isin(values, (0.0, 1.0)).all())


def _check_counts(successes: int, n: int, level: float) -> None:
    check_level(level)
    if n < 1:
        raise NotEnoughEvidenceError(f"{n} trials; at least one is needed")
    if not 0 <= successes <= n:
        raise InputError(f"{successes} successes of {n}: from 0 to {n} are possible")
