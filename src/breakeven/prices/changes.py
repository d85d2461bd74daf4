"""What changed between two price books."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from breakeven.prices.book import PriceBook
from breakeven.prices.records import ModelPrice

__all__ = ["PriceChange", "PriceDiff", "RetirementChange", "diff"]

_PRICES = (
    "input",
    "output",
    "cached",
    "cache_write",
    "cache_write_1h",
    "batch_input",
    "batch_output",
    "reasoning",
)


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """One price of one model that is not what it was. None: not sold, or not known."""

    key: str
    field: str
    """``input_usd_per_mtok``, or ``input_usd_per_mtok above 200,000 tokens``."""
    old: float | None
    new: float | None
    percent: float | None
    """New over old, less one, in percent; None where either is None."""


@dataclass(frozen=True, kw_only=True)
class RetirementChange:
    """A retirement date that is new, moved or withdrawn."""

    key: str
    old: dt.date | None
    new: dt.date | None


@dataclass(frozen=True, kw_only=True)
class PriceDiff:
    """What a newer book says otherwise, each part sorted by model."""

    old_as_of: dt.date
    new_as_of: dt.date
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[PriceChange, ...]
    retirements: tuple[RetirementChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.retirements)


def diff(old: PriceBook, new: PriceBook) -> PriceDiff:
    """What ``new`` says otherwise than ``old``: models, prices and retirement dates."""
    before, after = set(old.keys()), set(new.keys())
    changed: list[PriceChange] = []
    retirements: list[RetirementChange] = []
    for key in sorted(before & after):
        was, now = old.model(key), new.model(key)
        changed.extend(_changes(key, _prices(was), _prices(now)))
        if was.retires_on != now.retires_on:
            retirements.append(RetirementChange(key=key, old=was.retires_on, new=now.retires_on))
    return PriceDiff(
        old_as_of=old.as_of,
        new_as_of=new.as_of,
        added=tuple(sorted(after - before)),
        removed=tuple(sorted(before - after)),
        changed=tuple(changed),
        retirements=tuple(retirements),
    )


def _prices(price: ModelPrice) -> dict[str, float]:
    """Every price that the model has, by field."""
    found = {f"{name}_usd_per_mtok": getattr(price, f"{name}_usd_per_mtok") for name in _PRICES}
    for tier in price.tiers:
        above = f"above {tier.above_tokens:,} tokens"
        found[f"input_usd_per_mtok {above}"] = tier.input_usd_per_mtok
        found[f"output_usd_per_mtok {above}"] = tier.output_usd_per_mtok
        found[f"cached_usd_per_mtok {above}"] = tier.cached_usd_per_mtok
    return {name: value for name, value in found.items() if value is not None}


def _changes(key: str, old: dict[str, float], new: dict[str, float]) -> list[PriceChange]:
    found: list[PriceChange] = []
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        percent = 100 * (now / was - 1) if was and now is not None else None
        found.append(PriceChange(key=key, field=name, old=was, new=now, percent=percent))
    return found
