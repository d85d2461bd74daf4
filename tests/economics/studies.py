"""Small studies made by hand, for tests of the money model: every input a point unless a test says otherwise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from breakeven.beliefs import Belief, Source, from_text
from breakeven.study.model import (
    Candidate,
    CandidateKind,
    Labour,
    ModelPrices,
    PriceSteps,
    Quality,
    Retraining,
    Study,
    Tokens,
    Training,
    Workload,
)

BY_HAND = Source(kind="stated", reference="this test")


def b(name: str, kind: str, text: str) -> Belief:
    """A belief as written."""
    return from_text(name, kind, text, BY_HAND)


def prices(
    key: str = "house/large",
    *,
    input: str = "$2",  # noqa: A002  the name of the price
    output: str = "$8",
    cached: str | None = "$0.50",
    cache_write: str | None = None,
    batch: tuple[str, str] | None = None,
    **more: Any,
) -> ModelPrices:
    """Prices per million tokens."""

    def price(part: str, text: str | None) -> Belief | None:
        return None if text is None else b(f"prices.{key}.{part}", "money per token", f"{text}/1M tokens")

    inputs, outputs = price("input", input), price("output", output)
    assert inputs is not None
    assert outputs is not None
    return ModelPrices(
        key=key, provider=key.split("/")[0], input=inputs, output=outputs, cached=price("cached", cached),
        cache_write=price("cache_write", cache_write), batch_input=price("batch_input", batch[0] if batch else None),
        batch_output=price("batch_output", batch[1] if batch else None), **more,
    )  # fmt: skip


def tokens(
    name: str,
    *,
    static: str = "2000",
    input: str = "400",  # noqa: A002  the name of the key
    output: str = "60",
    reasoning: str = "0",
) -> Tokens:
    """Tokens of one call."""
    parts = {"static": static, "input": input, "output": output, "reasoning": reasoning}
    return Tokens(
        **{part: b(f"candidates.{name}.tokens.{part}", "tokens", text) for part, text in parts.items()}
    )


def candidate(
    name: str, kind: CandidateKind = "prompt", *, quality: str | Quality | None = "90%", **more: Any
) -> Candidate:
    """A candidate without labour, training or hosting, unless given."""
    if not isinstance(quality, Quality):
        quality = Quality(
            level=None if quality is None else b(f"candidates.{name}.quality", "share", quality)
        )
    more.setdefault("labour", Labour())
    return Candidate(name=name, kind=kind, quality=quality, **more)


def prompt(name: str, **more: Any) -> Candidate:
    """A prompt that pays by token."""
    more.setdefault("prices", prices())
    more.setdefault("tokens", tokens(name))
    return candidate(name, **more)


def training(name: str, **more: str) -> Training:
    """6,000 labels at $1, three epochs at $5 per million tokens, five runs, 200 cases to evaluate."""
    kinds = {
        "examples": ("count", "6000"), "labelled": ("count", "0"), "label_cost": ("money per example", "$1"),
        "redundancy": ("factor", "1"), "qa": ("share", "0%"), "runs": ("count", "5"), "epochs": ("count", "3"),
        "price": ("money per token", "$5/1M tokens"), "eval_cases": ("count", "200"),
        "eval_label_cost": ("money per example", "$1"),
    }  # fmt: skip
    made = {
        part: b(f"candidates.{name}.{part}", kind, more.get(part, text))
        for part, (kind, text) in kinds.items()
    }
    return Training(**made)


def retraining(
    name: str, every: int | None = 3, *, labels: str = "40%", hours: str = "8 hours"
) -> Retraining:
    """Every quarter."""
    return Retraining(
        every_months=every,
        label_share=b(f"candidates.{name}.retrain.labels", "share", labels),
        hours=b(f"candidates.{name}.retrain.hours", "hours", hours),
    )


def study(*candidates: Candidate, volume: str = "100K calls/month", growth: str = "0%/month", retries: str = "0%",
          discount: str = "0%/year", wage: str = "$100/hour", horizon: int = 36, error_cost: str | None = None,
          target: str | None = None, value: str | None = None, today: str | None = None,
          price_change: Mapping[str, Belief | PriceSteps] | None = None, **workload: Any) -> Study:  # fmt: skip
    """A study of these candidates; the first is today's."""
    optional = {
        "error_cost": ("money per error", error_cost), "target": ("share", target), "value": ("money per error", value),
    }  # fmt: skip
    stated = {
        part: b(f"workload.{part}", kind, text) for part, (kind, text) in optional.items() if text is not None
    }
    return Study(
        name="by hand", horizon_months=horizon, start=dt.date(2026, 12, 1),
        discount=b("discount", "yearly rate", discount), wage=b("wage", "money per hour", wage),
        workload=Workload(
            task="other", volume=b("workload.volume", "volume", volume),
            growth=b("workload.growth", "monthly rate", growth), retries=b("workload.retries", "share", retries),
            peak_to_mean=b("workload.peak_to_mean", "factor", "3"), **stated, **workload,
        ),
        today=today or candidates[0].name, candidates={c.name: c for c in candidates},
        price_change=price_change or {"*": b("price_change", "yearly rate", "0%/year")},
    )  # fmt: skip
