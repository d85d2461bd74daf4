"""Training runs that a learning curve goes through, as facts of the study: no file, no fit."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CurveEvidence"]


@dataclass(frozen=True, kw_only=True)
class CurveEvidence:
    """Runs at several sizes: what a curve is fitted to. It is shown; the quality used is that of ``quality``."""

    file: str
    """As the study names it: ``evidence/curve.json``."""
    runs: tuple[tuple[float, float], ...]
    """(training examples, score within 0..1) of each run; enough for a fit."""
