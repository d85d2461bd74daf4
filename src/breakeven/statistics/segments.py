"""Scores by segment (subject, language, customer tier), drawn towards the whole as far as the data say.

The best of many small segments was lucky and the worst unlucky; run again, both move to the middle. Partial pooling
does it beforehand: true means are normal around a common one, with an unknown spread (half-normal prior, on a
grid); a segment keeps the share of its deviation that is signal. Raw figures stand beside, so that the pull is seen
(Efron and Morris, 1975; Gelman and Hill, 2007, ch. 12).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, IntArray, check_level, encode, scores_vector
from breakeven.statistics.estimate import Estimate

__all__ = ["Segment", "Segments", "segment_differences", "segment_means"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]

_SPREAD_SCALE = 0.15
"""Scale of the half-normal prior on the spread between segments: weak, since segments can differ by a lot."""
_ALONE, _POOLED = "segment alone, pooled spread", "partial pooling"
_SPREADS = np.linspace(0, 4 * _SPREAD_SCALE, 241)


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One segment: its figure as seen, and as it should be believed."""

    name: Hashable
    raw: Estimate
    shrunk: Estimate
    kept: float
    """Share of the segment's deviation from the whole that is kept, 0 (all luck) to 1."""


@dataclass(frozen=True, kw_only=True)
class Segments:
    """All segments, in order of first appearance."""

    segments: tuple[Segment, ...]
    centre: Estimate
    """The common mean of the segments' true figures: each segment counts once, cases do not."""
    spread: float
    """Standard deviation of the true figures between segments, posterior mean."""


def segment_means(
    scores: npt.ArrayLike, segments: Labels, *, clusters: Labels | None = None, level: float = 0.90
) -> Segments:
    """Mean score of each segment: (n,) within 0..1 with (n,) segment labels, repeats averaged."""
    return _pooled(scores_vector(scores), segments, clusters, level, shares=True)


def segment_differences(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    segments: Labels,
    *,
    clusters: Labels | None = None,
    level: float = 0.90,
) -> Segments:
    """Mean of b less mean of a in each segment, from pairs: (n,) scores of each on the same cases."""
    first, second = scores_vector(a, "a"), scores_vector(b, "b")
    if first.shape != second.shape:
        raise InputError(f"a has {first.size} scores and b has {second.size}; both must be on the same cases")
    return _pooled(second - first, segments, clusters, level, shares=False)


def _pooled(
    values: FloatArray, segments: Labels, clusters: Labels | None, level: float, *, shares: bool
) -> Segments:
    check_level(level)
    codes = encode(segments, values.size, "segments")
    groups = None if clusters is None else encode(clusters, values.size, "clusters")
    sizes = np.bincount(codes).astype(np.float64)
    if sizes.size < 3:
        raise NotEnoughEvidenceError(f"{sizes.size} segments; at least 3 are needed to see how they differ")
    raw = np.bincount(codes, weights=values) / sizes
    variances = _variances(values - raw[codes], codes, groups, 0.25 if shares else 0.5)
    posterior = _posterior(raw, variances)
    t = float(special.stdtrit(sizes.size - 1, (1 + level) / 2))
    estimate = partial(_estimate, t=t, level=level, lowest=0.0 if shares else -1.0)
    found = tuple(
        Segment(
            name=name,
            raw=estimate(float(raw[s]), float(variances[s]) ** 0.5, int(sizes[s]), _ALONE),
            shrunk=estimate(float(posterior.means[s]), float(posterior.errors[s]), int(sizes[s]), _POOLED),
            kept=float(posterior.kept[s]),
        )
        for s, name in enumerate(_names(segments, codes))
    )
    centre = estimate(posterior.centre, posterior.centre_error, values.size, _POOLED)
    return Segments(segments=found, centre=centre, spread=posterior.spread)


def _estimate(
    value: float, error: float, n: int, method: str, *, t: float, level: float, lowest: float
) -> Estimate:
    """The interval stays within the scores' range; one observation has none of its own."""
    value = min(1.0, max(lowest, value))  # 1 + 2e-16 is no share
    low, high = max(lowest, value - t * error), min(1.0, value + t * error)
    alone = n == 1 and method == _ALONE
    return Estimate(
        value=value,
        low=None if alone else low,
        high=None if alone else high,
        level=level,
        n=n,
        method=method,
    )


def _variances(
    deviations: FloatArray, codes: IntArray, groups: IntArray | None, prior_variance: float
) -> FloatArray:
    """Variance of each segment's mean, from the spread of cases pooled over segments.

    A segment's own spread would go with its own luck (three right answers show none at all), and pull the whole towards
    the lucky ones; simulated, its intervals cover .72 to .87 at a nominal .90, where pooled ones
    cover .88 to .91.
    """
    sizes = np.bincount(codes)
    squares = np.bincount(codes, weights=deviations**2).astype(np.float64)
    pooled = float(squares.sum() + prior_variance) / (max(1, deviations.size - sizes.size) + 1)
    return np.asarray(pooled / sizes * _design_effect(deviations, squares, codes, groups))


def _names(labels: Labels, codes: IntArray) -> list[Hashable]:
    """The label of each code; cases without a label are segments of their own, called None."""
    items = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    named: dict[int, Hashable] = {}
    for code, label in zip(codes.tolist(), items, strict=True):
        named.setdefault(code, label)
    return [named[code] for code in range(len(named))]


def _design_effect(
    deviations: FloatArray, squares: FloatArray, codes: IntArray, groups: IntArray | None
) -> float:
    """By how much clusters inside segments widen the errors, pooled over segments, at least 1."""
    if groups is None or squares.sum() < 1e-12:
        return 1.0
    cells = np.unique(np.column_stack([codes, groups]), axis=0, return_inverse=True)[1].reshape(-1)
    sums = np.bincount(cells, weights=deviations)
    return max(1.0, float((sums**2).sum() / squares.sum()))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Posterior:
    """What is believed of the segments, averaged over the spread between them."""

    means: FloatArray
    errors: FloatArray
    kept: FloatArray
    """Each (segments,)."""
    centre: float
    centre_error: float
    spread: float


def _posterior(raw: FloatArray, variances: FloatArray) -> _Posterior:
    """Normal given the spread τ and the variances; τ on a grid, the common mean flat."""
    squared = _SPREADS[:, None] ** 2
    total = squared + variances
    precision = (1 / total).sum(axis=1)
    centre = (raw / total).sum(axis=1) / precision
    log = (
        -np.log(total).sum(axis=1) / 2
        - np.log(precision) / 2
        - ((raw - centre[:, None]) ** 2 / total).sum(axis=1) / 2
        - (_SPREADS / _SPREAD_SCALE) ** 2 / 2
    )
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    kept = squared / total
    given = centre[:, None] + kept * (raw - centre[:, None])
    means = weights @ given
    # The common mean is not known either: what a segment does not keep, it takes from there.
    within = kept * variances + (1 - kept) ** 2 / precision[:, None]
    middle = float(weights @ centre)
    return _Posterior(
        means=means,
        errors=np.sqrt(weights @ (within + (given - means) ** 2)),
        kept=weights @ kept,
        centre=middle,
        centre_error=float(weights @ (1 / precision + (centre - middle) ** 2)) ** 0.5,
        spread=float(weights @ _SPREADS),
    )
