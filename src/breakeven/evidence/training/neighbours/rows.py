"""Which text of a training row is compared with others."""

from __future__ import annotations

from breakeven.evidence.evals.classifying.leakage import plain_text
from breakeven.evidence.training.row import TrainingRow

__all__ = ["compared_text", "normalised"]


def compared_text(row: TrainingRow) -> str:
    """What a row asks; of a row that asks nothing (plain text to learn from), what it teaches."""
    return row.question if row.question.strip() else row.answer


def normalised(text: str) -> str:
    """A text without case, punctuation and runs of white space; where nothing is left, its own characters.

    ``?!`` and ``👍`` hold no word, and are still not the same text.
    """
    return plain_text(text) or " ".join(text.split())
