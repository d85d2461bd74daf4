"""A learning curve as chart data: runs, what a run of each size brings, and where the measured part ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.report.chart_types import Table
from breakeven.report.eval_figures import interval, percent
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.learning_curve import LearningCurve, Reach

__all__ = ["CurveChart", "CurvePoint", "to_curve_chart"]

_STEPS: Final = 40
"""Sizes at which the band is drawn."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The score of one training run at one size, with its interval; shares."""

    size: float
    value: float
    low: float
    high: float
    extrapolated: bool


@dataclass(frozen=True, kw_only=True)
class CurveChart:
    """Score over training examples, on a scale in which each doubling is as wide as the last."""

    title: str
    """The finding, one sentence."""
    text: str
    """What is to be seen, for readers who can not see it."""
    table: Table
    runs: tuple[tuple[float, float], ...]
    """(size, score) of each training run."""
    band: tuple[CurvePoint, ...]
    """Along the curve, ascending, from the smallest size to as far as anything is told."""
    marked: tuple[CurvePoint, ...]
    """At the sizes that were run, and those that were asked for."""
    largest: float
    """The largest size that was run: beyond it all is extrapolated."""
    target: float | None
    level: float
    """Of the intervals."""


def to_curve_chart(
    runs: Sequence[tuple[float, float]], fitted: LearningCurve, forecasts: Mapping[int, Estimate], reach: Reach | None,
    rng: np.random.Generator, *, level: float,
) -> CurveChart:  # fmt: skip
    """The chart of a fitted curve. forecasts: size → what was forecast for it."""
    largest = fitted.sizes[-1]
    known = {float(size): found for size, found in forecasts.items()}
    for size in fitted.sizes:
        known.setdefault(size, fitted.at(size, rng, level=level, draws=4_000))
    marked = tuple(_point(size, found, largest) for size, found in sorted(known.items()))
    steps = np.geomspace(fitted.sizes[0], fitted.farthest, _STEPS).tolist()
    sizes = sorted({*steps, largest})
    # Every step from the same draws: the band is then as smooth as the curve.
    seed = int(rng.integers(2**63))
    band = tuple(
        _point(size, fitted.at(size, np.random.default_rng(seed), level=level, draws=8_000), largest)
        for size in sizes
    )
    title = _title(marked, largest)
    said = " ".join(
        f"{p.size:,.0f} examples: {percent(p.value)}{', EXTRAPOLATED' * p.extrapolated}." for p in marked
    )
    return CurveChart(
        title=title,
        text=f"Score over training examples, with {level:.0%} intervals of one training run. {said}",
        table=_table(marked, runs, known, level),
        runs=tuple((float(size), float(score)) for size, score in runs),
        band=band, marked=marked, largest=largest, target=None if reach is None else reach.target, level=level,
    )  # fmt: skip


def _point(size: float, found: Estimate, largest: float) -> CurvePoint:
    low, high = found.interval
    return CurvePoint(size=size, value=found.value, low=low, high=high, extrapolated=size > largest)


def _title(marked: Sequence[CurvePoint], largest: float) -> str:
    at = next(p for p in marked if p.size == largest)
    said = f"{percent(at.value)} at {largest:,.0f} examples"
    beyond = [p for p in marked if p.extrapolated]
    if not beyond:
        return said
    far = beyond[-1]
    ends = f"[{100 * far.low:.1f}, {100 * far.high:.1f}]"
    return f"{said}; EXTRAPOLATED to {far.size:,.0f}: {percent(far.value)} {ends}"


def _table(
    marked: Sequence[CurvePoint], runs: Sequence[tuple[float, float]], known: Mapping[float, Estimate], level: float
) -> Table:  # fmt: skip
    def row(point: CurvePoint) -> tuple[str, ...]:
        scores = [score for size, score in runs if size == point.size]
        seen = percent(float(np.mean(scores))) if scores else "–"
        kind = (
            f"EXTRAPOLATED {point.size / max(s for s, _ in runs):.3g}×"
            if point.extrapolated
            else "within the runs"
        )
        return (
            f"{point.size:,.0f}",
            f"{len(scores):,}",
            seen,
            percent(point.value),
            interval(known[point.size]),
            kind,
        )

    head = ("examples", "runs", "mean of the runs", "one run", f"{level:.0%}", "basis")
    return Table(head=head, rows=tuple(map(row, marked)))
