"""One pass over the calls: what each group of calls with one model costs as it was, and in every alternative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.repricing.replay import replayed
from breakeven.evidence.repricing.tariff import COUNTS, MADE_OF, PARTS, Tariff, call_parts
from breakeven.evidence.repricing.terms import Cut, Terms
from breakeven.prices import ModelPrice

if TYPE_CHECKING:
    import ibis

__all__ = ["Group", "Own", "Spec", "add_up", "own_models", "price_name", "unpriced"]

Own = tuple[str | None, str | None]
"""Provider and model as a log names them."""

_WAS = Terms()


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One alternative, before it is priced."""

    model: str
    kind: Literal["same", "prompt", "tuned"]
    tariff: Tariff | None
    """None: each call's own model."""
    cut: Cut | None
    hosting_usd_per_hour: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Group:
    """Calls with one model, summed."""

    own: Own
    logged: bool
    """Whether each says its own cost."""
    calls: float
    usd: float | None
    """What they cost as they were; None: not logged, and no price is known."""
    more_usd: float
    """What they cost on top if every prompt that was not read from the cache was written to it; 0 where logged."""
    parts: tuple[Mapping[str, float] | None, ...]
    """For each alternative ``PARTS`` in dollars and ``COUNTS`` in calls; None: no price is known."""
    silent: float
    """Calls that say nothing of cached tokens."""
    reasoning: float
    """Reasoning tokens."""
    cached: float
    """Tokens that the log says were read from a cache."""


def _priceable(log: CallLog) -> ibis.Table:
    calls = log.calls
    return calls.filter(
        calls["input_tokens"].notnull() & calls["output_tokens"].notnull() & (calls["calls"] > 0)
    )


def own_models(log: CallLog) -> list[Own]:
    """Every (provider, model) of calls that can be priced."""
    calls = _priceable(log)
    return [
        (provider, model) for provider, model in log.engine.rows(calls.select("provider", "model").distinct())
    ]


def unpriced(log: CallLog) -> tuple[float, dict[str, float]]:
    """(all calls, reason → calls that have no tokens to be priced)."""
    import ibis

    calls = log.calls
    no_in, no_out = calls["input_tokens"].isnull(), calls["output_tokens"].isnull()
    why = ibis.cases(
        ((no_in | no_out) & calls["failure"].notnull(), "failed, without token counts"),
        (no_in & no_out, "no token counts"), (no_in, "no input tokens"), (no_out, "no output tokens"),
        else_=ibis.null("string"),
    )  # fmt: skip
    rows = log.engine.rows(calls.group_by(why=why).agg(n=calls["calls"].sum()).select("why", "n"))
    return sum(float(n) for _, n in rows), {why: float(n) for why, n in sorted(rows, key=str) if why and n}


def add_up(
    log: CallLog, specs: Sequence[Spec], own: Mapping[Own, Tariff | None], terms: Terms
) -> tuple[Group, ...]:
    """Every call priced by itself, in every alternative, summed by its own model."""
    calls = _priceable(log)
    tariffs = [spec.tariff for spec in specs] + list(own.values())
    if terms.cached == "replay":
        ttls = [
            tariff.rules.ttl_minutes for tariff in tariffs if tariff is not None and tariff.rules is not None
        ]
        calls = replayed(log.engine, calls, ttls or [None])
    columns = {f"was_{name}": value for name, value in _own_parts(calls, own, _WAS, None).items()}
    for i, spec in enumerate(specs):
        parts = (
            _own_parts(calls, own, terms, spec.cut)
            if spec.tariff is None
            else call_parts(calls, spec.tariff, terms, spec.cut)
        )
        columns |= {f"a{i}_{name}": value for name, value in parts.items()}
    priced = log.engine.named(calls.mutate(logged=calls["cost_usd"].notnull(), **columns))
    sums: dict[str, Any] = {
        "n": priced["calls"].sum(),
        "usd": priced["cost_usd"].sum(),
        "silent": priced["calls"].sum(where=priced["cached_tokens"].isnull()),
        "reasoning": priced["reasoning_tokens"].sum(),
        "cached": priced["cached_tokens"].sum(),
        **{name: priced[name].sum() for name in columns},
    }
    grouped = priced.group_by("provider", "model", "logged").agg(**sums)
    found = log.engine.columns(grouped)
    rows = [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]
    groups = [_group(row, specs, own) for row in rows]
    return tuple(sorted(groups, key=lambda group: (str(group.own), group.logged)))


def _own_parts(
    calls: ibis.Table, own: Mapping[Own, Tariff | None], terms: Terms, cut: Cut | None
) -> dict[str, Any]:
    """The parts at each call's own model's prices; empty where that model has none."""
    import ibis

    known = {
        who: call_parts(calls, tariff, terms, cut, own=True)
        for who, tariff in own.items()
        if tariff is not None
    }
    if not known:
        return {name: ibis.null("float64") for name in (*PARTS, *COUNTS)}
    return {
        name: ibis.cases(
            *((_is(calls, who), parts[name]) for who, parts in known.items()), else_=ibis.null("float64")
        )
        for name in (*PARTS, *COUNTS)
    }


def _is(calls: ibis.Table, who: Own) -> Any:
    provider, model = who
    right = calls["model"] == model
    return right & (calls["provider"].isnull() if provider is None else calls["provider"] == provider)


def _group(row: Mapping[str, Any], specs: Sequence[Spec], own: Mapping[Own, Tariff | None]) -> Group:
    who: Own = (row["provider"], row["model"])
    listed = own[who] is not None
    usd, more = float(row["usd"]) if row["logged"] else None, 0.0
    if usd is None and listed:
        usd = sum(float(row[f"was_{part}"]) for part in MADE_OF) / 1e6
        more = float(row["was_more_writes"]) / 1e6
    parts = tuple(
        _dollars(row, i) if listed or spec.tariff is not None else None for i, spec in enumerate(specs)
    )
    return Group(
        own=who, logged=bool(row["logged"]), calls=float(row["n"]), usd=usd, more_usd=more, parts=parts,
        silent=float(row["silent"] or 0), reasoning=float(row["reasoning"] or 0),
        cached=float(row["cached"] or 0),
    )  # fmt: skip


def _dollars(row: Mapping[str, Any], i: int) -> dict[str, float]:
    found = {name: float(row[f"a{i}_{name}"]) / 1e6 for name in PARTS}
    return found | {name: float(row[f"a{i}_{name}"]) for name in COUNTS}


def price_name(price: ModelPrice) -> str:
    """The model whoever hosts it."""
    return price.name.rpartition("/")[2]
