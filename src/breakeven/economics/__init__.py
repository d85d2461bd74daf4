"""The money model: cost lines, their simulation over months, break-even and sensitivity. Knows no file and no clock."""

from __future__ import annotations

from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.economics.simulation import simulate

__all__ = ["COST_LINES", "CandidateOutcome", "CostLine", "Outcome", "simulate"]
