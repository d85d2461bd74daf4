"""What the price book holds: one frozen record for each kind of price, every one with its source and date.

Prices are US dollars for a million tokens (``usd_per_mtok``) or for an hour (``usd_per_hour``). ``None`` means
that the thing is not sold or not known, never that it costs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from breakeven.sources import Source

__all__ = [
    "CacheRules",
    "ContextTier",
    "GpuOffer",
    "Lifetimes",
    "Mode",
    "ModelPrice",
    "PriceSteps",
    "RefusedRow",
    "Seen",
    "StepSizes",
    "Throughput",
    "TrainingRate",
    "TrainingSpeed",
    "TuningOffer",
]

Mode = Literal["chat", "completion", "responses", "embedding"]
"""What a model answers with; an ``embedding`` has no output tokens, so its output price is 0."""
Seen = Literal["primary", "copy", "secondary"]
"""How a price was seen: in the seller's own words; in a copy of the seller's page, word for word; as told by others."""


@dataclass(frozen=True, kw_only=True)
class ContextTier:
    """The prices that hold for the whole request once its input is longer than ``above_tokens``."""

    above_tokens: int
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    cached_usd_per_mtok: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelPrice:
    """What one host charges for inference with one model."""

    key: str
    """``provider/model``: ``openai/gpt-4.1-mini``."""
    provider: str
    mode: Mode = "chat"
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    cached_usd_per_mtok: float | None = None
    """Input read from the prompt cache; None: this host sells no cached input."""
    cache_write_usd_per_mtok: float | None = None
    """Input written to the cache, instead of the input price; None: a write costs the input price."""
    cache_write_1h_usd_per_mtok: float | None = None
    """The same for an entry kept an hour, where that is sold apart."""
    cache_min_tokens: int | None = None
    """Shortest prefix that this model caches; None: what holds for the host (see ``CacheRules``)."""
    batch_input_usd_per_mtok: float | None = None
    batch_output_usd_per_mtok: float | None = None
    reasoning_usd_per_mtok: float | None = None
    """Reasoning tokens, where they cost other than output tokens."""
    tiers: tuple[ContextTier, ...] = ()
    """Ascending by ``above_tokens``."""
    region_uplift: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Factor on every price for a region: ``{'eu': 1.1}``."""
    max_input_tokens: int | None = None
    retires_on: dt.date | None = None
    """The day it stops answering; None: no date is announced."""
    note: str | None = None
    source: Source

    @property
    def name(self) -> str:
        """The model without its provider."""
        return self.key.partition("/")[2]

    def tier(self, input_tokens: float) -> ContextTier | None:
        """The context tier that a request of this many input tokens falls into; None: the base prices."""
        reached = [tier for tier in self.tiers if input_tokens > tier.above_tokens]
        return reached[-1] if reached else None


@dataclass(frozen=True, kw_only=True)
class TuningOffer:
    """One way to buy a fine-tune of ``base`` from a host. Exactly one of the two training prices is given."""

    base: str
    """``provider/model`` of the model that is tuned: ``azure/gpt-4.1-mini``."""
    method: str
    """``sft``, ``lora``, ``full`` or ``rft``."""
    variant: str = "standard"
    """``standard``, or the name of a second tariff for the same base: ``developer``."""
    training_usd_per_mtok: float | None = None
    training_range: tuple[float, float] | None = None
    """From, to, where sources differ or only a secondary one tells it; None: the price is what is listed."""
    training_usd_per_hour: float | None = None
    seen: Seen = "primary"
    inference: ModelPrice
    """What a call to the tuned model costs; its key is ``base`` with ``:tuned``."""
    hosting_usd_per_hour: float
    """0.0 only where the source says that hosting is free."""
    min_examples: int | None = None
    train_until: dt.date | None = None
    """Last day on which a training job can run."""
    retires_on: dt.date | None = None
    """The day the tuned model stops answering."""
    host_closes: dt.date | None = None
    """The day from which the host trains no model at all, where it has said so: there will be no successor."""
    note: str | None = None
    source: Source
    """Where the training price comes from; ``inference.source`` has its own."""


@dataclass(frozen=True, kw_only=True)
class TrainingRate:
    """What a host charges to train, for one model or for every model of a size. Serving is priced apart."""

    host: str
    """The provider in the price book: ``together_ai``."""
    title: str
    """What it holds for: ``Qwen3.5-9B``, or ``models up to 16B``."""
    models: tuple[str, ...] = ()
    """Names of models without their provider; empty: every model of the size that has no price of its own."""
    above_b: float = 0.0
    up_to_b: float | None = None
    """Size in billions of parameters, all experts counted: above the one, up to the other (None: no end)."""
    method: Literal["lora", "full", "adapter"]
    objective: Literal["sft", "dpo"]
    """Answers to imitate, or pairs of a better and a worse one."""
    usd_per_mtok: float
    """A million tokens of the dataset × epochs."""
    low_usd_per_mtok: float
    high_usd_per_mtok: float
    """Where sources differ, the range spans them; a price that only others tell is widened."""
    minimum_usd: float = 0.0
    """The least that one job costs."""
    minimum_is_sure: bool = True
    """False: some say there is none."""
    tuned_price_factor: float | None = None
    """A call to the tuned model costs the base's price times this, and no hosting; None: it needs GPUs by the hour."""
    seen: Seen
    note: str | None = None
    source: Source


@dataclass(frozen=True, kw_only=True)
class TrainingSpeed:
    """How many training tokens a second one GPU of a run went through, as somebody measured it."""

    model: str
    billions: float
    """Parameters."""
    gpu: str
    method: Literal["lora", "full"]
    rows: Literal["packed", "unpacked"]
    """Packed: rows fill the sequence. Unpacked: each short row is a sequence of its own, most of it padding."""
    tokens_per_s: float
    """Of one GPU."""
    note: str | None = None
    source: Source


@dataclass(frozen=True, kw_only=True)
class GpuOffer:
    """One GPU from one host, by the hour: ``lambda/h100-80gb``."""

    key: str
    usd_per_hour: float
    note: str | None = None
    source: Source


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """How many requests a second one GPU serves with one model while it keeps the promise ``slo``."""

    model: str
    gpu: str
    precision: str
    tokens_in: int
    tokens_out: int
    rps: float
    slo: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class CacheRules:
    """When a host's prompt cache is used: shorter prefixes than ``min_prefix_tokens`` are never cached."""

    provider: str
    min_prefix_tokens: int
    write_multiplier: float | None = None
    """Price of a cache write over the input price; None: a write costs the input price."""
    ttl_minutes: float | None = None
    """How long an unused entry surely lives; None: not published."""
    note: str | None = None
    source: Source


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long dated models lived, launch to shutdown, in months."""

    population: str
    median_months: float
    longest_under_months: float
    """None of them lived this long."""
    source: Source


@dataclass(frozen=True, kw_only=True)
class StepSizes:
    """Sizes of price changes in one direction, as new price over old price."""

    n: int
    p10: float
    median: float
    p90: float


@dataclass(frozen=True, kw_only=True)
class PriceSteps:
    """How often the price of one SKU steps, and how far. Steps are published facts, not a forecast."""

    changes: int
    sku_years: float
    up: int
    down: int
    sizes_up: StepSizes
    sizes_down: StepSizes
    source: Source
    """Of the frequency."""
    sizes_source: Source
    sizes_note: str | None = None

    @property
    def up_per_year(self) -> float:
        """Rises of one SKU in a year."""
        return self.up / self.sku_years

    @property
    def down_per_year(self) -> float:
        """Cuts of one SKU in a year."""
        return self.down / self.sku_years


@dataclass(frozen=True, kw_only=True)
class RefusedRow:
    """A row of a price list that was not believed, and why."""

    key: str
    reason: str
