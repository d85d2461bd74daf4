"""The cost lines: 29 that a bill can be made of, and three for totals that a study states.

To add one, add its entry to the module of its topic (tokens, build, serving, consequences) or hand it to ``simulate``.
"""

from __future__ import annotations

from breakeven.economics.lines.build import BUILD_LINES
from breakeven.economics.lines.consequences import CONSEQUENCE_LINES
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.lines.escalation import escalation_line
from breakeven.economics.lines.serving import SERVING_LINES
from breakeven.economics.lines.stated import STATED_LINES
from breakeven.economics.lines.tokens import TOKEN_LINES

__all__ = ["COST_LINES", "CostLine"]

_OWN = (*TOKEN_LINES, *SERVING_LINES, *BUILD_LINES, *CONSEQUENCE_LINES, *STATED_LINES)

COST_LINES: tuple[CostLine, ...] = tuple(sorted((*_OWN, escalation_line(_OWN)), key=lambda line: line.number))
"""Every cost line, by number."""
