"""How far a task's published gain from tuning may lie from the truth of your task.

Document 003 prints, for ten kinds of task, what a prompt and what a tuned model reach. The midpoints of its
bands give a gain; their widths do not say how much the gain varies from one task of the kind to the next. That
spread is chosen here so that tuning wins as often as it did over a table of 31 public tasks (LoRA Land,
2024). Read docs/reference/quality-prior.md for the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from breakeven.errors import InputError, nearest
from breakeven.statistics.arrays import FloatArray, finite

__all__ = [
    "GAIN_SD_POINTS",
    "PUBLISHED_BANDS",
    "PublishedBand",
    "published_gain_points",
    "share_tuned_better",
    "spread_for_share",
]

GAIN_SD_POINTS: Final = 10.0
"""Standard deviation, in accuracy points, of the true gain around a published midpoint."""

WINS_ALL_TASKS: Final = (23, 31)
"""Tasks of LoRA Land on which the tuned model beat a frontier model's plain prompt, and all tasks."""
WINS_ACCURACY_TASKS: Final = (11, 17)
"""The same on the tasks that are scored by accuracy."""
TARGET_SHARE: Final = 0.70
"""Midway between the two shares, .74 and .65."""


@dataclass(frozen=True, kw_only=True)
class PublishedBand:
    """What document 003 prints for one kind of task, in per cent of agreement with humans."""

    prompt: tuple[float, float]
    """With 5–10 shots: low, high."""
    tuned: tuple[float, float]
    """With 500–2,000 training examples: low, high."""

    @property
    def gain_points(self) -> float:
        """Midpoint of the tuned band less midpoint of the prompt's."""
        return sum(self.tuned) / 2 - sum(self.prompt) / 2


PUBLISHED_BANDS: Final[Mapping[str, PublishedBand]] = MappingProxyType(
    {
        "sentiment-classification": PublishedBand(prompt=(88, 92), tuned=(93, 96)),
        "multi-label-classification": PublishedBand(prompt=(82, 87), tuned=(90, 94)),
        "standard-ner": PublishedBand(prompt=(85, 90), tuned=(92, 96)),
        "custom-extraction": PublishedBand(prompt=(75, 82), tuned=(88, 93)),
        "summarisation": PublishedBand(prompt=(85, 90), tuned=(87, 92)),
        "code-generation": PublishedBand(prompt=(80, 88), tuned=(83, 90)),
        "style": PublishedBand(prompt=(70, 80), tuned=(88, 94)),
        "structured-output": PublishedBand(prompt=(85, 92), tuned=(94, 98)),
        "translation": PublishedBand(prompt=(82, 88), tuned=(86, 91)),
        "reasoning": PublishedBand(prompt=(85, 92), tuned=(83, 88)),
    }
)
"""Kind of task → printed bands (document 003)."""


def published_gain_points(task: str) -> tuple[float, float]:
    """Mean and standard deviation, in accuracy points, of what tuning gains on a task of this kind."""
    if task not in PUBLISHED_BANDS:
        near = ", ".join(nearest(task, PUBLISHED_BANDS)) or ", ".join(PUBLISHED_BANDS)
        raise InputError(f"no published quality for the task {task!r}. Nearest: {near}.")
    return PUBLISHED_BANDS[task].gain_points, GAIN_SD_POINTS


def share_tuned_better(gains_points: npt.ArrayLike, sd_points: float) -> float:
    """Mean over tasks of P(gain > 0), each gain being normal around its midpoint with this spread."""
    gains = finite(gains_points, "gains")
    if sd_points <= 0:
        raise InputError(f"spread {sd_points:g} points: it must be above 0")
    return float(special.ndtr(gains / sd_points).mean())


def spread_for_share(gains_points: npt.ArrayLike, share: float) -> float:
    """The spread, in points, at which tuning is better on this share of tasks.

    For gains that are positive on the whole the share falls from that of the positive midpoints (spread 0) to ½
    (spread without end); a share outside has no spread, and raises InputError.
    """
    gains = finite(gains_points, "gains")
    low, high = 1e-3, 1e3
    most, least = share_tuned_better(gains, low), share_tuned_better(gains, high)
    if not least <= share <= most:
        raise InputError(f"share {share:g}: with these gains it lies between {least:.3f} and {most:.3f}")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share_tuned_better(gains, middle) > share else (low, middle)
    return (low + high) / 2


def published_midpoints_points() -> FloatArray:
    """The gains of all published kinds of task, in points, in the order of ``PUBLISHED_BANDS``."""
    return np.array([band.gain_points for band in PUBLISHED_BANDS.values()])
