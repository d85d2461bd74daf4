"""The small dated tables that no price list carries: tuning, GPUs, throughput, cache rules, retirement, price steps.

Each is a YAML file under ``data/`` that a contributor can extend without writing Python (docs/how-to/add-a-price.md).
A file names its ``sources`` once; every row points to one of them, so that no figure stands without where it comes
from and when it was read. Fields are checked by name: a misspelt price is an error, not a missing one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast, get_args

from breakeven.errors import InputError, Place, Problem, nearest
from breakeven.prices.litellm import Retirement
from breakeven.prices.records import (
    CacheRules,
    GpuOffer,
    Lifetimes,
    ModelPrice,
    PriceSteps,
    Seen,
    StepSizes,
    Throughput,
    TuningOffer,
)
from breakeven.sources import Source, SourceKind

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "Table",
    "cache_rules",
    "gpu_offers",
    "lifetimes",
    "packaged_table",
    "price_steps",
    "read_table",
    "retirements",
    "throughputs",
    "tuning_offers",
]

_Record = TypeVar("_Record", bound="DataclassInstance")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table, with the place it stands at."""

    values: Mapping[str, Any]
    place: Place
    sources: Mapping[str, Source]

    def fail(self, message: str, *, field: str | None = None, hint: str | None = None) -> NoReturn:
        """Raise InputError for this row."""
        raise InputError(Problem(place=self.place, field=field, message=message, hint=hint))

    def take(self, *names: str) -> dict[str, Any]:
        """The fields of the row, each one of ``names``; a field of another name is an error."""
        for name in self.values:
            if name not in names:
                near = nearest(name, names)
                self.fail(
                    f"no field is called {name!r}",
                    hint=f"Did you mean {near[0]!r}?" if near else f"Fields: {', '.join(sorted(names))}.",
                )
        return dict(self.values)

    def source(self, name: str = "source") -> Source:
        """The source that a field of the row names."""
        label = self.values.get(name)
        if label not in self.sources:
            self.fail(
                f"{label!r} is not among the file's sources" if label else "the row names no source",
                field=name,
                hint=f"Sources: {', '.join(sorted(self.sources))}.",
            )
        return self.sources[str(label)]

    def number(self, name: str) -> float | None:
        """A field as a finite number above zero; None where it is left out."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            self.fail(
                f"expected a number above 0, read {value!r}", field=name, hint="Leave out what is not known."
            )
        return float(value)

    def needed(self, name: str) -> float:
        """A field that must be there, as a number above zero."""
        value = self.number(name)
        if value is None:
            self.fail("is missing", field=name, hint="A row without it can not be used: leave the row out.")
        return value

    def count(self, name: str) -> int:
        """A field that must be there, as a whole number above zero."""
        value = self.needed(name)
        if value != int(value):
            self.fail(f"expected a whole number, read {value!r}", field=name)
        return int(value)

    def text(self, name: str) -> str:
        """A field that must be there, as text."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            self.fail(f"expected a text, read {value!r}", field=name)
        return str(value)

    def seen(self) -> Seen:
        """How the price was seen; left out, in the seller's own words."""
        seen = self.values.get("seen", "primary")
        if seen not in get_args(Seen):
            self.fail(f"unknown value {seen!r}", field="seen", hint=f"One of {', '.join(get_args(Seen))}.")
        return cast("Seen", seen)

    def date(self, name: str) -> dt.date | None:
        """A field as a date; None where it is left out."""
        value = self.values.get(name)
        if value is not None and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
            self.fail(f"expected a date such as 2027-01-14, read {value!r}", field=name)
        return value


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table file: its rows, and under ``facts`` whatever else it states."""

    rows: tuple[Row, ...]
    facts: Mapping[str, Row]


def read_table(text: str, name: str) -> Table:
    """The table written in ``text``; ``name`` is the file's name in errors. InputError where it is malformed."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    file = Place(file=name)
    try:
        raw = YAML(typ="rt").load(text)
    except YAMLError as exc:
        raise InputError(Problem(place=file, message=f"is not YAML: {exc}")) from exc
    if not isinstance(raw, Mapping) or "sources" not in raw:
        raise InputError(
            Problem(place=file, message="has no `sources`", hint="Each row needs one: see the other tables.")
        )
    sources = {label: _source(_row(raw["sources"], label, {}, name)) for label in raw["sources"]}
    rows = raw.get("rows", [])
    facts = [key for key in raw if key not in ("sources", "rows")]
    return Table(
        rows=tuple(_row(rows, index, sources, name) for index in range(len(rows))),
        facts=MappingProxyType({fact: _row(raw, fact, sources, name) for fact in facts}),
    )


def _row(parent: Any, key: Any, sources: Mapping[str, Source], name: str) -> Row:
    values = parent[key]
    line = parent.lc.item(key)[0] if isinstance(key, int) else parent.lc.key(key)[0]
    place = Place(file=name, line=line + 1)
    if not isinstance(values, Mapping):
        raise InputError(Problem(place=place, message=f"expected fields with values, read {values!r}"))
    return Row(values=values, place=place, sources=sources)


def _source(row: Row) -> Source:
    row.take("kind", "reference", "date")
    kind, date = row.values.get("kind"), row.date("date")
    if kind not in get_args(SourceKind):
        row.fail(f"unknown kind {kind!r}", field="kind", hint=f"One of {', '.join(get_args(SourceKind))}.")
    if date is None:
        row.fail("a source needs the day it was read", field="date")
    return Source(kind=cast("SourceKind", kind), reference=row.text("reference"), date=date)


def packaged_table(name: str) -> Table:
    """A table of the package: ``gpu_hours.yaml``."""
    text = resources.files("breakeven.prices").joinpath("data", name).read_text(encoding="utf-8")
    return read_table(text, name)


def _each(
    rows: tuple[Row, ...], record: Callable[[Row], _Record], key: Callable[[_Record], object]
) -> tuple[_Record, ...]:
    """One record for each row; a key that comes twice is an error."""
    seen: dict[object, Row] = {}
    records: list[_Record] = []
    for row in rows:
        made = record(row)
        if (other := seen.get(key(made))) is not None:
            row.fail(f"{key(made)} stands here a second time", hint=f"It was first given at {other.place}.")
        seen[key(made)] = row
        records.append(made)
    return tuple(records)


def _names(record: type[DataclassInstance]) -> Iterator[str]:
    return (field.name for field in fields(record))


# ------------------------------------------------------------------------------------------------ the tables

_TUNED_PRICES: Final = (
    "input_usd_per_mtok", "output_usd_per_mtok", "cached_usd_per_mtok", "batch_input_usd_per_mtok",
    "batch_output_usd_per_mtok",
)  # fmt: skip


@cache
def tuning_offers() -> tuple[TuningOffer, ...]:
    """Every way to buy a fine-tune that has a training price, a price per call and a source for both."""
    return read_tuning(packaged_table("tuning.yaml"))


def read_tuning(table: Table) -> tuple[TuningOffer, ...]:
    """The offers of a tuning table; a base that goes by two names gives two offers."""
    offers: dict[tuple[str, str, str], TuningOffer] = {}
    for row in table.rows:
        for base in (row.text("base"), *row.values.get("also", ())):
            offer = _tuning_offer(row, str(base))
            key = (offer.base, offer.method, offer.variant)
            if key in offers:
                row.fail(f"{' '.join(key)} is offered a second time")
            offers[key] = offer
    return tuple(offers.values())


def _tuning_offer(row: Row, base: str) -> TuningOffer:
    own = set(_names(TuningOffer)) - {"inference", "training_range"}
    row.take(*own, *_TUNED_PRICES, "also", "inference_source", "hosting_is_free")
    per_mtok, per_hour = row.number("training_usd_per_mtok"), row.number("training_usd_per_hour")
    if (per_mtok is None) == (per_hour is None):
        row.fail("needs exactly one of training_usd_per_mtok and training_usd_per_hour")
    if "/" not in base:
        row.fail(f"expected provider/model, read {base!r}", field="base")
    return TuningOffer(
        base=base,
        method=row.text("method"),
        variant=str(row.values.get("variant", "standard")),
        training_usd_per_mtok=per_mtok,
        training_usd_per_hour=per_hour,
        inference=_tuned_inference(row, base),
        hosting_usd_per_hour=_hosting(row),
        min_examples=row.count("min_examples") if "min_examples" in row.values else None,
        train_until=row.date("train_until"),
        retires_on=row.date("retires_on"),
        host_closes=row.date("host_closes"),
        seen=row.seen(),
        note=row.values.get("note"),
        source=row.source(),
    )


def _hosting(row: Row) -> float:
    """Dollars an hour; free hosting must be said, a price left out is an error."""
    free = row.values.get("hosting_is_free", False)
    if free is True and "hosting_usd_per_hour" not in row.values:
        return 0.0
    return row.needed("hosting_usd_per_hour")


def _tuned_inference(row: Row, base: str) -> ModelPrice:
    price_in, cached = row.needed("input_usd_per_mtok"), row.number("cached_usd_per_mtok")
    if cached is not None and cached > price_in:
        row.fail(f"cached input ${cached:g} costs more than input ${price_in:g}", field="cached_usd_per_mtok")
    return ModelPrice(
        key=f"{base}:tuned",
        provider=base.partition("/")[0],
        input_usd_per_mtok=price_in,
        output_usd_per_mtok=row.needed("output_usd_per_mtok"),
        cached_usd_per_mtok=cached,
        batch_input_usd_per_mtok=row.number("batch_input_usd_per_mtok"),
        batch_output_usd_per_mtok=row.number("batch_output_usd_per_mtok"),
        retires_on=row.date("retires_on"),
        source=row.source("inference_source" if "inference_source" in row.values else "source"),
    )


@cache
def gpu_offers() -> tuple[GpuOffer, ...]:
    """GPUs by the hour."""

    def record(row: Row) -> GpuOffer:
        row.take(*_names(GpuOffer))
        return GpuOffer(
            key=row.text("key"),
            usd_per_hour=row.needed("usd_per_hour"),
            note=row.values.get("note"),
            source=row.source(),
        )

    return _each(packaged_table("gpu_hours.yaml").rows, record, lambda offer: offer.key)


@cache
def throughputs() -> tuple[Throughput, ...]:
    """Requests a second that one GPU serves under a promise about latency."""

    def record(row: Row) -> Throughput:
        row.take(*_names(Throughput))
        return Throughput(
            model=row.text("model"),
            gpu=row.text("gpu"),
            precision=row.text("precision"),
            tokens_in=row.count("tokens_in"),
            tokens_out=row.count("tokens_out"),
            rps=row.needed("rps"),
            slo=row.text("slo"),
            source=row.source(),
        )

    return _each(
        packaged_table("throughput.yaml").rows,
        record,
        lambda made: (made.model, made.gpu, made.precision, made.tokens_in, made.tokens_out, made.slo),
    )


@cache
def cache_rules() -> tuple[CacheRules, ...]:
    """When each host's prompt cache is used."""

    def record(row: Row) -> CacheRules:
        row.take(*_names(CacheRules))
        return CacheRules(
            provider=row.text("provider"),
            min_prefix_tokens=row.count("min_prefix_tokens"),
            write_multiplier=row.number("write_multiplier"),
            ttl_minutes=row.number("ttl_minutes"),
            note=row.values.get("note"),
            source=row.source(),
        )

    return _each(packaged_table("cache_rules.yaml").rows, record, lambda rules: rules.provider)


@cache
def retirements() -> Mapping[str, Retirement]:
    """Retirement days that a price list leaves out, by model."""
    found: dict[str, Retirement] = {}
    for row in packaged_table("retirement.yaml").rows:
        row.take("key", "retires_on", "source")
        day = row.date("retires_on")
        if day is None:
            row.fail("is missing", field="retires_on")
        found[row.text("key")] = Retirement(on=day, source=row.source())
    return MappingProxyType(found)


@cache
def lifetimes() -> Lifetimes:
    """How long dated models have lived."""
    row = packaged_table("retirement.yaml").facts["lifetimes"]
    row.take(*_names(Lifetimes))
    return Lifetimes(
        population=row.text("population"),
        median_months=row.needed("median_months"),
        longest_under_months=row.needed("longest_under_months"),
        source=row.source(),
    )


@cache
def price_steps(data_set: str = "model-prices") -> PriceSteps:
    """How often one SKU's price steps and how far, with the step sizes of one of the data sets in the table."""
    table = packaged_table("price_steps.yaml")
    frequency = table.facts["frequency"]
    frequency.take("changes", "sku_years", "up", "down", "source")
    by_name = {row.text("data_set"): row for row in table.rows}
    if data_set not in by_name:
        raise InputError(f"no step sizes from {data_set!r}; there are: {', '.join(sorted(by_name))}")
    sizes = by_name[data_set]
    sizes.take("data_set", "up", "down", "note", "source")
    return PriceSteps(
        changes=frequency.count("changes"),
        sku_years=frequency.needed("sku_years"),
        up=frequency.count("up"),
        down=frequency.count("down"),
        sizes_up=_step_sizes(sizes, "up"),
        sizes_down=_step_sizes(sizes, "down"),
        source=frequency.source(),
        sizes_source=sizes.source(),
        sizes_note=sizes.values.get("note"),
    )


def _step_sizes(row: Row, side: str) -> StepSizes:
    part = Row(values=row.values[side], place=row.place, sources=row.sources)
    part.take("n", "p10", "median", "p90")
    return StepSizes(
        n=part.count("n"), p10=part.needed("p10"), median=part.needed("median"), p90=part.needed("p90")
    )
