"""Reading LiteLLM's public price file: every text model sold by the token, each row checked before it is believed.

The file (MIT licence) is one JSON object, an entry for each SKU with prices for a single token under some two hundred
field names. What an entry can get wrong costs a user money, so impossible rows are refused with a reason instead of
repaired: a cached price above the input price, a batch price above the base price, a negative or endless number, a
date that is none. And a price of 0.0: LiteLLM writes it for local models, for previews that are free for a while and
for prices nobody has looked up, and a missing price would look like a saving.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from breakeven.errors import InputError
from breakeven.prices.records import RefusedRow
from breakeven.prices.snapshot import Row, Snapshot
from breakeven.sources import Source

__all__ = ["Retirement", "key_of", "read_litellm"]

MODES: Final = ("chat", "completion", "responses", "embedding")

# Outside these the unit has slipped (dollars for 1,000 tokens written as dollars for one, or the other way round).
# The dearest model on sale asks $150 in and $600 out; the cheapest text model $0.005.
DEAREST_INPUT: Final = 300.0
DEAREST_OUTPUT: Final = 1500.0
DEAREST_EMBEDDING: Final = 10.0
CHEAPEST_INPUT: Final = 0.002

_PROVIDERS: Final = {"cohere_chat": "cohere", "azure_text": "azure", "bedrock_converse": "bedrock"}
# Every price of this host is 1/1.1 of what a second list has (docs/reference/price-check.md): euros, it seems.
_DOUBTS: Final = {"ovhcloud": "the list seems to give euros as dollars for this host"}
_TIER: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
_REGIONS: Final = ("eu", "us")


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """A retirement that the price list does not carry: the day, and who says so."""

    on: dt.date
    source: Source


class _RefusedError(Exception):
    """Raised inside this module only: the row is not believed; the text says why."""


def read_litellm(
    raw: object,
    *,
    as_of: dt.date,
    reference: str,
    retirements: Mapping[str, Retirement] = MappingProxyType({}),
) -> Snapshot:
    """LiteLLM's price file as a price book, with the refused rows listed.

    ``raw`` is the parsed JSON, ``as_of`` the day it was read, ``reference`` how it is cited. InputError when it is
    not such a file at all.
    """
    if not isinstance(raw, dict) or not any(
        isinstance(row, dict) and "litellm_provider" in row for row in raw.values()
    ):
        raise InputError(
            "this JSON is not LiteLLM's price file: no entry names a `litellm_provider`. "
            "The file is called model_prices_and_context_window.json."
        )
    reading = _Reading(retirements=retirements)
    for name, entry in raw.items():
        reading.take(name, entry)
    return Snapshot(
        as_of=as_of,
        source=Source(kind="quoted", reference=reference, date=as_of),
        rows=dict(sorted(reading.rows.items())),
        urls=tuple(reading.urls),
        refused=tuple(sorted(reading.refused, key=lambda row: (row.key, row.reason))),
        out_of_scope=dict(reading.out_of_scope),
    )


def key_of(name: str, provider: str) -> str:
    """``provider/model`` for an entry; the provider is never doubled, and its variants are one provider.

    >>> key_of("gpt-4.1-mini", "openai")
    'openai/gpt-4.1-mini'
    >>> key_of("vertex_ai/claude-opus-5", "vertex_ai-anthropic_models")
    'vertex_ai/claude-opus-5'
    """
    host = _provider(provider)
    head, slash, tail = name.partition("/")
    if slash and _provider(head.replace("-", "_") if head != provider else head) == host:
        return f"{host}/{tail}"
    return f"{host}/{name}"


def _provider(name: str) -> str:
    name = _PROVIDERS.get(name, name).removeprefix("text-completion-")
    return re.sub(r"^(vertex_ai|fireworks_ai)-.*", r"\1", name)


@dataclass(kw_only=True)
class _Reading:
    """The state of one pass over the file."""

    retirements: Mapping[str, Retirement]
    rows: dict[str, Row] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    urls: dict[str, int] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)
    out_of_scope: Counter[str] = field(default_factory=Counter)

    def take(self, name: str, entry: object) -> None:
        """Read one entry: into the rows, the refused, or the count of what is out of scope."""
        if name in ("sample_spec", "fallback_generalizations"):
            return
        if not isinstance(entry, dict):
            self.refused.append(RefusedRow(key=name, reason="the entry is not a table of prices"))
            return
        if entry.get("mode") not in MODES:
            self.out_of_scope[str(entry.get("mode"))] += 1
            return
        provider = entry.get("litellm_provider")
        if not isinstance(provider, str) or not provider:
            self.refused.append(RefusedRow(key=name, reason="it names no provider"))
            return
        key = key_of(name, provider)
        try:
            row = _row(entry)
        except _RefusedError as exc:
            self.refused.append(RefusedRow(key=key, reason=str(exc)))
        else:
            self._keep(key, name, self._finished(key, row, entry))

    def _finished(self, key: str, row: dict[str, Any], entry: Mapping[str, Any]) -> Row:
        """The row with its retirement, where only the maker announced it, and the page it was read from."""
        retirement = self.retirements.get(key)
        if retirement is not None and "retires_on" not in row:
            row["retires_on"] = retirement.on.isoformat()
            row["note"] = "; ".join(
                part for part in (row.get("note"), f"retirement: {retirement.source}") if part
            )
        if (doubt := _DOUBTS.get(key.partition("/")[0])) is not None:
            row["note"] = "; ".join(part for part in (row.get("note"), doubt) if part)
        url = entry.get("source")
        if isinstance(url, str):
            page = url.partition("?")[0]
            row["url"] = self.urls.setdefault(page, len(self.urls))
        return row

    def _keep(self, key: str, name: str, row: Row) -> None:
        """Add the row. Of two entries for one key that which spells its provider out is kept."""
        other = self.origin.get(key)
        if other is not None:
            spelt_out = name == key
            loser = self.rows[key] if spelt_out else row
            winner = row if spelt_out else self.rows[key]
            if _prices(loser) != _prices(winner):
                left_out, kept = (other, name) if spelt_out else (name, other)
                reason = f"two entries disagree about this model: {kept!r} is kept, {left_out!r} is left out"
                self.refused.append(RefusedRow(key=key, reason=reason))
            if not spelt_out:
                return
        self.rows[key] = row
        self.origin[key] = name


def _prices(row: Row) -> dict[str, Any]:
    """What two entries for one model must agree on, where both state it: its input, output and cached prices."""
    return {
        name: row.get(name) for name in ("input_usd_per_mtok", "output_usd_per_mtok", "cached_usd_per_mtok")
    }


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's row; _RefusedError says why it is not believed."""
    source = entry.get("source")
    if isinstance(source, str) and not source.startswith(("http://", "https://")):
        raise _RefusedError(f"its own source doubts the price: {source}")
    row: dict[str, Any] = {}
    if entry["mode"] != "chat":
        row["mode"] = entry["mode"]
    base = _base_entry(entry)
    row["input_usd_per_mtok"] = _required(base, "input_cost_per_token")
    row["output_usd_per_mtok"] = _output(base, entry["mode"])
    _check_base(row, entry["mode"])
    _add_cache(row, base)
    _add_batch(row, entry)
    reasoning = _usd_per_mtok(base, "output_cost_per_reasoning_token")
    if reasoning not in (None, row["output_usd_per_mtok"]):
        row["reasoning_usd_per_mtok"] = _positive(reasoning, "the price of reasoning tokens")
    if tiers := list(_tiers(entry, row)):
        row["tiers"] = tiers
    if uplift := _uplift(entry):
        row["region_uplift"] = uplift
    for theirs, ours in (
        ("max_input_tokens", "max_input_tokens"),
        ("prompt_cache_min_tokens", "cache_min_tokens"),
    ):
        # 0 tokens is how the list says that it does not know.
        if entry.get(theirs):
            row[ours] = _count(entry, theirs)
    if entry.get("deprecation_date") is not None:
        row["retires_on"] = _date(entry["deprecation_date"])
    if "off_peak_pricing" in entry:
        row["note"] = "cheaper in off-peak hours; these are the peak prices"
    return row


def _base_entry(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where the prices of a short request stand: the entry itself, or the first of its priced ranges."""
    ranges = entry.get("tiered_pricing")
    if "input_cost_per_token" in entry or not isinstance(ranges, list) or not ranges:
        return entry
    first = ranges[0]
    if not isinstance(first, dict) or _range_start(first) != 0:
        raise _RefusedError("its first priced range does not begin at 0 tokens")
    return first


def _required(entry: Mapping[str, Any], name: str) -> float:
    price = _usd_per_mtok(entry, name)
    if price is None:
        raise _RefusedError(
            "no price for a token is stated (sold by the second, the request or a subscription)"
        )
    return price


def _output(entry: Mapping[str, Any], mode: str) -> float:
    if mode == "embedding":
        return _usd_per_mtok(entry, "output_cost_per_token") or 0.0
    return _required(entry, "output_cost_per_token")


def _check_base(row: Mapping[str, Any], mode: str) -> None:
    """Refuse zeros that nobody vouches for, and prices off by a unit."""
    price_in, price_out = row["input_usd_per_mtok"], row["output_usd_per_mtok"]
    if price_in == 0 and price_out == 0:
        raise _RefusedError(
            "input and output price are 0.0: unknown, local or free only for now, not a price to plan on"
        )
    if price_in == 0:
        raise _RefusedError("the input price is 0.0 while output is billed: unknown, not free")
    if price_out == 0 and mode != "embedding":
        raise _RefusedError("the output price is 0.0 while input is billed: a fee of a router, or unknown")
    dearest = DEAREST_EMBEDDING if mode == "embedding" else DEAREST_INPUT
    if price_in > dearest or price_out > DEAREST_OUTPUT:
        raise _RefusedError(
            f"${price_in:,.10g} in and ${price_out:,.10g} out for a million tokens: a slip of the unit"
        )
    if price_in < CHEAPEST_INPUT:
        raise _RefusedError(
            f"${price_in:.10g} in for a million tokens is no text model's price: a slip of the unit"
        )


def _add_cache(row: dict[str, Any], entry: Mapping[str, Any]) -> None:
    """Cache prices, checked against the input price."""
    price_in = row["input_usd_per_mtok"]
    cached = _usd_per_mtok(entry, "cache_read_input_token_cost")
    if cached is None:
        cached = _usd_per_mtok(entry, "input_cost_per_token_cache_hit")
    if cached is not None:
        if cached == 0:
            raise _RefusedError("the cached price is 0.0: unknown, not free")
        if cached > price_in:
            raise _RefusedError(f"cached input ${cached:.10g} costs more than input ${price_in:.10g}")
        row["cached_usd_per_mtok"] = cached
    for theirs, ours in (
        ("cache_creation_input_token_cost", "cache_write_usd_per_mtok"),
        ("cache_creation_input_token_cost_above_1hr", "cache_write_1h_usd_per_mtok"),
    ):
        write = _usd_per_mtok(entry, theirs)
        # 0.0 is how the list says that writes bear no surcharge: they cost the input price, which None means here.
        if write:
            if write < price_in:
                raise _RefusedError(f"a cache write ${write:.10g} costs less than input ${price_in:.10g}")
            row[ours] = write


def _add_batch(row: dict[str, Any], entry: Mapping[str, Any]) -> None:
    for side in ("input", "output"):
        batch = _usd_per_mtok(entry, f"{side}_cost_per_token_batches")
        base = row[f"{side}_usd_per_mtok"]
        if batch is None or (batch == 0 and base == 0):
            continue
        if batch > base:
            raise _RefusedError(f"batch {side} ${batch:.10g} costs more than {side} ${base:.10g}")
        row[f"batch_{side}_usd_per_mtok"] = _positive(batch, f"the batch price of {side}")


def _tiers(entry: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The context tiers, ascending; a tier that leaves a price out keeps the base price for it."""
    found: dict[int, Mapping[str, Any]] = {}
    for name in entry:
        if match := _TIER.fullmatch(name):
            end = f"_above_{match[1]}k_tokens"
            found[int(match[1]) * 1000] = {
                field_name: entry[field_name + end]
                for field_name in _TIER_FIELDS
                if field_name + end in entry
            }
    ranges = entry.get("tiered_pricing")
    if not found and isinstance(ranges, list):
        found = {_range_start(part): part for part in ranges if isinstance(part, dict)}
        found.pop(0, None)
    for above, part in sorted(found.items()):
        yield _tier(above, part, row)


_TIER_FIELDS: Final = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")


def _tier(above: int, part: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    price_in, price_out, cached = (_usd_per_mtok(part, name) for name in _TIER_FIELDS)
    tier: dict[str, Any] = {
        "above_tokens": above,
        "input_usd_per_mtok": row["input_usd_per_mtok"] if price_in is None else price_in,
        "output_usd_per_mtok": row["output_usd_per_mtok"] if price_out is None else price_out,
    }
    _positive(tier["input_usd_per_mtok"], f"the input price above {above:,} tokens")
    if cached is None:
        cached = row.get("cached_usd_per_mtok")
    if cached is not None:
        if _positive(cached, f"the cached price above {above:,} tokens") > tier["input_usd_per_mtok"]:
            raise _RefusedError(f"above {above:,} tokens cached input costs more than input")
        tier["cached_usd_per_mtok"] = cached
    return tier


def _range_start(part: Mapping[str, Any]) -> int:
    bounds = part.get("range")
    if not isinstance(bounds, list) or not bounds or not isinstance(bounds[0], int | float):
        raise _RefusedError(f"a priced range has no bounds: {bounds!r}")
    return int(bounds[0])


def _uplift(entry: Mapping[str, Any]) -> dict[str, float]:
    """Factors for a region: what is billed when data or inference must stay there."""
    factors: dict[str, Any] = {
        region: entry.get(f"regional_processing_uplift_multiplier_{region}") for region in _REGIONS
    }
    factors["regional"] = entry.get("regional_endpoint_uplift_multiplier")
    special = entry.get("provider_specific_entry")
    if isinstance(special, dict):
        factors.update({region: special[region] for region in _REGIONS if region in special})
    found: dict[str, float] = {}
    for region, factor in factors.items():
        if factor is None:
            continue
        number = _number(factor, f"the uplift for {region}")
        if not 0.5 <= number <= 3:
            raise _RefusedError(f"an uplift of {number:.10g} for {region} is no uplift")
        found[region] = number
    return found


def _usd_per_mtok(entry: Mapping[str, Any], name: str) -> float | None:
    """The price for a million tokens; None where it is not stated."""
    value = entry.get(name)
    if value is None:
        return None
    number = _number(value, name)
    if number < 0:
        raise _RefusedError(f"{name} is negative: {number:.10g}")
    # 4e-07 × 1e6 is 0.39999999999999997; ten digits are more than any list states.
    return float(f"{number * 1e6:.10g}")


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _RefusedError(f"{name} is not a number: {value!r}")
    return float(value)


def _positive(value: float | None, what: str) -> float:
    if not value:
        raise _RefusedError(f"{what} is 0.0: unknown, not free")
    return value


def _count(entry: Mapping[str, Any], name: str) -> int:
    number = _number(entry[name], name)
    if number < 1 or number != int(number):
        raise _RefusedError(f"{name} is not a count of tokens: {entry[name]!r}")
    return int(number)


def _date(value: object) -> str:
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise _RefusedError(f"the retirement date is not a date: {value!r}") from None
