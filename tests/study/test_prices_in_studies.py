"""What a study pays: the book's prices, its own in their place, hosting, GPUs, and models that retire."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from breakeven.beliefs import Belief
from breakeven.prices import PriceBook
from breakeven.study import parse_study
from breakeven.study.model import Candidate, Gpus, ModelPrices, Study
from tests.study.studies import BOOK, OPEN_OFFER, SMALLEST, TODAY, problems, smallest, study

TUNED = "tuned: {kind: tuned, base: azure/test-base}"


def prices(found: Study, name: str) -> ModelPrices:
    its = found.candidates[name].prices
    assert its is not None
    return its


def candidate(line: str, top: str = "") -> Candidate:
    return study(smallest(line, top=top)).candidates[line.partition(":")[0]]


def gpus(line: str) -> Gpus:
    hosting = candidate(line).hosting
    assert hosting is not None
    assert hosting.gpus is not None
    return hosting.gpus


# ---------------------------------------------------------------------------------------------- prices


def test_listed_prices_are_points_with_the_lists_source() -> None:
    its = prices(study(SMALLEST), "prompt")
    assert (its.key, its.provider, its.input.centre, its.output.centre) == (
        "openai/test-large",
        "openai",
        2.0,
        8.0,
    )
    assert its.input.name == "prices.openai/test-large.input"
    assert str(its.input.source) == "quoted, a test's list, 2026-11-01"
    assert its.cached is not None
    assert its.cached.centre == 0.5
    assert its.cache_write is None
    assert its.min_prefix_tokens == BOOK.cache_rules("openai").min_prefix_tokens


def test_candidates_on_one_model_share_its_prices() -> None:
    found = study(smallest("again: {kind: prompt, model: openai/test-large}"))
    assert prices(found, "again") is prices(found, "prompt")


def test_a_tuned_model_pays_the_offers_prices() -> None:
    its = prices(study(smallest(TUNED)), "tuned")
    assert (its.key, its.input.centre, its.output.centre) == ("azure/test-base:tuned", 0.6, 2.4)


def test_prices_of_ones_own_take_the_place_of_the_books() -> None:
    found = study(smallest(top="prices: {openai/test-large: {input: $1.50..$1.80/1M tokens}}\n"))
    its = prices(found, "prompt")
    assert its.input.name == "prices.openai/test-large.input"
    assert (its.input.low, its.input.high) == pytest.approx((1.5, 1.8))
    assert its.input.cause == "prices of openai"
    assert str(its.input.source) == "stated, breakeven.yaml:2"
    assert its.output.centre == 8.0


def test_a_tuned_models_prices_can_be_stated() -> None:
    found = study(smallest(TUNED, top="prices: {'azure/test-base:tuned': {output: $3/1M tokens}}\n"))
    assert (prices(found, "tuned").input.centre, prices(found, "tuned").output.centre) == (0.6, 3.0)


def test_a_base_that_nobody_lists_can_be_stated_whole() -> None:
    line = "tuned: {kind: tuned, base: acme/x, training: $3/1M tokens, hosting: $0}"
    top = "prices: {'acme/x:tuned': {input: $1/1M tokens, output: $3/1M tokens}}\n"
    its = candidate(line, top)
    assert its.prices is not None
    assert its.prices.provider == "acme"
    assert its.hosting is not None
    assert its.hosting.usd_per_month is not None
    assert its.hosting.usd_per_month.centre == 0


def test_a_model_that_the_book_lacks_is_defined_by_its_prices() -> None:
    from_mail = "source: quoted, reference: mail, date: 2026-11"
    top = f"prices: {{acme/x: {{input: $1/1M tokens, output: $3/1M tokens, {from_mail}}}}}\n"
    its = candidate("other: {kind: prompt, model: acme/x}", top).prices
    assert its is not None
    assert (its.provider, its.cached, its.min_prefix_tokens) == ("acme", None, 0)
    assert str(its.input.source) == "quoted, mail, 2026-11-01"


def test_tiers_hold_unless_prices_are_stated() -> None:
    line = "small: {kind: prompt, model: openai/test-small}"
    its = candidate(line).prices
    assert its is not None
    [tier] = its.tiers
    assert (tier.above_tokens, tier.input.centre, tier.output.centre, tier.cached) == (
        200_000,
        0.8,
        2.4,
        None,
    )
    found = study(smallest(line, top="prices: {openai/test-small: {output: $1/1M tokens}}\n"))
    assert prices(found, "small").tiers == ()
    assert (
        "openai/test-small: its prices are stated, so the list's prices for long inputs are not used"
        in found.notes
    )


def test_a_region_multiplies_every_price() -> None:
    its = candidate("eu: {kind: prompt, model: openai/test-large, region: eu}").prices
    assert its is not None
    assert its.region_factor is not None
    assert (its.region_factor.name, its.region_factor.centre) == ("prices.openai/test-large.region.eu", 1.1)


# ----------------------------------------------------------------------------------------------- caching


def hit_rate(line: str, text: str = "") -> Belief | None:
    return study(text or smallest(line)).candidates[line.partition(":")[0]].hit_rate


def test_a_long_prefix_is_cached_by_default() -> None:
    assert str(hit_rate("again: {kind: prompt, model: openai/test-large}")) == "50% .. 95%"


@pytest.mark.parametrize(
    "line",
    [
        "off: {kind: prompt, model: openai/test-large, cached: 0%}",
        "known: {kind: prompt, model: openai/test-large, cached: 60%}",
        "unsold: {kind: prompt, model: openai/test-small}",  # no cached price
        "short: {kind: prompt, model: openai/test-large, tokens: {static: 300}}",  # under the shortest prefix
        "unknown: {kind: prompt, model: acme/x}",  # nobody knows when this host caches
    ],
)
def test_no_cache_is_assumed_where_none_can_be(line: str) -> None:
    top = "prices: {acme/x: {input: $1/1M tokens, output: $3/1M tokens, cached: $0.1/1M tokens}}\n"
    assert hit_rate(line, smallest(line, top=top if "acme" in line else "")) is None


def test_a_models_own_shortest_prefix_counts() -> None:
    its = study(SMALLEST.replace("openai/test-large", "anthropic/test-claude"))
    assert prices(its, "prompt").min_prefix_tokens == 2048
    assert its.candidates["prompt"].hit_rate is not None
    assert prices(its, "prompt").cache_write is not None
    shorter = study(SMALLEST.replace("openai/test-large", "anthropic/test-claude").replace("2600", "2000"))
    assert shorter.candidates["prompt"].hit_rate is None


# ---------------------------------------------------------------------------------------------- hosting


def test_the_offers_hosting_fee_runs_round_the_clock() -> None:
    hosting = candidate(TUNED).hosting
    assert hosting is not None
    assert hosting.usd_per_month is not None
    assert hosting.usd_per_month.centre == pytest.approx(1.7 * 730)
    assert hosting.usd_per_month.name == "prices.azure/test-base:tuned.hosting"


@pytest.mark.parametrize(
    ("written", "usd"),
    [
        ("$2000/month", 2000),
        ("$1.70/hour", 1241),
        ("{fee: $24K/year}", 2000),
        ("{value: $2000/month, source: quoted}", 2000),
    ],
)
def test_a_stated_fee(written: str, usd: float) -> None:
    hosting = candidate(f"tuned: {{kind: tuned, base: azure/test-base, hosting: {written}}}").hosting
    assert hosting is not None
    assert hosting.usd_per_month is not None
    assert hosting.usd_per_month.centre == pytest.approx(usd)
    assert hosting.usd_per_month.name == "candidates.tuned.hosting"


OWN = "own: {{kind: tuned, base: {base}, training: $400, hosting: {{gpu: {gpu}, {more}}}}}"


def test_gpus_are_priced_by_the_book_or_the_study() -> None:
    listed = gpus(OWN.format(base="self/x", gpu="lambda/h100-80gb", more="rps: 20..30/s"))
    assert listed.price.centre == BOOK.gpu("lambda/h100-80gb").usd_per_hour
    assert listed.price.name == "prices.lambda/h100-80gb"
    assert (listed.rps.low, listed.rps.high) == pytest.approx((20, 30))
    assert (listed.extra_replicas.centre, listed.extra_replicas.source.kind) == (0, "guess")
    stated = gpus(OWN.format(base="self/x", gpu="$2..$4/hour", more="rps: 20/s, extra: 1"))
    assert stated.price.high == pytest.approx(4)
    assert stated.extra_replicas.centre == 1


def row(precision: str, tokens_in: int, tokens_out: int) -> float:
    rows = BOOK.throughput("qwen3-8b", "h100-80gb", precision=precision)
    return next(its.rps for its in rows if (its.tokens_in, its.tokens_out) == (tokens_in, tokens_out))


def test_a_published_throughput_is_a_point() -> None:
    more = "model: qwen3-8b, precision: fp8, tokens_in: 1024, tokens_out: 128"
    rps = gpus(OWN.format(base="self/mine", gpu="lambda/h100-80gb", more=more)).rps
    assert rps.is_point
    assert rps.centre == row("fp8", 1024, 128)
    assert "fp8, 1024 tokens in, 128 out" in rps.source.reference


def test_the_base_names_the_model_and_the_candidate_the_tokens() -> None:
    line = OWN.format(base="self/qwen3-8b", gpu="lambda/h100-80gb", more="precision: bf16")
    found = gpus(line.replace("training: $400", "training: $400, tokens: {static: 600, output: 128}"))
    assert found.rps.centre == row("bf16", 1024, 128)  # 600 + 400 tokens in are like 1,024


def test_without_a_precision_the_published_ones_are_a_range() -> None:
    more = "model: qwen3-8b, tokens_in: 1024, tokens_out: 128"
    rps = gpus(OWN.format(base="self/x", gpu="lambda/h100-80gb", more=more)).rps
    assert (rps.low, rps.high) == pytest.approx((row("bf16", 1024, 128), row("fp8", 1024, 128)))


def test_another_length_is_a_wide_guess_and_said() -> None:
    line = OWN.format(
        base="self/qwen3-8b", gpu="lambda/h100-80gb", more="precision: fp8, tokens_in: 700, tokens_out: 90"
    )
    found = study(smallest(line))
    rps = gpus(line).rps
    assert (rps.low, rps.high) == pytest.approx((row("fp8", 1024, 128) / 2, row("fp8", 1024, 128) * 2))
    assert rps.source.kind == "guess"
    assert any(
        note.startswith("own: no throughput was measured for calls of 700 tokens in, 90 out")
        for note in found.notes
    )


def test_a_throughput_that_nobody_measured_is_a_problem() -> None:
    line = OWN.format(base="self/llama", gpu="lambda/h100-80gb", more="extra: 1")
    [problem] = problems(smallest(line))
    assert problem.startswith(
        "breakeven.yaml:9:56: candidates.own.hosting.rps: no throughput is known for llama on h100-80gb"
    )
    assert problem.endswith("measure it and write `rps: 23.6/s`, or name a `model` of the throughput table")


def test_cold_starts_stand_beside_gpus() -> None:
    more = "rps: 20/s, cold_starts: {rate: 30/month, time: 3 minutes}"
    hosting = candidate(OWN.format(base="self/x", gpu="$2/hour", more=more)).hosting
    assert hosting is not None
    assert hosting.cold_starts is not None
    assert hosting.cold_start_hours is not None
    assert (hosting.cold_starts.centre, hosting.cold_start_hours.centre) == pytest.approx((30, 0.05))


# ------------------------------------------------------------------------------------------- retirement


def test_a_model_that_retires_forces_a_move_and_its_successors_do() -> None:
    # 2027-06-15 is month 7 from 2026-12; published median life: 18 months.
    found = study(smallest("small: {kind: prompt, model: openai/test-small, migration: 20..60 hours}"))
    its = found.candidates["small"]
    assert its.migration_months == (7, 25)
    assert str(its.migration_hours) == "20 hours .. 60 hours"
    assert (
        "small: openai/test-small retires on 2027-06-15, so a forced migration is counted in months 7 and 25; each "
        "successor is taken to live 18 months (published, median of dated OpenAI models, launch to shutdown)"
    ) in found.notes


def test_moving_a_prompt_is_within_its_upkeep_unless_stated() -> None:
    found = study(smallest("small: {kind: prompt, model: openai/test-small}"))
    assert found.candidates["small"].migration_months == ()
    [said] = [note for note in found.notes if "openai/test-small retires on 2027-06-15" in note]
    assert said.endswith("taken to be within its upkeep: `migration: 20..60 hours` counts it apart")


@pytest.mark.parametrize(
    ("more", "months"),
    [
        ("migration: 30 hours", (7, 25)),
        ("retires_on: never", ()),
        ("retires_on: 2026-12-02", (1, 19)),
        ("retires_on: 2029-11-30", (36,)),
        ("retires_on: 2029-12-01", ()),  # beyond the horizon
    ],
)
def test_a_stated_retirement_takes_the_place_of_the_lists(more: str, months: tuple[int, ...]) -> None:
    its = candidate(f"small: {{kind: prompt, model: openai/test-small, {more}}}".replace(", }", "}"))
    assert its.migration_months == months
    assert (its.migration_hours is None) == (not months)


def test_a_price_of_ones_own_can_move_the_retirement() -> None:
    line = "small: {kind: prompt, model: openai/test-small, migration: 30 hours}"
    assert candidate(line, "prices: {openai/test-small: {retires_on: never}}\n").migration_months == ()
    assert candidate(line, "prices: {openai/test-small: {retires_on: 2027-01}}\n").migration_months == (2, 20)


def test_the_work_to_move_can_be_stated() -> None:
    its = candidate("small: {kind: prompt, model: openai/test-small, migration: 5 hours}")
    assert its.migration_hours is not None
    assert its.migration_hours.centre == 5


@pytest.mark.parametrize(
    ("more", "place"),
    [("", "9:32"), (", retires_on: 2026-11-30", "9:63"), (", retires_on: 2026-12-01", "9:63")],
)
def test_a_model_that_is_gone_before_month_1_is_a_problem(more: str, place: str) -> None:
    top = "start: 2027-07\n" if not more else ""
    [problem] = problems(smallest(f"small: {{kind: prompt, model: openai/test-small{more}}}", top=top))
    line, column = place.split(":")
    assert problem.startswith(f"breakeven.yaml:{int(line) + bool(top)}:{column}: candidates.small.")
    assert "stops answering on" in problem
    assert problem.endswith("name a model that still answers, or state `retires_on: never` if yours does")


def with_offer(**changes: object) -> PriceBook:
    return BOOK.with_tuning(dataclasses.replace(OPEN_OFFER, **changes))  # type: ignore[arg-type]


def opened(text: str, book: PriceBook) -> Study:
    return parse_study(text, today=TODAY, book=book)


def test_a_base_that_can_be_tuned_for_a_while_is_said() -> None:
    found = opened(smallest(TUNED), with_offer(train_until=dt.date(2027, 4, 14)))
    said = "tuned: azure/test-base can be tuned until 2027-04-14; later retraining is priced as if on a successor"
    assert said in found.notes


def test_a_closed_base_serves_where_training_is_stated_or_done() -> None:
    stated = "tuned: {kind: tuned, base: azure/test-closed, training: $400}"
    assert problems(smallest(stated)) == []
    today = smallest("tuned: {kind: tuned, base: azure/test-closed}").replace("today: prompt", "today: tuned")
    assert problems(today) == []


def test_a_host_that_closes_trains_no_successor() -> None:
    inference = dataclasses.replace(OPEN_OFFER.inference, retires_on=dt.date(2027, 6, 1))
    book = with_offer(inference=inference, host_closes=dt.date(2027, 1, 6))
    found = opened(smallest(TUNED), book).candidates["tuned"]
    assert found.ends_month == 7
    assert found.ends_because == "it stops answering in month 7, and azure trains no model after 2027-01-06"
    open_still = with_offer(inference=inference, host_closes=dt.date(2027, 9, 1))
    assert opened(smallest(TUNED), open_still).candidates["tuned"].ends_month is None
