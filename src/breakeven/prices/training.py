"""Training by the token and the GPU hour: hosts' rates for a model or a size, and how fast GPUs were seen to train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Final, Literal, cast

from breakeven.prices.names import billions_in, plain
from breakeven.prices.records import ModelPrice, Seen, TrainingRate, TrainingSpeed, TuningOffer
from breakeven.prices.tables import Row, Table, packaged_table

__all__ = [
    "PROVIDERS", "offer_of", "provider_of", "rates_for", "read_rates", "read_speeds", "training_rates",
    "training_speeds",
]  # fmt: skip

PROVIDERS: Final = {"together": "together_ai", "fireworks": "fireworks_ai", "vertex": "vertex_ai"}
"""Short names of hosts."""
_KINDS: Final = ("lora_sft", "lora_dpo", "full_sft", "full_dpo", "adapter_sft")
_FIELDS: Final = (
    "host", "models", "above_b", "up_to_b", "minimum_usd", "minimum_is_sure", "tuned_price_factor", "seen", "note",
    "source",
)  # fmt: skip
_TOLD_BY_OTHERS: Final = 1.25
"""A price that only a secondary source tells is taken as between ÷ and × this."""
_VERTEX_EXAMPLES: Final = 20
"""Fewest rows of a tuning job for Gemini (document 003)."""


def provider_of(host: str) -> str:
    """The price book's provider for a host's name: ``together`` → ``together_ai``."""
    return PROVIDERS.get(host, host)


@cache
def training_rates() -> tuple[TrainingRate, ...]:
    """What hosts charge to train, for models and for sizes."""
    return read_rates(packaged_table("training_rates.yaml"))


def read_rates(table: Table) -> tuple[TrainingRate, ...]:
    """The rates of a table; raises InputError with the line where a row is malformed or two say the same."""
    found: dict[tuple[object, ...], TrainingRate] = {}
    for row in table.rows:
        row.take(*_FIELDS, *_KINDS)
        kinds = [kind for kind in _KINDS if kind in row.values]
        if not kinds:
            row.fail("has no price", hint=f"One or more of {', '.join(_KINDS)}.")
        for kind in kinds:
            rate = _rate(row, kind)
            key = (rate.host, rate.models, rate.above_b, rate.up_to_b, kind)
            if key in found:
                row.fail(f"{rate.host} {rate.title} {kind} stands here a second time")
            found[key] = rate
    return tuple(found.values())


def _rate(row: Row, kind: str) -> TrainingRate:
    method, _, objective = kind.partition("_")
    row.text("seen")
    seen = row.seen()
    low, price, high = _prices(row, kind, seen)
    models = tuple(str(name) for name in row.values.get("models", ()))
    above, up_to = row.number("above_b") or 0.0, row.number("up_to_b")
    if bool(models) == bool(above or up_to):
        row.fail("needs either models or a size (above_b, up_to_b)")
    return TrainingRate(
        host=row.text("host"), title=models[0] if models else _size(above, up_to), models=models, above_b=above,
        up_to_b=up_to, method=cast("Any", method), objective=cast("Any", objective), usd_per_mtok=price,
        low_usd_per_mtok=low, high_usd_per_mtok=high, minimum_usd=row.number("minimum_usd") or 0.0,
        minimum_is_sure=bool(row.values.get("minimum_is_sure", True)),
        tuned_price_factor=row.number("tuned_price_factor"), seen=seen, note=row.values.get("note"),
        source=row.source(),
    )  # fmt: skip


def _prices(row: Row, kind: str, seen: Seen) -> tuple[float, float, float]:
    """Low, price and high: as listed, or widened where only others tell it."""
    value = row.values[kind]
    if not isinstance(value, list):
        price = row.needed(kind)
        slack = _TOLD_BY_OTHERS if seen == "secondary" else 1.0
        return price / slack, price, price * slack
    parts = replace(row, values=dict(enumerate(value)))  # type: ignore[arg-type]  # read by place, as a row is by name
    numbers = [parts.number(cast("Any", k)) for k in range(len(value))]
    if len(numbers) != 3 or None in numbers or sorted(numbers) != numbers:  # type: ignore[type-var]
        row.fail(f"expected [low, price, high], read {list(value)!r}", field=kind)
    low, price, high = cast("list[float]", numbers)
    return low, price, high


def _size(above: float, up_to: float | None) -> str:
    if not above:
        return f"models up to {up_to:g}B"
    return f"models above {above:g}B" if up_to is None else f"models of {above:g}–{up_to:g}B"


def rates_for(base: str, *, objective: str = "sft") -> tuple[TrainingRate, ...]:
    """What the host of ``provider/model`` charges to train it: the model's own rates, else those of its size.

    A method that the model has no rate of its own for takes that of its size. Empty where neither is known.
    """
    provider, _, name = base.partition("/")
    host, own = provider_of(provider), plain(name.rpartition("/")[2])
    offered = [rate for rate in training_rates() if rate.host == host and rate.objective == objective]
    found = {r.method: r for r in offered if r.models and own in map(plain, r.models)}
    billions = billions_in(name.rpartition("/")[2])
    if billions is not None:
        for rate in offered:
            if not rate.models and rate.above_b < billions <= (rate.up_to_b or float("inf")):
                found.setdefault(rate.method, rate)
    return tuple(found.values())


def offer_of(rate: TrainingRate, price: ModelPrice) -> TuningOffer:
    """The offer to tune a model whose tuned calls are billed by the token: its base's prices times the factor."""
    factor = rate.tuned_price_factor or 1.0
    spread = (rate.low_usd_per_mtok, rate.high_usd_per_mtok)
    return TuningOffer(
        base=price.key, method="sft", training_usd_per_mtok=rate.usd_per_mtok, seen=rate.seen,
        training_range=spread if spread[0] < spread[1] else None,
        inference=_times(replace(price, key=f"{price.key}:tuned"), factor), hosting_usd_per_hour=0.0,
        min_examples=_VERTEX_EXAMPLES if rate.host == "vertex_ai" else None,
        train_until=price.retires_on, retires_on=price.retires_on, note=rate.note, source=rate.source,
    )  # fmt: skip


_SCALED: Final = (
    "input_usd_per_mtok", "output_usd_per_mtok", "cached_usd_per_mtok", "cache_write_usd_per_mtok",
    "cache_write_1h_usd_per_mtok", "batch_input_usd_per_mtok", "batch_output_usd_per_mtok", "reasoning_usd_per_mtok",
)  # fmt: skip


def _times(price: ModelPrice, factor: float) -> ModelPrice:
    """Every price of a model times a factor."""
    if factor == 1:
        return price
    tiers = tuple(
        replace(tier, **_scaled(tier, _SCALED[:3], factor)) for tier in price.tiers
    )  # fmt: skip
    return replace(price, tiers=tiers, **_scaled(price, _SCALED, factor))


def _scaled(thing: object, names: tuple[str, ...], factor: float) -> dict[str, Any]:
    return {name: None if (value := getattr(thing, name)) is None else value * factor for name in names}


# ------------------------------------------------------------------------------------------------ GPUs of one's own


@cache
def training_speeds() -> tuple[TrainingSpeed, ...]:
    """Training tokens a second of one GPU, as measured."""
    return read_speeds(packaged_table("training_speed.yaml"))


def read_speeds(table: Table) -> tuple[TrainingSpeed, ...]:
    """The measurements of a table; raises InputError with the line where one is malformed."""
    return tuple(_speeds(table))


def _speeds(table: Table) -> Iterator[TrainingSpeed]:
    for row in table.rows:
        row.take("model", "billions", "gpu", "method", "rows", "tokens_per_s", "note", "source")
        method, rows = row.text("method"), row.text("rows")
        if method not in ("lora", "full") or rows not in ("packed", "unpacked"):
            row.fail(f"expected lora or full, packed or unpacked, read {method!r} and {rows!r}")
        yield TrainingSpeed(
            model=row.text("model"), billions=row.needed("billions"), gpu=row.text("gpu"),
            method=cast('Literal["lora", "full"]', method), rows=cast('Literal["packed", "unpacked"]', rows),
            tokens_per_s=row.needed("tokens_per_s"), note=row.values.get("note"), source=row.source(),
        )  # fmt: skip
