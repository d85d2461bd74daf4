"""From the file to the study: what is stated, what is assumed, and what is left out by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from breakeven.beliefs import Belief, Source
from breakeven.study.model import PriceSteps, Study, Training
from tests.study.studies import EVERYTHING, SMALLEST, smallest, study, write_evidence

TUNED = "tuned: {kind: tuned, base: azure/test-base}"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return study(EVERYTHING, write_evidence(tmp_path_factory.mktemp("everything")))


def belief(found: Study, name: str) -> Belief:
    return next(its for its in found.beliefs if its.name == name)


def shown(found: Study, name: str) -> str:
    its = belief(found, name)
    return f"{its} ({its.source})"


def training(found: Study, name: str) -> Training:
    its = found.candidates[name].training
    assert its is not None
    return its


# --------------------------------------------------------------------------------------------- the study


def test_month_1_is_the_next_month_unless_stated() -> None:
    assert study(SMALLEST).start == dt.date(2026, 12, 1)
    assert study(smallest(top="start: 2027-03-17\n")).start == dt.date(2027, 3, 1)
    assert study(smallest(top="start: 2027-03\n")).start == dt.date(2027, 3, 1)


def test_the_horizon_is_in_months() -> None:
    assert study(SMALLEST).horizon_months == 36
    assert study(smallest(top="horizon: 2 years\n")).horizon_months == 24


def test_what_is_stated_names_its_line(everything: Study) -> None:
    assert belief(everything, "workload.growth").source == Source(
        kind="stated", reference="breakeven.yaml:12"
    )
    assert shown(everything, "candidates.prompt.latency") == "0.8 s .. 1.5 s (stated, breakeven.yaml:43)"


def test_what_names_its_own_source_keeps_it(everything: Study) -> None:
    assert str(everything.wage.source) == "measured, payroll, 2026-10-01"
    assert str(belief(everything, "prices.acme/mini.input").source) == "quoted, offer 17, 2026-11-03"


def test_every_belief_has_its_own_name(everything: Study) -> None:
    seen: dict[str, Belief] = {}
    for its in everything.beliefs:
        assert seen.setdefault(its.name, its) == its
    assert {its.name.partition(".")[0] for its in everything.beliefs} == {
        "workload", "discount", "wage", "candidates", "defaults", "prices", "price_change",
    }  # fmt: skip


def test_the_defaults_of_the_smallest_study() -> None:
    found = study(smallest(TUNED))
    assert {
        name: shown(found, name)
        for name in (
            "workload.growth",
            "workload.retries",
            "workload.peak_to_mean",
            "discount",
            "wage",
            "price_change",
        )
    } == {
        "workload.growth": "-1%/month .. 1%/month (guess, no trend is stated)",
        "workload.retries": "5% .. 15% (published, document 004: failed, filtered and rate-limited requests)",
        "workload.peak_to_mean": "2 .. 5 (guess, busy hours of an office day)",
        "discount": "10%/year (guess, a common rate for projects)",
        "wage": "$100/hour .. $200/hour (published, documents 001 and 004)",
        "price_change": "0%/year (published, price histories: over 382 SKU-years 39 rises and 31 cuts, so a list price "
        "does not glide)",
    }
    assert {
        its.name: str(its) for its in found.beliefs if its.name.startswith(("candidates.", "defaults."))
    } == {
        "candidates.prompt.quality": "82.5% .. 92.5%",
        "candidates.tuned.quality.gain": "-9.95 points .. 22.9 points",
        "candidates.tuned.tokens.static": "130 tokens .. 780 tokens",
        "defaults.built": "0 hours",
        "defaults.prompt.upkeep": "2 hours/month .. 8 hours/month",
        "defaults.hit_rate": "50% .. 95%",
        "defaults.batch": "0%",
        "defaults.tuned.build": "20 hours .. 40 hours",
        "defaults.tuned.upkeep": "5 hours/month .. 10 hours/month",
        "defaults.tuned.guidelines": "10 hours .. 40 hours",
        "defaults.tuned.examples": "500 .. 2,000",
        "defaults.tuned.labelled": "0",
        "defaults.tuned.label_cost": "$4.00/example .. $30.00/example",
        "defaults.tuned.redundancy": "1",
        "defaults.tuned.qa": "0%",
        "defaults.tuned.runs": "3 .. 10",
        "defaults.tuned.epochs": "2 .. 4",
        "defaults.evaluation.cases": "100 .. 300",
        "defaults.retrain.labels": "30% .. 50%",
        "defaults.retrain.hours": "4 hours .. 16 hours",
    }


def test_a_default_of_several_candidates_is_one_input() -> None:
    found = study(smallest(f"{TUNED}\nother: {{kind: tuned, base: azure/test-base}}"))
    one, other = (found.candidates[name] for name in ("tuned", "other"))
    assert one.training is not None
    assert other.training is not None
    assert one.training.label_cost == other.training.label_cost
    assert one.quality.gain != other.quality.gain  # what is not known of each differs


def test_what_nobody_stated_is_named_and_not_zero() -> None:
    found = study(smallest(f"{TUNED}\nlater: {{kind: wait, now: prompt, later: tuned, at: 7}}"))
    common = ("retrieval and tools", "inline guard")
    rest = (
        "storage and logs",
        "wrong answers",
        "human review",
        "incidents",
        "compliance",
        "latency and delay",
        "commitments",
    )
    assert found.not_counted == {
        "prompt": (*common, *rest),
        "tuned": (*common, "synthetic data", *rest),
        "later": (),
    }
    prompt = found.candidates["prompt"]
    assert (prompt.retrieval_cost, prompt.incidents, prompt.latency, found.workload.error_cost) == (None,) * 4


def test_what_is_stated_is_counted(everything: Study) -> None:
    assert everything.not_counted["prompt"] == ()
    assert everything.not_counted["own"] == (
        "retrieval and tools", "inline guard", "synthetic data", "storage and logs", "human review", "compliance",
        "latency and delay",
    )  # fmt: skip


def test_gpus_without_cold_starts_say_so() -> None:
    line = "own: {kind: tuned, base: self/x, training: $400, hosting: {gpu: $2/hour, rps: 10/s}}"
    assert "cold starts" in study(smallest(line)).not_counted["own"]


def test_facts_are_stated_or_seen(everything: Study) -> None:
    facts = everything.facts
    assert (facts.ml_team, facts.accuracy_critical, facts.domain_changes) == (True, False, "quarterly")
    assert (facts.months_in_production, facts.budget_usd_per_month) == (8.0, 5000.0)
    # Seen elsewhere in the study: labelled examples, scored cases, retrieval, structured output.
    assert (facts.labelled_examples, facts.eval_cases, facts.retrieval_tried, facts.structured_output_tried) == (
        1000, 80, True, True,
    )  # fmt: skip


def test_a_default_is_no_fact() -> None:
    facts = study(smallest(TUNED)).facts
    assert (facts.labelled_examples, facts.eval_cases, facts.retrieval_tried) == (None, None, None)


def test_an_old_price_book_is_said() -> None:
    from breakeven.study import parse_study
    from tests.study.studies import BOOK

    later = BOOK.as_of + dt.timedelta(days=100)
    found = parse_study(SMALLEST.replace("today:", "start: 2026-12\ntoday:"), today=later, book=BOOK)
    assert "the price book is 100 days old: `breakeven prices update` brings it up to date" in found.notes


# --------------------------------------------------------------------------------------------- price changes


def test_prices_stand_still_unless_stated() -> None:
    change = study(SMALLEST).price_change
    assert list(change) == ["*"]
    assert isinstance(change["*"], Belief)
    assert change["*"].centre == 0.0


def test_steps_come_from_published_changes() -> None:
    change = study(smallest(top="price_change: steps\n")).price_change["*"]
    assert isinstance(change, PriceSteps)
    # 70 changes over 382 SKU-years, 39 of them up.
    assert change.changes_per_year == pytest.approx(70 / 382)
    assert change.share_up == pytest.approx(39 / 70)
    assert 0 < change.up[0] <= change.up[1]
    assert 0 < change.down[0] <= change.down[1] < 1


def test_each_provider_can_have_its_own_change() -> None:
    found = study(smallest(TUNED, top="price_change: {openai: steps, azure: -10%..0%/year}\n"))
    assert isinstance(found.price_change["openai"], PriceSteps)
    assert belief(found, "price_change.azure").source.reference == "breakeven.yaml:2"
    assert set(found.price_change) == {"openai", "azure"}


def test_providers_not_named_keep_the_default() -> None:
    found = study(smallest(TUNED, top="price_change: {openai: steps}\n"))
    assert str(belief(found, "price_change.*")) == "0%/year"


def test_a_distribution_of_price_changes_is_no_provider() -> None:
    found = study(smallest(top="price_change: {uniform: -20%..5%/year}\n"))
    assert belief(found, "price_change").family == "uniform"


# ---------------------------------------------------------------------------------------- stated totals


def test_upfront_takes_the_place_of_what_it_sums_up() -> None:
    found = study(smallest("tuned: {kind: tuned, base: azure/test-base, upfront: $45K}"))
    its = found.candidates["tuned"]
    assert its.upfront is not None
    assert its.upfront.centre == 45_000
    assert its.training is None
    assert (its.labour.build_hours, its.labour.guideline_hours) == (None, None)
    assert its.labour.upkeep_hours is not None
    # Retraining: the published 30% to 50%, here of the stated sum.
    assert its.retraining is not None
    assert its.retraining.event_usd is not None
    assert (its.retraining.event_usd.low, its.retraining.event_usd.high) == pytest.approx((13_500, 22_500))
    assert str(its.retraining.event_usd.source) == (
        "published, document 004: of the first training, for each cycle, here of `upfront`"
    )


def test_what_is_stated_beside_upfront_is_counted_on_top() -> None:
    line = "tuned: {kind: tuned, base: azure/test-base, upfront: $45K, examples: 500, label_cost: $2, build: 10 hours}"
    found = study(smallest(line))
    its = training(found, "tuned")
    assert (its.examples.centre, its.label_cost.centre, its.runs.centre) == (500, 2, 1)
    assert (its.price, its.run_usd, its.eval_cases) == (None, None, None)
    assert str(its.labelled.source) == "stated, inside `upfront`"
    labour = found.candidates["tuned"].labour
    assert labour.build_hours is not None
    assert labour.build_hours.centre == 10


def test_retraining_beside_upfront_can_be_stated() -> None:
    def event(retrain: str) -> float | None:
        line = f"tuned: {{kind: tuned, base: azure/test-base, upfront: $45K, retrain: {retrain}}}"
        retraining = study(smallest(line)).candidates["tuned"].retraining
        assert retraining is not None
        return None if retraining.event_usd is None else retraining.event_usd.centre

    assert event("{every: 3 months, cost: $1.5K}") == 1500
    assert event("{every: 3 months, hours: 5 hours}") is None  # by its parts
    assert event("never") is None


def test_running_takes_the_place_of_upkeep_and_hosting() -> None:
    its = study(smallest("tuned: {kind: tuned, base: azure/test-base, running: $24K/year}")).candidates[
        "tuned"
    ]
    assert its.running is not None
    assert its.running.centre == 2_000
    assert (its.hosting, its.labour.upkeep_hours) == (None, None)


def test_a_price_per_call_needs_no_model() -> None:
    its = study(smallest("flat: {kind: prompt, per_call: $0.0021/call}")).candidates["flat"]
    assert (its.prices, its.batch, its.hit_rate) == (None, None, None)
    assert its.per_call is not None


def test_build_and_upkeep_are_hours_or_dollars() -> None:
    labour = (
        study(smallest("b: {kind: prompt, model: openai/test-large, build: $5K, upkeep: $500/month}"))
        .candidates["b"]
        .labour
    )
    assert (labour.build_hours, labour.upkeep_hours) == (None, None)
    assert labour.build_usd is not None
    assert labour.upkeep_usd is not None
    assert (labour.build_usd.centre, labour.upkeep_usd.centre) == (5000, 500)


def test_what_serves_today_is_built() -> None:
    found = study(SMALLEST)
    assert shown(found, "defaults.built") == "0 hours (stated, `today` names it, so it is built already)"
    stated = study(SMALLEST.replace("test-large}", "test-large, build: 40 hours}"))
    assert str(belief(stated, "candidates.prompt.build")) == "40 hours"


def test_the_parts_of_what_serves_today_are_built_and_trained() -> None:
    text = smallest(f"{TUNED}\nmix: {{kind: hybrid, small: tuned, large: prompt, escalate: 10%}}")
    found = study(text.replace("today: prompt", "today: mix"))
    assert {found.candidates[name].labour.build_hours for name in ("prompt", "tuned", "mix")} == {
        belief(found, "defaults.built")
    }
    assert found.candidates["tuned"].trained_already
    assert not study(text).candidates["tuned"].trained_already


# --------------------------------------------------------------------------------------------- training


def test_training_is_paid_by_the_token_at_the_offers_price() -> None:
    found = study(smallest(TUNED))
    its = training(found, "tuned")
    assert its.price is not None
    assert (its.price.name, its.price.centre) == ("prices.azure/test-base:tuned.training", 5.0)
    assert str(its.price.source) == "quoted, a test's list, 2026-11-01"
    assert its.eval_label_cost is its.label_cost
    assert (its.run_usd, its.gpu_hours, its.validation) == (None, None, None)


def test_training_stated_as_a_sum_is_one_run() -> None:
    found = study(smallest("tuned: {kind: tuned, base: azure/test-base, training: $5K}"))
    its = training(found, "tuned")
    assert its.run_usd is not None
    assert its.price is None
    assert its.epochs is None
    assert shown(found, "candidates.tuned.runs") == "1 (stated, one run: `training` is stated as a sum)"
    more = study(smallest("tuned: {kind: tuned, base: azure/test-base, training: $5K, runs: 3..10}"))
    assert str(belief(more, "candidates.tuned.runs")) == "3 .. 10"


def test_training_by_gpu_hour() -> None:
    hours = "tuned: {kind: tuned, base: azure/test-base, training: {gpu: $2..$5/hour, hours: 4..20 hours}}"
    its = training(study(smallest(hours)), "tuned")
    assert its.gpu_price is not None
    assert its.gpu_hours is not None
    assert (its.gpu_price.high, its.gpu_hours.high) == pytest.approx((5, 20))
    assert its.runs.high == pytest.approx(10)
    unsaid = study(smallest("tuned: {kind: tuned, base: azure/test-base, training: {gpu: $2/hour}}"))
    assert shown(unsaid, "defaults.tuned.gpu_hours") == (
        "4 hours .. 20 hours (published, document 003: GPU hours of a run)"
    )


def test_an_offer_by_the_hour_asks_for_hours_only() -> None:
    its = training(
        study(smallest("t: {kind: tuned, base: azure/test-hourly, training: {hours: 3..9 hours}}")), "t"
    )
    assert its.gpu_price is not None
    assert its.gpu_price.centre == 100
    assert its.gpu_price.source.kind == "quoted"


def test_ones_own_gpu_trains_what_it_serves() -> None:
    found = study(smallest("own: {kind: tuned, base: self/x, hosting: {gpu: $2..$4/hour, rps: 10/s}}"))
    its = training(found, "own")
    assert its.gpu_price is not None
    assert (its.gpu_price.low, its.gpu_price.high) == pytest.approx((2, 4))
    assert str(its.gpu_hours) == "4 hours .. 20 hours"


def test_the_classifiers_defaults() -> None:
    found = study(smallest("sieve: {kind: classifier, quality: 86%}"))
    its = found.candidates["sieve"]
    assert (its.prices, its.hosting, its.tokens) == (None, None, None)
    names = [f"defaults.classifier.{name}" for name in ("per_call", "runs", "training")]
    assert [str(belief(found, name)) for name in names] == [
        "$1.00/1M calls .. $20.00/1M calls", "1 .. 3", "$0.10 .. $2.00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "months"),
    [("every 3 months", 3), ("quarterly", 3), ("{every: 6 months}", 6), ("yearly", 12), ("never", None)],
)
def test_the_cadence_of_retraining(written: str, months: int | None) -> None:
    found = study(smallest(f"tuned: {{kind: tuned, base: azure/test-base, retrain: {written}}}"))
    retraining = found.candidates["tuned"].retraining
    assert retraining is not None
    assert retraining.every_months == months
    assert not any("retrained every" in note for note in found.notes)


def test_a_cadence_that_is_not_stated_is_said() -> None:
    found = study(smallest(TUNED))
    assert "tuned: retrained every 3 months (published, document 004: quarterly)" in found.notes


# ----------------------------------------------------------------------------------------------- tokens


def test_a_candidate_shares_the_tokens_that_it_does_not_state(everything: Study) -> None:
    prompt, small, tuned = (everything.candidates[name].tokens for name in ("prompt", "small", "tuned"))
    assert prompt is not None
    assert small is not None
    assert tuned is not None
    assert prompt.static is small.static
    assert prompt.output.name == "candidates.prompt.tokens.output"
    assert small.output.name == "workload.tokens.output"
    assert str(tuned.static) == "100 tokens .. 400 tokens"


def test_a_tuned_model_needs_a_part_of_the_instructions() -> None:
    found = study(smallest(TUNED))
    # 5% to 30% of 2,600
    assert shown(found, "candidates.tuned.tokens.static") == (
        "130 tokens .. 780 tokens (published, document 003: tuned prompts keep a quarter to a third of the whole)"
    )


def test_without_instructions_a_tuned_model_needs_none() -> None:
    found = study(smallest(TUNED).replace("static: 2600", "static: 0"))
    assert belief(found, "candidates.tuned.tokens.static").is_point


def test_a_folder_is_needed_only_for_files(tmp_path: Path) -> None:
    assert study(SMALLEST) == study(SMALLEST, tmp_path)
