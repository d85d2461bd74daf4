"""Which labels a classifier doubts that has not seen them: confident learning (Northcutt, Jiang and Chuang, 2021).

A row counts for a class where its probability reaches what rows of that class get on average; of several such classes,
for the most probable. Rows that count for another class than their label's are suspects. The method says what to look
at first; it proves nothing, so a claim rests on a random audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from breakeven.errors import InputError
from breakeven.statistics.arrays import FloatArray, IntArray

__all__ = ["Doubts", "Suspect", "doubt_labels"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A label that is doubted."""

    row: int
    """Position among the rows given."""
    label: str
    guess: str
    """The class that it looks like."""
    p_label: float
    p_guess: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Doubts:
    """What the probabilities say of the labels."""

    classes: tuple[str, ...]
    thresholds: FloatArray
    """(classes,) mean probability of a class over the rows labelled so."""
    joint: FloatArray
    """(classes, classes) estimated share of rows with this label (row) and that true class (column); sums to 1."""
    suspects: tuple[Suspect, ...]
    """Most doubtful first."""
    n: int

    @property
    def estimated_error_share(self) -> float:
        """Share of wrong labels as the classifier has it: an estimate without an error bar, for planning only."""
        return float(1 - np.trace(self.joint))

    def confusions(self, n: int = 5) -> Iterator[tuple[str, str, int]]:
        """The pairs (label, looks like, suspects) that come most often."""
        pairs: dict[tuple[str, str], int] = {}
        for one in self.suspects:
            pairs[one.label, one.guess] = pairs.get((one.label, one.guess), 0) + 1
        for (label, guess), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:n]:
            yield label, guess, count


def doubt_labels(probabilities: FloatArray, labels: Sequence[str], classes: Sequence[str]) -> Doubts:
    """Suspects among labelled rows, by probabilities (rows, classes) from a model that has not seen the row.

    Raises InputError where shapes differ, a label is no class, or a class has no row.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    codes = _codes(probabilities, labels, classes)
    own = probabilities[np.arange(codes.size), codes]
    counts = np.bincount(codes, minlength=len(classes))
    if not counts.all():
        raise InputError(f"class {classes[int(counts.argmin())]!r} has no row; leave it out")
    thresholds = np.bincount(codes, weights=own, minlength=len(classes)) / counts
    reached = probabilities >= thresholds - 1e-12  # a mean of equal numbers can be a hair above them
    counted = reached.any(axis=1)
    best = np.where(reached, probabilities, -1.0).argmax(axis=1)
    doubted = np.flatnonzero(counted & (best != codes))
    margin = probabilities[doubted, best[doubted]] - own[doubted]
    order = doubted[np.argsort(-margin, kind="stable")]
    return Doubts(
        classes=tuple(classes),
        thresholds=thresholds,
        joint=_joint(codes[counted], best[counted], counts),
        suspects=tuple(
            Suspect(
                row=int(k), label=classes[codes[k]], guess=classes[best[k]],
                p_label=float(own[k]), p_guess=float(probabilities[k, best[k]]),
            )
            for k in order
        ),
        n=codes.size,
    )  # fmt: skip


def _codes(probabilities: FloatArray, labels: Sequence[str], classes: Sequence[str]) -> IntArray:
    if probabilities.shape != (len(labels), len(classes)):
        raise InputError(
            f"probabilities of shape {probabilities.shape} for {len(labels):,} labels of {len(classes)} classes; "
            f"one row a label and one column a class are needed"
        )
    if not np.isfinite(probabilities).all():
        raise InputError("probabilities: some are missing or infinite")
    position = {name: k for k, name in enumerate(classes)}
    unknown = next((label for label in labels if label not in position), None)
    if unknown is not None:
        raise InputError(f"label {unknown!r} is none of the classes that there are probabilities of")
    return np.array([position[label] for label in labels], dtype=np.int64)


def _joint(codes: IntArray, best: IntArray, counts: IntArray) -> FloatArray:
    """Shares of (label, looks like) by the rows that count; each label keeps its share of all rows."""
    joint = np.zeros((counts.size, counts.size))
    np.add.at(joint, (codes, best), 1.0)
    rows = joint.sum(axis=1)
    joint[rows == 0, rows == 0] = 1.0  # nothing counts for this label: it is taken as it is
    scaled = joint / joint.sum(axis=1, keepdims=True) * counts[:, None]
    return np.asarray(scaled / scaled.sum())
