"""Calls summed by all that a profile tells apart: one pass over the log, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Final, NamedTuple

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.costs import Prices
from breakeven.prices import ModelPrice

__all__ = ["BATCH_TIERS", "ENDINGS", "Cell", "few_names", "find_cells", "is_streamed"]

BATCH_TIERS: Final = ("batch", "flex")
"""Service tiers that are billed at the batch price."""
ENDINGS: Final = ("stop", "length", "content filter", "tool calls")
_MOST_NAMES: Final = {"feature": 5_000, "template": 500}
"""Different names past which a column names single calls rather than kinds of them."""


class Cell(NamedTuple):
    """Calls of one day, model, feature, template, kind of failure, tier and context band, summed."""

    day: int | None
    provider: str | None
    model: str | None
    feature: str | None
    template: str | None
    failure: str | None
    at_batch: int
    """1 for calls at a tier that is billed at the batch price, else 0."""
    band: int
    calls: float
    no_input: int
    no_output: int
    no_cached: int
    input: float
    input_squares: float
    """Σ input², for how much inputs differ."""
    output: float
    cached: float
    written: float
    reasoning: float
    longest: float
    logged: int
    logged_usd: float
    rows: int
    no_time: int
    ended: int
    """Calls that say how their answer ended; of them, those that ended so:"""
    ended_stop: int
    ended_length: int
    ended_filter: int
    ended_tools: int
    streamed: int
    """Calls whose first token came before the last; see ``is_streamed``."""
    tiered: int
    batched: int
    """Of the calls that say a service tier, those at the batch tier."""
    first: float | None
    last: float | None

    def ending(self, name: str) -> int:
        """Calls that ended so; one of ``ENDINGS``."""
        return (self.ended_stop, self.ended_length, self.ended_filter, self.ended_tools)[ENDINGS.index(name)]


def few_names(log: CallLog) -> tuple[frozenset[str], list[str]]:
    """The columns among feature and template that name kinds of calls; and warnings for those that name single ones."""
    there = [name for name in _MOST_NAMES if log.may_hold(name)]
    if not there:
        return frozenset(), []
    counted = log.calls.agg(**{name: log.calls[name].approx_nunique() for name in there})
    found = dict(zip(there, log.engine.rows(counted.select(*there))[0], strict=True))
    warnings = [
        f"over {_MOST_NAMES[name]:,} different values of {name}: they name single calls, and are not told apart"
        for name, n in found.items()
        if n > _MOST_NAMES[name]
    ]
    return frozenset(name for name, n in found.items() if n <= _MOST_NAMES[name]), warnings


def find_cells(log: CallLog, prices: Prices, named: frozenset[str]) -> list[Cell]:
    """All that sums by day, model, feature, template and failure. ``named``: see ``few_names``.

    Calls are told apart by context bands only where some call is long enough for a price to change with its length.
    """
    cells = _summed(log, named, ())
    tiers = {tier.above_tokens for price in _tiered(cells, prices) for tier in price.tiers}
    longest = max((cell.longest for cell in cells), default=0.0)
    reached = sorted(tokens for tokens in tiers if longest > tokens)
    return _summed(log, named, reached) if reached else cells


def _summed(log: CallLog, named: frozenset[str], thresholds: Sequence[float]) -> list[Cell]:
    calls = log.calls
    each = _each_input(log)
    keys = {"day": calls["time"].epoch_seconds().cast("int64") // 86_400}
    if thresholds:
        keys["band"] = reduce(add, ((each > t).fill_null(False).cast("int64") for t in thresholds))
    if log.may_hold("tier"):
        keys["at_batch"] = calls["tier"].isin(BATCH_TIERS).fill_null(False).cast("int64")
    kinds = [name for name in ("provider", "model", "failure") if log.may_hold(name)]
    keys |= {name: calls[name] for name in (*kinds, *sorted(named))}
    sums = {name: made for name, (column, made) in _sums(calls, each).items() if log.may_hold(column)}
    names = [*keys, *sums]
    found = calls.group_by(**keys).agg(**sums).select(*names)
    return [_cell(dict(zip(names, row, strict=True))) for row in log.engine.rows(found)]


def _each_input(log: CallLog) -> Any:
    """Input tokens of a call; of a window, of its mean call."""
    given = log.calls["input_tokens"]
    return given if log.window_s is None else given / log.calls["calls"].nullif(0)


def _sums(calls: Any, each: Any) -> dict[str, tuple[str, Any]]:
    """Name → (the column without which it is nothing, the sum)."""
    given, time, ending, tier = calls["input_tokens"], calls["time"], calls["ending"], calls["tier"]
    counts = {
        "timed": "time", "with_input": "input_tokens", "with_output": "output_tokens", "with_cached": "cached_tokens",
        "logged": "cost_usd", "ended": "ending", "tiered": "tier",
    }  # fmt: skip
    totals = {
        "calls": "calls", "input": "input_tokens", "output": "output_tokens", "cached": "cached_tokens",
        "written": "cache_write_tokens", "reasoning": "reasoning_tokens", "logged_usd": "cost_usd",
    }  # fmt: skip
    names = ("ended_stop", "ended_length", "ended_filter", "ended_tools")
    return {
        "rows": ("calls", calls.count()),
        **{name: (column, calls[column].count()) for name, column in counts.items()},
        **{name: (column, calls[column].sum()) for name, column in totals.items()},
        "input_squares": ("input_tokens", (given.cast("float64") * given).sum()),
        "longest": ("input_tokens", each.max()),
        "first": ("time", time.min()),
        "last": ("time", time.max()),
        **{name: ("ending", (ending == word).sum()) for name, word in zip(names, ENDINGS, strict=True)},
        "streamed": ("ttft_s", is_streamed(calls).sum()),
        "batched": ("tier", (tier == "batch").sum()),
    }


def is_streamed(calls: Any) -> Any:
    """Whether the first token of a call came before its end: some logs write the end for calls that do not stream."""
    early = calls["latency_s"].isnull() | (calls["ttft_s"] < calls["latency_s"] - _TOKEN_S)
    return (calls["ttft_s"].notnull() & early).fill_null(False)


_TOKEN_S: Final = 0.0005
_MAY_BE_EMPTY: Final = frozenset(
    {"day", "provider", "model", "feature", "template", "failure", "first", "last"}
)


def _cell(found: dict[str, Any]) -> Cell:
    """The cell of one row of sums; what was not asked for is empty, or nothing."""
    rows = found["rows"]
    for unknown, known in (
        ("no_time", "timed"), ("no_input", "with_input"), ("no_output", "with_output"), ("no_cached", "with_cached"),
    ):  # fmt: skip
        found[unknown] = rows - (found.get(known) or 0)
    return Cell(*(_filled(name, found.get(name)) for name in Cell._fields))


def _filled(name: str, value: Any) -> Any:
    if name in ("first", "last") and value is not None:
        import datetime as dt

        return (value - dt.datetime(1970, 1, 1)) / dt.timedelta(seconds=1)  # noqa: DTZ001 - UTC without a zone
    if name in _MAY_BE_EMPTY:
        return value
    return float(value or 0)


def _tiered(cells: Sequence[Cell], prices: Prices) -> list[ModelPrice]:
    models = dict.fromkeys((cell.provider, cell.model) for cell in cells)
    found = [prices.of(provider, model) for provider, model in models if model is not None]
    return [price for price in found if price is not None and price.tiers]
