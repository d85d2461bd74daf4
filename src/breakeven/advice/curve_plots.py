"""What more training examples would bring, for pictures: a fan along each learning curve that the study names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from breakeven.advice.plot_types import CurvePoint, LearningFan
from breakeven.errors import NotEnoughEvidenceError
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.learning_curve import LearningCurve, fit_learning_curve
from breakeven.study.model import Candidate, Study

__all__ = ["curve_fan", "learning_fans"]

LEVEL: Final = 0.90
STEPS: Final = 40
"""Sizes at which the band is drawn."""
MARK_DRAWS: Final = 4000
PAGE_DRAWS: Final = 2000
"""A page has many pictures to wait for; a chart of its own takes more."""


def learning_fans(study: Study, *, seed: int) -> tuple[LearningFan, ...]:
    """The fan of each candidate that names a curve, in the study's order; no belief of the study is moved by it."""
    return tuple(_fan(c, seed) for c in study.candidates.values() if c.curve is not None)


def _fan(candidate: Candidate, seed: int) -> LearningFan:
    assert candidate.curve is not None
    runs, rng = candidate.curve.runs, np.random.default_rng([seed, 61])
    fitted = fit_learning_curve([size for size, _ in runs], [score for _, score in runs])
    planned = None if candidate.training is None else float(round(candidate.training.examples.centre))
    expected = None if planned is None else _told(fitted, planned, rng)
    ends = [factor * fitted.sizes[-1] for factor in (2.0, 4.0)]
    forecasts = {size: fitted.at(size, rng, level=LEVEL, draws=MARK_DRAWS) for size in ends}
    if planned is not None and expected is not None:
        forecasts[planned] = expected
    return curve_fan(
        runs, fitted, forecasts, rng, level=LEVEL, draws=PAGE_DRAWS, planned=planned, candidate=candidate.name,
        file=candidate.curve.file,
    )  # fmt: skip


def _told(fitted: LearningCurve, size: float, rng: np.random.Generator) -> Estimate | None:
    """What one run of a size brings; None where it is too far from the runs."""
    try:
        return fitted.at(size, rng, level=LEVEL)
    except NotEnoughEvidenceError:
        return None


def curve_fan(
    runs: Sequence[tuple[float, float]], fitted: LearningCurve, forecasts: Mapping[float, Estimate],
    rng: np.random.Generator, *, level: float, draws: int = 8_000, planned: float | None = None, candidate: str = "",
    file: str = "",
) -> LearningFan:  # fmt: skip
    """A fitted curve as figures. forecasts: size → what was forecast for it; the sizes that were run are added."""
    largest = fitted.sizes[-1]
    known = {float(size): found for size, found in forecasts.items()}
    for size in fitted.sizes:
        if size not in known:
            known[size] = fitted.at(size, rng, level=level, draws=MARK_DRAWS)
    marked = tuple(_point(size, found, largest) for size, found in sorted(known.items()))
    first = min(fitted.sizes[0], marked[0].size)
    sizes = sorted({*np.geomspace(first, fitted.farthest, STEPS).tolist(), largest})
    # Every step from the same draws: the band is then as smooth as the curve.
    same = int(rng.integers(2**63))
    band = tuple(
        _point(size, fitted.at(size, np.random.default_rng(same), level=level, draws=draws), largest)
        for size in sizes
    )
    return LearningFan(
        candidate=candidate, file=file, runs=tuple((float(size), float(score)) for size, score in runs), band=band,
        marked=marked, largest=largest, farthest=fitted.farthest, level=level, planned=planned,
        expected=next((p for p in marked if p.size == planned), None),
    )  # fmt: skip


def _point(size: float, found: Estimate, largest: float) -> CurvePoint:
    low, high = found.interval
    return CurvePoint(size=size, value=found.value, low=low, high=high, extrapolated=size > largest)
