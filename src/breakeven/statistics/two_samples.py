"""Whether two samples come from the same distribution, by tests that keep their level, and how far apart they are.

Three p-values that look at different things, and ``holm`` to read them together. Each rests on exchanging labels, so
none needs large samples to be honest. A classifier's score must be judged on rows that it has not learned from, and
not by pooling folds: scores of different folds are not exchangeable, and a Mann–Whitney test over them finds
differences where there are none.
Sources: Gretton and others (2012); Lopez-Paz and Oquab (2017); DeLong and others (1988); Holm (1979); Phipson and
Smyth (2010) for the p-value of drawn permutations.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, check_level, finite
from breakeven.statistics.estimate import Estimate

__all__ = ["auc", "auc_p_value", "holm", "homogeneity_p_value", "mmd_p_value"]

_BATCH = 256


def homogeneity_p_value(
    a: Sequence[int], b: Sequence[int], rng: np.random.Generator, *, draws: int = 5_000
) -> tuple[float, float]:
    """Pearson's χ² of two rows of counts, and its p-value by drawing tables with the same margins.

    Small counts are no trouble: nothing is taken from the χ² distribution. Categories that both lack are left out.
    """
    counts = np.array([a, b], dtype=np.int64)
    if counts.ndim != 2 or (counts < 0).any() or (counts.sum(axis=1) == 0).any():
        raise InputError(f"counts of shape {counts.shape}: two rows of counts, none empty, are needed")
    counts = counts[:, counts.sum(axis=0) > 0]
    total, n_a, n_b = counts.sum(axis=0), int(counts[0].sum()), int(counts[1].sum())
    drawn = rng.multivariate_hypergeometric(total, n_a, size=draws)
    expected = total * n_a / (n_a + n_b)
    # Within fixed margins χ² is this sum times a constant, (n_a + n_b)/n_b.
    factor = (n_a + n_b) / n_b
    seen = float(((counts[0] - expected) ** 2 / expected).sum() * factor)
    others = ((drawn - expected) ** 2 / expected).sum(axis=1) * factor
    return seen, _p_value(seen, others)


def mmd_p_value(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    permutations: int = 500,
    most: int = 1_000,
) -> tuple[float, float]:
    """Squared maximum mean discrepancy (unbiased, Gaussian kernel, median distance), and its permutation p-value.

    x: (n, d), y: (m, d). Samples of more than ``most`` are drawn down to that: time and memory grow with its square.
    """
    first, second = (_drawn(finite(values, "values"), most, rng) for values in (x, y))
    if min(len(first), len(second)) < 2:
        raise NotEnoughEvidenceError("at least 2 rows a side are needed")
    pooled, n = np.vstack([first, second]), len(first)
    squares = (pooled**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2 * pooled @ pooled.T, 0.0)
    median = float(np.median(distance[np.triu_indices(len(pooled), 1)]))
    if median == 0:  # more than half of all pairs are equal
        median = float(distance.mean()) or 1.0
    kernel = np.exp(-distance / median)
    np.fill_diagonal(kernel, 0.0)
    seen = _mmd(kernel, np.arange(len(pooled))[:, None] < n)[0]
    others = [
        _mmd(kernel, np.argsort(rng.random((len(pooled), size)), axis=0) < n)
        for size in (min(_BATCH, permutations - at) for at in range(0, permutations, _BATCH))
    ]
    return float(seen), _p_value(float(seen), np.concatenate(others))


def _drawn(values: FloatArray, most: int, rng: np.random.Generator) -> FloatArray:
    return values if len(values) <= most else values[rng.choice(len(values), most, replace=False)]


def _mmd(kernel: FloatArray, first: npt.NDArray[np.bool_]) -> FloatArray:
    """The discrepancy for each column of ``first``, which says of each row whether it is of the first sample."""
    inside = first.astype(np.float64)
    n, m = inside[:, 0].sum(), (1 - inside[:, 0]).sum()
    to_first = kernel @ inside
    within = (inside * to_first).sum(axis=0)
    between = ((1 - inside) * to_first).sum(axis=0)
    rest = kernel.sum() - within - 2 * between
    return np.asarray(within / (n * (n - 1)) + rest / (m * (m - 1)) - 2 * between / (n * m))


def auc(a: npt.ArrayLike, b: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """How often a score of ``b`` is above one of ``a`` (ties count half), with DeLong's interval on the logit scale.

    Where all scores are apart, DeLong's variance is 0; the interval then is that of one exchanged pair of ranks.
    """
    check_level(level)
    low, high = finite(a, "scores"), finite(b, "scores")
    n, m = low.size, high.size
    if min(n, m) < 2:
        raise NotEnoughEvidenceError(f"{n} and {m} scores; at least 2 a side are needed")
    ranks = _ranks(np.concatenate([low, high]))
    of_b = (ranks[n:] - _ranks(high)) / n
    of_a = 1 - (ranks[:n] - _ranks(low)) / m
    value = float(of_b.mean())
    spread = float(of_b.var(ddof=1) / m + of_a.var(ddof=1) / n)
    inner = min(max(value, 0.5 / (n * m)), 1 - 0.5 / (n * m))
    error = max(spread**0.5, 1 / (n * m)) / (inner * (1 - inner))
    half = float(special.ndtri((1 + level) / 2)) * error
    logit = float(special.logit(inner))
    ends = special.expit(np.array([logit - half, logit + half]))
    return Estimate(
        value=value, low=min(float(ends[0]), value), high=max(float(ends[1]), value), level=level, n=n + m,
        method="DeLong, logit scale",
    )  # fmt: skip


def auc_p_value(
    a: npt.ArrayLike, b: npt.ArrayLike, rng: np.random.Generator, *, permutations: int = 5_000
) -> float:
    """One-sided p-value of scores of ``b`` lying above those of ``a``, by exchanging labels.

    Honest only for scores of rows that the scorer has not learned from.
    """
    low, high = finite(a, "scores"), finite(b, "scores")
    ranks = _ranks(np.concatenate([low, high]))
    seen = float(ranks[low.size :].sum())
    others = np.array([rng.permutation(ranks)[low.size :].sum() for _ in range(permutations)])
    return _p_value(seen, others)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are, in their order. ``holm([.01, .04, .03])`` is [.03, .06, .06]."""
    order = np.argsort(p_values, kind="stable")
    raised = np.array(p_values, dtype=np.float64)[order] * np.arange(len(p_values), 0, -1)
    found = np.empty(len(p_values))
    found[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return [float(p) for p in found]


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks from 1; equal values share the middle one."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[codes.ravel()], dtype=np.float64)


def _p_value(seen: float, others: FloatArray) -> float:
    """The share of permutations at least as far out, the seen one counted in: never 0."""
    return float((1 + (others >= seen - 1e-12 * max(1.0, abs(seen))).sum()) / (1 + others.size))
