"""Training questions against production's: how far apart they are, and what is missing.

All texts together, without saying whose they are, become numbers (TF-IDF of words, its largest directions; those of an
embedding model's vectors, where there are any): what does not know the sides can not favour one. Then a random half of
either side is for fitting, topics and a classifier, and the other half is for judging them. Both sides are drawn down
to the same size first, and a text that comes twice on a side counts once: a hundred copies of one question are one
observation, not a hundred.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from breakeven.errors import MissingExtraError
from breakeven.evidence.training.neighbours.rows import normalised
from breakeven.statistics.arrays import FloatArray
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import wilson
from breakeven.statistics.two_samples import auc, auc_p_value, holm, homogeneity_p_value, mmd_p_value

__all__ = ["FEWEST", "Match", "Topic", "compare_with_production", "drawn"]

FEWEST: Final = 500
"""Different texts a side below which no verdict is given."""
_MOST: Final = 4_000
_DIRECTIONS: Final = 50
_TOPICS: Final = 40
_ROWS_A_TOPIC: Final = 25
_WORDS_OF_A_TOPIC: Final = 4
_RARE: Final = 0.2
"""A topic whose share of the training data is below this part of its share of production is missing."""

_POWER: Final = 0.80
_SURE: Final = 0.05

IntArray = npt.NDArray[np.int64]
Labelled = tuple[str, str | None]
"""A text and its label, where it has one."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What some of the questions are about, on the judging halves."""

    words: str
    training: float
    """Share of the training texts."""
    production: Estimate
    """Share of production's."""
    missing: bool
    """Far rarer in training than in production, beyond what chance would do."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """How training and production differ."""

    n: int
    """Different texts a side (of the smaller side)."""
    p_values: dict[str, float]
    """``topics``, ``mmd``, ``classifier``, and ``labels`` where both sides have them: of each test alone."""
    adjusted: dict[str, float]
    """The same after Holm's correction for there being several."""
    separation: Estimate
    """How well a classifier tells the sides apart on texts it has not seen: 0.5 not at all, 1 always (AUC)."""
    topics: tuple[Topic, ...]
    """The most common in production first."""
    labels: tuple[Topic, ...] = ()
    """The shares of each label, where both sides have labels; the most common in production first."""

    @property
    def detectable_auc(self) -> float:
        """The separation that this many texts show in four of five cases: a smaller one may well be there unseen.

        By the variance of the rank-sum statistic under no difference, at the strictest level of Holm's correction.
        """
        from scipy.special import ndtri

        half = self.n // 2
        spread = np.sqrt((2 * half + 1) / (12 * half * half))
        z = float(ndtri(1 - _SURE / len(self.p_values)) + ndtri(_POWER))
        return min(1.0, 0.5 + z * float(spread))

    @property
    def detectable_share(self) -> float:
        """Share of production that a topic or a label must have to be called missing where training has none of it."""
        n = self.n if self.labels else self.n // 2
        most = wilson(0, n).high or 0.0
        return next((k / n for k in range(1, n + 1) if (wilson(k, n).low or 0.0) > most), 1.0)

    @property
    def lost(self) -> tuple[Topic, ...]:
        """What training hardly has: of the labels, where there are any, else of the topics."""
        return tuple(topic for topic in self.labels or self.topics if topic.missing)

    @property
    def p(self) -> float:
        """The smallest corrected p-value: of no difference at all."""
        return min(self.adjusted.values())

    @property
    def missing(self) -> float:
        """Share of production that is about what training hardly has."""
        return sum(topic.production.value for topic in self.lost)


def compare_with_production(
    training: Sequence[str],
    production: Sequence[str],
    rng: np.random.Generator,
    *,
    most: int = _MOST,
    labels: tuple[Sequence[str | None], Sequence[str | None]] | None = None,
    meaning: Mapping[str, npt.ArrayLike] | None = None,
) -> Match | None:
    """The comparison; None where a side has fewer than ``FEWEST`` different texts.

    labels: of the training texts and of production's, in their order. Where both sides have some in common, their
    shares are compared as well: it sees what is missing long before words do. meaning: the vector of each text that is
    drawn, from an embedding model: topics and the clouds of texts are then told by it, the classifier still by words.
    """
    known = labels or ([None] * len(training), [None] * len(production))
    pairs = [
        _distinct([(texts[k], named[k]) for k in chosen.tolist()])
        for texts, named, chosen in zip(
            (training, production), known, drawn(len(training), len(production), rng, most=most), strict=True
        )
    ]
    if min(map(len, pairs)) < FEWEST:
        return None
    sides = [[text for text, _ in side] for side in pairs]
    texts = [*sides[0], *sides[1]]
    side_of = np.repeat([0, 1], [len(side) for side in sides])
    words, names, numbers = _features(texts)
    if meaning is not None:
        numbers = _directions(texts, meaning)
    fit = np.zeros(len(texts), dtype=bool)
    for side in (0, 1):
        rows = np.flatnonzero(side_of == side)
        fit[rng.choice(rows, rows.size // 2, replace=False)] = True
    scores = _classifier(words[fit], side_of[fit]).decision_function(words[~fit])
    topic = _topics(numbers, fit, rng)
    judged = side_of[~fit]
    counts = [np.bincount(topic[~fit][judged == side], minlength=int(topic.max()) + 1) for side in (0, 1)]
    p_values = {
        "topics": homogeneity_p_value(counts[0].tolist(), counts[1].tolist(), rng)[1],
        "mmd": mmd_p_value(numbers[side_of == 0], numbers[side_of == 1], rng)[1],
        "classifier": auc_p_value(scores[judged == 0], scores[judged == 1], rng, permutations=2_000),
    }
    told, p_labels = _labels(pairs, rng)
    if p_labels is not None:
        p_values["labels"] = p_labels
    return Match(
        n=min(map(len, sides)), p_values=p_values, labels=told,
        adjusted=dict(zip(p_values, holm(list(p_values.values())), strict=True)),
        separation=auc(scores[judged == 0], scores[judged == 1]),
        topics=_named(counts, words[fit], topic[fit], names),
    )  # fmt: skip


def drawn(
    training: int, production: int, rng: np.random.Generator, *, most: int = _MOST
) -> tuple[IntArray, IntArray]:
    """Which texts of either side are compared: as many of both, at random."""
    size = min(training, production, most)
    mine, theirs = (rng.choice(n, size, replace=False) for n in (training, production))
    return mine, theirs


def _distinct(texts: Sequence[Labelled]) -> list[Labelled]:
    first: dict[str, Labelled] = {}
    for one in texts:
        first.setdefault(normalised(one[0]), one)
    return [one for plain, one in first.items() if plain]


def _labels(
    sides: Sequence[Sequence[Labelled]], rng: np.random.Generator
) -> tuple[tuple[Topic, ...], float | None]:  # fmt: skip
    """The share of each label on both sides, and the p-value of their being the same; nothing without common labels."""
    counts = [Counter(label for _, label in side if label is not None) for side in sides]
    if len(set(counts[0]) & set(counts[1])) < 2:
        return (), None
    names = sorted(set(counts[0]) | set(counts[1]))
    table = [[count[name] for name in names] for count in counts]
    training, production = (count.total() for count in counts)
    found = [_topic(name, a, b, training, production) for name, a, b in zip(names, *table, strict=True)]
    return _in_order(found), homogeneity_p_value(table[0], table[1], rng)[1]


def _in_order(topics: Sequence[Topic]) -> tuple[Topic, ...]:
    return tuple(sorted(topics, key=lambda one: -one.production.value))


def _topic(words: str, a: int, b: int, training: int, production: int) -> Topic:
    """One of ``a`` training texts and ``b`` of production, of so many on either side."""
    share, most = wilson(b, production), wilson(a, training).high
    missing = (
        share.low is not None
        and most is not None
        and a / training <= _RARE * share.value
        and most < share.low
    )
    return Topic(words=words, training=a / training, production=share, missing=missing)


def _features(texts: Sequence[str]) -> tuple[Any, list[str], FloatArray]:
    """TF-IDF of words and pairs of words, the names of its columns, and its largest directions."""
    try:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as exc:
        raise MissingExtraError("scikit-learn", "data") from exc
    options = {"ngram_range": (1, 2), "min_df": 2, "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"}
    vectorizer = TfidfVectorizer(**options)
    words = vectorizer.fit_transform(texts)
    names = vectorizer.get_feature_names_out().tolist()
    directions = min(_DIRECTIONS, words.shape[1] - 1)
    if directions < 1:
        return words, names, np.asarray(words.toarray(), dtype=np.float64)
    numbers = TruncatedSVD(directions, n_iter=2, random_state=0).fit_transform(words)
    length = np.linalg.norm(numbers, axis=1, keepdims=True)
    return words, names, np.asarray(numbers / np.maximum(length, 1e-12), dtype=np.float64)


def _directions(texts: Sequence[str], meaning: Mapping[str, npt.ArrayLike]) -> FloatArray:
    """The largest directions of the texts' vectors, each row of length 1; a text without a vector is all zeros."""
    found = [meaning.get(text) for text in texts]
    size = next((np.size(vector) for vector in found if vector is not None), 1)
    rows = np.array([np.zeros(size) if vector is None else vector for vector in found], dtype=np.float64)
    rows -= rows.mean(axis=0)
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    numbers = rows @ axes[:_DIRECTIONS].T
    length = np.linalg.norm(numbers, axis=1, keepdims=True)
    return np.asarray(numbers / np.maximum(length, 1e-12), dtype=np.float64)


def _classifier(words: Any, labels: IntArray) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=3.0, class_weight="balanced", max_iter=500).fit(words, labels)


def _topics(numbers: FloatArray, fit: npt.NDArray[np.bool_], rng: np.random.Generator) -> IntArray:
    from sklearn.cluster import KMeans

    k = int(np.clip(fit.sum() // _ROWS_A_TOPIC, 2, _TOPICS))
    model = KMeans(k, n_init=2, random_state=int(rng.integers(2**31))).fit(numbers[fit])
    return np.asarray(model.predict(numbers), dtype=np.int64)


def _named(
    counts: Sequence[IntArray], words: Any, topic: IntArray, names: Sequence[str]
) -> tuple[Topic, ...]:
    training, production = (int(side.sum()) for side in counts)
    average = np.asarray(words.mean(axis=0)).ravel()
    both = enumerate(zip(counts[0].tolist(), counts[1].tolist(), strict=True))
    return _in_order([
        _topic(_words(words[topic == k], average, names), a, b, training, production) for k, (a, b) in both if a + b
    ])  # fmt: skip


def _words(rows: Any, average: FloatArray, names: Sequence[str]) -> str:
    """The single words by which the rows stand out."""
    if not rows.shape[0]:
        return ""
    above = np.asarray(rows.mean(axis=0)).ravel() - average
    told = [
        names[k]
        for k in np.argsort(-above)[: 5 * _WORDS_OF_A_TOPIC].tolist()
        if " " not in names[k] and above[k] > 0
    ]
    return " ".join(told[:_WORDS_OF_A_TOPIC])
