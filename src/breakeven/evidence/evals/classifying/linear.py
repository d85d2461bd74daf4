"""A linear classifier on TF-IDF or embeddings: one line a class against all others (Joachims, 1998).

How strictly it is held to simple lines (C) is chosen by cross-validation on training texts only. Margins become
probabilities by one temperature, fitted on the same held-out margins (Guo et al., 2017).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from breakeven.errors import MissingExtraError
from breakeven.evidence.evals.classifying.features import Features, MakeFeatures, TfidfFeatures
from breakeven.statistics.arrays import FloatArray, IntArray

__all__ = ["LinearModel", "Tuned", "cross_fitted", "fit_linear", "tune"]

_FOLDS: Final = 3
_TUNING_ROWS: Final = 2_000
"""Most rows that C is chosen on: it hardly changes with more, and each value takes three fits."""
_TEMPERATURES: Final = np.geomspace(0.02, 5, 60)


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """What cross-validation chose."""

    c: float
    accuracy: float
    """On held-out training rows, at this C."""
    temperature: float


class LinearModel:
    """A trained classifier."""

    def __init__(self, features: Features, machine: Any, classes: Sequence[str], tuned: Tuned) -> None:
        self.classes = tuple(classes)
        self.tuned = tuned
        self.train_seconds = 0.0
        """Everything from texts to a classifier, the choice of C included."""
        self._features = features
        self._machine = machine

    def probabilities(self, texts: Sequence[str]) -> FloatArray:
        """(texts, classes): how probable each class is."""
        margins = _margins(self._machine, self._features.of(texts), len(self.classes))
        return _softmax(margins / self.tuned.temperature)


def fit_linear(
    texts: Sequence[str], labels: Sequence[str], rng: np.random.Generator, *, tuned: Tuned | None = None,
    make: MakeFeatures = TfidfFeatures,
) -> LinearModel:  # fmt: skip
    """A classifier trained on all texts. ``tuned``: an earlier choice, which saves the cross-validation."""
    start = time.perf_counter()
    classes, codes = np.unique(np.asarray(labels), return_inverse=True)
    features = make(texts)
    rows = features.of(texts)
    chosen = tuned or tune(rows, codes, rng, features.strengths)
    machine = _fit(rows, codes, chosen.c)
    model = LinearModel(features, machine, [str(name) for name in classes], chosen)
    model.train_seconds = time.perf_counter() - start
    return model


def tune(
    rows: Any, codes: IntArray, rng: np.random.Generator, strengths: Sequence[float] = TfidfFeatures.strengths
) -> Tuned:
    """C by cross-validation, and the temperature of the margins that it gives on held-out rows."""
    return cross_fitted(rows, codes, rng, strengths)[1]


def cross_fitted(
    rows: Any, codes: IntArray, rng: np.random.Generator, strengths: Sequence[float] = TfidfFeatures.strengths
) -> tuple[FloatArray, Tuned]:
    """(rows, classes) probabilities, each from a classifier that has not seen the row's label; and what was chosen."""
    c = _strength(rows, codes, rng, strengths)
    margins = _held_out(rows, codes, _folds(codes, rng), c, int(codes.max()) + 1)
    right = float((margins.argmax(axis=1) == codes).mean())
    tuned = Tuned(c=c, accuracy=right, temperature=_temperature(margins, codes))
    return _softmax(margins / tuned.temperature), tuned


def _strength(rows: Any, codes: IntArray, rng: np.random.Generator, strengths: Sequence[float]) -> float:
    """The C under which most held-out rows are right; of equals the strictest."""
    if codes.size > _TUNING_ROWS:
        kept = np.sort(rng.permutation(codes.size)[:_TUNING_ROWS])
        rows, codes = rows[kept], codes[kept]
    folds, n_classes = _folds(codes, rng), int(codes.max()) + 1
    right = [(_held_out(rows, codes, folds, c, n_classes).argmax(axis=1) == codes).mean() for c in strengths]
    return strengths[int(np.argmax(right))]


def _folds(codes: IntArray, rng: np.random.Generator) -> IntArray:
    """The fold of each row; every class is spread over the folds."""
    order = rng.permutation(codes.size)
    order = order[np.argsort(codes[order], kind="stable")]
    folds = np.empty(codes.size, dtype=np.int64)
    folds[order] = np.arange(codes.size) % _FOLDS
    return folds


def _held_out(rows: Any, codes: IntArray, folds: IntArray, c: float, n_classes: int) -> FloatArray:
    margins = np.empty((codes.size, n_classes))
    for fold in range(_FOLDS):
        inside = folds != fold
        known = np.unique(codes[inside])
        if known.size < 2:
            margins[~inside] = np.eye(n_classes)[known[0]]
            continue
        machine = _fit(rows[inside], codes[inside], c)
        found = _margins(machine, rows[~inside], known.size)
        held = np.full((found.shape[0], n_classes), found.min() - 1)
        held[:, known] = found
        margins[~inside] = held
    return margins


def _fit(rows: Any, codes: IntArray, c: float) -> Any:
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.svm import LinearSVC
    except ImportError as exc:
        raise MissingExtraError("scikit-learn", "eval") from exc
    with warnings.catch_warnings():  # a line that is not quite settled classifies as well
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LinearSVC(C=c, tol=0.1, random_state=0).fit(rows, codes)


def _margins(machine: Any, rows: Any, n_classes: int) -> FloatArray:
    """(rows, classes) distances to the lines; of two classes there is one line, seen from both sides."""
    found = np.asarray(machine.decision_function(rows), dtype=np.float64)
    return np.column_stack([-found, found]) if n_classes == 2 else found


def _temperature(margins: FloatArray, codes: IntArray) -> float:
    """The temperature under which the right classes were most probable."""
    own = np.arange(codes.size)
    losses = [-np.log(_softmax(margins / t)[own, codes] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _softmax(values: FloatArray) -> FloatArray:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
