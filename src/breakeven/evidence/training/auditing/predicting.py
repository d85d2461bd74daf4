"""Probabilities of each class for each row, from a model that has not seen the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.classifying.features import TfidfFeatures
from breakeven.evidence.evals.classifying.linear import cross_fitted, fit_linear
from breakeven.evidence.training.row import TrainingRow
from breakeven.statistics.arrays import FloatArray, IntArray

__all__ = ["LONGEST", "Predicted", "predict_rows", "question_features", "row_labels"]

_PREFIX: Final = "prob_"
_FOLDS: Final = 3
_LARGEST: Final = 20_000
"""Rows that classifiers are trained on at most; the others are judged by one that was trained on these."""
LONGEST: Final = 2_000
"""Characters of a text that are read."""
_BUDGET: Final = 5_000_000
"""Characters that are trained on at most: some ten seconds for each of four rounds."""
_FEWEST: Final = 5
"""Rows of a class under which nothing is said of it."""
_CLASSES: Final = 500
_LABEL: Final = 80
"""Characters of an answer that may still be a class."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """Out-of-sample probabilities of the rows that there are some of."""

    rows: tuple[int, ...]
    """Index into the training rows of each row of ``probabilities``."""
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: FloatArray
    """(rows, classes)."""
    source: str
    """Where they come from, as a reader may see it."""
    accuracy: float
    """Share of rows whose most probable class is their label."""


def predict_rows(rows: Sequence[TrainingRow], *, seed: int = 0, features: Any | None = None) -> Predicted:
    """Probabilities from columns ``prob_CLASS`` where the file has them, else from a cross-fitted classifier.

    features: (rows, numbers) of the questions, where they are computed already (``question_features``). Raises
    NotEnoughEvidenceError where rows have no labels, fewer than two classes have five rows, or there are more classes
    than a classifier could learn.
    """
    labels = row_labels(rows)
    columns = _columns(rows, set(labels.values()))
    counts = Counter(labels.values())
    kept = {name for name, n in counts.items() if n >= (1 if columns else _FEWEST)}
    _check(len(labels), counts, kept)
    chosen = tuple(k for k, label in labels.items() if label in kept)
    names = tuple(labels[k] for k in chosen)
    classes = tuple(sorted(kept))
    if columns:
        found = np.array([[float(rows[k].raw[columns[c]]) for c in classes] for k in chosen])
        source = f"the file's columns {_PREFIX}*"
    else:
        codes = np.searchsorted(np.asarray(classes), np.asarray(names))
        rng = np.random.default_rng(seed)
        if features is not None:
            found = cross_fitted(features[list(chosen)], codes, rng)[0]
        else:
            found = _predicted([rows[k].question[:LONGEST] for k in chosen], codes, rng)
        source = f"a classifier on the words of the texts, {_FOLDS}-fold cross-fitted"
    right = np.asarray(classes)[found.argmax(axis=1)] == np.asarray(names)
    return Predicted(
        rows=chosen, labels=names, classes=classes, probabilities=found, source=source, accuracy=float(right.mean())
    )  # fmt: skip


def row_labels(rows: Sequence[TrainingRow]) -> dict[int, str]:
    """Row → its class: the label that the file states; where it states none, answers that are short and come again."""
    stated = {k: row.label for k, row in enumerate(rows) if row.label is not None}
    if stated:
        return stated
    answers = {k: answer for k, row in enumerate(rows) if 0 < len(answer := row.answer.strip()) <= _LABEL}
    often = len(set(answers.values())) <= len(answers) / _FEWEST
    return answers if often and len(answers) >= 0.9 * len(rows) else {}


def _check(n: int, counts: Counter[str], kept: set[str]) -> None:
    if not n:
        raise NotEnoughEvidenceError("no row has a label: answers are free text, or no column was found")
    if len(kept) < 2:
        raise NotEnoughEvidenceError(
            f"{len(counts):,} labels, {len(kept)} of them on {_FEWEST} rows or more; two at least are needed"
        )
    if len(kept) > _CLASSES:
        raise NotEnoughEvidenceError(f"{len(kept):,} labels; a classifier here learns {_CLASSES} at most")


def _columns(rows: Sequence[TrainingRow], labels: set[str]) -> dict[str, str]:
    """Class → column of its probability; empty where a class has none, or a row of it no number."""
    found = {label: f"{_PREFIX}{label}" for label in labels}
    whole = bool(found) and all(
        all(_is_number(row.raw.get(column)) for column in found.values()) for row in rows
    )
    return found if whole else {}


def _is_number(value: Any) -> bool:
    try:
        return 0.0 <= float(value) <= 1.0
    except (TypeError, ValueError):
        return False


def question_features(questions: Sequence[str]) -> Any | None:
    """(questions, numbers) by TF-IDF, which sees no label; None where there are more than a classifier is trained on.

    Raises EvidenceError where the questions hold too few words.
    """
    texts = [text[:LONGEST] for text in questions]
    if len(texts) > _LARGEST or sum(map(len, texts)) > _BUDGET:
        return None
    return TfidfFeatures(texts).of(texts)


def _predicted(texts: Sequence[str], codes: IntArray, rng: np.random.Generator) -> FloatArray:
    """(texts, classes): of as many as can be trained on cross-fitted, of the others by one classifier on all those."""
    order = _spread(codes, rng)
    most = max(10 * _FEWEST, min(_LARGEST, int(_BUDGET * codes.size / max(1, sum(map(len, texts))))))
    inner, outer = np.sort(order[:most]), np.sort(order[most:])
    part = [texts[k] for k in inner]
    seen, known = np.unique(codes[inner], return_inverse=True)
    inside, tuned = cross_fitted(TfidfFeatures(part).of(part), np.asarray(known), rng)
    found = np.zeros((codes.size, int(codes.max()) + 1))
    found[np.ix_(inner, seen)] = inside
    if outer.size:
        model = fit_linear(part, [str(code) for code in codes[inner]], rng, tuned=tuned)
        columns = np.array([int(name) for name in model.classes])
        found[np.ix_(outer, columns)] = model.probabilities([texts[k] for k in outer])
    return found


def _spread(codes: IntArray, rng: np.random.Generator) -> IntArray:
    """All rows in random order, but two of every class first: each is to be trained on."""
    order = rng.permutation(codes.size)
    ranked = np.argsort(codes[order], kind="stable")
    within = np.arange(codes.size) - np.searchsorted(codes[order][ranked], codes[order][ranked])
    first = np.zeros(codes.size, dtype=bool)
    first[ranked[within < 2]] = True
    return np.concatenate([order[first], order[~first]])
