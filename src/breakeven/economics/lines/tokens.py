"""Lines 1–6: what model calls cost, by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from breakeven.beliefs import Belief, Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.world import Terms, World
from breakeven.errors import InputError
from breakeven.study.model import ModelPrices, Tier, Tokens

__all__ = ["TOKEN_LINES", "attempts", "call_cost"]

MILLION = 1e6


@dataclass(frozen=True)
class _Call:
    """One attempt of a candidate in month 1: its tokens, and in dollars what they cost, each computed once."""

    world: World
    prices: ModelPrices
    tokens: Tokens

    def __getitem__(self, belief: Belief) -> Values:
        return self.world[belief]

    @cached_property
    def attempts(self) -> Values:
        return attempts(self.world)

    @cached_property
    def tokens_in(self) -> Values:
        return self[self.tokens.static] + self[self.tokens.input]

    @cached_property
    def tokens_out(self) -> Values:
        return self[self.tokens.output] + self[self.tokens.reasoning]

    @cached_property
    def cached_share(self) -> Values:
        """h: the share of input tokens read from the cache, 0 under the provider's minimum prefix."""
        candidate = self.world.candidate
        if self.prices.cached is None:
            return np.zeros(1)
        if candidate.cached is not None:
            share = self[candidate.cached]
        elif candidate.hit_rate is not None:
            share = self[candidate.hit_rate] * self.static_share
        else:
            return np.zeros(1)
        return np.where(self[self.tokens.static] >= self.prices.min_prefix_tokens, share, 0.0)

    @cached_property
    def static_share(self) -> Values:
        return self[self.tokens.static] / np.maximum(self.tokens_in, 1e-300)

    @cached_property
    def writes(self) -> Values:
        """Calls that miss the cache and write their prefix; 0 where caching is off."""
        share = self.cached_share
        hits = np.minimum(1.0, share / np.maximum(self.static_share, 1e-300))
        return np.where(share > 0, 1.0 - hits, 0.0)

    @cached_property
    def input(self) -> Values:
        return self.tokens_in * (1 - self.cached_share) * self[self.prices.input] / MILLION

    @cached_property
    def cache_reads(self) -> Values:
        return self.tokens_in * self.cached_share * self.world.get(self.prices.cached) / MILLION

    @cached_property
    def cache_writes(self) -> Values:
        if self.prices.cache_write is None:
            return np.zeros(1)
        dearer = self[self.prices.cache_write] - self[self.prices.input]
        return self.writes * self[self.tokens.static] * dearer / MILLION

    @cached_property
    def output(self) -> Values:
        return self.tokens_out * self[self.prices.output] / MILLION

    @cached_property
    def tier_and_region(self) -> Values:
        extra_in, extra_out = self.extra
        return extra_in + extra_out

    @cached_property
    def extra(self) -> tuple[Values, Values]:
        """What tier and region add to one call's input and output."""
        extra_in, extra_out = np.zeros(1), np.zeros(1)
        for tier in self.prices.tiers:  # ascending: each replaces the one below where the call is long enough
            over = self.tokens_in > tier.above_tokens
            tier_in, tier_out = self.tier_extra(tier)
            extra_in, extra_out = np.where(over, tier_in, extra_in), np.where(over, tier_out, extra_out)
        if self.prices.region_factor is None:
            return extra_in, extra_out
        uplift = self[self.prices.region_factor] - 1
        return extra_in + uplift * (self.base_in + extra_in), extra_out + uplift * (self.output + extra_out)

    def tier_extra(self, tier: Tier) -> tuple[Values, Values]:
        """What the tier adds to the input and output of a call that is long enough."""
        share = self.cached_share
        dearer_in = (1 - share) * (self[tier.input] - self[self.prices.input])
        if tier.cached is not None and self.prices.cached is not None:
            dearer_in = dearer_in + share * (self[tier.cached] - self[self.prices.cached])
        dearer_out = self[tier.output] - self[self.prices.output]
        return self.tokens_in * dearer_in / MILLION, self.tokens_out * dearer_out / MILLION

    @cached_property
    def base_in(self) -> Values:
        """Lines 1–3."""
        return self.input + self.cache_reads + self.cache_writes

    @cached_property
    def batch(self) -> Values:
        share = self.world.candidate.batch
        if share is None or self.prices.batch_input is None or self.prices.batch_output is None:
            if share is not None and not (share.is_point and share.centre == 0):
                name = self.world.candidate.name
                raise InputError(f"{name}: {self.prices.key} has no batch price, so `batch` must be 0%")
            return np.zeros(1)
        off_in = 1 - self[self.prices.batch_input] / np.maximum(self[self.prices.input], 1e-300)
        off_out = 1 - self[self.prices.batch_output] / np.maximum(self[self.prices.output], 1e-300)
        extra_in, extra_out = self.extra
        return -self[share] * (off_in * (self.base_in + extra_in) + off_out * (self.output + extra_out))

    @cached_property
    def usd(self) -> Values:
        """All of lines 1–6."""
        return self.base_in + self.output + self.tier_and_region + self.batch


def _call(world: World) -> _Call | None:
    """One for each candidate on the same draws, whichever line asks."""
    candidate = world.candidate
    if candidate.prices is None or candidate.tokens is None or candidate.per_call is not None:
        return None
    prices, tokens = candidate.prices, candidate.tokens
    return world.remembered(_Call, lambda: _Call(world.apart, prices, tokens))


def attempts(world: World) -> Values:
    """N(1+r) in month 1: calls and their retries, all of them paid."""
    retries = world.candidate.retries
    return world.volume * (1 + world[world.study.workload.retries if retries is None else retries])


def call_cost(world: World) -> Values:
    """Dollars for one attempt at month 1's prices, all of lines 1–6; a stated cost per call as it stands."""
    if world.candidate.per_call is not None:
        return world[world.candidate.per_call]
    call = _call(world)
    return np.zeros(1) if call is None else call.usd


def _paid(part: Callable[[_Call], Values]) -> Callable[[World], Terms]:
    """A part of one attempt's cost, paid for every attempt."""

    def terms(world: World) -> Terms:
        call = _call(world)
        return {} if call is None else {world.api: call.attempts * part(call)}

    return terms


def _token_line(
    number: int, key: str, title: str, formula: str, source: str, part: Callable[[_Call], Values]
) -> CostLine:
    return CostLine(
        number=number, key=key, title=title, formula=formula, group="model calls", source=source, terms=_paid(part),
    )  # fmt: skip


TOKEN_LINES = (
    _token_line(1, "input", "Input tokens", "N(1+r)·T_in·(1−h)·p_in", "provider price lists", lambda c: c.input),
    _token_line(2, "cache_reads", "Cached input", "N(1+r)·T_in·h·p_cr; h = 0 under the provider's minimum prefix",
                "provider price lists", lambda c: c.cache_reads),
    _token_line(3, "cache_writes", "Cache writes", "writes·T_prefix·(p_cw − p_in): line 1 already paid p_in for them",
                "provider price lists", lambda c: c.cache_writes),
    _token_line(4, "output", "Output and reasoning", "N(1+r)·(T_out+T_reason)·p_out", "provider price lists",
                lambda c: c.output),
    _token_line(5, "tier_region", "Context tier, region", "(tier(T_in)·region − 1)·(lines 1–4)", "provider price lists",
                lambda c: c.tier_and_region),
    _token_line(6, "batch", "Batch discount", "−share·discount·(lines 1–5)", "provider price lists", lambda c: c.batch),
)  # fmt: skip
