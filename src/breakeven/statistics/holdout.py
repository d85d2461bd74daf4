"""The arithmetic of a sealed hold-out: what each opening costs.

A set that nobody looked at gives an honest figure once. Every further look, with changes in between, lets the set steer
the work, and its figure creeps up. Each opening is therefore paid for: it spends part of the one error rate that all
openings share, so its interval is wider (Bonferroni over a planned number, or 6/π²k² of it at opening k where the
number is open; any split keeps the promise). A page prints how many openings there were.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError
from breakeven.statistics.arrays import check_level
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import clustered_wilson

__all__ = ["Opening", "holdout_estimate", "opening_cost", "reuse_optimism"]

Labels = Sequence[Hashable | None] | npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What one opening of a sealed set is worth."""

    number: int
    """Which opening it is, counted from 1."""
    planned: int | None
    """Openings that were planned; None: open-ended."""
    level: float
    """Level at which this opening's interval is made, so that all openings together keep the stated one."""
    widening: float
    """How much wider its interval is than that of a set opened once: 1.14 is 14% wider."""
    cases_equivalent: float
    """Share of the set's cases that a set opened once would need for the same width: 0.77."""


def opening_cost(number: int, *, planned: int | None = None, level: float = 0.95) -> Opening:
    """What the ``number``-th opening costs, with ``planned`` in all or an open end.

    With a plan every opening gets (1-level)/planned; more than planned is refused, since the promise is then spent.
    """
    check_level(level)
    if number < 1:
        raise InputError(f"opening {number}: openings count from 1")
    if planned is not None and number > planned:
        raise InputError(f"opening {number} of {planned} planned: the error rate is spent; seal a new set")
    share = 1 / planned if planned is not None else 6 / (math.pi * number) ** 2
    own = 1 - (1 - level) * share
    widening = float(special.ndtri((1 + own) / 2) / special.ndtri((1 + level) / 2))
    return Opening(
        number=number, planned=planned, level=own, widening=widening, cases_equivalent=1 / widening**2
    )


def holdout_estimate(
    scores: npt.ArrayLike,
    number: int,
    *,
    planned: int | None = None,
    clusters: Labels | None = None,
    cases: Labels | None = None,
    level: float = 0.95,
) -> Estimate:
    """Mean score on a sealed set at its ``number``-th opening; the interval pays for all openings.

    ``level`` of the result is the promise over all openings together. Arguments else as ``clustered_wilson``.
    """
    cost = opening_cost(number, planned=planned, level=level)
    found = clustered_wilson(scores, cases=cases, clusters=clusters, level=cost.level)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        level=level,
        n=found.n,
        n_clusters=found.n_clusters,
        method=f"{found.method}, sealed set, opening {number}" + (f" of {planned}" if planned else ""),
    )


def reuse_optimism(share: float, n: int, versions: int, *, correlation: float = 0.0) -> float:
    """How much too high the best of ``versions`` equally good versions scores on n cases, a share.

    Standard error times the expected largest of that many normals; ``correlation`` is that of the versions' scores on a
    case. It holds for versions chosen blindly. Versions that were *edited after reading the errors* gain more than
    that: 30 steps of hill-climbing stay about 4 points too high even if only clear improvements are kept.

    >>> round(reuse_optimism(0.9, 300, 20, correlation=0.6), 4)
    0.0205
    """
    if not 0 < share < 1 or n < 1 or versions < 1 or not 0 <= correlation <= 1:
        raise InputError(
            f"share {share:g}, n {n}, versions {versions}, correlation {correlation:g}: a share between 0 and 1, "
            "counts above 0 and a correlation from 0 to 1 are needed"
        )
    return math.sqrt(share * (1 - share) * (1 - correlation) / n) * _largest_normal(versions)


def _largest_normal(count: int) -> float:
    """Mean of the largest of ``count`` standard normals: the integral of its quantile function's powers."""
    # E max = ∫₀^∞ (1 - F^k) dx - ∫₋∞^0 F^k dx, by midpoints, none of which is the step at 0.
    step = 0.005
    x = np.arange(-9 + step / 2, 9, step)
    powered = special.ndtr(x) ** count
    return float(np.where(x >= 0, 1 - powered, -powered).sum() * step)
