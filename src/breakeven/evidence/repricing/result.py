"""What a repricing gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from breakeven.sources import Source

__all__ = ["Alternative", "Assumed", "Baseline", "Covered", "Difference", "Money", "Repricing"]


@dataclass(frozen=True, kw_only=True)
class Money:
    """US dollars, or a share, with the 90% interval that the assumptions leave open; a point where they leave none."""

    value: float
    low: float
    high: float

    def __add__(self, other: float) -> Money:
        return Money(value=self.value + other, low=self.low + other, high=self.high + other)

    def __mul__(self, factor: float) -> Money:
        return Money(value=self.value * factor, low=self.low * factor, high=self.high * factor)

    def as_dict(self) -> dict[str, float]:
        """``value``, ``low`` and ``high``."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """An alternative less the baseline, over the calls of which both are known."""

    calls: float
    baseline_usd: float
    usd: Money
    share: Money | None
    """Of the baseline; None where that is zero."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """Calls a month from which on cheaper tokens pay for the hosting."""

    value: float
    low: float
    high: float | None
    """None: at the dear end of the interval, tokens cost no less, and no volume does."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What the calls cost as they were made."""

    source: str
    """``as logged``, ``list prices of 2026-11-22``, or both."""
    calls: float
    """Calls of which it is known."""
    cost_usd: float | None
    """Over those; None: of none."""
    per_1000_usd: float | None
    per_month_usd: Money | None
    models: Mapping[str, tuple[float, float | None]]
    """Model as logged → (calls, dollars)."""
    unknown: Mapping[str, float]
    """Model without a price, or without a name → calls."""


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """The same calls on another model, or made another way."""

    name: str
    model: str
    """Its key in the price book, or ``same``."""
    kind: Literal["same", "prompt", "tuned"]
    shorter: str | None
    """What is cut from the prompt."""
    calls: float
    parts_usd: Mapping[str, float]
    """``input``, ``cached``, ``written``, ``output``, and ``hosting`` of a tuned model, over the log."""
    hosting_usd_per_month: float | None
    """Of a tuned model."""
    covered_from: Covered | None
    """None: no hosting, nothing to compare with, or tokens that cost no less."""
    cost_usd: Money | None
    """Over the log; None where hosting can not be counted: the log has no times."""
    per_1000_usd: Money | None
    per_month_usd: Money | None
    difference: Difference | None
    difference_per_month_usd: Money | None
    notes: tuple[str, ...]
    source: str
    """Of its prices."""
    retires_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """One thing that was taken as given."""

    input: str
    value: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Repricing:
    """The logged calls, priced again."""

    calls: float
    priced_calls: float
    not_priced: Mapping[str, float]
    """Reason → calls."""
    span_days: float | None
    calls_per_month: Mapping[str, float] | None
    prices_as_of: dt.date
    baseline: Baseline
    alternatives: tuple[Alternative, ...]
    assumptions: tuple[Assumed, ...]
    warnings: tuple[str, ...]
    rejected: Mapping[str, int]
    files: tuple[tuple[str, str], ...]
    """File → format."""

    def as_dict(self) -> dict[str, Any]:
        """What ``reprice --json`` prints. Keys are added to, never renamed."""
        return {
            "breakeven_reprice": 1,
            "calls": round(self.calls),
            "priced_calls": round(self.priced_calls),
            "not_priced": {reason: round(n) for reason, n in self.not_priced.items()},
            "span_days": self.span_days,
            "calls_per_month": None if self.calls_per_month is None else dict(self.calls_per_month),
            "prices_as_of": self.prices_as_of.isoformat(),
            "level": 0.9,
            "baseline": _baseline(self.baseline),
            "alternatives": [_alternative(one) for one in self.alternatives],
            "assumptions": [
                {"input": a.input, "value": a.value, "source": str(a.source)} for a in self.assumptions
            ],
            "warnings": list(self.warnings),
            "rejected": dict(self.rejected),
            "files": [{"file": file, "format": name} for file, name in self.files],
        }


def _money(money: Money | None) -> dict[str, float] | None:
    return None if money is None else money.as_dict()


def _baseline(b: Baseline) -> dict[str, Any]:
    return {
        "source": b.source,
        "calls": round(b.calls),
        "cost_usd": b.cost_usd,
        "per_1000_calls_usd": b.per_1000_usd,
        "per_month_usd": _money(b.per_month_usd),
        "models": {name: {"calls": round(n), "cost_usd": usd} for name, (n, usd) in b.models.items()},
        "unknown": {name: round(n) for name, n in b.unknown.items()},
    }


def _alternative(a: Alternative) -> dict[str, Any]:
    found = a.difference
    return {
        "name": a.name,
        "model": a.model,
        "kind": a.kind,
        "shorter_prompt": a.shorter,
        "calls": round(a.calls),
        "cost_usd": _money(a.cost_usd),
        "per_1000_calls_usd": _money(a.per_1000_usd),
        "per_month_usd": _money(a.per_month_usd),
        "parts_usd": dict(a.parts_usd),
        "hosting_usd_per_month": a.hosting_usd_per_month,
        "hosting_covered_from_calls_per_month": None if a.covered_from is None else {
            "value": a.covered_from.value, "low": a.covered_from.low, "high": a.covered_from.high,
        },
        "difference": None if found is None else {
            "calls": round(found.calls), "baseline_usd": found.baseline_usd, "usd": found.usd.as_dict(),
            "share": _money(found.share), "per_month_usd": _money(a.difference_per_month_usd),
        },
        "notes": list(a.notes),
        "price_source": a.source,
        "retires_on": None if a.retires_on is None else a.retires_on.isoformat(),
    }  # fmt: skip
