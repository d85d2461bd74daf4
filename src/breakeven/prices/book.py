"""The price book: what every model, fine-tune and GPU costs, as of one day."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Final

from breakeven.errors import UnknownPriceError, nearest
from breakeven.prices import tables, training
from breakeven.prices.names import is_exact, nearest_keys, search_keys
from breakeven.prices.records import (
    CacheRules,
    GpuOffer,
    ModelPrice,
    RefusedRow,
    Throughput,
    TrainingRate,
    TrainingSpeed,
    TuningOffer,
)
from breakeven.prices.snapshot import Snapshot, price_of, read_snapshot
from breakeven.sources import Source

__all__ = ["PriceBook", "current_book", "load_book", "user_book_path"]

_TUNED: Final = ":tuned"


@dataclass(frozen=True, kw_only=True, eq=False)
class PriceBook:
    """Prices as of one day, with whatever a study states on top. Nothing unknown is ever priced at zero."""

    snapshot: Snapshot
    stated_models: Mapping[str, ModelPrice] = field(default_factory=dict)
    """Prices stated by the user, instead of the list's."""
    stated_tuning: tuple[TuningOffer, ...] = ()
    _made: dict[str, ModelPrice] = field(default_factory=dict, init=False, repr=False)

    def __repr__(self) -> str:
        stated = f", {len(self.stated_models):,} stated" if self.stated_models else ""
        return f"<PriceBook as of {self.as_of.isoformat()}: {len(self.snapshot.rows):,} models{stated}>"

    @property
    def as_of(self) -> dt.date:
        """The day the prices were read."""
        return self.snapshot.as_of

    @property
    def source(self) -> Source:
        """The price list."""
        return self.snapshot.source

    @property
    def refused(self) -> tuple[RefusedRow, ...]:
        """Rows of the price list that were not believed, and why."""
        return self.snapshot.refused

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.stated_models or key in self.snapshot.rows

    def keys(self) -> tuple[str, ...]:
        """Every model, ``provider/model``, sorted."""
        return tuple(sorted({*self.snapshot.rows, *self.stated_models}))

    def models(self) -> Iterator[ModelPrice]:
        """Every model's price."""
        return map(self.model, self.keys())

    def model(self, key: str) -> ModelPrice:
        """The price of ``provider/model``, or of a tuned one, ``provider/model:tuned``, at the standard tariff.

        UnknownPriceError names the nearest models.
        """
        if (stated := self.stated_models.get(key)) is not None:
            return stated
        if (made := self._made.get(key)) is not None:
            return made
        row = self.snapshot.rows.get(key)
        if row is None and key.endswith(_TUNED):
            return self.tuning(key.removesuffix(_TUNED)).inference
        if row is None:
            raise UnknownPriceError("price", key, nearest_keys(key, self.keys()))
        self._made[key] = price = price_of(key, row, self.snapshot)
        return price

    def tunings(self, base: str | None = None) -> tuple[TuningOffer, ...]:
        """Every offer to tune ``base``, stated ones first; of any model when no base is given."""
        stated = {(offer.base, offer.method, offer.variant) for offer in self.stated_tuning}
        listed = [o for o in tables.tuning_offers() if (o.base, o.method, o.variant) not in stated]
        found = [offer for offer in (*self.stated_tuning, *listed) if base in (None, offer.base)]
        if base is None or not found:  # a model has its row in one of the two tables, and most in the first
            found += [offer for offer in self._offers_by_rate if base in (None, offer.base)]
        return tuple(found)

    @cached_property
    def _offers_by_rate(self) -> tuple[TuningOffer, ...]:
        """Offers whose tuned model is billed by the token, at the base's prices."""
        rates = [rate for rate in training.training_rates() if rate.tuned_price_factor is not None]
        keys = [(rate, f"{rate.host}/{name}") for rate in rates for name in rate.models]
        return tuple(training.offer_of(rate, self.model(key)) for rate, key in keys if key in self)

    def tuning(self, base: str, *, variant: str = "standard") -> TuningOffer:
        """The offer to tune ``base``; UnknownPriceError names the nearest bases that can be tuned."""
        for offer in self.tunings(base):
            if offer.variant == variant:
                return offer
        bases = sorted({offer.base for offer in self.tunings()})
        what = "tuning price" if variant == "standard" else f"tuning price (tariff {variant!r})"
        raise UnknownPriceError(what, base, nearest_keys(base, bases))

    def training_rates(self, base: str | None = None, *, objective: str = "sft") -> tuple[TrainingRate, ...]:
        """What hosts charge to train on answers (``sft``) or pairs (``dpo``): all, or what holds for ``base``.

        One rate for each method, the model's own before that of its size; empty where none is known.
        """
        if base is not None:
            return training.rates_for(base, objective=objective)
        return tuple(rate for rate in training.training_rates() if rate.objective == objective)

    def training_speeds(self) -> tuple[TrainingSpeed, ...]:
        """How fast GPUs were seen to train."""
        return training.training_speeds()

    def gpu(self, key: str) -> GpuOffer:
        """The GPU ``host/gpu`` by the hour; UnknownPriceError names the nearest."""
        offers = {offer.key: offer for offer in tables.gpu_offers()}
        if key not in offers:
            raise UnknownPriceError("GPU price", key, nearest_keys(key, offers))
        return offers[key]

    def gpus(self) -> tuple[GpuOffer, ...]:
        """Every GPU by the hour."""
        return tables.gpu_offers()

    def throughput(self, model: str, gpu: str, *, precision: str | None = None) -> tuple[Throughput, ...]:
        """What was measured for ``model`` on ``gpu`` (``h100-80gb``, with or without its host), maybe one precision.

        UnknownPriceError where nothing was: idle time and cost per token can not be guessed from another model.
        """
        chip = gpu.rpartition("/")[2]
        known = tables.throughputs()
        found = tuple(
            made
            for made in known
            if made.model == model and _same_chip(made.gpu, chip) and precision in (None, made.precision)
        )
        if not found:
            near = sorted({f"{made.model} on {made.gpu} in {made.precision}" for made in known})
            wanted = f"{model} on {chip}" + (f" in {precision}" if precision else "")
            raise UnknownPriceError("throughput", wanted, near[:3])
        return found

    def cache_rules(self, provider: str) -> CacheRules:
        """When the prompt cache of ``provider`` is used; given ``provider/model``, with that model's own minimum.

        UnknownPriceError where the host publishes nothing: then no share of the input may count as cached.
        """
        host, slash, _ = provider.partition("/")
        rules = {rules.provider: rules for rules in tables.cache_rules()}
        if host not in rules:
            raise UnknownPriceError("cache rules", host, nearest(host, rules))
        if not slash:
            return rules[host]
        price = self.model(provider)
        if price.cache_min_tokens is None:
            return rules[host]
        note = "; ".join(
            part
            for part in ("the minimum is this model's own, from the price list", rules[host].note)
            if part
        )
        return replace(rules[host], min_prefix_tokens=price.cache_min_tokens, note=note)

    def search(self, text: str) -> list[ModelPrice]:
        """The models that hold every word of ``text`` in their key: exact ones, those on sale, then retired ones."""
        found = [self.model(key) for key in search_keys(text, self.keys())]
        return sorted(found, key=lambda price: not is_exact(price.key, text) and self._is_retired(price))

    def _is_retired(self, price: ModelPrice) -> bool:
        return price.retires_on is not None and price.retires_on <= self.as_of

    def with_model(self, price: ModelPrice) -> PriceBook:
        """A book with this price in place of the list's."""
        return replace(self, stated_models={**self.stated_models, price.key: price})

    def with_tuning(self, offer: TuningOffer) -> PriceBook:
        """A book with this offer in place of the table's for the same base, method and tariff."""
        key = (offer.base, offer.method, offer.variant)
        others = (o for o in self.stated_tuning if (o.base, o.method, o.variant) != key)
        return replace(self, stated_tuning=(offer, *others))


def _same_chip(listed: str, wanted: str) -> bool:
    """Whether the wanted GPU is the listed one, maybe with a tariff behind it: ``h100-80gb-secure``."""
    return wanted == listed or wanted.startswith(f"{listed}-")


def load_book(path: Path | None = None) -> PriceBook:
    """The price book of the package, or the one in a file. A file is read once while it does not change."""
    if path is None:
        return _packaged_book()
    try:
        state = path.stat()
    except OSError:
        return PriceBook(snapshot=read_snapshot(path))
    return _read_once(path, state.st_mtime_ns, state.st_size)


@cache
def _packaged_book() -> PriceBook:
    with resources.as_file(resources.files("breakeven.prices").joinpath("data", "models.json.gz")) as path:
        return PriceBook(snapshot=read_snapshot(path))


@lru_cache(maxsize=8)
def _read_once(path: Path, mtime_ns: int, size: int) -> PriceBook:  # the last two are the cache's key
    return PriceBook(snapshot=read_snapshot(path))


def user_book_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the user's updated book lies: in the XDG data folder, on every system."""
    home = (os.environ if environ is None else environ).get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "breakeven" / "prices" / "models.json.gz"


def current_book() -> PriceBook:
    """The user's updated book, or the package's where that is newer or the user has none."""
    path = user_book_path()
    packaged = load_book()
    if not path.exists():
        return packaged
    own = load_book(path)
    return own if own.as_of >= packaged.as_of else packaged
