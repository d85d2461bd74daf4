"""What leaked cases add to a score, and what is left on clean ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import clustered_wilson, wilson

__all__ = ["CleanAccuracy", "CleanScore", "clean_accuracy", "clean_score"]


@dataclass(frozen=True, kw_only=True)
class CleanAccuracy:
    """An accuracy without what leaked cases can have added, if each of them was answered from memory."""

    clean: Estimate
    """The accuracy to be expected on clean cases: the lowest that fits what was measured."""
    inflation: float
    """Measured less clean: f·(1 − clean) for a leaked share f."""


@dataclass(frozen=True, kw_only=True)
class CleanScore:
    """The score of all cases beside that of the clean ones."""

    all: float
    clean: Estimate
    n_clean: int


def clean_accuracy(accuracy: float, n: int, leaked: float, *, level: float = 0.95) -> CleanAccuracy:
    """What an accuracy over n cases says of clean cases, where a share ``leaked`` was seen in training.

    Measured = f·1 + (1 − f)·clean, so clean = (measured − f)/(1 − f), not below 0. Wilson's interval at the number of
    clean cases. ``clean_accuracy(0.9, 1000, 0.2)`` is .875, and .025 of inflation.
    """
    if not 0 <= accuracy <= 1 or not 0 <= leaked <= 1 or n < 1:
        raise InputError(
            f"accuracy {accuracy:g}, n {n}, leaked {leaked:g}: shares within 0..1 and n ≥ 1 are needed"
        )
    n_clean = n - round(n * leaked)
    if n_clean < 1:
        raise NotEnoughEvidenceError(f"all {n} cases leaked; none is left to say what the accuracy is")
    right = min(max(round(n * accuracy) - (n - n_clean), 0), n_clean)
    clean = wilson(right, n_clean, level=level)
    return CleanAccuracy(clean=clean, inflation=max(0.0, accuracy - clean.value))


def clean_score(
    scores: Sequence[float | None], leaked: Sequence[bool], *, level: float = 0.95
) -> CleanScore | None:
    """The mean score of all scored cases and of the clean ones; None where no clean case has a score."""
    known = [(score, bad) for score, bad in zip(scores, leaked, strict=True) if score is not None]
    clean = [score for score, bad in known if not bad]
    if not clean:
        return None
    mean = sum(score for score, _ in known) / len(known)
    return CleanScore(all=mean, clean=clustered_wilson(clean, level=level), n_clean=len(clean))
