"""Calls summed by all that a profile tells apart: one pass over the log, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.costs import Prices
from breakeven.prices import ModelPrice

__all__ = ["ENDINGS", "Cell", "few_names", "find_cells"]

ENDINGS: Final = ("stop", "length", "content filter", "tool calls")
_MOST_NAMES: Final = {"feature": 5_000, "template": 500}
"""Different names past which a column names single calls rather than kinds of them."""


class Cell(NamedTuple):
    """Calls of one day, model, feature, template, kind of failure and context band, summed."""

    day: int | None
    provider: str | None
    model: str | None
    feature: str | None
    template: str | None
    failure: str | None
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
    """Calls with a time to the first token."""
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
    counted = log.calls.agg(**{name: log.calls[name].approx_nunique() for name in _MOST_NAMES})
    found = dict(zip(_MOST_NAMES, log.engine.rows(counted.select(*_MOST_NAMES))[0], strict=True))
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
    import ibis

    calls = log.calls
    each = _each_input(log)
    band = sum(((each > t).fill_null(False).cast("int64") for t in thresholds), ibis.literal(0))
    known = {"day": (calls["time"].epoch_seconds().cast("int64") // 86_400), "band": band}
    names = {name: calls[name] if name in named else ibis.null("string") for name in _MOST_NAMES}
    keys = {**{name: calls[name] for name in ("provider", "model", "failure")}, **names}
    grouped = calls.group_by(**known, **keys)
    found = grouped.agg(**{**_sums(calls), "longest": each.max()}, **_endings(calls))
    rows = log.engine.rows(found.select(*Cell._fields))
    return [
        Cell(*(_filled(name, value) for name, value in zip(Cell._fields, row, strict=True))) for row in rows
    ]


def _each_input(log: CallLog) -> Any:
    """Input tokens of a call; of a window, of its mean call."""
    given = log.calls["input_tokens"]
    return given if log.window_s is None else given / log.calls["calls"].nullif(0)


def _sums(calls: Any) -> dict[str, Any]:
    given = calls["input_tokens"]
    return {
        "calls": calls["calls"].sum(), "no_input": given.isnull().sum(),
        "no_output": calls["output_tokens"].isnull().sum(), "no_cached": calls["cached_tokens"].isnull().sum(),
        "input": given.sum(), "input_squares": (given.cast("float64") * given).sum(),
        "output": calls["output_tokens"].sum(), "cached": calls["cached_tokens"].sum(),
        "written": calls["cache_write_tokens"].sum(), "reasoning": calls["reasoning_tokens"].sum(),
        "logged": calls["cost_usd"].count(), "logged_usd": calls["cost_usd"].sum(),
        "rows": calls.count(), "no_time": calls["time"].isnull().sum(),
        "streamed": calls["ttft_s"].count(), "first": calls["time"].min(), "last": calls["time"].max(),
    }  # fmt: skip


def _endings(calls: Any) -> dict[str, Any]:
    ending, tier = calls["ending"], calls["tier"]
    names = ("ended_stop", "ended_length", "ended_filter", "ended_tools")
    return {
        "ended": ending.count(),
        **{name: (ending == word).sum() for name, word in zip(names, ENDINGS, strict=True)},
        "tiered": tier.count(),
        "batched": (tier == "batch").sum(),
    }


_MAY_BE_EMPTY: Final = frozenset(
    {"day", "provider", "model", "feature", "template", "failure", "first", "last"}
)


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
