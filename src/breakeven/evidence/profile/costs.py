"""Dollars by model: what the log states, else tokens at the price book's prices. An unknown price is never zero."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.prices import ModelPrice, PriceBook
from breakeven.prices.names import is_exact, search_keys

__all__ = ["Prices", "Tokens", "batch_discounts", "cost_usd"]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Token sums of calls of one model within one context band."""

    input: float
    cached: float
    written: float
    output: float
    longest: float
    """Input tokens of the largest call among them."""
    batch: bool = False
    """Whether they are billed at the batch price, where the book has one."""


class Prices:
    """The book's prices by the names that logs give to models (``gpt-4o``, ``openai::gpt-4o-2024-08-06``)."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self._known: dict[tuple[str | None, str], ModelPrice | None] = {}

    def of(self, provider: str | None, model: str) -> ModelPrice | None:
        """The price of a model; None where the book does not have it.

        Only the same name is taken, whatever its punctuation: never one that merely looks alike.
        """
        key = (provider, model)
        if key not in self._known:
            self._known[key] = self._look_up(provider, model)
        return self._known[key]

    def _look_up(self, provider: str | None, model: str) -> ModelPrice | None:
        name = _name(model)
        host = None if provider is None else provider.partition(".")[0].lower()
        for candidate in (f"{host}/{name}", name):
            if candidate in self.book:
                return self.book.model(candidate)
        bare = name.rpartition("/")[2]
        alike = [key for key in search_keys(bare, self.book.keys()) if is_exact(key, bare)]
        return self.book.model(alike[0]) if alike else None


def _name(model: str) -> str:
    """``provider/model`` or ``model``, out of whatever path or prefix the log wraps around it."""
    name = model.strip().replace("::", "/")
    if "/publishers/google/models/" in name:
        return "gemini/" + name.rpartition("/")[2]
    return name.removeprefix("models/")


def cost_usd(price: ModelPrice, tokens: Tokens) -> float:
    """What the tokens cost, at the tariff of the largest context tier that all of them reach."""
    paid_in, paid_out, paid_cached = (
        price.input_usd_per_mtok,
        price.output_usd_per_mtok,
        price.cached_usd_per_mtok,
    )
    for tier in price.tiers:
        if tokens.longest > tier.above_tokens:
            paid_in, paid_out = tier.input_usd_per_mtok, tier.output_usd_per_mtok
            paid_cached = tier.cached_usd_per_mtok if tier.cached_usd_per_mtok is not None else paid_cached
    cached_at = paid_in if paid_cached is None else paid_cached
    written_at = paid_in if price.cache_write_usd_per_mtok is None else price.cache_write_usd_per_mtok
    fresh = tokens.input - tokens.cached - tokens.written
    off_in, off_out = batch_discounts(price) if tokens.batch else (0.0, 0.0)
    given = fresh * paid_in + tokens.cached * cached_at + tokens.written * written_at
    return (given * (1 - off_in) + tokens.output * paid_out * (1 - off_out)) / 1e6


def batch_discounts(price: ModelPrice) -> tuple[float, float]:
    """The share that a batch takes off the input's and the output's price; nothing where no batch is sold."""
    paid_in, paid_out = price.input_usd_per_mtok, price.output_usd_per_mtok
    batch_in, batch_out = price.batch_input_usd_per_mtok, price.batch_output_usd_per_mtok
    if batch_in is None or batch_out is None:
        return 0.0, 0.0
    return (1 - batch_in / paid_in if paid_in > 0 else 0.0), (
        1 - batch_out / paid_out if paid_out > 0 else 0.0
    )
