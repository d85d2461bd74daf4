"""Rows that are unlike most: what may be edge cases, told by four signs. Nobody but a person can say which are.

Few like it: its mean likeness (cosine of TF-IDF) to its five nearest rows is less than half of what is usual. Length:
its question is far longer or shorter than most (3 robust deviations of the logarithm). Form: fewer than one row in
twenty has its order of roles and kind of answer. Class: fewer than one labelled row in a hundred has its label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.classifying.features import TfidfFeatures
from breakeven.evidence.training.auditing.predicting import LONGEST
from breakeven.evidence.training.check import CheckInput
from breakeven.evidence.training.row import TrainingRow
from breakeven.statistics.arrays import FloatArray, IntArray

__all__ = ["FEWEST", "SIGNS", "unusual_rows"]

FEWEST: Final = 100
"""Rows below which nothing is told: what is usual is not known."""
SIGNS: Final = ("few like it", "length", "form", "class")
_MOST: Final = 4_000
_NEIGHBOURS: Final = 5
_FAR: Final = 0.5
_DEVIATIONS: Final = 3.0
_RARE_FORM, _RARE_CLASS = 0.05, 0.01


def unusual_rows(given: CheckInput) -> tuple[IntArray, dict[int, dict[str, str]]]:
    """The rows that were looked at (up to 4,000, at random), and for each unusual one its signs, with a reason."""
    order = np.random.default_rng(given.seed).permutation(len(given.train.rows))
    drawn = np.sort(order[:_MOST])
    rows = [given.train.rows[k] for k in drawn.tolist()]
    found: dict[int, dict[str, str]] = {}
    signs = (_few_like_it(given, drawn), _length(given, drawn), _form(rows), _class(rows))
    for sign, told in zip(SIGNS, signs, strict=True):
        for at, reason in told.items():
            found.setdefault(int(drawn[at]), {})[sign] = reason
    return drawn, dict(sorted(found.items()))


def _few_like_it(given: CheckInput, drawn: IntArray) -> dict[int, str]:
    try:
        likeness = _nearness(given, drawn)
    except EvidenceError:  # texts without words
        return {}
    far = np.flatnonzero(likeness < _FAR * float(np.median(likeness)))
    return {at: f"few rows are like it (cosine {likeness[at]:.2f})" for at in far.tolist()}


def _nearness(given: CheckInput, drawn: IntArray) -> FloatArray:
    """The mean cosine of each with its nearest among them."""
    if (shared := given.question_features) is not None:
        features = shared[drawn]
    else:
        texts = [given.questions[k][:LONGEST] for k in drawn]
        features = TfidfFeatures(texts).of(texts)
    norms = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    norms[norms == 0] = 1.0
    found = np.empty(drawn.size)
    for start in range(0, drawn.size, 500):
        part = slice(start, start + 500)
        cosine = (features[part] @ features.T).toarray() / norms[part][:, None] / norms
        cosine[np.arange(cosine.shape[0]), np.arange(start, start + cosine.shape[0])] = -1.0
        found[part] = np.partition(cosine, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:].mean(axis=1)
    return found


def _length(given: CheckInput, drawn: IntArray) -> dict[int, str]:
    sizes = np.array([len(given.questions[k]) for k in drawn.tolist()])
    logs = np.log1p(sizes)
    middle = float(np.median(logs))
    spread = 1.4826 * float(np.median(np.abs(logs - middle)))
    if spread == 0:
        return {}
    far = np.flatnonzero(np.abs(logs - middle) > _DEVIATIONS * spread)
    usual = float(np.median(sizes))
    return {at: f"{sizes[at]:,} characters, where {usual:,.0f} are usual" for at in far.tolist()}


def _form(rows: Sequence[TrainingRow]) -> dict[int, str]:
    forms = [_form_of(row) for row in rows]
    counts = Counter(forms)
    return {
        at: f"a rare form: {form} ({counts[form]:,} of {len(rows):,} rows)"
        for at, form in enumerate(forms) if counts[form] < _RARE_FORM * len(rows)
    }  # fmt: skip


def _form_of(row: TrainingRow) -> str:
    turns = sum(message.role == "user" for message in row.messages)
    answer = row.answer.strip()
    kind = "calls a tool" if row.messages[-1].tool_calls else _kind(answer)
    return f"{'one turn' if turns <= 1 else 'several turns'}, {kind}"


def _kind(answer: str) -> str:
    if answer in ("", "[]", "{}", "null"):
        return "an empty answer"
    return "an answer in JSON" if answer[0] in "[{" else "an answer in words"


def _class(rows: Sequence[TrainingRow]) -> dict[int, str]:
    counts = Counter(row.label for row in rows if row.label is not None)
    most = _RARE_CLASS * counts.total()
    if len(counts) > 1 / _RARE_CLASS:  # so many classes are all rare
        return {}
    told: dict[int, Any] = {at: row.label for at, row in enumerate(rows) if row.label is not None}
    return {
        at: f"a rare class ({counts[label]:,} rows)" for at, label in told.items() if counts[label] < most
    }
