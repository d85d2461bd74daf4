"""How many examples: what is published for a number of rows, and what a measured learning curve says of more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.classifying.curves import read_runs
from breakeven.evidence.files import read_text
from breakeven.evidence.training.curve_file import runs_in
from breakeven.statistics import Estimate, LearningCurve, fit_learning_curve
from breakeven.statistics.arrays import FloatArray

__all__ = ["BANDS", "Band", "Growth", "bands_of", "forecast", "growth_of", "read_curve"]


@dataclass(frozen=True, kw_only=True)
class Band:
    """What a document says of a range of training-set sizes."""

    low: int
    high: int | None
    says: str
    source: str

    def holds(self, n: int) -> bool:
        """Whether ``n`` examples lie in the range."""
        return self.low <= n and (self.high is None or n < self.high)


BANDS: Final = (
    Band(low=50, high=100, says="nudges the format", source="document 003"),
    Band(low=100, high=500, says="solid on one task", source="document 003"),
    Band(low=500, high=2_000, says="enough for production", source="document 003"),
    Band(low=2_000, high=10_000, says="generalises", source="document 003"),
    Band(low=10_000, high=None, says="diminishing returns", source="document 003"),
    Band(low=0, high=500, says="rarely stable", source="document 002"),
    Band(low=1_000, high=5_000, says="consistent", source="document 002"),
    Band(low=10_000, high=None, says="compelling where volume repeats", source="document 002"),
    Band(low=1_000, high=10_000, says="the curated pairs that a fine-tune takes", source="document 000"),
)
"""Published ranges; they are rules of thumb of their authors, without data behind them."""


def bands_of(n: int) -> tuple[Band, ...]:
    """What is published for ``n`` examples; documents that leave a gap there say nothing."""
    return tuple(band for band in BANDS if band.holds(n))


@dataclass(frozen=True, kw_only=True, eq=False)
class Growth:
    """What more examples would bring, by a measured curve or by a guess."""

    n: int
    more: int
    now: Estimate
    then: Estimate
    gain: Estimate
    """Difference of the expected score, curve by curve."""
    p_gains: float
    extrapolated: bool
    scores: FloatArray
    """(draws, 2): expected score at ``n`` and at ``n + more``, one curve a row."""
    measured: bool = True
    """Whether a curve says so; else it is a guess."""


def forecast(
    curve: LearningCurve,
    n: int,
    more: int,
    rng: np.random.Generator,
    *,
    level: float = 0.90,
    draws: int = 20_000,
) -> Growth:
    """The gain of ``more`` examples on top of ``n``; raises NotEnoughEvidenceError beyond what the curve can tell."""
    scores = curve.paired_draws([n, n + more], rng, draws)
    beyond = n + more > curve.sizes[-1]
    method = "learning curve" + (f", EXTRAPOLATED {(n + more) / curve.sizes[-1]:.1f}×" if beyond else "")
    return growth_of(scores, n, more, method=method, runs=curve.n_runs, extrapolated=beyond, level=level)


def growth_of(
    scores: FloatArray,
    n: int,
    more: int,
    *,
    method: str,
    runs: int = 0,
    extrapolated: bool = True,
    level: float = 0.90,
) -> Growth:
    """The gain in draws (draws, 2) of the score at ``n`` and at ``n + more``. runs: 0 where it is guessed.

    A guess has no cases: it counts as one.
    """

    def estimate(values: FloatArray) -> Estimate:
        low, middle, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
        return Estimate(
            value=float(middle), low=float(low), high=float(high), level=level, n=max(runs, 1), method=method
        )

    gain = scores[:, 1] - scores[:, 0]
    return Growth(
        n=n, more=more, now=estimate(scores[:, 0]), then=estimate(scores[:, 1]), gain=estimate(gain),
        p_gains=float((gain > 0).mean()), extrapolated=extrapolated, scores=scores, measured=runs > 0,
    )  # fmt: skip


def read_curve(
    path: Path, *, columns: Mapping[str, str] | None = None, percent: bool = False
) -> LearningCurve:
    """The curve through the runs of a file: what ``eval curve --json`` prints, or a table with size, score and seed."""
    document = _document(path)
    if document is None:
        read, _ = read_runs(path, columns=columns or {}, where={}, percent=percent)
        runs = tuple((run.size, run.score) for run in read)
    else:
        runs = runs_in(document, path)
    return fit_learning_curve([size for size, _ in runs], [score for _, score in runs])


def _document(path: Path) -> dict[str, Any] | None:
    """What ``eval curve --json`` printed; None for a table."""
    if path.suffix.lower() != ".json":
        return None
    try:
        read = json.loads(read_text(path))
    except ValueError as exc:
        raise EvidenceError(Problem(message=f"not JSON: {exc}", place=Place(file=str(path)))) from exc
    return read if isinstance(read, dict) and isinstance(read.get("runs"), list) else None
