"""Uncertain values: what we believe about an input, where that comes from, and how it is drawn.

A belief is a point, a 90% interval ``a..b`` with the family that fits it, a named distribution, or draws from evidence.
All are drawn through standard normal scores, so inputs that share a cause (the prices of one provider) move together:
with loading λ, a score is λ·(score of the cause) + √(1−λ²)·(its own).
"""

from __future__ import annotations

from breakeven.beliefs.belief import Belief, Values, from_range, from_text, point, renamed
from breakeven.beliefs.drawing import CAUSE_LOADING, Draws, Joint, PathDraw, centres, sample
from breakeven.beliefs.showing import show_value, show_values, unit_of
from breakeven.sources import Source

__all__ = [
    "CAUSE_LOADING",
    "Belief",
    "Draws",
    "Joint",
    "PathDraw",
    "Source",
    "Values",
    "centres",
    "from_range",
    "from_text",
    "point",
    "renamed",
    "sample",
    "show_value",
    "show_values",
    "unit_of",
]
