"""Texts as numbers: TF-IDF of words, pairs of words and parts of words; or the vectors of an embedding model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias

from breakeven.errors import EvidenceError, MissingExtraError, Problem
from breakeven.evidence.evals.embedding.vectors import Vectors

__all__ = ["EmbeddingFeatures", "Features", "MakeFeatures", "TfidfFeatures", "character_tfidf"]

WORD_GRAMS = (1, 2)
CHARACTER_GRAMS = (3, 5)


class Features(Protocol):
    """Turns texts into rows of numbers."""

    @property
    def strengths(self) -> tuple[float, ...]:
        """Values of C that are tried on them."""
        ...

    def of(self, texts: Sequence[str]) -> Any:
        """Rows, one a text: sparse or not."""
        ...


MakeFeatures: TypeAlias = Callable[[Sequence[str]], Features]
"""Features as fitted on the training texts."""


def _vectorizer(**options: Any) -> Any:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
    except ImportError as exc:
        raise MissingExtraError("scikit-learn", "eval") from exc
    return TfidfVectorizer(**options)


def character_tfidf() -> Any:
    """The vectoriser that near-duplicates are told by: parts of words, lower case, plain counts."""
    return _vectorizer(analyzer="char_wb", ngram_range=CHARACTER_GRAMS)


class TfidfFeatures:
    """Both kinds of TF-IDF side by side, as fitted on the training texts."""

    strengths: Final = (0.1, 0.3, 1.0, 3.0)

    def __init__(self, texts: Sequence[str]) -> None:
        words = {"ngram_range": WORD_GRAMS, "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"}
        parts = {"analyzer": "char_wb", "ngram_range": CHARACTER_GRAMS, "sublinear_tf": True}
        rare = 2 if len(texts) >= 1_000 else 1
        self._parts = [_vectorizer(**words), _vectorizer(**parts, min_df=rare)]
        try:
            found = [part.fit_transform(texts) for part in self._parts]
        except ValueError as exc:  # no words at all, or none that comes twice
            raise EvidenceError(Problem(message=f"the training texts hold too few words: {exc}")) from exc
        self._fitted: tuple[Sequence[str], Any] | None = (texts, _beside(found))

    def of(self, texts: Sequence[str]) -> Any:
        """Sparse rows, one a text."""
        fitted, self._fitted = (
            self._fitted,
            None,
        )  # asked for first, nearly always: no second reading of the texts
        if fitted is not None and fitted[0] is texts:
            return fitted[1]
        return _beside([part.transform(texts) for part in self._parts])


def _beside(parts: Sequence[Any]) -> Any:
    from scipy.sparse import hstack

    return hstack(parts, format="csr")


class EmbeddingFeatures:
    """The vectors of texts that were embedded before, each of length 1."""

    strengths: Final = (0.3, 1.0, 3.0, 10.0)
    """Looser than for TF-IDF: a few hundred dense numbers hold less to overfit with."""

    def __init__(self, vectors: Vectors, model: str) -> None:
        self._vectors = vectors
        self._model = model

    def of(self, texts: Sequence[str]) -> Any:
        """(texts, dimensions); raises EvidenceError where a text has no vector."""
        return self._vectors.rows(self._model, texts).astype("float64")
