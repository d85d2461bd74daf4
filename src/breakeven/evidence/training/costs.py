"""What training on the rows costs at each host: tokens × epochs × runs at the price book's rates.

A rate is sold for a model or for a size; on GPUs of one's own it follows from how fast GPUs were seen to train and what
they cost an hour. Every price is a range, where sources differ or where only others tell it, and says how it was seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from breakeven.prices import GpuOffer, PriceBook, TrainingRate, TrainingSpeed, TuningOffer
from breakeven.prices.names import billions_in

__all__ = ["Cost", "HostCost", "training_costs"]

_PROVIDERS: Final = {
    "openai": ("openai",), "azure": ("azure", "azure_ai"), "vertex": ("vertex_ai", "gemini"),
    "together": ("together_ai", "together"), "fireworks": ("fireworks_ai", "fireworks"),
}  # fmt: skip
"""Training host → providers in the price book; any other host is a provider of its own name."""
_NAMED: Final = frozenset(name for names in _PROVIDERS.values() for name in names)
_BY_ROWS: Final = ("sft", "lora", "full")
"""Methods that learn from rows."""
_OWN: Final = "trl"
_USUAL: Final = (8.0, 70.0)
"""Sizes in billions that are priced where no model is named."""
_FAR: Final = 2.5
"""A speed is carried over to models up to this many times larger or smaller, in inverse proportion to the size."""
_SAME: Final = 1.15
"""Sizes within this factor count as measured, others as extrapolated."""

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Training one model, or one of a size, on all rows."""

    base: str
    variant: str
    """The tariff or the method: ``standard``, ``developer``, ``lora``, ``full``."""
    usd_per_mtok: float
    low_usd: float
    """Fewest epochs, fewest runs, the lowest price."""
    high_usd: float
    source: str
    low_usd_per_mtok: float | None = None
    high_usd_per_mtok: float | None = None
    """Where the price is a range."""
    minimum_usd: float = 0.0
    """The least that a run costs; one that is not sure is in ``high_usd`` alone."""
    seen: str = "primary"
    """``primary``, ``copy`` or ``secondary``; of GPUs of one's own ``measured``, or ``extrapolated`` from that."""
    date: str = ""
    """Of the source."""
    hosting_usd_per_hour: float | None = None
    """Of the tuned model, afterwards; None: GPUs by the hour, as many as the load needs."""
    note: str = ""


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


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What is to be trained, and how often."""

    tokens: int
    epochs: tuple[int, int]
    runs: tuple[int, int]
    pairs: bool
    model: str | None
    on: dt.date | None

    def usd(self, per_mtok: Range, minimum: Range = (0.0, 0.0)) -> Range:
        """From, to: each run is billed by itself, at the minimum or more."""
        ends = (
            runs * max(least, self.tokens * epochs * rate / 1e6)
            for epochs, runs, rate, least in zip(self.epochs, self.runs, per_mtok, minimum, strict=True)
        )
        return next(ends), next(ends)

    def named(self, base: str) -> bool:
        return self.model is None or self.model in (base, base.partition("/")[2])


def training_costs(
    tokens: int,
    book: PriceBook,
    hosts: Sequence[str],
    *,
    epochs: tuple[int, int],
    runs: tuple[int, int],
    model: str | None = None,
    on: dt.date | None = None,
    pairs: bool = False,
) -> tuple[HostCost, ...]:
    """Dollars to train on so many tokens at each host. ``epochs``, ``runs``: from, to.

    model: only this base, ``gpt-4.1-mini`` or ``openai/gpt-4.1-mini``. on: offers that end before it are left out.
    pairs: the rows are a better and a worse answer (DPO), which some hosts sell at another price. A host without a
    price has no costs, never costs of zero.
    """
    job = _Job(tokens=tokens, epochs=epochs, runs=runs, pairs=pairs, model=model, on=on)
    return tuple(_own(book, job) if host == _OWN else _host(host, book, job) for host in hosts)


def _host(host: str, book: PriceBook, job: _Job) -> HostCost:
    providers = _PROVIDERS.get(host, (host,))
    offers = [o for o in book.tunings() if o.base.partition("/")[0] in providers and o.method in _BY_ROWS]
    open_now = [o for o in offers if job.on is None or o.train_until is None or o.train_until >= job.on]
    costs = [cost for offer in open_now if job.named(offer.base) and (cost := _cost(offer, job)) is not None]
    rates = list(_rates(providers, book, job))
    found = sorted([*costs, *rates], key=lambda cost: (cost.low_usd, cost.base))
    why = "" if found else _why_not(offers, open_now, any_rates=_sells(providers, book), model=job.model)
    return HostCost(host=host, costs=tuple(found), note=why)


def _cost(offer: TuningOffer, job: _Job) -> Cost | None:
    rate = offer.training_usd_per_mtok
    if rate is None:
        return None
    between = offer.training_range or (rate, rate)
    low, high = job.usd(between)
    return Cost(
        base=offer.base, variant=offer.variant, usd_per_mtok=rate, low_usd=low, high_usd=high,
        low_usd_per_mtok=between[0] if offer.training_range else None,
        high_usd_per_mtok=between[1] if offer.training_range else None,
        source=str(offer.source), seen=offer.seen, date=_day(offer.source.date),
        hosting_usd_per_hour=offer.hosting_usd_per_hour, note=offer.note or "",
    )  # fmt: skip


def _day(date: dt.date | None) -> str:
    return date.isoformat() if date else ""


# ------------------------------------------------------------------------------------- sold by model and by size


def _sells(providers: Sequence[str], book: PriceBook) -> bool:
    return any(rate.host in providers for rate in book.training_rates())


def _rates(providers: Sequence[str], book: PriceBook, job: _Job) -> Iterator[Cost]:
    """Rates of these hosts whose tuned model is served on GPUs by the hour; the others are offers already."""
    objective = "dpo" if job.pairs else "sft"
    if job.model is None:
        known = book.training_rates(objective=objective)
    else:
        name = _name_at(providers, job.model)
        known = tuple(
            rate for host in providers if name
            for rate in book.training_rates(f"{host}/{name}", objective=objective)
        )  # fmt: skip
    for rate in dict.fromkeys(known):
        if rate.host in providers and rate.tuned_price_factor is None:
            yield _rate_cost(rate, job)


def _name_at(providers: Sequence[str], model: str) -> str:
    """The model's name at these hosts; empty where another host is named. ``Qwen/Qwen3-8B`` names no host."""
    first, slash, rest = model.partition("/")
    if not slash or first not in _NAMED:
        return model
    return rest if first in providers else ""


def _rate_cost(rate: TrainingRate, job: _Job) -> Cost:
    between = (rate.low_usd_per_mtok, rate.high_usd_per_mtok)
    low, high = job.usd(between, (rate.minimum_usd if rate.minimum_is_sure else 0.0, rate.minimum_usd))
    ranges = between[0] < between[1]
    return Cost(
        base=f"{rate.host}/{rate.title}", variant=rate.method, usd_per_mtok=rate.usd_per_mtok, low_usd=low,
        high_usd=high, low_usd_per_mtok=between[0] if ranges else None,
        high_usd_per_mtok=between[1] if ranges else None,
        minimum_usd=rate.minimum_usd if rate.minimum_is_sure else 0.0, source=str(rate.source),
        seen=rate.seen, date=_day(rate.source.date), note=rate.note or "",
    )  # fmt: skip


def _why_not(
    offers: Sequence[TuningOffer], open_now: Sequence[TuningOffer], *, any_rates: bool, model: str | None
) -> str:
    if not offers and not any_rates:
        return "no price in the price book"
    if offers and not open_now and not any_rates:
        return "training has ended there"
    if not model:
        return "no price by the token"
    if any_rates and billions_in(model) is None:
        return f"sold by size, which {model} does not tell"
    return f"no price for {model}"


# ------------------------------------------------------------------------------------------------ GPUs of one's own


def _own(book: PriceBook, job: _Job) -> HostCost:
    """What a run costs on GPUs by the hour, for models of this size or of the usual ones."""
    size = None if job.model is None else billions_in(job.model)
    if job.model is not None and size is None:
        why = f"GPU hours: the name of {job.model} does not tell its size; state them in the study"
        return HostCost(host=_OWN, note=why)
    sizes = _USUAL if size is None else (size,)
    found = [cost for each in sizes for cost in _own_costs(each, book, job)]
    found.sort(key=lambda cost: (cost.low_usd, cost.base))
    why = "" if found else f"GPU hours: nobody's speed for {size:g}B is known; state them in the study"
    return HostCost(host=_OWN, costs=tuple(found), note=why)


def _own_costs(billions: float, book: PriceBook, job: _Job) -> Iterator[Cost]:
    for method, rows in product(("lora", "full"), ("packed", "unpacked")):
        near = _nearest([s for s in book.training_speeds() if (s.method, s.rows) == (method, rows)], billions)
        rates = [
            _usd_per_mtok(speed, gpu, billions)
            for speed in near for gpu in book.gpus() if _carries(gpu, speed)
        ]  # fmt: skip
        if rates:
            title = f"{billions:g}B, rows {rows}"
            yield _own_cost(title, method, near, (min(rates), max(rates)), job, far=_far(near, billions))


def _nearest(speeds: Sequence[TrainingSpeed], billions: float) -> list[TrainingSpeed]:
    """Those of models of this size; else those that can be carried over."""
    same = [speed for speed in speeds if _apart(speed, billions) <= _SAME]
    return same or [speed for speed in speeds if _apart(speed, billions) <= _FAR]


def _far(speeds: Sequence[TrainingSpeed], billions: float) -> bool:
    return any(_apart(speed, billions) > _SAME for speed in speeds)


def _apart(speed: TrainingSpeed, billions: float) -> float:
    return max(speed.billions / billions, billions / speed.billions)


def _carries(gpu: GpuOffer, speed: TrainingSpeed) -> bool:
    chip = gpu.key.partition("/")[2]
    return chip == speed.gpu or chip.startswith(f"{speed.gpu}-")


def _usd_per_mtok(speed: TrainingSpeed, gpu: GpuOffer, billions: float) -> float:
    """Of packed rows a larger model trains in proportion slower; unpacked ones were as slow whatever the size."""
    scale = speed.billions / billions if speed.rows == "packed" else 1.0
    tokens_per_s = speed.tokens_per_s * scale
    return gpu.usd_per_hour / 3_600 / tokens_per_s * 1e6


def _own_cost(
    title: str, method: str, near: Sequence[TrainingSpeed], between: Range, job: _Job, *, far: bool
) -> Cost:
    low, high = job.usd(between)
    dates = [speed.source.date for speed in near if speed.source.date is not None]
    references = dict.fromkeys(speed.source.reference for speed in near)
    return Cost(
        base=f"{_OWN}/{title}", variant=method, usd_per_mtok=(between[0] * between[1]) ** 0.5,
        low_usd=low, high_usd=high, low_usd_per_mtok=between[0], high_usd_per_mtok=between[1],
        seen="extrapolated" if far else "measured", date=_day(max(dates, default=None)),
        source=f"published, GPU hours of the price book at the speed of {'; '.join(references)}",
        note="steps of training alone: loading, evaluation and idle hours come on top",
    )  # fmt: skip
