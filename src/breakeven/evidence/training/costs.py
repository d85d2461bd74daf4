"""What training on the rows costs at each host: tokens × epochs × runs at the price book's rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from breakeven.prices import PriceBook, TuningOffer

__all__ = ["Cost", "HostCost", "training_costs"]

_PROVIDERS: Final = {
    "openai": ("openai",), "azure": ("azure", "azure_ai"), "vertex": ("vertex_ai", "gemini"),
    "together": ("together_ai", "together"), "fireworks": ("fireworks_ai", "fireworks"),
}  # fmt: skip
"""Training host → providers in the price book; any other host is a provider of its own name."""
_BY_ROWS: Final = ("sft", "lora", "full")
"""Methods that learn from rows."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Training one model on all rows."""

    base: str
    variant: str
    usd_per_mtok: float
    low_usd: float
    """Fewest epochs, fewest runs."""
    high_usd: float
    source: str


@dataclass(frozen=True, kw_only=True)
class HostCost:
    """What a host charges; ``costs`` is empty where no price is known."""

    host: str
    costs: tuple[Cost, ...] = ()
    """Cheapest first."""
    note: str = ""

    @property
    def low_usd(self) -> float | None:
        """Of the cheapest model."""
        return min((cost.low_usd for cost in self.costs), default=None)

    @property
    def high_usd(self) -> float | None:
        """Of the dearest model."""
        return max((cost.high_usd for cost in self.costs), default=None)


def training_costs(
    tokens: int,
    book: PriceBook,
    hosts: Sequence[str],
    *,
    epochs: tuple[int, int],
    runs: tuple[int, int],
    model: str | None = None,
    on: dt.date | None = None,
) -> tuple[HostCost, ...]:
    """Dollars to train on so many tokens at each host. ``epochs``, ``runs``: from, to.

    model: only this base, ``gpt-4.1-mini`` or ``openai/gpt-4.1-mini``. on: offers that end before it are left out. A
    host without a price has no costs, never costs of zero.
    """
    most = (tokens * epochs[0] * runs[0] / 1e6, tokens * epochs[1] * runs[1] / 1e6)
    return tuple(_host(host, book, most, model, on) for host in hosts)


def _host(
    host: str, book: PriceBook, mtok: tuple[float, float], model: str | None, on: dt.date | None
) -> HostCost:
    providers = _PROVIDERS.get(host, (host,))
    offers = [o for o in book.tunings() if o.base.partition("/")[0] in providers and o.method in _BY_ROWS]
    open_now = [o for o in offers if on is None or o.train_until is None or o.train_until >= on]
    wanted = [o for o in open_now if model is None or model in (o.base, o.base.partition("/")[2])]
    costs = [_cost(offer, mtok) for offer in wanted]
    found = sorted((cost for cost in costs if cost is not None), key=lambda cost: (cost.low_usd, cost.base))
    return HostCost(
        host=host, costs=tuple(found), note="" if found else _why_not(host, offers, open_now, model)
    )


def _cost(offer: TuningOffer, mtok: tuple[float, float]) -> Cost | None:
    rate = offer.training_usd_per_mtok
    if rate is None:
        return None
    return Cost(
        base=offer.base, variant=offer.variant, usd_per_mtok=rate, low_usd=mtok[0] * rate,
        high_usd=mtok[1] * rate, source=str(offer.source),
    )  # fmt: skip


def _why_not(
    host: str, offers: Sequence[TuningOffer], open_now: Sequence[TuningOffer], model: str | None
) -> str:
    if host == "trl":
        return "GPU hours, not tokens: state them in the study"
    if not offers:
        return "no price in the price book"
    if not open_now:
        return "training has ended there"
    return f"no price for {model}" if model else "no price by the token"
