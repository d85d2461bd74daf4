"""Formats of training rows, one file each, and the table of them.

``format``      what a format is
``parts``       what they share
``chat``        ``messages``
``preference``  ``input``, ``preferred_output``, ``non_preferred_output``
``gemini``      ``contents``, ``systemInstruction``
``sharegpt``    ``conversations``
``trl``         ``prompt`` with ``completion``, or ``chosen`` and ``rejected``
``axolotl``     ``chosen`` and ``rejected`` after ``messages``; ``segments``
``alpaca``      ``instruction``, ``input``, ``output`` or ``response``
``qa``          ``question``, ``answer``
``table``       any table, by a map of its columns
``text``        ``text`` alone

To add one: write a ``TrainingFormat`` in a file of its own and enter it below, or name it in the entry point group
``breakeven.training_formats`` of your own package.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.training.formats.alpaca import ALPACA
from breakeven.evidence.training.formats.axolotl import PAIRS, SEGMENTS
from breakeven.evidence.training.formats.chat import CHAT
from breakeven.evidence.training.formats.format import Example, TrainingFormat, UnusableRowError
from breakeven.evidence.training.formats.gemini import GEMINI
from breakeven.evidence.training.formats.preference import PREFERENCE
from breakeven.evidence.training.formats.qa import QA
from breakeven.evidence.training.formats.sharegpt import SHAREGPT
from breakeven.evidence.training.formats.text import TEXT
from breakeven.evidence.training.formats.trl import CHOSEN, COMPLETION

__all__ = [
    "ENTRY_POINTS",
    "Example",
    "TrainingFormat",
    "UnusableRowError",
    "find_training_format",
    "training_formats",
]

ENTRY_POINTS: Final = "breakeven.training_formats"
"""Under this name other packages bring formats of their own."""

_OURS: Final = (PREFERENCE, PAIRS, SEGMENTS, CHAT, GEMINI, SHAREGPT, CHOSEN, COMPLETION, ALPACA, QA, TEXT)
"""In the order in which they are asked whether a row is theirs; ``text`` is asked after the tables."""


@cache
def training_formats() -> tuple[TrainingFormat, ...]:
    """Every known format: those of other packages first, so that they can replace one of ours by its name."""
    found: dict[str, TrainingFormat] = {}
    for entry in entry_points(group=ENTRY_POINTS):
        loaded = entry.load()
        if not isinstance(loaded, TrainingFormat):
            raise EvidenceError(f"the entry point {entry.name!r} of {ENTRY_POINTS} is no TrainingFormat")
        found[loaded.name] = loaded
    return (*found.values(), *(known for known in _OURS if known.name not in found))


def find_training_format(name: str) -> TrainingFormat:
    """The format of this name; EvidenceError names the nearest."""
    known = {found.name: found for found in training_formats()}
    if name not in known:
        near = nearest(name, known)
        hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(sorted(known))}, table"
        raise EvidenceError(Problem(message=f"no training format is called {name!r}", hint=hint))
    return known[name]
