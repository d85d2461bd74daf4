"""Studies to measure with, made by hand: the money model in full, without a file.

``full_study`` has one candidate of each kind and counts all 29 cost lines. List prices and the discount rate are
points, as in most studies; nearly every other input is an interval. ``copies`` has as many tuned candidates as
asked for, so that time against candidates can be drawn as a line. ``calculator_study``
knows only what the published calculator asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from breakeven.beliefs import Belief, Source, from_text
from breakeven.study.model import (
    Candidate,
    Gpus,
    Hosting,
    Labour,
    ModelPrices,
    PriceSteps,
    Quality,
    Retraining,
    Study,
    Tier,
    Tokens,
    Training,
    Workload,
)

__all__ = ["calculator_study", "copies", "full_study"]

GUESS = Source(kind="guess", reference="benchmark")
STEPS = PriceSteps(changes_per_year=0.2, share_up=0.55, up=(0.2, 0.8), down=(0.25, 0.6))


@dataclass(frozen=True)
class _Inputs:
    """Beliefs under one dotted name."""

    owner: str

    def __call__(self, name: str, kind: str, text: str) -> Belief:
        return from_text(f"{self.owner}.{name}", kind, text, GUESS)


def full_study(*, price_change: Mapping[str, Belief | PriceSteps] | None = None) -> Study:
    """Six candidates: two prompts, one tuned and hosted, one on GPUs of our own, a hybrid, and one that waits.

    ``price_change``: in place of a yearly rate for each of the two providers.
    """
    promised = _Inputs("candidates.prompt")("commitment", "money per month", "$20K..$60K/month")
    candidates = (
        replace(_prompt("prompt", "openai"), commitment=promised),
        _prompt("small", "openai"),
        _tuned("hosted", "azure"),
        _on_gpus("own"),
        _hybrid("hybrid", small="hosted", large="prompt"),
        _wait("wait", first="prompt", then="hosted", month=8),
    )
    rate = _Inputs("price_change")
    return _study(
        {c.name: c for c in candidates},
        price_change or {p: rate(p, "yearly rate", "-20%..10%/year") for p in ("openai", "azure")},
    )


def copies(n: int) -> Study:
    """``n`` tuned candidates of the same make; the first is today's."""
    names = [f"tuned-{k}" for k in range(n)]
    rate = _Inputs("price_change")("azure", "yearly rate", "-20%..10%/year")
    return _study({name: _tuned(name, "azure") for name in names}, {"azure": rate})


def calculator_study() -> Study:
    """Six candidates that count five cost lines: what the calculator of document 004 asks for."""
    names = ("today", "second", "third", "fourth", "fifth", "sixth")
    rate = _Inputs("price_change")("all", "yearly rate", "-20%..10%/year")
    made = _study({name: _as_calculated(name) for name in names}, {"*": rate})
    retries = _Inputs("workload")("retries", "share", "0%")
    workload = Workload(
        task="other", volume=made.workload.volume, growth=made.workload.growth, retries=retries,
        peak_to_mean=made.workload.peak_to_mean,
    )  # fmt: skip
    return replace(made, workload=workload)


def _as_calculated(name: str) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    prices = replace(_prices(name, "openai", b), cached=None, cache_write=None, tiers=(), region_factor=None)
    never = b("retrain.never", "hours", "0 hours")
    retraining = Retraining(
        every_months=3, label_share=b("retrain.label_share", "share", "0%"), hours=never,
        event_usd=b("retrain.event", "money", "$1K..$3K"),
    )  # fmt: skip
    return Candidate(
        name=name,
        kind="tuned",
        labour=Labour(),
        quality=Quality(level=b("quality", "share", "90%")),
        prices=replace(prices, batch_input=None, batch_output=None),
        tokens=replace(_tokens(b, "0 tokens"), reasoning=b("tokens.reasoning", "tokens", "0 tokens")),
        upfront=b("upfront", "money", "$4K..$9K"),
        retraining=retraining,
        hosting=Hosting(usd_per_month=b("hosting", "money per month", "$1,000..$4,000/month")),
    )


def _study(candidates: Mapping[str, Candidate], price_change: Mapping[str, Belief | PriceSteps]) -> Study:
    b = _Inputs("study")
    return Study(
        name="Benchmark",
        horizon_months=36,
        start=dt.date(2027, 1, 1),
        discount=b("discount", "yearly rate", "10%/year"),
        wage=b("wage", "money per hour", "$80..$140/hour"),
        workload=_workload(),
        today=next(iter(candidates)),
        candidates=candidates,
        price_change=price_change,
    )


def _workload() -> Workload:
    b = _Inputs("workload")
    return Workload(
        task="multi-label-classification",
        volume=b("volume", "volume", "4M..9M calls/month"),
        growth=b("growth", "monthly rate", "0%..3%/month"),
        retries=b("retries", "share", "1%..4%"),
        peak_to_mean=b("peak_to_mean", "factor", "2..6"),
        error_cost=b("errors.cost", "money per error", "$0.01..$0.05"),
        target=b("errors.target", "share", "93%"),
        value=b("value", "money per error", "$0.01..$0.02"),
        latency_cost=b("latency_cost", "money per second", "$0.0002..$0.0008/s"),
        delay_benefit=b("delay_benefit", "money per month", "$2K..$9K/month"),
    )


def _prices(owner: str, provider: str, b: _Inputs) -> ModelPrices:
    return ModelPrices(
        key=f"{provider}/{owner}",
        provider=provider,
        input=b("price.input", "money per token", "$2/1M tokens"),
        output=b("price.output", "money per token", "$8/1M tokens"),
        cached=b("price.cached", "money per token", "$0.50/1M tokens"),
        cache_write=b("price.cache_write", "money per token", "$2.50/1M tokens"),
        batch_input=b("price.batch_input", "money per token", "$1/1M tokens"),
        batch_output=b("price.batch_output", "money per token", "$4/1M tokens"),
        tiers=(
            Tier(
                above_tokens=3_200,
                input=b("price.tier.input", "money per token", "$4/1M tokens"),
                output=b("price.tier.output", "money per token", "$12/1M tokens"),
                cached=b("price.tier.cached", "money per token", "$1/1M tokens"),
            ),
        ),
        region_factor=b("price.region", "factor", "1.1"),
        min_prefix_tokens=1_024,
    )


def _tokens(b: _Inputs, static: str = "2200..3000 tokens") -> Tokens:
    return Tokens(
        static=b("tokens.static", "tokens", static),
        input=b("tokens.input", "tokens", "300..500 tokens"),
        output=b("tokens.output", "tokens", "40..90 tokens"),
        reasoning=b("tokens.reasoning", "tokens", "5..40 tokens"),
    )


def _labour(b: _Inputs) -> Labour:
    return Labour(
        build_hours=b("build", "hours", "40..160 hours"),
        upkeep_hours=b("upkeep", "hours per month", "4..20 hours/month"),
        guideline_hours=b("guidelines", "hours", "10..40 hours"),
    )


def _anything(name: str, kind: str, b: _Inputs, level: str) -> Candidate:
    """What every candidate pays that serves calls itself: lines 8, 9, 13, 16–17, 21, 24–29."""
    return Candidate(
        name=name,
        kind="prompt" if kind == "prompt" else "tuned",
        labour=_labour(b),
        quality=Quality(level=b("quality", "share", level)),
        retrieval_queries=b("retrieval.queries", "factor", "0.2..1.5"),
        retrieval_cost=b("retrieval.cost", "money per call", "$0.00002..$0.0001/call"),
        guard_share=b("guard.share", "share", "5%..20%"),
        guard_cost=b("guard.cost", "money per call", "$0.0001..$0.0004/call"),
        storage_gb=b("storage.gb", "gigabytes", "40..400 GB"),
        storage_cost=b("storage.cost", "money per GB and month", "$0.02..$0.03/GB/month"),
        log_cost=b("logs", "money per call", "$0.000001..$0.000005/call"),
        review_share=b("review.share", "share", "0.1%..0.5%"),
        review_hours=b("review.hours", "hours", "0.01..0.03 hours"),
        incidents=b("incidents", "events per month", "0.5..2/year"),
        incident_hours=b("incident_hours", "hours", "4..20 hours"),
        downtime_hours=b("downtime.hours", "hours", "0.5..3 hours"),
        downtime_cost=b("downtime.cost", "money per hour", "$100..$900/hour"),
        compliance_once=b("compliance.once", "money", "$2K..$9K"),
        compliance_monthly=b("compliance.monthly", "money per month", "$100..$500/month"),
        latency=b("latency", "seconds", "0.4..1.6 s"),
        build_months=b("build_months", "months", "0.5..3 months"),
    )


def _prompt(name: str, provider: str) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    return replace(
        _anything(name, "prompt", b, "86%..92%"),
        prices=_prices(name, provider, b),
        tokens=_tokens(b),
        hit_rate=b("hit_rate", "share", "50%..95%"),
        batch=b("batch", "share", "5%..30%"),
    )


def _tuned(name: str, provider: str) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    return replace(
        _prompt(name, provider),
        kind="tuned",
        quality=Quality(level=b("quality", "share", "89%..95%")),
        tokens=_tokens(b, "900..1400 tokens"),
        training=_training(b, by_hour=False),
        retraining=_retraining(b),
        migration_months=(20,),
        migration_hours=b("migration", "hours", "20..80 hours"),
        hosting=Hosting(usd_per_month=b("hosting", "money per month", "$1,000..$1,500/month")),
    )


def _on_gpus(name: str) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    gpus = Gpus(
        price=b("gpu.price", "money per hour", "$2.5..$4.5/hour"),
        rps=b("gpu.rps", "calls per second", "3..8/s"),
        extra_replicas=b("gpu.extra", "factor", "1..2"),
    )
    return replace(
        _anything(name, "tuned", b, "88%..94%"),
        tokens=_tokens(b, "900..1400 tokens"),
        training=_training(b, by_hour=True),
        retraining=_retraining(b),
        hosting=Hosting(
            gpus=gpus,
            cold_starts=b("cold.starts", "events per month", "2..30/month"),
            cold_start_hours=b("cold.hours", "hours", "0.05..0.2 hours"),
        ),
    )


def _training(b: _Inputs, *, by_hour: bool) -> Training:
    return Training(
        examples=b("examples", "count", "4000..8000"),
        labelled=b("labelled", "count", "500..1500"),
        label_cost=b("label_cost", "money per example", "$0.50..$4"),
        redundancy=b("redundancy", "factor", "1..2"),
        qa=b("qa", "share", "5%..20%"),
        runs=b("runs", "count", "3..10"),
        epochs=b("epochs", "count", "2..4"),
        price=None if by_hour else b("price.training", "money per token", "$4..$6/1M tokens"),
        gpu_hours=b("gpu.hours", "hours", "4..12 hours") if by_hour else None,
        gpu_price=b("gpu.training_price", "money per hour", "$2.5..$4.5/hour") if by_hour else None,
        validation=b("validation", "share", "5%..15%"),
        synthetic_examples=b("synthetic.examples", "count", "500..3000"),
        synthetic_cost=b("synthetic.cost", "money per example", "$0.002..$0.02"),
        eval_cases=b("eval.cases", "count", "100..300"),
        eval_label_cost=b("eval.label_cost", "money per example", "$0.50..$4"),
        judge_cost=b("eval.judge", "money per example", "$0.001..$0.01"),
    )


def _retraining(b: _Inputs) -> Retraining:
    return Retraining(
        every_months=3,
        label_share=b("retrain.label_share", "share", "20%..50%"),
        hours=b("retrain.hours", "hours", "4..16 hours"),
    )


def _hybrid(name: str, *, small: str, large: str) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    return Candidate(
        name=name,
        kind="hybrid",
        labour=_labour(b),
        quality=Quality(),
        small=small,
        large=large,
        escalate=b("escalate", "share", "10%..20%"),
        catches=b("catches", "share", "30%..60%"),
        latency=b("latency", "seconds", "0.4..1.6 s"),
        build_months=b("build_months", "months", "0.5..3 months"),
    )


def _wait(name: str, *, first: str, then: str, month: int) -> Candidate:
    b = _Inputs(f"candidates.{name}")
    return Candidate(
        name=name,
        kind="wait",
        labour=_labour(b),
        quality=Quality(),
        first=first,
        then=then,
        switch_month=month,
    )
