"""What a prompt cache would hold of the logged prompts, by the rules of each provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from breakeven.errors import UnknownPriceError
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.prompts.counting import Tally
from breakeven.evidence.prompts.replay import ASSUMPTIONS, CacheTrace, replay
from breakeven.prices import CacheRules, PriceBook

__all__ = ["caching"]

_PROVIDERS: Final = ("openai", "azure", "anthropic", "bedrock", "gemini")
_ASSUMED_TTL_MINUTES: Final = 5.0
_NO_TIMES: Final = "no call with a text carries a time: when a cache would be used can not be known"


def caching(
    trace: CacheTrace, tally: Tally, made: Sequence[Mapping[str, Any]], prices: Prices, book: PriceBook
) -> dict[str, Any]:
    """Prefixes long enough for each provider, and its cache replayed over the calls at their times."""
    rules = _rules(tally, prices, book)
    inputs = tally.inputs.values()
    known = [sums for sums in inputs if sums.cached_known == sums.calls]
    logged = (
        sum(s.cached for s in known) / sum(s.tokens for s in known) if len(known) == len(inputs) else None
    )
    return {
        "cacheable": [_cacheable(name, rule, made, tally) for name, rule in rules.items()],
        "replay": list(_replays(trace, rules)),
        "logged_share": logged,
        "left_out": trace.left_out,
        "assumptions": list(ASSUMPTIONS),
        "reason": None if len(trace) else _NO_TIMES,
    }  # fmt: skip


def _rules(tally: Tally, prices: Prices, book: PriceBook) -> dict[str, CacheRules]:
    """The rules of the log's own models first, then of the hosts that most use."""
    found: dict[str, CacheRules] = {}
    priced = [
        prices.of(sums.provider, model) for (_, model), sums in tally.inputs.items() if model is not None
    ]
    keys = sorted({price.key for price in priced if price is not None})
    for key in (*keys, *_PROVIDERS):
        try:
            found.setdefault(key, book.cache_rules(key))
        except UnknownPriceError:
            continue
    return found


def _cacheable(
    name: str, rule: CacheRules, made: Sequence[Mapping[str, Any]], tally: Tally
) -> dict[str, Any]:
    """Calls whose static prefix reaches the minimum, and the input that it makes up."""
    long = [one for one in made if one["per_call"]["static_prefix"] >= rule.min_prefix_tokens]
    total = sum(sums.tokens for sums in tally.inputs.values())
    held = sum(one["sums"]["static_prefix"] for one in long)
    return {
        "provider": name, "min_prefix_tokens": rule.min_prefix_tokens,
        "share_of_calls": sum(one["calls"] for one in long) / tally.texts,
        "share_of_input": held / total if total else None,
    }  # fmt: skip


def _replays(trace: CacheTrace, rules: Mapping[str, CacheRules]) -> Iterator[dict[str, Any]]:
    known: dict[tuple[int, float], dict[str, Any]] = {}
    for name, rule in rules.items() if len(trace) else ():
        minutes = rule.ttl_minutes if rule.ttl_minutes is not None else _ASSUMED_TTL_MINUTES
        key = (rule.min_prefix_tokens, minutes)
        if key not in known:
            known[key] = replay(trace, min_prefix_tokens=key[0], ttl_s=60 * minutes).shares()
        yield {
            "provider": name, "min_prefix_tokens": key[0], "ttl_minutes": minutes,
            "ttl_assumed": rule.ttl_minutes is None, **known[key],
        }  # fmt: skip
