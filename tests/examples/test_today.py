"""The examples at the prices of November 2026: what they are made to show holds, with ranges and without."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from tests.examples.studies import at_point, cost, line, months, sampled, study, volume

STILL = (
    ("growth: 0%..2%/month\n", "growth: 0%/month\n  retries: 0%\n"),
    ("start: 2026-12\n", "start: 2026-12\ndiscount: 0%/year\n"),
)
"""No growth, no retries, no discount: what is left is price × tokens × calls."""
CALL_LINES = ("input", "cache_reads", "cache_writes", "output", "tier_region", "batch")
UNCACHED = ("cached: 80% ", "cached: 0% ")


def usd_per_1k_calls(candidate: str, *edits: tuple[str, str]) -> float:
    found = at_point("caching-flips", *STILL, *edits)
    return sum(line(found, candidate, key) for key in CALL_LINES) / (8e6 * 36) * 1000


# ------------------------------------------------------------------------------------------------ caching


def test_what_a_thousand_calls_cost_with_and_without_a_cache() -> None:
    # uncached: 2.5 × 0.40 + 0.2 × 1.60 = 1.32; cached: 0.5 × 0.40 + 2 × 0.10 + 0.2 × 1.60 = 0.72;
    # tuned: 0.4 × 0.40 + 0.2 × 1.60 = 0.48 dollars.
    assert usd_per_1k_calls("prompt", UNCACHED) == pytest.approx(1.32, rel=1e-9)
    assert usd_per_1k_calls("prompt") == pytest.approx(0.72, rel=1e-9)
    assert usd_per_1k_calls("tuned") == pytest.approx(0.48, rel=1e-9)


def test_hosting_at_azure_is_1241_dollars_a_month() -> None:
    hosting = line(at_point("caching-flips", *STILL), "tuned", "hosting")
    assert hosting == pytest.approx(36 * 1.70 * 730, rel=1e-9)


def test_one_key_flips_the_answer() -> None:
    cached, uncached = sampled("caching-flips"), sampled("caching-flips", UNCACHED)
    assert cached.recommendation.candidate == "prompt"
    assert cached.candidates["prompt"].p_best > 0.6
    assert uncached.recommendation.candidate == "tuned"
    assert uncached.candidates["tuned"].p_best > 0.8
    unchanged = cost(uncached, "tuned")
    assert cost(cached, "tuned") == pytest.approx(unchanged, rel=1e-12)


def test_the_page_says_that_the_cache_would_flip_it() -> None:
    flips = {(flip.input, flip.to) for flip in sampled("caching-flips").flips}
    assert ("candidates.prompt.cached", "tuned") in flips
    assert ("workload.volume", "tuned") in flips


def test_below_the_shortest_prefix_nothing_is_cached() -> None:
    # Azure caches from 1,024 equal tokens on: with 1,000 of them the stated 80% count for nothing.
    short = ("static: 2000, input: 500", "static: 1000, input: 1500")
    assert usd_per_1k_calls("prompt", short) == pytest.approx(1.32, rel=1e-9)


# -------------------------------------------------------------------------------------------- self-hosted


def test_gpus_follow_from_the_peak() -> None:
    # 30M calls ÷ (730 × 3,600 s) = 11.416 a second; × √(2 × 5) at the peak, ÷ 32.3 for one GPU = 1.118, growing by
    # 1.5% a month to 1.88 in month 36: two GPUs at $3.99 for 730 hours in every month, and one more stands by.
    found = at_point("self-hosted")
    peak = 30e6 / (730 * 3600) * sqrt(2 * 5) / 32.3
    assert 1 < peak < peak * 1.015**35 < 2
    discounted_months = sum(1.1 ** -((t - 1) / 12) for t in range(1, 37))
    assert line(found, "own", "hosting") == pytest.approx(2 * 730 * 3.99 * discounted_months, rel=1e-9)
    assert line(found, "own", "spare_replicas") == pytest.approx(730 * 3.99 * discounted_months, rel=1e-9)


def test_an_even_stream_needs_fewer_gpus() -> None:
    even = sampled("self-hosted", ("peak_to_mean: 2..5", "peak_to_mean: 1"))
    assert line(even, "own", "hosting") < line(sampled("self-hosted"), "own", "hosting")
    assert cost(even, "api") == pytest.approx(cost(sampled("self-hosted"), "api"), rel=1e-12)


def test_our_own_model_wins_on_the_bill_and_is_not_measured() -> None:
    found = sampled("self-hosted")
    own = found.candidates["own"]
    assert found.recommendation.candidate == "own"
    assert found.recommendation.action == "measure first"
    assert own.extrapolated
    assert any("quality of own" in missing for missing in found.recommendation.missing_evidence)
    assert 0.8 < own.p_cheaper_than_today < 1.0
    assert own.break_even.p05 is not None
    assert 3 < own.break_even.p05 < 9
    assert own.cost.p05 < own.cost.mean < own.cost.p95


def test_our_own_model_is_too_dear_for_few_calls() -> None:
    found = sampled("self-hosted", ("volume: 30M", "volume: 6M"))
    assert found.recommendation.candidate == "api"
    assert found.candidates["own"].p_cheaper_than_today < 0.05
    wanted = found.candidates["own"].break_even_volume
    assert wanted.p05 is not None
    assert 6e6 < wanted.p05 < 30e6


def test_list_prices_jump_in_the_self_hosted_example() -> None:
    # Rises and cuts by steps spread the bill by API; without them it is narrower. GPUs are paid as stated.
    steps = sampled("self-hosted").candidates
    still = sampled("self-hosted", ("price_change: {openai: steps}", "price_change: 0%/year")).candidates
    wide, narrow = steps["api"].cost, still["api"].cost
    assert wide.p95 - wide.p05 > 1.1 * (narrow.p95 - narrow.p05)
    assert steps["own"].cost == still["own"].cost


# ------------------------------------------------------------------------------------------- retiring base


def paid_in(candidate: str) -> list[int]:
    """The months in which a forced migration is paid."""
    lines = sampled("retiring-base").candidates[candidate].lines
    by_month = next((found.by_month_usd for found in lines if found.key == "migration"), np.zeros(0))
    return [int(month) + 1 for month in np.flatnonzero(by_month)]


def test_forced_migrations_fall_in_the_months_of_retirement() -> None:
    # From December 2026 on: 2027-01-14 lies in month 2, 2027-10-14 in month 11; a successor lives 18 months.
    assert paid_in("tuned at openai") == [2, 20]
    assert paid_in("tuned at azure") == [11, 29]
    assert paid_in("prompt") == []


def test_the_page_names_the_day_and_the_months() -> None:
    notes = sampled("retiring-base").notes
    assert any("tuned at openai" in note and "2027-01-14" in note for note in notes)
    assert any("tuned at azure" in note and "2027-10-14" in note for note in notes)


def test_azure_is_cheaper_by_the_token_and_paid_by_the_month() -> None:
    # Tuned at OpenAI a token costs twice Azure's, which takes $1,241 a month for hosting.
    found = at_point("retiring-base")
    for key in ("input", "output"):
        at_azure = line(found, "tuned at azure", key)
        assert line(found, "tuned at openai", key) == pytest.approx(2 * at_azure, rel=1e-9)
    assert line(found, "tuned at openai", "hosting") == 0.0
    assert line(found, "tuned at azure", "hosting") > 0


def test_with_few_calls_the_hosting_fee_is_too_much() -> None:
    # (500 × $0.40 + 30 × $1.60)/M = $0.000248 saved on an attempt; without growth and retries $1,241 need 5.0M calls.
    found = sampled("retiring-base", ("volume: 10M", "volume: 1M"))
    assert found.candidates["tuned at azure"].p_cheaper_than_today < 0.3
    assert cost(found, "prompt") < cost(found, "tuned at openai")


def test_the_prompt_is_worth_scoring() -> None:
    # Cheapest by far, and its quality decides: knowing it is worth more than knowing anything else.
    found = sampled("retiring-base")
    assert found.recommendation.candidate == "tuned at azure"
    assert found.recommendation.action == "measure first"
    assert next(iter(found.evppi_usd)) == "candidates.prompt.quality"
    assert any(flip.input == "candidates.prompt.quality" and flip.to == "prompt" for flip in found.flips)


def test_where_errors_cost_nothing_much_the_prompt_wins() -> None:
    found = sampled("retiring-base", ("cost: $0.02..$0.10}", "cost: $0.0005}"))
    assert found.recommendation.candidate == "prompt"
    assert found.candidates["prompt"].p_best > 0.9


# ------------------------------------------------------------------------------------------------- all of today


@pytest.mark.parametrize("name", ["caching-flips", "retiring-base", "self-hosted"])
def test_prices_come_from_the_book_with_their_dates(name: str) -> None:
    listed = [belief for belief in study(name).beliefs if belief.name.startswith("prices.")]
    assert listed
    assert all(belief.source.date is not None for belief in listed)


def test_break_even_of_today_s_examples_agrees_with_their_volume() -> None:
    # Cheaper over the horizon is the same as a volume above the break-even volume, draw by draw.
    for name, candidate in (("self-hosted", "own"), ("caching-flips", "tuned")):
        found = at_point(name)
        calls = study(name).workload.volume.centre
        wanted = volume(found, candidate)
        assert wanted is not None
        assert (wanted < calls) == (months(found, candidate) is not None)
