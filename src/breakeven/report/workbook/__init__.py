"""A decision as a workbook with live formulas: change an input, and totals and break-even follow.

The money model is not written down a second time: its cost lines are run on arrays that remember what is done with
them (``traced``, ``nodes``, ``tracing``), and what they remember is written as formulas (``formulas``). One module for
each sheet, put together in ``book``.
"""

from __future__ import annotations

from breakeven.report.workbook.book import to_workbook

__all__ = ["to_workbook"]
