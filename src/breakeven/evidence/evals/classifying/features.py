"""Texts as TF-IDF: words and pairs of words, and parts of words of three to five letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from breakeven.errors import EvidenceError, MissingExtraError, Problem

__all__ = ["TfidfFeatures", "character_tfidf"]

WORD_GRAMS = (1, 2)
CHARACTER_GRAMS = (3, 5)


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

    def __init__(self, texts: Sequence[str]) -> None:
        words = {"ngram_range": WORD_GRAMS, "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"}
        parts = {"analyzer": "char_wb", "ngram_range": CHARACTER_GRAMS, "sublinear_tf": True}
        rare = 2 if len(texts) >= 1_000 else 1
        self._parts = [_vectorizer(**words), _vectorizer(**parts, min_df=rare)]
        try:
            for part in self._parts:
                part.fit(texts)
        except ValueError as exc:  # no words at all, or none that comes twice
            raise EvidenceError(Problem(message=f"the training texts hold too few words: {exc}")) from exc

    def of(self, texts: Sequence[str]) -> Any:
        """Sparse rows, one a text."""
        from scipy.sparse import hstack

        return hstack([part.transform(texts) for part in self._parts], format="csr")
