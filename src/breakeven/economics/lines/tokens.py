"""Lines 1–6: what model calls cost, by token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from breakeven.beliefs import Values
from breakeven.economics.lines.entry import CostLine
from breakeven.economics.world import Terms, World
from breakeven.errors import InputError
from breakeven.study.model import Belief, ModelPrices, Tier, Tokens

__all__ = ["TOKEN_LINES", "attempts", "call_cost"]

MILLION = 1e6


@dataclass(frozen=True)
class _Call:
    """One call of a candidate: its tokens and the prices they pay."""

    world: World
    prices: ModelPrices
    tokens: Tokens

    def __getitem__(self, belief: Belief) -> Values:
        return self.world[belief]

    @property
    def tokens_in(self) -> Values:
        return self[self.tokens.static] + self[self.tokens.input]

    @property
    def tokens_out(self) -> Values:
        return self[self.tokens.output] + self[self.tokens.reasoning]

    @property
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

    @property
    def static_share(self) -> Values:
        return self[self.tokens.static] / np.maximum(self.tokens_in, 1e-300)

    @property
    def writes(self) -> Values:
        """Calls that miss the cache and write their prefix; 0 where caching is off."""
        share = self.cached_share
        hits = np.minimum(1.0, share / np.maximum(self.static_share, 1e-300))
        return np.where(share > 0, 1.0 - hits, 0.0)

    def tier_extra(self, tier: Tier) -> tuple[Values, Values]:
        """What the tier adds to one call's input and output, in dollars; 0 for shorter calls."""
        over = self.tokens_in > tier.above_tokens
        share = self.cached_share
        dearer_in = (1 - share) * (self[tier.input] - self[self.prices.input])
        if tier.cached is not None and self.prices.cached is not None:
            dearer_in = dearer_in + share * (self[tier.cached] - self[self.prices.cached])
        dearer_out = self[tier.output] - self[self.prices.output]
        return (
            np.where(over, self.tokens_in * dearer_in / MILLION, 0.0),
            np.where(over, self.tokens_out * dearer_out / MILLION, 0.0),
        )


def _call(world: World) -> _Call | None:
    candidate = world.candidate
    if candidate.prices is None or candidate.tokens is None or candidate.per_call is not None:
        return None
    return _Call(world, candidate.prices, candidate.tokens)


def attempts(world: World) -> Values:
    """N(1+r) in month 1: calls and their retries, all of them paid."""
    retries = world.candidate.retries
    return world.volume * (1 + world[world.study.workload.retries if retries is None else retries])


def _input(c: _Call) -> Values:
    return c.tokens_in * (1 - c.cached_share) * c[c.prices.input] / MILLION


def _cache_reads(c: _Call) -> Values:
    return c.tokens_in * c.cached_share * c.world.get(c.prices.cached) / MILLION


def _cache_writes(c: _Call) -> Values:
    if c.prices.cache_write is None:
        return np.zeros(1)
    dearer = c[c.prices.cache_write] - c[c.prices.input]
    return c.writes * c[c.tokens.static] * dearer / MILLION


def _output(c: _Call) -> Values:
    return c.tokens_out * c[c.prices.output] / MILLION


def _tiers_in_out(c: _Call) -> tuple[Values, Values]:
    """What tier and region add to one call's input and output."""
    applied_in, applied_out = np.zeros(1), np.zeros(1)
    for tier in c.prices.tiers:  # ascending: each replaces the one below where the call is long enough
        extra_in, extra_out = c.tier_extra(tier)
        over = c.tokens_in > tier.above_tokens
        applied_in, applied_out = np.where(over, extra_in, applied_in), np.where(over, extra_out, applied_out)
    if c.prices.region_factor is not None:
        uplift = c[c.prices.region_factor] - 1
        base_in = _input(c) + _cache_reads(c) + _cache_writes(c)
        applied_in, applied_out = (
            applied_in + uplift * (base_in + applied_in),
            applied_out + uplift * (_output(c) + applied_out),
        )
    return applied_in, applied_out


def _tier_and_region(c: _Call) -> Values:
    tier_in, tier_out = _tiers_in_out(c)
    return tier_in + tier_out


def _batch(c: _Call) -> Values:
    share = c.world.candidate.batch
    if share is None or c.prices.batch_input is None or c.prices.batch_output is None:
        if share is not None and not (share.is_point and share.centre == 0):
            raise InputError(f"{c.world.candidate.name}: {c.prices.key} has no batch price, so `batch` must be 0%")
        return np.zeros(1)
    off_in = 1 - c[c.prices.batch_input] / np.maximum(c[c.prices.input], 1e-300)
    off_out = 1 - c[c.prices.batch_output] / np.maximum(c[c.prices.output], 1e-300)
    tier_in, tier_out = _tiers_in_out(c)
    full_in = _input(c) + _cache_reads(c) + _cache_writes(c) + tier_in
    return -c[share] * (off_in * full_in + off_out * (_output(c) + tier_out))


_PARTS = (_input, _cache_reads, _cache_writes, _output, _tier_and_region, _batch)


def call_cost(world: World) -> Values:
    """Dollars for one attempt at month 1's prices, all of lines 1–6; a stated cost per call as it stands."""
    if world.candidate.per_call is not None:
        return world[world.candidate.per_call]
    call = _call(world)
    return np.zeros(1) if call is None else np.sum(np.broadcast_arrays(*(part(call) for part in _PARTS)), axis=0)


def _paid(part: Callable[[_Call], Values]) -> Callable[[World], Terms]:
    """A part of one attempt's cost, paid for every attempt."""

    def terms(world: World) -> Terms:
        call = _call(world)
        return {} if call is None else {world.api: attempts(world) * part(call)}

    return terms


def _token_line(number: int, key: str, title: str, formula: str, source: str, part: Callable[[_Call], Values]) -> CostLine:
    return CostLine(
        number=number, key=key, title=title, formula=formula, group="model calls", source=source, terms=_paid(part)
    )


TOKEN_LINES = (
    _token_line(1, "input", "Input tokens", "N(1+r)·T_in·(1−h)·p_in", "provider price lists", _input),
    _token_line(2, "cache_reads", "Cached input", "N(1+r)·T_in·h·p_cr; h = 0 under the provider's minimum prefix",
                "provider price lists", _cache_reads),
    _token_line(3, "cache_writes", "Cache writes", "writes·T_prefix·(p_cw − p_in): line 1 already paid p_in for them",
                "provider price lists", _cache_writes),
    _token_line(4, "output", "Output and reasoning", "N(1+r)·(T_out+T_reason)·p_out", "provider price lists", _output),
    _token_line(5, "tier_region", "Context tier, region", "(tier(T_in)·region − 1)·(lines 1–4)", "provider price lists",
                _tier_and_region),
    _token_line(6, "batch", "Batch discount", "−share·discount·(lines 1–5)", "provider price lists", _batch),
)  # fmt: skip
