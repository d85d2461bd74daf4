"""The kinds of task that a study can name, and what was published about their quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["OTHER", "PUBLISHED_AS", "TASKS"]

OTHER: Final = "other"
"""A task of which nothing was published."""

PUBLISHED_AS: Final[Mapping[str, str | None]] = {
    "sentiment-classification": "sentiment-classification",
    "multi-label-classification": "multi-label-classification",
    "ner": "standard-ner",
    "custom-extraction": "custom-extraction",
    "summarisation": "summarisation",
    "code-generation": "code-generation",
    "style": "style",
    "structured-output": "structured-output",
    "translation": "translation",
    "reasoning": "reasoning",
    OTHER: None,
}
"""Task in a study → its row among the published bands (``statistics.prior.PUBLISHED_BANDS``)."""
TASKS: Final = tuple(PUBLISHED_AS)
