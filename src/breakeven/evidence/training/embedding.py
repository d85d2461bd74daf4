"""Training questions and eval cases as vectors of an embedding model, each text paid for once.

Vectors are kept under a hash of the model and the text, in a journal that is on the disk before a vector counts: a
killed run loses none, and the next one asks only for what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.evidence.evals.embedding.asking import Embedding, most_bytes
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.metering import Budget, BudgetReachedError, Metered
from breakeven.evidence.prompts.tokens import counter_for
from breakeven.evidence.training.check import CheckInput
from breakeven.evidence.training.matching import drawn
from breakeven.evidence.training.neighbours.rows import compared_text
from breakeven.prices import ModelPrice, PriceBook
from breakeven.providers import EmbeddingRequest, Limits, Patience, open_provider
from breakeven.providers.retrying import Retrying
from breakeven.sources import Source
from breakeven.statistics.arrays import FloatArray

__all__ = ["Embedded", "Need", "embed", "embedding_need", "leak_vectors", "meanings", "texts_to_embed"]

_FREE: Final = ("fake", "sentence-transformers")
"""Providers that bill nobody."""
_CONCURRENCY: Final = 8
_ATTEMPTS: Final = 5
_ENOUGH: Final = 0.9
_MARKS: Final = 8
"""Tokens that a model may put around a text."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is still to be embedded, and what that costs."""

    model: str
    texts: tuple[str, ...]
    """Different ones without a vector."""
    known: int
    """Different texts that have one."""
    tokens: int
    """Of the missing ones, counted here."""
    price: ModelPrice

    @property
    def usd(self) -> float:
        """As counted; a maker with another vocabulary bills somewhat more or less."""
        return self.tokens * self.price.input_usd_per_mtok / 1e6

    @property
    def most_usd(self) -> float:
        """No vocabulary makes more tokens of a text than it has bytes."""
        return sum(map(_most_tokens, self.texts)) * self.price.input_usd_per_mtok / 1e6


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """What came of asking."""

    vectors: Vectors
    spent_usd: float
    failed: int
    """Texts that the model refused, or could not be asked for."""
    stopped: str = ""
    """Why not all was asked: the budget; empty where all was."""


def embedding_need(given: CheckInput, model: str, vectors: Vectors, book: PriceBook) -> Need:
    """What the questions of rows and cases still want; raises UnknownPriceError, MissingExtraError."""
    texts = dict.fromkeys(text for text in texts_to_embed(given) if text.strip())
    missing = vectors.missing(model, texts)
    counter = counter_for(model)
    return Need(
        model=model, texts=missing, known=len(texts) - len(missing), price=_price(model, book),
        tokens=sum(counter.count(text) for text in missing),
    )  # fmt: skip


def texts_to_embed(given: CheckInput) -> list[str]:
    """Questions of rows and cases where there are cases; of the rows and logs that are drawn, where there are logs."""
    rows = list(map(compared_text, given.train.rows))
    cases = [case.text for case in given.cases or ()]
    return [*(rows if cases else ()), *cases, *_compared(given, rows)]


def _compared(given: CheckInput, rows: Sequence[str]) -> list[str]:
    """The texts that the match with production draws, by the same seed."""
    if not given.logs or not rows:
        return []
    mine, theirs = drawn(len(rows), len(given.logs), np.random.default_rng(given.seed))
    return [*(rows[k] for k in mine.tolist()), *(given.logs[k].text for k in theirs.tolist())]


def meanings(given: CheckInput, model: str, vectors: Vectors) -> dict[str, FloatArray] | None:
    """The vector of each text that the match with production draws; None where one of ten is missing, or all."""
    texts = dict.fromkeys(_compared(given, list(map(compared_text, given.train.rows))))
    found = {text: one.vector for text in texts if (one := vectors.get(model, text))}
    return found if found and len(found) >= _ENOUGH * len(texts) else None  # type: ignore[return-value]


def _price(model: str, book: PriceBook) -> ModelPrice:
    provider = model.partition("/")[0]
    if provider not in _FREE:
        return book.model(model)
    source = Source(kind="stated", reference="nobody bills it")
    return ModelPrice(
        key=model, provider=provider, input_usd_per_mtok=0, output_usd_per_mtok=0, source=source
    )


async def embed(
    need: Need, journal: Journal, *, budget_usd: float | None, rng: np.random.Generator,
    on_call: Callable[[], None] = lambda: None,
) -> Embedded:  # fmt: skip
    """Ask for what is missing, within the budget; what was journalled before is not asked again.

    rng: spreads retries in time; no result depends on it. Raises InputError where an endpoint or a key is missing.
    """
    provider = open_provider(
        (need.model,), limits=Limits(concurrency=_CONCURRENCY), patience=Patience(attempts=1), rng=rng
    )
    budget = Budget(budget_usd)
    metered = Metered(
        provider, budget=budget, journal=journal, price_of=lambda _: need.price, most_usd=lambda _: 0.0,
        most_tokens=_most_of,
    )  # fmt: skip
    patient = Retrying(metered, patience=Patience(attempts=_ATTEMPTS), rng=rng)
    asking = Embedding(patient, Vectors(journal.journalled.embedded), concurrency=_CONCURRENCY)
    asking.on_call = lambda error: on_call()
    stopped = ""
    try:
        await asking.fill(need.model, need.texts)
    except BudgetReachedError as exc:
        stopped = str(exc)
    finally:
        await provider.close()
    return Embedded(
        vectors=asking.vectors, spent_usd=budget.spent_usd, failed=len(asking.failed), stopped=stopped
    )


def _most_tokens(text: str) -> int:
    return most_bytes(text) + _MARKS


def _most_of(request: EmbeddingRequest) -> int:
    return sum(map(_most_tokens, request.texts))


def leak_vectors(given: CheckInput, model: str, vectors: Vectors) -> dict[str, FloatArray] | None:
    """``train`` and ``cases``, (texts, dimensions), for the check ``leakage``; None where there is no vector at all.

    A text without a vector has zeros, which are near nothing.
    """
    rows = [compared_text(row) for row in given.train.rows]
    cases = [case.text for case in given.cases or ()]
    size = next((one.vector.size for text in (*rows, *cases) if (one := vectors.get(model, text))), None)
    if size is None:
        return None
    return {"train": _rows(vectors, model, rows, size), "cases": _rows(vectors, model, cases, size)}


def _rows(vectors: Vectors, model: str, texts: Sequence[str], size: int) -> FloatArray:
    found = np.zeros((len(texts), size), dtype=np.float32)
    for k, text in enumerate(texts):
        if (one := vectors.get(model, text)) is not None:
            found[k] = one.vector
    return found  # type: ignore[return-value]  # single precision: half the memory, and no provider gives more
