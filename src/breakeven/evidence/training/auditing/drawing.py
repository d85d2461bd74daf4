"""Which rows people look at next: drawn at random for a claim, or the most doubtful ones to be repaired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from breakeven.evidence.training.auditing.confident import Doubts, doubt_labels
from breakeven.evidence.training.auditing.keys import row_keys
from breakeven.evidence.training.auditing.predicting import Predicted, predict_rows
from breakeven.evidence.training.auditing.verdicts import Sample, Verdict
from breakeven.evidence.training.row import TrainingRow

__all__ = ["Drawn", "draw_random", "draw_suspects", "find_doubts"]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One row to look at."""

    row: int
    key: str
    sample: Sample
    plan: int | None = None
    guess: str = ""
    """What a suspect looks like; a random row is shown without a guess, which would sway whoever judges it."""


def draw_random(rows: Sequence[TrainingRow], verdicts: Sequence[Verdict], n: int, seed: int) -> list[Drawn]:
    """The rows that a random sample of ``n`` in all still lacks, in random order; none is drawn twice.

    Every seed puts all rows into one order and takes them from its beginning, so that a larger sample holds a
    smaller one. A row that was judged as a suspect can be drawn: how it was found must not keep it out.
    """
    keys = row_keys(rows)
    done = {one.row for one in verdicts if one.sample == "random"}
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    missing = max(0, n - len(done))
    found = [k for k in order if keys[k] not in done][:missing]
    plan = min(n, len(rows))
    return [Drawn(row=k, key=keys[k], sample="random", plan=plan) for k in found]


def draw_suspects(
    rows: Sequence[TrainingRow], verdicts: Sequence[Verdict], n: int, *, seed: int = 0
) -> tuple[list[Drawn], Doubts]:
    """The ``n`` most doubtful rows that nobody has judged, and all doubts; raises NotEnoughEvidenceError."""
    predicted, doubts = find_doubts(rows, seed=seed)
    keys = row_keys(rows)
    done = {one.row for one in verdicts}
    found = [(predicted.rows[one.row], one.guess) for one in doubts.suspects]
    drawn = [
        Drawn(row=k, key=keys[k], sample="suspect", guess=guess) for k, guess in found if keys[k] not in done
    ]
    return drawn[:n], doubts


def find_doubts(
    rows: Sequence[TrainingRow], *, seed: int = 0, features: Any | None = None
) -> tuple[Predicted, Doubts]:  # fmt: skip
    """Probabilities and what they say of the labels; a suspect's ``row`` is a position in ``Predicted.rows``.

    features: as for ``predict_rows``.
    """
    predicted = predict_rows(rows, seed=seed, features=features)
    return predicted, doubt_labels(predicted.probabilities, predicted.labels, predicted.classes)
