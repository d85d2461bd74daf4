"""Tokens that a prompt cache would have held for each call, from the hashes of its prompt's blocks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from breakeven.errors import EvidenceError, Problem

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.base import CallEngine

__all__ = ["block_tokens", "column", "replayed"]


def column(ttl_minutes: float | None) -> str:
    """The column of cached tokens with entries that live this long; None: for ever."""
    return "replayed_endless" if ttl_minutes is None else f"replayed_{ttl_minutes:g}_min".replace(".", "_")


def replayed(engine: CallEngine, calls: ibis.Table, ttls: Iterable[float | None]) -> ibis.Table:
    """The calls with one more column for each time to live: the leading tokens that an earlier call left in the cache.

    An id stands for a block after the same prefix, and every use renews it. EvidenceError without hashes or times.
    """
    import ibis

    blocks = calls.filter(calls["prefix_blocks"].notnull() & calls["time"].notnull())
    if not engine.rows(blocks.select("time").limit(1)):
        hint = "state the share instead: --cached 60%"
        message = "the log has no hashes of prompt blocks, so its cache can not be replayed"
        raise EvidenceError(Problem(message=message, hint=hint))
    order = [calls["time"], calls["input_tokens"], calls["output_tokens"]]
    numbered = engine.keep(calls.mutate(call=ibis.row_number().over(order_by=order)), "numbered")
    size = block_tokens(engine, numbered)
    single = numbered.filter(lambda t: t["prefix_blocks"].notnull()).select(
        "call", "time", n=lambda t: t["prefix_blocks"].length(), block="prefix_blocks"
    )
    single = engine.keep(single.unnest("block", offset="place"), "blocks")
    window = ibis.window(group_by="block", order_by="call")
    before = single.mutate(
        gap_s=(single["time"].epoch_seconds() - single["time"].lag().over(window).epoch_seconds())
    )
    before = engine.keep(before.select("call", "place", "n", "gap_s"), "gaps")
    held = before.group_by("call").agg(**{column(ttl): _leading(before, ttl) for ttl in dict.fromkeys(ttls)})
    both = numbered.left_join(held, "call")
    names = {column(ttl) for ttl in ttls}
    tokens = {name: ibis.least(both[name] * size, both["input_tokens"]) for name in names}
    return engine.keep(both.mutate(**tokens).drop("call", "call_right"), "replayed")


def _leading(blocks: ibis.Table, ttl_minutes: float | None) -> ibis.Value:
    """How many blocks lead the prompt before the first that is not in the cache."""
    fresh = blocks["gap_s"].isnull()
    if ttl_minutes is not None:
        fresh |= blocks["gap_s"] > 60 * ttl_minutes
    return blocks["place"].min(where=fresh).fill_null(blocks["n"].max())


def block_tokens(engine: CallEngine, calls: ibis.Table) -> int:
    """Tokens in a block: the one size (a power of two, if any is) at which every prompt has its number of blocks."""
    known = calls.filter(calls["prefix_blocks"].notnull() & (calls["prefix_blocks"].length() > 0))
    n = known["prefix_blocks"].length()
    tokens = known["input_tokens"].cast("float64")
    found = known.agg(low=(tokens / n).max(), high=(tokens / (n - 1).nullif(0)).min())
    low, high = engine.rows(found.select("low", "high"))[0]
    top = math.inf if high is None else high
    power: int = 2 ** math.ceil(math.log2(max(low, 1.0)))
    size: int = power if power < top else math.ceil(low)
    if size >= top:
        message = f"blocks hold at least {low:.0f} tokens by some calls and under {top:.0f} by others"
        raise EvidenceError(Problem(message=message, hint="state the share instead: --cached 60%"))
    return size
