"""How good a tuned model becomes with more training examples, from runs at a few sizes.

Three families of curves (power law, logistic in log size, broken power law), each with many shapes; given the shape, a
curve is a line in two unknowns (the level at the largest size, the rise so far), so its likelihood is exact, and shapes
and families are weighed by it (marginal likelihood over a grid). Noise between runs shrinks with size; its scale
comes from the runs. Intervals are inflated by 1.25, which is what it took on published curves. Nothing is told
beyond four times the largest size, nor from fewer than four sizes, nor where no size was run twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import FloatArray, check_level, finite, scores_vector
from breakeven.statistics.curve_shapes import Shape, progress, shapes
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.summary import quantiles

__all__ = ["LearningCurve", "Reach", "fit_learning_curve"]

LEAST_SIZES = 4
FARTHEST = 4.0
"""Times the largest size up to which a forecast is given."""
INFLATION = 1.25

_NOISE_POWERS = (0.0, 0.25, 0.5, 0.75)
"""Noise between runs falls as size to the minus this."""
_NOISE_SCALES = np.geomspace(0.002, 0.25, 20)
"""Standard deviations of a run at the geometric mean size, as a share."""
_LEVEL_SD, _RISE_MEAN, _RISE_SD = 0.5, 0.1, 0.25
"""Priors: the level is anything; a rise is more likely than a fall."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How many training examples reach a target score."""

    target: float
    p_within: float
    """Probability that it is reached at all within ``farthest`` examples."""
    p05: float
    p50: float
    p95: float
    """Examples; infinite: not within ``farthest``."""
    farthest: float
    """Examples up to which the curve may be extrapolated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LearningCurve:
    """A fitted learning curve: ask it for a score at a size, or a size for a score."""

    sizes: tuple[float, ...]
    """Sizes that were run, ascending."""
    n_runs: int
    weights: Mapping[str, float]
    """Family of curves → its share of belief."""
    noise_sd: float
    """Standard deviation between runs at the largest size, posterior mean."""
    _cells: _Cells

    def __repr__(self) -> str:
        return (
            f"<LearningCurve of {self.n_runs} runs, {self.sizes[0]:,.0f} to {self.sizes[-1]:,.0f} examples>"
        )

    @property
    def farthest(self) -> float:
        """The largest size that a forecast is given for."""
        return FARTHEST * self.sizes[-1]

    def draws(self, size: float, rng: np.random.Generator, draws: int = 20_000) -> FloatArray:
        """Draws (draws,) of the expected score at ``size`` examples; refuses beyond ``farthest``."""
        return self._drawn([size], rng, draws)[0][:, 0]

    def paired_draws(
        self, sizes: Sequence[float], rng: np.random.Generator, draws: int = 20_000
    ) -> FloatArray:
        """Draws (draws, sizes) of the expected score; a row is one curve, so that rows can be subtracted."""
        return self._drawn(list(sizes), rng, draws)[0]

    def run_draws(self, size: float, rng: np.random.Generator, draws: int = 20_000) -> FloatArray:
        """Draws (draws,) of the score of *one training run* at ``size``: what one buys."""
        means, noise = self._drawn([size], rng, draws)
        spread = noise[:, 0] * rng.standard_normal(draws)
        return np.clip(means[:, 0] + INFLATION * spread, 0.0, 1.0)

    def at(
        self,
        size: float,
        rng: np.random.Generator,
        *,
        level: float = 0.90,
        one_run: bool = True,
        draws: int = 20_000,
    ) -> Estimate:
        """The score of one training run at ``size`` (or, not ``one_run``, the mean of many), with its interval."""
        check_level(level)
        drawn = self.run_draws(size, rng, draws) if one_run else self.draws(size, rng, draws)
        low, middle, high = np.quantile(drawn, [(1 - level) / 2, 0.5, (1 + level) / 2])
        beyond = f", EXTRAPOLATED {size / self.sizes[-1]:.1f}×" if size > self.sizes[-1] else ""
        return Estimate(
            value=float(middle),
            low=float(low),
            high=float(high),
            level=level,
            n=self.n_runs,
            method=f"learning curve, {'one run' if one_run else 'mean'}{beyond}",
        )

    def reach(self, target: float, rng: np.random.Generator, draws: int = 20_000) -> Reach:
        """How many examples bring the expected score to ``target`` (a share), curve by curve."""
        if not 0 < target < 1:
            raise InputError(f"target {target:g}: a share between 0 and 1 is needed, such as 0.93")
        grid = np.geomspace(self.sizes[0], self.farthest, 60)
        above = self._drawn(grid.tolist(), rng, draws)[0] >= target
        first = np.where(above.any(axis=1), grid[above.argmax(axis=1)], np.inf)
        p05, p50, p95 = quantiles(first, [0.05, 0.5, 0.95])
        within = float(np.isfinite(first).mean())
        return Reach(target=target, p_within=within, p05=p05, p50=p50, p95=p95, farthest=self.farthest)

    def _drawn(
        self, sizes: list[float], rng: np.random.Generator, draws: int
    ) -> tuple[FloatArray, FloatArray]:
        for size in sizes:
            self._check(size)
        return self._cells.draw(np.array(sizes, dtype=np.float64), rng, draws)

    def _check(self, size: float) -> None:
        if not size > 0:
            raise InputError(f"{size:g} examples; a number above 0 is needed")
        if size < self.sizes[0] / FARTHEST or size > self.farthest * (1 + 1e-9):
            raise NotEnoughEvidenceError(
                f"no forecast at {size:g} examples: the runs go from {self.sizes[0]:g} to {self.sizes[-1]:g}, and "
                f"nothing is told beyond {FARTHEST:g} times that. Run a size of at least {size / FARTHEST:g}."
            )


def fit_learning_curve(sizes: npt.ArrayLike, scores: npt.ArrayLike) -> LearningCurve:
    """The curve through training runs: (runs,) numbers of examples and (runs,) scores within 0..1, higher is better.

    Raises NotEnoughEvidenceError with fewer than four sizes, or where no size was run with two seeds (then noise and
    curve can not be told apart).
    """
    size, score = finite(sizes, "sizes"), scores_vector(scores)
    if size.shape != score.shape:
        raise InputError(f"{size.size} sizes and {score.size} scores; one of each a run is needed")
    if size.min() <= 0:
        raise InputError(f"sizes: {size.min():g}; numbers of training examples above 0 are needed")
    distinct, counts = np.unique(size, return_counts=True)
    _check_runs(distinct, counts)
    cells = _fit(size, score, distinct)
    weights = cells.weights.sum(axis=(1, 2))
    families: dict[str, float] = {}
    for shape, weight in zip(cells.shapes, weights, strict=True):
        families[shape.family] = families.get(shape.family, 0.0) + float(weight)
    return LearningCurve(
        sizes=tuple(distinct.tolist()),
        n_runs=size.size,
        weights=MappingProxyType(families),
        noise_sd=cells.noise_at(float(distinct[-1])),
        _cells=cells,
    )


def _check_runs(distinct: FloatArray, counts: npt.NDArray[np.int64]) -> None:
    if distinct.size < LEAST_SIZES:
        raise NotEnoughEvidenceError(
            f"runs at {distinct.size} sizes; a learning curve needs at least {LEAST_SIZES}, each about twice the last"
        )
    if counts.max() < 2:
        raise NotEnoughEvidenceError(
            "each size was run once; run one of them again with another seed, to see how far runs scatter"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cells:
    """The posterior as a grid of (shape, noise power, noise scale), each with a normal over (level, rise)."""

    shapes: tuple[Shape, ...]
    first: float
    last: float
    middle: float
    """Smallest, largest and geometric mean size."""
    weights: FloatArray
    """(shapes, powers, scales), sum 1."""
    means: FloatArray
    """(shapes, powers, scales, 2): level at the largest size, rise from the smallest to it."""
    roots: FloatArray
    """(…, 3): Cholesky factor of their covariance, l11, l21, l22."""

    def noise(self, sizes: FloatArray, powers: FloatArray, scales: FloatArray) -> FloatArray:
        """Standard deviation of a run, (draws, sizes)."""
        return np.asarray(scales[:, None] * (sizes / self.middle) ** -powers[:, None])

    def noise_at(self, size: float) -> float:
        """Posterior mean of the standard deviation of a run at one size."""
        per = np.array(_NOISE_POWERS)[:, None]
        sd = _NOISE_SCALES[None, :] * (size / self.middle) ** -per
        return float((self.weights * sd).sum())

    def draw(self, sizes: FloatArray, rng: np.random.Generator, draws: int) -> tuple[FloatArray, FloatArray]:
        """Inflated draws of the curve within 0..1, and of a run's noise, both (draws, sizes)."""
        # Some curves leave 0..1 on the way; twice as many are drawn, and those that do are passed over.
        at = rng.choice(self.weights.size, 2 * draws, p=self.weights.reshape(-1))
        shape, power, scale = np.unravel_index(at, self.weights.shape)
        z = rng.standard_normal((at.size, 2))
        mean, root = self.means[shape, power, scale], self.roots[shape, power, scale]
        level = mean[:, 0] + root[:, 0] * z[:, 0]
        rise = mean[:, 1] + root[:, 1] * z[:, 0] + root[:, 2] * z[:, 1]
        basis = np.array([progress(s, sizes, self.first, self.last) for s in self.shapes])[shape]
        curves = level[:, None] - rise[:, None] * (1 - basis)
        inside = ((curves >= 0) & (curves <= 1)).all(axis=1)
        order = np.argsort(~inside, kind="stable")[:draws]
        curves = curves[order]
        centre = np.median(curves, axis=0)
        inflated = np.clip(centre + INFLATION * (curves - centre), 0.0, 1.0)
        powers, scales = np.array(_NOISE_POWERS)[power[order]], _NOISE_SCALES[scale[order]]
        shuffled = rng.permutation(draws)
        return inflated[shuffled], self.noise(sizes, powers, scales)[shuffled]


def _fit(size: FloatArray, score: FloatArray, distinct: FloatArray) -> _Cells:
    """Exact normal regression on (level, rise) in every cell of the grid."""
    first, last = float(distinct[0]), float(distinct[-1])
    middle = math.exp(float(np.log(distinct).mean()))
    family = shapes(first, last)
    left = 1 - np.array([progress(s, size, first, last) for s in family])
    relative = np.array([(size / middle) ** -power for power in _NOISE_POWERS])
    precision = 1 / (relative[:, None, :] * _NOISE_SCALES[None, :, None]) ** 2
    prior_mean = np.array([0.5, _RISE_MEAN])
    log, means, roots = _regress(score, left, precision, prior_mean)
    log += np.log([s.prior for s in family])[:, None, None]
    weights = np.exp(log - log.max())
    return _Cells(
        shapes=family,
        first=first,
        last=last,
        middle=middle,
        weights=weights / weights.sum(),
        means=means,
        roots=roots,
    )


def _regress(
    score: FloatArray, left: FloatArray, precision: FloatArray, prior_mean: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log marginal likelihood, posterior mean and Cholesky factor of y = level - rise·left, in every cell.

    left: (shapes, runs). precision: (powers, scales, runs). All sums over runs are products of matrices.
    """
    y = score - prior_mean[0] + prior_mean[1] * left  # (shapes, runs): residual from the prior's curve
    s0 = precision.sum(axis=-1)[None]
    s1 = np.einsum("kr,pqr->kpq", left, precision)
    s2 = np.einsum("kr,pqr->kpq", left**2, precision)
    t0 = np.einsum("kr,pqr->kpq", y, precision)
    t1 = np.einsum("kr,pqr->kpq", y * left, precision)
    yy = np.einsum("kr,pqr->kpq", y**2, precision)
    a, b, c = s0 + 1 / _LEVEL_SD**2, -s1, s2 + 1 / _RISE_SD**2
    determinant = a * c - b * b
    level, rise = (c * t0 + b * t1) / determinant, (-a * t1 - b * t0) / determinant
    fit = level * t0 - rise * t1
    log = (np.log(precision).sum(axis=-1)[None] - np.log(determinant) - yy + fit) / 2
    means = np.stack([level + prior_mean[0], rise + prior_mean[1]], axis=-1)
    l11 = np.sqrt(c / determinant)
    l21 = -b / determinant / l11
    l22 = np.sqrt(np.maximum(a / determinant - l21**2, 0))
    return log, means, np.stack([l11, l21, l22], axis=-1)
