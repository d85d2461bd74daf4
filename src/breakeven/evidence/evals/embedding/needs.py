"""Which texts a suite wants embedded: before anything is asked, and after it was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text
from breakeven.evidence.evals.embedding.asking import most_bytes
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.journal import Journalled
from breakeven.evidence.evals.suite import Candidate, Suite
from breakeven.prices import ModelPrice
from breakeven.providers import ChatReply

__all__ = [
    "Need",
    "alone_of",
    "classifier_need",
    "compared_texts",
    "embedding_models",
    "embedding_spent_usd",
    "embedding_usd",
    "first_needs",
    "last_needs",
    "retrieval_need",
]  # fmt: skip

TIMED: Final = 20
"""Cases of a classifier that are embedded one by one, to see how long one call takes."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """Texts that one part of a suite wants embedded."""

    name: str
    """For the estimate: ``small (embeddings)``."""
    model: str
    texts: tuple[str, ...]
    alone: tuple[str, ...] = ()
    """Those of them that are sent by themselves, since a call is timed."""


def first_needs(suite: Suite) -> list[Need]:
    """For retrieved context, and for classifiers on embeddings: what no answer changes."""
    found = [retrieval_need(suite, it) for it in suite.candidates]
    found += [classifier_need(suite, it) for it in suite.linear]
    return [need for need in found if need is not None]


def retrieval_need(suite: Suite, candidate: Candidate) -> Need | None:
    """What a candidate that ranks passages by vectors wants: the passages, and what is searched with."""
    found = candidate.retrieval
    if found is None or found.model is None:
        return None
    asked = [case for case in (*suite.cases.cases, *candidate.shots) if found.wants(case)]
    texts = (*found.passages.texts, *map(found.query_of, asked))
    return Need(name=f"{candidate.name} (embeddings)", model=found.model, texts=tuple(dict.fromkeys(texts)))


def classifier_need(suite: Suite, candidate: LinearCandidate) -> Need | None:
    """What a classifier on embeddings wants: its training texts and the cases."""
    if candidate.embeddings is None:
        return None
    texts = [case_text(case, candidate.train.input) for case in suite.cases.cases]
    return Need(
        name=f"{candidate.name} (embeddings)", model=candidate.embeddings, alone=alone_of(texts, candidate.seed),
        texts=tuple(dict.fromkeys((*candidate.train.texts, *texts))),
    )  # fmt: skip


def alone_of(texts: list[str], seed: int) -> tuple[str, ...]:
    """The cases' texts that are timed, drawn by the seed."""
    chosen = np.random.default_rng(seed).permutation(len(texts))[:TIMED]
    return tuple(texts[int(k)] for k in chosen)


def last_needs(suite: Suite, answers: Mapping[int, Iterable[str]]) -> list[Need]:
    """For scores of similarity: answers (by the position of their case) and expected texts."""
    found = []
    for key, it in suite.scorer.similarities.items():
        texts: dict[str, None] = {}
        for k, case in enumerate(suite.cases.cases):
            texts.update(dict.fromkeys(it.references(case)))
            texts.update(dict.fromkeys(answers.get(k, ())))
        found.append(Need(name=f"({key})", model=it.model, texts=tuple(texts)))
    return found


def compared_texts(replies: Iterable[tuple[int, ChatReply]]) -> dict[int, list[str]]:
    """The answers that are compared, by the position of their case."""
    found: dict[int, list[str]] = {}
    for case, reply in replies:
        if reply.finish_reason != "content_filter":
            found.setdefault(case, []).append(reply.text)
    return found


def embedding_models(suite: Suite) -> dict[str, tuple[str, ...]]:
    """Every embedding model of a suite, with the place in its file that names it."""
    found: dict[str, tuple[str, ...]] = {}
    for one in suite.candidates:
        if one.retrieval is not None and one.retrieval.model is not None:
            found.setdefault(one.retrieval.model, ("candidates", one.name, "context", "model"))
    for other in suite.linear:
        if other.embeddings is not None:
            found.setdefault(other.embeddings, ("candidates", other.name, "linear", "features", "embeddings"))
    for it in suite.scorer.similarities.values():
        found.setdefault(it.model, ("score",))
    return found


def embedding_usd(
    price: ModelPrice | None, vectors: Vectors, model: str, texts: Iterable[str]
) -> float | None:
    """What the known ones of these texts cost, each once; None: the price, or what was billed, is not known.

    Where a provider did not say what it billed, a text counts at the most that it can have cost.
    """
    if price is None:
        return None
    found = 0
    for text in dict.fromkeys(texts):
        known = vectors.get(model, text)
        if known is not None:
            found += most_bytes(text) if known.tokens is None else known.tokens
    return found * price.input_usd_per_mtok / 1e6


def embedding_spent_usd(
    suite: Suite, prices: Mapping[str, ModelPrice | None], answers: Mapping[int, Iterable[str]], embedded: Journalled
) -> float:  # fmt: skip
    """What earlier runs were billed for this suite's vectors, and what may have been billed for calls cut off."""
    vectors = Vectors(embedded.embedded)
    texts: dict[str, dict[str, None]] = {}
    for need in (*first_needs(suite), *last_needs(suite, answers)):
        texts.setdefault(need.model, {}).update(dict.fromkeys(need.texts))
    spent = sum(embedding_usd(prices[model], vectors, model, known) or 0.0 for model, known in texts.items())
    for key, (model, most_tokens) in embedded.batches.items():
        price = prices.get(model)
        if price is not None:
            spent += embedded.maybe_billed[key] * most_tokens * price.input_usd_per_mtok / 1e6
    return spent
