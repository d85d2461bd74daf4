"""Small logs and a price book with round prices, so that every sum can be made by hand."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.repricing.compute import reprice
from breakeven.evidence.repricing.result import Repricing
from breakeven.evidence.repricing.terms import Terms, Wanted
from breakeven.prices import ContextTier, ModelPrice, PriceBook, TuningOffer, load_book
from breakeven.sources import Source

SOURCE = Source(kind="stated", reference="a test", date=dt.date(2026, 11, 1))


def price(key: str, paid_in: float, paid_out: float, **more: object) -> ModelPrice:
    fields = {"key": key, "provider": key.partition("/")[0], "source": SOURCE}
    return ModelPrice(input_usd_per_mtok=paid_in, output_usd_per_mtok=paid_out, **fields, **more)  # type: ignore[arg-type]


NOW = price(
    "openai/now",
    2.0,
    8.0,
    cached_usd_per_mtok=0.5,
    batch_input_usd_per_mtok=1.0,
    batch_output_usd_per_mtok=4.0,
)
CHEAP = price("openai/cheap", 1.0, 4.0, max_input_tokens=50_000)
TIERED = price(
    "openai/tiered", 1.0, 4.0, cached_usd_per_mtok=0.1,
    tiers=(ContextTier(above_tokens=10_000, input_usd_per_mtok=2.0, output_usd_per_mtok=6.0, cached_usd_per_mtok=0.2),),
    region_uplift={"eu": 1.1},
)  # fmt: skip
WRITES = price("openai/writes", 1.0, 4.0, cached_usd_per_mtok=0.1, cache_write_usd_per_mtok=1.25)
TUNED = TuningOffer(
    base="openai/now", method="sft", training_usd_per_mtok=5.0,
    inference=price("openai/now:tuned", 0.5, 2.0), hosting_usd_per_hour=1.0, source=SOURCE,
)  # fmt: skip


def book() -> PriceBook:
    found = load_book()
    for one in (NOW, CHEAP, TIERED, WRITES, replace(NOW, key="azure/now", provider="azure")):
        found = found.with_model(one)
    return found.with_tuning(TUNED)


def call(
    n_in: int | None, n_out: int | None, *, at: str = "2026-11-02T00:00:00Z", **more: object
) -> dict[str, object]:
    """One call as OpenAI logs it; ``cached``, ``written``, ``reasoning`` and any field of the record besides."""
    usage: dict[str, object] = {"prompt_tokens": n_in, "completion_tokens": n_out}
    details = {"cached_tokens": more.pop("cached", None), "cache_write_tokens": more.pop("written", None)}
    usage["prompt_tokens_details"] = details
    usage["completion_tokens_details"] = {"reasoning_tokens": more.pop("reasoning", None)}
    return {"timestamp": at, "model": more.pop("model", "now"), "provider": "openai", "usage": usage} | more


def write(path: Path, calls: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in calls))
    return path


def priced(paths: list[str], *models: str, tuned: tuple[str, ...] = (), prices: PriceBook | None = None,
           **terms: object) -> Repricing:  # fmt: skip
    with Engine(threads=2) as engine:
        log = read_logs(paths, engine=engine)
        wanted = Wanted(models=models, tuned=tuned)
        return reprice(log, book=prices or book(), wanted=wanted, terms=Terms(**terms))  # type: ignore[arg-type]
