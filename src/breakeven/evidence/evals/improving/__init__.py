"""Improving a prompt by search: found on one part of the cases, picked on a second, measured once on a third.

::

    scoring     versions scored through the same provider seam, journal and budget as ``eval run``
    shots       sets of solved examples to try
    rewriting   new instructions by a reflection model, through the ``gepa`` package (extra ``improve``)
    improve     the search, the pick, and the figure on cases that neither had seen
"""

from __future__ import annotations

from breakeven.evidence.evals.improving.improve import Improvement, Settings, improve

__all__ = ["Improvement", "Settings", "improve"]
