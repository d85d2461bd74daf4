"""One call's dollars at one model's prices, as Ibis expressions over the columns of a table of calls.

A price times tokens is summed in millionths of a dollar: a price for a million tokens times a number of tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from breakeven.evidence.profile.costs import batch_discounts
from breakeven.evidence.repricing.batch import batch_of
from breakeven.evidence.repricing.terms import Cut, Terms
from breakeven.prices import CacheRules, ContextTier, ModelPrice

if TYPE_CHECKING:
    import ibis

__all__ = ["COUNTS", "MADE_OF", "PARTS", "Tariff", "call_parts"]

PARTS: Final = ("input", "cached", "written", "output", "more_writes", "open_given", "open_output")
"""What a call's cost is made of. ``more_writes`` is what it costs more if all that was not read were written;
``open_given`` and ``open_output`` what its input and its output may cost more or less, where its share in batch is
open."""
MADE_OF: Final = PARTS[:4]
"""The parts that make up a call's cost."""
COUNTS: Final = ("too_long", "too_short")
"""Calls over the model's context, and calls shorter than what is to be cut, which therefore stay whole."""


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """One model's prices with the rules of its host's cache; None: the host publishes none, so nothing is cached."""

    price: ModelPrice
    rules: CacheRules | None

    @property
    def caches(self) -> bool:
        """Whether this host sells cached input on published rules."""
        return self.rules is not None and self.price.cached_usd_per_mtok is not None


@dataclass(frozen=True, kw_only=True)
class _Rates:
    """Dollars for a million tokens, region included."""

    input: float
    cached: float
    written: float
    output: float
    reasoning: float


def _rates(price: ModelPrice, tier: ContextTier | None, terms: Terms) -> _Rates:
    """The rates in one context tier. A price that the tier does not name rises as the input's or output's does."""
    paid_in = price.input_usd_per_mtok if tier is None else tier.input_usd_per_mtok
    paid_out = price.output_usd_per_mtok if tier is None else tier.output_usd_per_mtok
    dearer_in, dearer_out = (
        _ratio(paid_in, price.input_usd_per_mtok), _ratio(paid_out, price.output_usd_per_mtok),
    )  # fmt: skip
    cached = price.cached_usd_per_mtok
    if tier is not None and tier.cached_usd_per_mtok is not None:
        cached = tier.cached_usd_per_mtok
    write, reasoning = price.cache_write_usd_per_mtok, price.reasoning_usd_per_mtok
    times = 1.0 if terms.region is None else price.region_uplift.get(terms.region, 1.0)
    return _Rates(
        input=paid_in * times,
        cached=(paid_in if cached is None else cached) * times,
        written=(paid_in if write is None else write * dearer_in) * times,
        output=paid_out * times,
        reasoning=(paid_out if reasoning is None else reasoning * dearer_out) * times,
    )


def _ratio(value: float, base: float) -> float:
    return value / base if base > 0 else 1.0


def call_parts(
    calls: ibis.Table, tariff: Tariff, terms: Terms, cut: Cut | None, *, own: bool = False
) -> dict[str, Any]:
    """``PARTS`` in millionths of a dollar and ``COUNTS`` in calls, as expressions for each row of ``calls``.

    ``calls`` has input and output tokens in every row. Of rows that are windows, tiers and prefixes go by the mean.
    ``own``: the calls were made with this model.
    """
    import ibis

    each = calls["calls"]
    whole = calls["input_tokens"].cast("float64")
    out = calls["output_tokens"].cast("float64")
    thought = ibis.least(calls["reasoning_tokens"].fill_null(0).cast("float64"), out)
    removed, too_short = _removed(whole, each, cut)
    given = whole - removed
    least = _least(tariff, terms, cut, own=own)
    read, written, more = _cached(calls, given, removed, tariff, terms, least)
    size = given / each
    rate = _by_tier(tariff.price, size, terms)
    longest = tariff.price.max_input_tokens
    zero = ibis.literal(0.0)
    standard = {
        "input": (given - read - written) * rate["input"],
        "cached": read * rate["cached"],
        "written": written * rate["written"],
        "output": (out - thought) * rate["output"] + thought * rate["reasoning"],
        "more_writes": more * (rate["written"] - rate["input"]),
    }
    return {
        **_in_batch(calls, standard, tariff.price, terms),
        "too_long": zero if longest is None else ibis.ifelse(size > longest, each, 0.0),
        "too_short": zero if too_short is None else ibis.ifelse(too_short, each, 0.0),
    }


def _in_batch(
    calls: ibis.Table, standard: Mapping[str, Any], price: ModelPrice, terms: Terms
) -> dict[str, Any]:
    """``PARTS`` with the discount for each call's share in batch, from those at the standard price."""
    import ibis

    off_in, off_out = batch_discounts(price)
    batch, none = batch_of(terms.batch), ibis.literal(0.0)
    if not off_in and not off_out:
        return {**standard, "open_given": none, "open_output": none}
    middle = batch.middle(calls)
    paid = {
        name: made * (1.0 - middle * (off_out if name == "output" else off_in))
        for name, made in standard.items()
    }
    if not batch.is_open:
        return {**paid, "open_given": none, "open_output": none}
    half = batch.half(calls)
    given = standard["input"] + standard["cached"] + standard["written"]
    return {**paid, "open_given": given * half * off_in, "open_output": standard["output"] * half * off_out}


def _removed(whole: Any, each: Any, cut: Cut | None) -> tuple[Any, Any]:
    """(tokens that are cut, whether the call is too short for it); a call that is too short stays as it is."""
    import ibis

    if cut is None:
        return ibis.literal(0.0), None
    if cut.tokens is None:
        return whole * (cut.share or 0.0), None
    too_short = whole < cut.tokens * each
    return ibis.ifelse(too_short, 0.0, cut.tokens * each), too_short


def _least(tariff: Tariff, terms: Terms, cut: Cut | None, *, own: bool) -> float | None:
    """The shortest prefix that counts as cached; None: nothing is. What a log says of its own model is believed."""
    if tariff.price.cached_usd_per_mtok is None:
        return None
    if own and cut is None and terms.cached == "logged":
        return 0.0
    return None if tariff.rules is None else tariff.rules.min_prefix_tokens


def _cached(
    calls: ibis.Table, given: Any, removed: Any, tariff: Tariff, terms: Terms, least: float | None
) -> tuple[Any, Any, Any]:
    """(tokens read from the cache, written to it, and maybe written on top).

    What is cut is cut from the cached beginning. Written tokens are fresh ones where a write costs no more than they.
    """
    import ibis

    none = ibis.literal(0.0)
    if least is None:
        return none, none, none
    each, billed = calls["calls"], tariff.price.cache_write_usd_per_mtok is not None
    if isinstance(terms.cached, float):
        held, put = given * terms.cached, none
    else:
        replay = terms.cached == "replay" and tariff.rules is not None
        name = _replayed(tariff.rules) if replay and tariff.rules is not None else "cached_tokens"
        known = calls[name].fill_null(0).cast("float64")
        logged = none if replay else calls["cache_write_tokens"].fill_null(0).cast("float64")
        held = ibis.greatest(known - removed, 0.0)
        put = ibis.greatest(known + logged - removed, 0.0) - held
    enough = (held + put) / each >= least
    read = ibis.ifelse(enough, held, 0.0)
    if not billed:
        return read, none, none
    missed = ibis.ifelse(given / each >= least, given - read, 0.0)
    if terms.cached == "replay":
        return read, missed, none
    if isinstance(terms.cached, float):
        return read, none, missed if terms.cached > 0 else none
    unsaid = calls["cached_tokens"].notnull() & calls["cache_write_tokens"].isnull()
    return read, ibis.ifelse(enough, ibis.least(put, given - read), 0.0), ibis.ifelse(unsaid, missed, 0.0)


def _replayed(rules: CacheRules) -> str:
    from breakeven.evidence.repricing.replay import column

    return column(rules.ttl_minutes)


def _by_tier(price: ModelPrice, size: Any, terms: Terms) -> Mapping[str, Any]:
    """Each rate as an expression of a call's input."""
    import ibis

    base = _rates(price, None, terms)
    tiers = [(tier.above_tokens, _rates(price, tier, terms)) for tier in reversed(price.tiers)]
    names = ("input", "cached", "written", "output", "reasoning")
    if not tiers:
        return {name: ibis.literal(getattr(base, name)) for name in names}
    return {
        name: ibis.cases(
            *((size > above, getattr(rates, name)) for above, rates in tiers), else_=getattr(base, name)
        )
        for name in names
    }
