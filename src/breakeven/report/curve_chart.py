"""A learning curve as chart data: runs, what a run of each size brings, and where the measured part ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from breakeven.advice.curve_plots import curve_fan
from breakeven.advice.decision import Decision
from breakeven.advice.plot_types import CurvePoint, LearningFan
from breakeven.report.chart_base import Mark, Table
from breakeven.report.eval_figures import percent
from breakeven.report.worth_chart_types import CurveChart
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.learning_curve import LearningCurve, Reach

__all__ = ["CurveChart", "CurvePoint", "curve_chart", "expected_words", "to_curve_chart"]


def to_curve_chart(
    runs: Sequence[tuple[float, float]], fitted: LearningCurve, forecasts: Mapping[int, Estimate], reach: Reach | None,
    rng: np.random.Generator, *, level: float,
) -> CurveChart:  # fmt: skip
    """The chart of a fitted curve. forecasts: size → what was forecast for it."""
    fan = curve_fan(runs, fitted, {float(size): found for size, found in forecasts.items()}, rng, level=level)
    return _chart(fan, None, None if reach is None else reach.target)


def curve_chart(d: Decision, marks: Mapping[str, Mark]) -> CurveChart | None:
    """The fan of the answer, else of the first candidate that has one; None where the study names no curve."""
    fans = [fan for fan in d.learning_curves if fan.candidate in marks]
    if not fans:
        return None
    fan = next((fan for fan in fans if fan.candidate == d.recommendation.candidate), fans[0])
    return _chart(fan, marks[fan.candidate], None)


def expected_words(fan: LearningFan) -> str:
    """``curve: 93.1% [91.0, 95.2] expected at 2,000 examples (EXTRAPOLATED)``; empty where none are planned."""
    if fan.planned is None:
        return ""
    p = fan.expected
    if p is None:
        ends = f"{min(size for size, _ in fan.runs):,.0f} to {fan.largest:,.0f}"
        return f"curve: nothing is told of {fan.planned:,.0f} examples by runs of {ends}"
    beyond = " (EXTRAPOLATED)" if p.extrapolated else ""
    return f"curve: {percent(p.value)} {_interval(p)} expected at {p.size:,.0f} examples{beyond}"


def _chart(fan: LearningFan, mark: Mark | None, target: float | None) -> CurveChart:
    title = _title(fan.marked, fan.largest)
    said = " ".join(
        f"{p.size:,.0f} examples: {percent(p.value)}{', EXTRAPOLATED' * p.extrapolated}." for p in fan.marked
    )
    return CurveChart(
        title=title if mark is None else f"{mark.name}: {title}",
        text=f"Score over training examples, with {fan.level:.0%} intervals of one training run. {said}",
        table=_table(fan), mark=mark, runs=fan.runs, band=fan.band, marked=fan.marked, largest=fan.largest,
        planned=None if fan.expected is None else fan.planned, target=target, level=fan.level,
    )  # fmt: skip


def _title(marked: Sequence[CurvePoint], largest: float) -> str:
    at = next(p for p in marked if p.size == largest)
    said = f"{percent(at.value)} at {largest:,.0f} examples"
    beyond = [p for p in marked if p.extrapolated]
    if not beyond:
        return said
    far = beyond[-1]
    return f"{said}; EXTRAPOLATED to {far.size:,.0f}: {percent(far.value)} {_interval(far)}"


def _interval(p: CurvePoint) -> str:
    return f"[{100 * p.low:.1f}, {100 * p.high:.1f}]"


def _table(fan: LearningFan) -> Table:
    def row(point: CurvePoint) -> tuple[str, ...]:
        scores = [score for size, score in fan.runs if size == point.size]
        seen = percent(float(np.mean(scores))) if scores else "–"
        kind = f"EXTRAPOLATED {point.size / fan.largest:.3g}×" if point.extrapolated else "within the runs"
        planned = ", planned" if point.size == fan.planned else ""
        return (
            f"{point.size:,.0f}",
            f"{len(scores):,}",
            seen,
            percent(point.value),
            _interval(point),
            kind + planned,
        )

    head = ("examples", "runs", "mean of the runs", "one run", f"{fan.level:.0%}", "basis")
    return Table(head=head, rows=tuple(map(row, fan.marked)))
