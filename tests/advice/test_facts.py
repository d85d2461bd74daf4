"""What rules see of a study: each fact's value, unit and source, checked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args, get_type_hints

import pytest

from breakeven.advice.facts import FACTS, Measured, measure, show_fact
from breakeven.beliefs import Source, from_text
from breakeven.economics import simulate
from breakeven.economics.outcome import CandidateOutcome
from breakeven.study.model import Facts, Study
from tests.advice.builders import hybrid, make_study, outcome_of, prompt, tuned, wait
from tests.economics.studies import b, prices, retraining, tokens


def facts(made: Study) -> dict[str, Measured]:
    return dict(measure(made, outcome_of(made)))


def values(made: Study) -> dict[str, Any]:
    return {name: fact.value for name, fact in facts(made).items()}


def test_volume_and_tokens():
    # 2,000 + 400 in and 60 out; a month has 365/12 days
    found = values(make_study(volume="10K/day", growth="1%/month"))
    assert found["requests_per_day"] == 10_000
    assert found["calls_per_month"] == pytest.approx(10_000 * 365 / 12, rel=1e-11)
    assert found["calls_per_month_in_12_months"] == pytest.approx(10_000 * 365 / 12 * 1.01**11, rel=1e-11)
    assert found["calls_in_first_year"] == pytest.approx(10_000 * 365 / 12 * (1.01**12 - 1) / 0.01, rel=1e-11)
    assert found["tokens_per_day"] == 24_600_000
    assert found["tokens_per_month"] == pytest.approx(24_600_000 * 365 / 12, rel=1e-11)
    assert found["static_tokens"] == 2000


def test_a_hybrids_tokens_are_its_small_models_and_the_handed_share_of_its_large_ones():
    # 200 + 400 + 60 for all, and 2,460 for a fifth
    made = make_study(hybrid(), prompt(), tuned(), volume="100 calls/month")
    assert values(made)["tokens_per_month"] == 100 * (660 + 0.2 * 2460)


def test_calls_priced_as_stated_may_say_nothing_of_tokens():
    silent = make_study(prompt(tokens=tokens("prompt", static="0", input="0", output="0")))
    found = values(silent)
    assert (found["tokens_per_month"], found["tokens_per_day"], found["static_tokens"]) == (None, None, None)
    assert values(make_study(prompt(static="0")))["static_tokens"] == 0


def test_a_wait_is_followed_to_what_serves_now():
    made = make_study(wait(), prompt(static="1000"), tuned(), volume="1 calls/month")
    assert values(made)["tokens_per_month"] == 1460


def test_quality_and_its_gaps():
    made = make_study(
        prompt(quality="85%"), prompt("better", quality="88%"), tuned(quality="94%"), target="95%"
    )
    found = facts(made)
    assert (found["quality_today"].value, found["best_prompt_quality"].value) == (0.85, 0.88)
    assert found["best_tuned_quality"].value == 0.94
    assert found["quality_gap_tuned_vs_today"].value == 0.09
    assert found["gap_to_target"].value == 0.07
    assert str(found["gap_to_target"]) == "7 points"
    assert found["gap_to_target"].source == "workload.target: stated, this test; computed: better"


@pytest.mark.parametrize(("cases", "measured"), [(None, False), (200, True)])
def test_a_tuned_model_is_measured_where_its_cases_were_scored(cases: int | None, measured: bool):
    assert values(make_study(prompt(), tuned(cases=cases)))["tuned_quality_measured"] is measured


def test_without_a_tuned_candidate_nothing_of_it_is_known():
    found = values(make_study(prompt()))
    assert found["tuned_quality_measured"] is False
    unknown = {name for name, value in found.items() if value is None}
    assert {name for name in FACTS if name.startswith(("tuned_", "saving_"))} - {
        "tuned_quality_measured"
    } <= unknown
    assert {"best_tuned_quality", "quality_gap_tuned_vs_today"} <= unknown


@pytest.mark.parametrize(
    ("task", "motive", "is_format", "is_narrow"),
    [
        ("style", None, True, False), ("structured-output", None, True, False), ("custom-extraction", None, True, True),
        ("ner", None, False, True), ("reasoning", None, False, False), ("other", None, None, None),
        ("reasoning", "format", True, False), ("other", "format", True, None), ("other", "cost", None, None),
    ],
)  # fmt: skip
def test_the_kind_of_task(task: str, motive: str | None, is_format: bool | None, is_narrow: bool | None):
    found = values(make_study(task=task, motive=motive))
    assert found["task"] == (None if task == "other" else task)
    assert (found["task_is_format"], found["task_is_narrow"]) == (is_format, is_narrow)


def test_money_by_hand():
    # A call: (2,400 × $2 + 60 × $8)/1M = $0.00528, and (600 × $0.40 + 60 × $1.60)/1M = $0.000336.
    # The tuned model's upkeep is the $1,000 a month that is stated; its $60K up front says nothing of training alone.
    made = make_study(prompt(build="$8K"), tuned(running="$1000/month"), volume="1M calls/month")
    found = values(made)
    assert found["saving_per_call"] == pytest.approx(0.00528 - 0.000336, rel=1e-11)
    assert found["prompt_upfront"] == 8000
    assert found["prompt_monthly"] == 5280
    assert (found["tuned_upfront"], found["tuned_training"]) == (60_000, None)
    assert found["tuned_monthly"] == 1336
    assert found["tuned_upkeep_per_year"] == 12_000
    assert found["saving_per_month"] == 5280 - 1336


def test_retraining_is_upkeep_and_training_is_up_front():
    # 6,000 examples × 660 tokens × 3 epochs × $5/1M = $59.40 a run, five of them: $297.
    # Retraining in months 3, 6, 9, 12: a run, 40% of 6,000 labels at $1, 200 cases to score for 5 runs, 8 h × $100.
    made = make_study(
        prompt(), tuned(labelled="6000", retraining=retraining("tuned")), volume="1M calls/month"
    )
    found = values(made)
    scoring = 200 * (1 + 5 * 0.000336)
    assert found["tuned_training"] == pytest.approx(297, rel=1e-11)
    assert found["tuned_upkeep_per_year"] == pytest.approx(4 * (59.4 + 2400 + scoring + 800), rel=1e-9)


def test_the_saving_for_a_call_is_by_calls_that_grow_and_vary():
    # every call saves the same, however many there are
    varied: list[dict[str, Any]] = [
        {"growth": "5%/month"},
        {"horizon": 6},
        {"volume": "500K..2M calls/month"},
    ]
    for options in varied:
        made = make_study(**{"volume": "1M calls/month", **options})
        for worlds in (made.centres(), made.sample(4000, 0)):
            found = measure(made, simulate(made, worlds))
            assert found["saving_per_call"].value == pytest.approx(0.004944, rel=0.02)


def test_no_calls_have_no_saving_for_each():
    assert values(make_study(volume="0 calls/month"))["saving_per_call"] is None


def test_the_prompt_side_is_todays_prompt_and_else_the_best_one():
    cheap = prompt("cheap", prices=prices("house/small", input="$0.40", output="$1.60"))
    volume = "100K calls/month"
    assert values(make_study(prompt(), cheap, tuned(), volume=volume))["prompt_monthly"] == 528
    assert values(make_study(tuned(), prompt(), cheap, volume=volume))["prompt_monthly"] == pytest.approx(
        105.6
    )


def test_labels_are_stated_or_what_a_trained_candidate_starts_from():
    assert values(make_study(labelled_examples=700))["labelled_examples"] == 700
    assert values(make_study(prompt(), tuned(labelled="600")))["labelled_examples"] == 600
    assert values(make_study(prompt(), tuned(labelled="600"), labelled_examples=0))["labelled_examples"] == 0
    assert values(make_study())["labelled_examples"] is None


def test_a_default_of_no_labels_is_not_a_statement():
    made = make_study(prompt(), tuned(labelled="0"))
    assert values(made)["labelled_examples"] == 0
    candidate = made.candidates["tuned"]
    assert candidate.training is not None
    guessed = from_text(
        "candidates.tuned.labelled", "count", "0", Source(kind="guess", reference="none stated")
    )
    silent = replace(candidate, training=replace(candidate.training, labelled=guessed))
    assert values(replace(made, candidates={**made.candidates, "tuned": silent}))["labelled_examples"] is None


def test_eval_cases_are_stated_or_todays_or_the_most():
    assert values(make_study(prompt(cases=50), tuned(cases=80)))["eval_cases"] == 50
    assert values(make_study(prompt(), tuned(cases=80), prompt("other", cases=60)))["eval_cases"] == 80
    assert values(make_study(prompt(cases=50), eval_cases=7))["eval_cases"] == 7
    assert values(make_study())["eval_cases"] is None


def test_a_smaller_model_is_tried_once_it_is_scored():
    def small(cases: int | None, output: str) -> Any:
        return prompt("small", cases=cases, prices=prices("house/small", input="$0.40", output=output))

    assert values(make_study(prompt(), small(60, "$1.60")))["smaller_model_tried"] is True
    assert values(make_study(prompt(), small(None, "$1.60")))["smaller_model_tried"] is None
    assert values(make_study(prompt(), small(60, "$8")))["smaller_model_tried"] is None
    assert (
        values(make_study(prompt(), small(60, "$1.60"), smaller_model_tried=False))["smaller_model_tried"]
        is False
    )


def test_the_frequent_share_is_what_the_small_model_keeps():
    other = hybrid("other", escalate="35%")
    assert values(make_study(prompt(), tuned(), other))["frequent_share"] == 0.65
    assert values(make_study(prompt(), tuned(), other, hybrid()))["frequent_share"] == 0.8


def test_what_the_study_states_is_read_as_it_stands():
    stated: dict[str, Any] = {
        "ml_team": True, "accuracy_critical": False, "domain_changes": "weekly", "prompt_iterations": 12,
        "structured_output_tried": True, "motive": "latency", "months_in_production": 7.5,
        "budget_usd_per_month": 4000.0, "deployment": "edge",
    }  # fmt: skip
    found = facts(make_study(**stated))
    assert {name: found[name].value for name in stated} == stated
    assert {found[name].source for name in stated} == {f"facts.{name}" for name in stated}


def test_what_is_not_stated_is_none_and_says_where_to_state_it():
    found = facts(make_study())
    for name in Facts.__dataclass_fields__:
        assert found[name].value is None
        assert (found[name].key, found[name].source, str(found[name])) == (f"facts.{name}", "", "not stated")
    assert found["error_cost"].value is None
    assert found["target"].value is None


def test_every_word_that_a_study_can_state_is_a_word_of_its_fact():
    hints = get_type_hints(Facts)
    for name, fact in FACTS.items():
        if name in hints and fact.type == "word":
            [words] = [get_args(part) for part in get_args(hints[name]) if part is not type(None)]
            assert fact.words == words
    assert set(hints) <= set(FACTS)


def test_every_fact_is_read_in_its_type():
    made = make_study(
        prompt(cases=412), tuned(labelled="600"), hybrid(), task="ner", target="93%", error_cost="$2"
    )
    wanted = {"yes or no": bool, "number": float, "word": str}
    for name, fact in facts(made).items():
        assert fact.value is None or isinstance(fact.value, wanted[FACTS[name].type])


def test_a_figure_that_is_no_number_is_not_known():
    made = make_study()
    outcome = outcome_of(made)
    today: CandidateOutcome = outcome.candidates["prompt"]
    broken = replace(
        outcome,
        candidates={**outcome.candidates, "prompt": replace(today, quality=today.quality * float("nan"))},
    )
    assert measure(made, broken)["quality_today"].value is None


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "usd", "not stated"), (True, "yes or no", "yes"), (False, "yes or no", "no"),
        ("weekly", "word", "weekly"),
        (8e6, "calls/month", "8M calls/month"), (1.0, "cases", "1 case"), (6000.0, "examples", "6,000 examples"),
        (0.93, "share", "93%"), (0.9499, "share", "94.99%"), (0.06, "points", "6 points"), (0.01, "points", "1 point"),
        (-0.02, "points", "-2 points"), (150.0, "usd an error", "$150 an error"), (0.013, "usd/call", "$0.013/call"),
        (9.7, "months", "9.7 months"), (1.0, "months", "1 month"), (0.02, "months", "0.61 days"),
        (float("inf"), "months", "never"), (float("inf"), "usd", "without bound"), (2.5, "", "2.5"),
    ],
)  # fmt: skip
def test_facts_for_people(value: Any, unit: str, text: str):
    assert show_fact(value, unit) == text


def test_stated_totals_are_calls_too():
    per_call = b("candidates.prompt.per_call", "money per call", "$0.018/call")
    made = make_study(prompt(per_call=per_call), tuned(), volume="1M calls/month")
    assert values(made)["saving_per_call"] == pytest.approx(0.018 - 0.000336, rel=1e-11)
