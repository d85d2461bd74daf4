"""What a planned measurement would be worth before it is made: the expected value of sample information (EVSI).

By regression: simulate what the measurement would show in each draw, and regress net benefit on it (Strong, Oakley,
Brennan and Breeze, 2015). By weights: given a simulated result, weigh the draws by how likely each makes it (Menzies,
2016). The two share the draws and nothing else, so one checks the other. For one normal or binomial result and two
candidates there are closed forms.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, finite
from breakeven.statistics.information import Worth, evpi, matrix, value_of_input

__all__ = [
    "beta_binomial_evsi",
    "enbs",
    "evsi",
    "evsi_by_weights",
    "normal_evsi",
    "population_factor",
    "unit_normal_loss",
]

LogLikelihood = Callable[[FloatArray], npt.ArrayLike]
"""Simulated results (b, …) → (b, n) log likelihood of each under each of the n draws; constants may be left out."""
BLOCK = 64
"""Simulated results that are weighed at a time: bounds the memory to 64 × n."""


def evsi(
    parameters: npt.ArrayLike,
    simulate: Callable[[FloatArray, np.random.Generator], npt.ArrayLike],
    net_benefit: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    knots: int = 7,
) -> Worth:
    """EVSI by regression, in the unit of ``net_benefit``.

    parameters: (n,) or (n, d) draws. simulate: (parameters, rng) → what the measurement would show in each draw, (n,)
    for one figure or (n, k) for several. net_benefit: (n, C).
    """
    return value_of_input(simulate(finite(parameters, "parameters"), rng), net_benefit, knots=knots)


def evsi_by_weights(
    results: npt.ArrayLike, log_likelihood: LogLikelihood, net_benefit: npt.ArrayLike
) -> Worth:
    """EVSI by importance reweighting; ``results``: (m, …) simulated, each from a draw of its own (a few hundred).

    The mean over results is compared with the mean over the *same* posteriors, so that what the results have in common
    cancels. Nothing is fitted; the standard error counts the m results, not the n draws behind each.
    """
    shown, benefit = finite(results, "results"), matrix(net_benefit)
    starts = range(0, shown.shape[0], BLOCK)
    means = np.concatenate(
        [_posterior_means(log_likelihood(shown[at : at + BLOCK]), benefit) for at in starts]
    )
    best = int(benefit.mean(axis=0).argmax())
    earned = means.max(axis=1) - means[:, best]
    value = min(max(0.0, float(earned.mean())), evpi(benefit))
    error = float(earned.std(ddof=1) / np.sqrt(earned.size)) if earned.size > 1 else float("inf")
    return Worth(
        value=value, cross_fitted=value, standard_error=error, cross_fitted_error=error, n=earned.size
    )


def _posterior_means(log_likelihood: npt.ArrayLike, benefit: FloatArray) -> FloatArray:
    likely = finite(log_likelihood, "log likelihood")
    if likely.ndim != 2 or likely.shape[1] != benefit.shape[0]:
        raise InputError(
            f"log likelihood: shape {likely.shape}; (results, {benefit.shape[0]} draws) is needed"
        )
    weights = special.softmax(likely, axis=1)
    return np.asarray(weights @ benefit)


def population_factor(per_year: float, discount: float, years: float) -> float:
    """Decisions that a result serves, discounted continuously: per_year/discount · (1 − e^(−discount·years))."""
    if per_year < 0 or years < 0 or discount < 0:
        raise InputError("population: decisions a year, discount and years are at least 0")
    if discount == 0:
        return per_year * years
    return float(per_year / discount * -np.expm1(-discount * years))


def enbs(value: float, cost: float, population: float = 1.0) -> float:
    """Expected net benefit of sampling: EVSI × population factor − what the measurement costs."""
    return value * population - cost


def unit_normal_loss(mean: npt.ArrayLike, sd: npt.ArrayLike) -> FloatArray:
    """L(m, s) = s·φ(m/s) − m·Φ(−m/s): what a choice with gain N(m, s) loses by not being able to be taken back."""
    m, s = np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64)
    z = m / np.where(s > 0, s, 1.0)
    smooth = s * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) - m * special.ndtr(-z)
    return np.asarray(np.where(s > 0, smooth, np.maximum(-m, 0.0)))


def normal_evsi(mean: float, sd: float, observation_sd: float, n: int, *, slope: float = 1.0) -> float:
    """EVSI of n observations, each N(p, observation_sd), of two candidates with gain a + slope·p over the first.

    ``mean`` is that of the gain, ``sd`` that of p. Nested closed form: the posterior mean of p is itself normal, with
    sd·√(sd²/(sd² + observation_sd²/n)).
    """
    if n <= 0:
        return 0.0
    preposterior = abs(slope) * sd * sd / np.sqrt(sd * sd + observation_sd**2 / n)
    m = abs(mean)
    return float(unit_normal_loss(m, preposterior))


def beta_binomial_evsi(a: float, b: float, n: int, *, slope: float, intercept: float) -> float:
    """EVSI of n cases that are right or wrong, p ~ Beta(a, b), net benefit (0, intercept + slope·p). Exact.

    Every count 0..n has a posterior mean (a + count)/(a + b + n) and a beta-binomial chance.
    """
    count = np.arange(n + 1)
    log_chance = (
        special.gammaln(n + 1) - special.gammaln(count + 1) - special.gammaln(n - count + 1)
        + special.betaln(a + count, b + n - count) - special.betaln(a, b)
    )  # fmt: skip
    gain = intercept + slope * (a + count) / (a + b + n)
    now = max(0.0, intercept + slope * a / (a + b))
    return max(0.0, float(np.exp(log_chance) @ np.maximum(gain, 0.0)) - now)
