"""Eval cases that stand in the training data: word for word, in a long run of words, nearly, or by their meaning.

The four tests go from sure to likely. Runs of words follow Brown and others (2020, appendix C): 8 to 13 words, as long
as the short cases allow; a run that more than ten training rows share is a template's, and tells nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from breakeven.errors import InputError
from breakeven.evidence.evals.classifying.leakage import find_leakage
from breakeven.evidence.training.check import CheckInput
from breakeven.evidence.training.neighbours.rows import compared_text, normalised
from breakeven.evidence.training.once import once
from breakeven.statistics.arrays import FloatArray

__all__ = ["KINDS", "MOST_COMPARED", "NEAR_VECTORS", "Leaks", "find_leaks", "leaks_of"]

KINDS: Final = ("equal", "words", "near", "vectors")
"""From the surest to the least sure."""
NEAR_VECTORS: Final = 0.95
"""Cosine of the vectors that a user gives from which two texts count as the same."""
FEWEST_WORDS, MOST_WORDS = 8, 13
_TEMPLATE_ROWS: Final = 10
_ROWS_AT_ONCE: Final = 1_024
_ROWS_ASKED: Final = 1_024
_CELLS_AT_ONCE: Final = 1 << 23
_FEWEST_TWINS: Final = 100
"""Different rows below which a share of them tells little."""
MOST_COMPARED: Final = 50_000
"""Training texts that are compared with every case by cosine; of more, those that share rare words with one."""
_RARE: Final = 6
"""Rarest words of a case that are looked for."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Leaks:
    """For each case: the training row that gives it away, by kind of evidence; −1 where there is none."""

    rows: Mapping[str, IntArray]
    """Kind → (n_cases,) a training row. Kinds that were not looked for are left out."""
    cosine: FloatArray
    """(n_cases,) of the nearest training text, by parts of words."""
    run: int
    """Words in a run."""
    twins: float | None = None
    """Share of training rows that have another row as near by vectors: how alike the questions are anyway."""
    kinds: tuple[str, ...] = field(default=KINDS)

    @property
    def row(self) -> IntArray:
        """(n_cases,) the training row of the surest kind; −1: the case is clean."""
        found = np.full(self.cosine.size, -1, dtype=np.int64)
        for kind in reversed([kind for kind in self.kinds if kind in self.rows]):
            found = np.where(self.rows[kind] >= 0, self.rows[kind], found)
        return found

    @property
    def leaked(self) -> npt.NDArray[np.bool_]:
        """(n_cases,) whether any kind of evidence is there."""
        return np.asarray(self.row >= 0)

    def kind(self, case: int) -> str:
        """The surest kind of a leaked case."""
        return next(kind for kind in self.kinds if kind in self.rows and self.rows[kind][case] >= 0)


def leaks_of(given: CheckInput) -> Leaks:
    """The leaks of a check's input, found once for all checks; its cases must be there."""

    def find() -> Leaks:
        vectors = given.settings.get("vectors")
        return find_leaks(
            [compared_text(row) for row in given.train.rows], [case.text for case in given.cases or ()],
            answers=given.answers, vectors=vectors or {},
            near_vectors=float(given.settings.get("vectors-cosine", NEAR_VECTORS)),
        )  # fmt: skip

    return once(given, "leaks", find)


def find_leaks(
    train: Sequence[str],
    cases: Sequence[str],
    *,
    answers: Sequence[str] = (),
    vectors: Mapping[str, npt.ArrayLike] = MappingProxyType({}),
    near_vectors: float = NEAR_VECTORS,
) -> Leaks:
    """Which cases stand in the training texts, or in the answers that belong to them.

    vectors: ``train`` (n, d) and ``cases`` (m, d), where the user has embedded both; compared by cosine.
    """
    if not cases or not train:
        nothing = np.full(len(cases), -1, dtype=np.int64)
        return Leaks(rows=dict.fromkeys(KINDS[:3], nothing), cosine=np.zeros(len(cases)), run=MOST_WORDS)
    sharing = _sharing(train, cases) if len(train) > MOST_COMPARED else np.arange(len(train))
    found = find_leakage([train[k] for k in sharing.tolist()], cases) if sharing.size else None
    near = np.full(len(cases), -1) if found is None else np.where(found.near, sharing[found.nearest], -1)
    run = _run_length(cases)
    texts = [f"{text}\n{answer}" for text, answer in zip(train, answers, strict=True)] if answers else train
    rows = {"equal": _equal(train, cases), "words": _runs(texts, cases, run), "near": near}
    twins = None
    if vectors:
        by_row, by_case = (
            _unit(vectors.get("train"), "train", len(train)),
            _unit(vectors.get("cases"), "cases", len(cases)),
        )
        rows["vectors"] = _by_vectors(by_row, by_case, near_vectors)
        twins = _twins(by_row, train, near_vectors)
    cosine = np.zeros(len(cases)) if found is None else found.cosine
    return Leaks(rows=rows, cosine=cosine, run=run, twins=twins)


def _sharing(train: Sequence[str], cases: Sequence[str]) -> IntArray:
    """The training texts that hold half of the six rarest words of some case.

    Texts at a cosine of 0.9 that have none of this in common are not looked for: to compare a million rows with every
    case takes the better part of an hour and gigabytes, to read their words some minutes.
    """
    plain = [normalised(text) for text in train]
    rare = _rare_words(plain, cases)
    cases_of: defaultdict[str, list[int]] = defaultdict(list)
    for case, words in enumerate(rare):
        for word in words:
            cases_of[word].append(case)
    looked_for = frozenset(cases_of)
    found = []
    for k, text in enumerate(plain):
        shared = Counter(c for word in looked_for.intersection(text.split()) for c in cases_of[word])
        if any(2 * n >= len(rare[case]) for case, n in shared.items()):
            found.append(k)
    return np.array(found, dtype=np.int64)


def _rare_words(plain: Sequence[str], cases: Sequence[str]) -> list[list[str]]:
    """Of each case, its words that the fewest training texts hold, six at most; words that none holds are left out."""
    words = [set(normalised(text).split()) for text in cases]
    asked = frozenset().union(*words)
    counts: Counter[str] = Counter()
    for text in plain:
        counts.update(asked.intersection(text.split()))
    return [
        sorted((word for word in own if counts[word]), key=lambda word: (counts[word], word))[:_RARE]
        for own in words
    ]


def _equal(train: Sequence[str], cases: Sequence[str]) -> IntArray:
    first: dict[str, int] = {}
    for k, text in enumerate(train):
        first.setdefault(normalised(text), k)
    return np.array([first.get(normalised(text), -1) for text in cases], dtype=np.int64)


def _run_length(cases: Sequence[str]) -> int:
    """The words of the shortest cases but one in twenty, within 8 and 13."""
    words = [len(normalised(text).split()) for text in cases]
    return int(np.clip(np.percentile(words, 5), FEWEST_WORDS, MOST_WORDS))


def _runs(train: Sequence[str], cases: Sequence[str], length: int) -> IntArray:
    wanted: set[str] = set()
    of_cases = [_words_runs(text, length) for text in cases]
    wanted.update(*of_cases)
    first: dict[str, int] = {}
    rows: Counter[str] = Counter()
    for k, text in enumerate(train):
        for run in _words_runs(text, length) & wanted:
            first.setdefault(run, k)
            rows[run] += 1
    told = {run: k for run, k in first.items() if rows[run] <= _TEMPLATE_ROWS}
    return np.array(
        [min((told[r] for r in runs if r in told), default=-1) for runs in of_cases], dtype=np.int64
    )


def _words_runs(text: str, length: int) -> set[str]:
    words = normalised(text).split()
    return {" ".join(words[k : k + length]) for k in range(len(words) - length + 1)}


def _by_vectors(train: FloatArray, cases: FloatArray, near: float) -> IntArray:
    found = []
    for at in range(0, len(cases), _ROWS_AT_ONCE):
        cosine = cases[at : at + _ROWS_AT_ONCE] @ train.T
        found.append(np.where(cosine.max(axis=1) >= near, cosine.argmax(axis=1), -1))
    return np.concatenate(found).astype(np.int64)


def _twins(vectors: FloatArray, texts: Sequence[str], near: float) -> float | None:
    """Share of rows, of some spread over all, with another row as near; copies of a row are none."""
    names: dict[str, int] = {}
    text = np.array([names.setdefault(normalised(one), len(names)) for one in texts])
    if len(names) < _FEWEST_TWINS:
        return None
    asked = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _ROWS_ASKED)).astype(np.int64))
    step = max(_CELLS_AT_ONCE // len(texts), 1)
    found = 0
    for at in range(0, asked.size, step):
        part = asked[at : at + step]
        alike = vectors[part] @ vectors.T
        alike[text[part][:, None] == text] = -1.0
        found += int((alike.max(axis=1) >= near).sum())
    return found / asked.size


def _unit(values: npt.ArrayLike | None, name: str, rows: int) -> FloatArray:
    array = np.asarray([] if values is None else values, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != rows or not np.isfinite(array).all():
        raise InputError(f"vectors: {name!r} has shape {array.shape}; ({rows}, d) finite numbers are needed")
    return np.asarray(array / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-300))
