"""What models charge: the price book's prices, with the study's own in their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from breakeven.beliefs import Belief, Source
from breakeven.errors import UnknownPriceError, nearest
from breakeven.prices import ContextTier, ModelPrice, TuningOffer
from breakeven.study.context import Context
from breakeven.study.file import PriceFile
from breakeven.study.model import ModelPrices, Tier
from breakeven.yaml_places import Path

__all__ = ["PriceDesk", "Priced"]

_STATED: Final = ("input", "output", "cached", "cache_write", "batch_input", "batch_output")


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A model's prices, and what else the price book says of it."""

    prices: ModelPrices
    regions: Mapping[str, float]
    """Uplift by region."""
    caches: bool
    """Whether its host says from which prefix on it caches."""
    source: Source
    """Where what is not stated comes from."""


class PriceDesk:
    """Looks prices up for one study, each model once, so that candidates on one model share its prices."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._stated = ctx.file.prices or {}
        self._known: dict[str, Priced | None] = {}
        self._used: set[str] = set()

    def model(self, key: str, at: Path) -> Priced | None:
        """The prices of a model that the field ``at`` names; None, with a problem added, where there are none."""
        self._used.add(key)
        if key not in self._known:
            self._known[key] = self._look_up(key, at)
        return self._known[key]

    def tuned(self, base: str, at: Path) -> tuple[Priced | None, TuningOffer | None]:
        """The prices of a fine-tune of a base, and the offer to make one; None where the study states its own."""
        key = f"{base}:tuned"
        self._used.add(key)
        try:
            offer = self._ctx.book.tuning(base)
        except UnknownPriceError as exc:
            if key not in self._stated:
                self._unknown(at, exc, f"or state `prices: {{{key}: {{input: …, output: …}}}}`")
                return None, None
            return self.model(key, at), None
        if key not in self._known:
            self._known[key] = self._made(key, offer.inference, self._stated.get(key))
        return self._known[key], offer

    def has(self, key: str) -> bool:
        """Whether a price is known, in the book or the study."""
        return key in self._stated or self._in_book(key)

    def can_tune(self, base: str) -> bool:
        """Whether somebody is known to tune a base, or the study states what its calls cost."""
        return f"{base}:tuned" in self._stated or bool(self._ctx.book.tunings(base))

    def only_trains(self, base: str) -> bool:
        """Whether a host sells the training of a base, and nobody states a price for calls to the tuned model."""
        return not self.can_tune(base) and bool(self._ctx.book.training_rates(base))

    def check_all_used(self) -> None:
        """A price of the study's own for a model that nobody knows and nobody uses is a slip of the pen."""
        for key in self._stated:
            if key in self._used or self._in_book(key):
                continue
            near = nearest(key, self._used, n=1)
            hint = f"did you mean {near[0]}?" if near else "name it as `model` of a candidate, or remove it"
            self._ctx.problems.add(("prices", key), "no candidate uses this model", hint, at_key=True)

    def _in_book(self, key: str) -> bool:
        base = key.removesuffix(":tuned")
        return key in self._ctx.book or (base != key and bool(self._ctx.book.tunings(base)))

    def _look_up(self, key: str, at: Path) -> Priced | None:
        stated = self._stated.get(key)
        if stated is not None and not self._in_book(key):
            return self._defined(key, stated)
        try:
            listed = self._ctx.book.model(key)
        except UnknownPriceError as exc:
            self._unknown(at, exc, "or state it under `prices:`")
            return None
        if listed.mode == "embedding":
            hint = "name a model that writes answers"
            self._ctx.problems.add(at, f"{key} makes embeddings; it does not answer", hint)
            return None
        return self._made(key, listed, stated)

    def _unknown(self, at: Path, error: UnknownPriceError, otherwise: str) -> None:
        near = f"nearest: {', '.join(error.near)}; " if error.near else ""
        what = "price to tune it" if "tuning" in str(error) else "price"
        self._ctx.problems.add(at, f"no {what} is known for {error.key!r}", f"{near}{otherwise}")

    def _defined(self, key: str, stated: PriceFile) -> Priced | None:
        """A model that only the study knows."""
        at = ("prices", key)
        if "/" not in key:
            self._ctx.problems.add(
                at, f"{key!r} names no provider", "provider/model: openai/gpt-4.1", at_key=True
            )
        missing = [name for name in ("input", "output") if getattr(stated, name) is None]
        for name in missing:
            message = f"`{name}` is missing, and the price book does not know {key!r}"
            self._ctx.problems.add((*at, name), message, "write it like $0.15/1M tokens", at_key=True)
        return None if missing else self._made(key, None, stated)

    def _made(self, key: str, listed: ModelPrice | None, stated: PriceFile | None) -> Priced:
        def price(name: str) -> Belief | None:
            given = getattr(stated, name, None)
            if given is not None and stated is not None:
                cause = f"prices of {provider}"
                return self._ctx.stated(("prices", key, name), given, cause=cause, source=stated.origin)
            value = getattr(listed, f"{name}_usd_per_mtok", None)
            return None if value is None else self._quoted(key, name, value, source)

        provider = listed.provider if listed else key.partition("/")[0]
        source = listed.source if listed else self._ctx.here(("prices", key))
        found = {name: price(name) for name in _STATED}
        minimum = self._min_prefix(key if listed else provider)
        assert found["input"] is not None
        assert found["output"] is not None
        prices = ModelPrices(
            key=key,
            provider=provider,
            input=found["input"],
            output=found["output"],
            cached=found["cached"],
            cache_write=found["cache_write"] or self._write_price(key, provider, found["input"], source),
            batch_input=found["batch_input"],
            batch_output=found["batch_output"],
            tiers=self._tiers(key, listed, stated),
            min_prefix_tokens=minimum or 0,
            retires_on=_retirement(
                stated.retires_on if stated else None, listed.retires_on if listed else None
            ),
        )
        regions = listed.region_uplift if listed else {}
        return Priced(prices=prices, regions=regions, caches=minimum is not None, source=source)

    def _quoted(self, key: str, name: str, value: float, source: Source) -> Belief:
        return self._ctx.quoted(f"prices.{key}.{name}", "money per token", value, source)

    def _min_prefix(self, key: str) -> int | None:
        try:
            return self._ctx.book.cache_rules(key).min_prefix_tokens
        except UnknownPriceError:
            return None

    def _write_price(self, key: str, provider: str, paid: Belief, source: Source) -> Belief | None:
        """A host that bills cache writes as a multiple of the input price."""
        try:
            multiple = self._ctx.book.cache_rules(provider).write_multiplier
        except UnknownPriceError:
            return None
        if multiple is None or not paid.is_point:
            return None
        return self._quoted(key, "cache_write", paid.centre * multiple, source)

    def _tiers(self, key: str, listed: ModelPrice | None, stated: PriceFile | None) -> tuple[Tier, ...]:
        """The book's tiers; a study that states its own prices pays these whatever the length."""
        if listed is None:
            return ()
        if stated is not None and (stated.input or stated.output):
            if listed.tiers:
                self._ctx.notes.append(
                    f"{key}: its prices are stated, so the list's prices for long inputs are not used"
                )
            return ()
        return tuple(self._tier(key, tier, listed.source) for tier in listed.tiers)

    def _tier(self, key: str, tier: ContextTier, source: Source) -> Tier:
        at = f"{key}.above_{tier.above_tokens}"
        cached = tier.cached_usd_per_mtok
        return Tier(
            above_tokens=float(tier.above_tokens),
            input=self._quoted(at, "input", tier.input_usd_per_mtok, source),
            output=self._quoted(at, "output", tier.output_usd_per_mtok, source),
            cached=None if cached is None else self._quoted(at, "cached", cached, source),
        )


def _retirement(stated: dt.date | Literal["never"] | None, listed: dt.date | None) -> dt.date | None:
    if stated == "never":
        return None
    return listed if stated is None else stated
