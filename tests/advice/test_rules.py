"""Every published rule on both sides of each of its thresholds, and on them; what is not stated; contradictions."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.advice.conditions import parse
from breakeven.advice.facts import FACTS, Value, measure
from breakeven.advice.gates import run_gates
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.rule import VERDICTS, Figure, Row, Rule, Step, Table, names_of
from breakeven.advice.rules import contradictions, judge, run_rules
from breakeven.errors import InputError
from tests.advice.builders import hybrid, make_study, outcome_of, prompt, stated, tuned, wait
from tests.economics.studies import b

RULES = {rule.id: rule for rule in PUBLISHED_RULES}
Facts = dict[str, Value]

GATE: Facts = {"eval_cases": 100, "prompt_iterations": 10, "retrieval_tried": True, "smaller_model_tried": True,
               "calls_per_month": 1e6}  # fmt: skip
NO_WIN: Facts = {"task_is_narrow": False, "domain_changes": "quarterly", "calls_per_month": 1e6, "task_is_format": True,
                 "target": 0.95, "static_tokens": 3999, "deployment": "cloud"}  # fmt: skip
FIVE: Facts = {"calls_per_month": 50e3, "calls_per_month_in_12_months": 50e3, "ml_team": True,
               "accuracy_critical": False, "labelled_examples": 100, "domain_changes": "quarterly"}  # fmt: skip
STAGE: Facts = {
    "months_in_production": 8,
    "error_cost": 99.99,
    "calls_per_month": 99_999,
    "quality_today": 0.85,
}
ROI: Facts = {"tuned_upfront": 60e3, "prompt_upfront": 0, "saving_per_month": 5e3}
CASE_3: Facts = {"calls_per_month": 150e3, "frequent_share": 0.3}
FOUR: Facts = {
    "calls_per_month": 10e6,
    "domain_changes": "quarterly",
    "labelled_examples": 500,
    "ml_team": True,
}
TABLE: Facts = {"error_cost": 100, "tuned_quality_measured": True}
TREE: Facts = {"requests_per_day": 1000.1, "labelled_examples": 100, "gap_to_target": 0.0501, "task_is_format": False,
               "tuned_quality_measured": True, "quality_gap_tuned_vs_today": 0.001}  # fmt: skip
FIRST_YEAR: Facts = {"tuned_upfront": 60e3, "tuned_upkeep_per_year": 15e3, "saving_per_call": 0.01}
TOKENS: Facts = {
    "tokens_per_month": 10e6,
    "target": 0.95,
    "domain_changes": "monthly",
    "budget_usd_per_month": 5e3,
}
EVIDENCE: Facts = {"months_in_production": 6, "prompt_iterations": 20, "best_prompt_quality": 0.9, "target": 0.95,
                   "tokens_per_day": 10e6}  # fmt: skip

CASES: list[tuple[str, Facts, str]] = [
    ("000-gate", GATE, "tune"),
    ("000-gate", GATE | {"eval_cases": 99}, "prompt"),
    ("000-gate", GATE | {"prompt_iterations": 9}, "prompt"),
    ("000-gate", GATE | {"retrieval_tried": False}, "prompt"),
    ("000-gate", GATE | {"smaller_model_tried": False}, "prompt"),
    ("000-gate", GATE | {"calls_per_month": 999_999}, "prompt"),
    ("000-volume", {"calls_per_month": 999_999}, "prompt"),
    ("000-volume", {"calls_per_month": 1e6}, "tune"),
    ("000-wins", NO_WIN, "prompt"),
    ("000-wins", NO_WIN | {"task_is_narrow": True}, "prompt"),
    ("000-wins", NO_WIN | {"task_is_narrow": True, "domain_changes": "yearly"}, "tune"),
    ("000-wins", NO_WIN | {"task_is_narrow": True, "domain_changes": "rarely"}, "tune"),
    ("000-wins", NO_WIN | {"domain_changes": "rarely"}, "prompt"),
    ("000-wins", NO_WIN | {"calls_per_month": 1_999_999}, "prompt"),
    ("000-wins", NO_WIN | {"calls_per_month": 2e6}, "tune"),
    ("000-wins", NO_WIN | {"target": 0.9501}, "tune"),
    ("000-wins", NO_WIN | {"target": 0.9501, "task_is_format": False}, "prompt"),
    ("000-wins", NO_WIN | {"static_tokens": 4000}, "tune"),
    ("000-wins", NO_WIN | {"static_tokens": 4000, "calls_per_month": 999_999}, "prompt"),
    ("000-wins", NO_WIN | {"deployment": "edge"}, "tune"),
    ("000-wins", NO_WIN | {"deployment": "on-premises"}, "tune"),
    # ($60K + $15K) ÷ $0.01 = 7.5M calls a year
    ("000-first-year", FIRST_YEAR | {"calls_in_first_year": 7_500_000}, "tune"),
    ("000-first-year", FIRST_YEAR | {"calls_in_first_year": 7_499_999}, "prompt"),
    ("000-first-year", FIRST_YEAR | {"saving_per_call": 0, "calls_in_first_year": 1e9}, "prompt"),
    ("000-first-year", FIRST_YEAR | {"saving_per_call": 1e-6, "calls_in_first_year": 1e12}, "tune"),
    ("001-five-questions", FIVE, "tune"),
    (
        "001-five-questions",
        FIVE | {"calls_per_month": 49_999, "calls_per_month_in_12_months": 49_999},
        "prompt",
    ),
    ("001-five-questions", FIVE | {"calls_per_month": 10, "calls_per_month_in_12_months": 50e3}, "tune"),
    ("001-five-questions", FIVE | {"calls_per_month": 50e3, "calls_per_month_in_12_months": 10}, "tune"),
    ("001-five-questions", FIVE | {"ml_team": False}, "prompt"),
    ("001-five-questions", FIVE | {"accuracy_critical": True, "labelled_examples": 0}, "tune"),
    ("001-five-questions", FIVE | {"labelled_examples": 99}, "prompt"),
    ("001-five-questions", FIVE | {"domain_changes": "weekly"}, "prompt"),
    ("001-five-questions", FIVE | {"domain_changes": "monthly"}, "prompt"),
    ("001-volume", {"calls_per_month": 49_999, "calls_per_month_in_12_months": 1}, "prompt"),
    ("001-volume", {"calls_per_month": 50e3, "calls_per_month_in_12_months": 1}, "evaluate"),
    ("001-volume", {"calls_per_month": 1, "calls_per_month_in_12_months": 99_999}, "evaluate"),
    ("001-volume", {"calls_per_month": 1, "calls_per_month_in_12_months": 100e3}, "tune"),
    ("001-staged", STAGE | {"months_in_production": 2.9}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 3}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 3, "quality_today": 0.8499}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 5.9}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 6}, "evaluate"),
    ("001-staged", STAGE | {"months_in_production": 6, "calls_per_month": 50e3}, "evaluate"),
    ("001-staged", STAGE | {"months_in_production": 6, "calls_per_month": 49_999}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 6, "quality_today": 0.8}, "evaluate"),
    ("001-staged", STAGE | {"months_in_production": 6, "quality_today": 0.7999}, "prompt"),
    ("001-staged", STAGE | {"months_in_production": 6, "quality_today": 0.9}, "evaluate"),
    ("001-staged", STAGE | {"months_in_production": 6, "quality_today": 0.9001}, "prompt"),
    ("001-staged", STAGE, "evaluate"),
    ("001-staged", STAGE | {"error_cost": 100}, "tune"),
    ("001-staged", STAGE | {"error_cost": 100, "months_in_production": 7.9}, "evaluate"),
    ("001-staged", STAGE | {"calls_per_month": 100e3}, "tune"),
    ("001-staged", STAGE | {"calls_per_month": 100e3, "months_in_production": 7.9}, "evaluate"),
    # $60K ÷ $5K a month = 12 months; ÷ $1,666.67 = 36
    ("001-roi", ROI, "tune"),
    ("001-roi", ROI | {"tuned_upfront": 60_001}, "evaluate"),
    ("001-roi", ROI | {"tuned_upfront": 179_999}, "evaluate"),
    ("001-roi", ROI | {"tuned_upfront": 180_000}, "prompt"),
    ("001-roi", ROI | {"saving_per_month": 0}, "prompt"),
    ("001-roi", ROI | {"saving_per_month": -1}, "prompt"),
    ("001-roi", ROI | {"prompt_upfront": 60e3, "saving_per_month": 0.01}, "tune"),
    ("001-hybrid", CASE_3, "hybrid"),
    ("001-hybrid", CASE_3 | {"frequent_share": 0.2999}, "prompt"),
    ("001-hybrid", CASE_3 | {"calls_per_month": 149_999}, "cannot tell"),
    ("002-structured-output", {"motive": "format", "structured_output_tried": False}, "prompt"),
    ("002-structured-output", {"motive": "format", "structured_output_tried": True}, "evaluate"),
    ("002-structured-output", {"motive": "cost", "structured_output_tried": False}, "cannot tell"),
    ("002-four-conditions", FOUR, "tune"),
    ("002-four-conditions", FOUR | {"calls_per_month": 9_999_999}, "prompt"),
    ("002-four-conditions", FOUR | {"domain_changes": "monthly"}, "prompt"),
    ("002-four-conditions", FOUR | {"domain_changes": "weekly"}, "prompt"),
    ("002-four-conditions", FOUR | {"labelled_examples": 499}, "prompt"),
    ("002-four-conditions", FOUR | {"labelled_examples": 999}, "tune"),
    ("002-four-conditions", FOUR | {"labelled_examples": 1000}, "tune"),
    ("002-four-conditions", FOUR | {"ml_team": False}, "prompt"),
    ("003-volume", TABLE | {"requests_per_day": 99.9}, "prompt"),
    ("003-volume", TABLE | {"requests_per_day": 100, "quality_gap_tuned_vs_today": 0.05}, "prompt"),
    ("003-volume", TABLE | {"requests_per_day": 100, "quality_gap_tuned_vs_today": 0.0501}, "tune"),
    (
        "003-volume",
        {"requests_per_day": 999.9, "quality_gap_tuned_vs_today": 0.06, "error_cost": 99},
        "prompt",
    ),
    ("003-volume", TABLE | {"requests_per_day": 1000, "quality_gap_tuned_vs_today": 0.03}, "prompt"),
    ("003-volume", TABLE | {"requests_per_day": 1000, "quality_gap_tuned_vs_today": 0.0301}, "tune"),
    ("003-volume", {"requests_per_day": 9999.9, "tuned_quality_measured": False}, "evaluate"),
    ("003-volume", {"requests_per_day": 10_000}, "tune"),
    ("003-volume", {"requests_per_day": 100_000}, "tune"),
    ("003-volume", {"requests_per_day": 100_000.1}, "hybrid"),
    ("003-tree", TREE, "tune"),
    ("003-tree", TREE | {"requests_per_day": 1000}, "prompt"),
    ("003-tree", TREE | {"labelled_examples": 99}, "prompt"),
    ("003-tree", TREE | {"gap_to_target": 0.05}, "prompt"),
    ("003-tree", TREE | {"task_is_format": True, "tuned_quality_measured": False}, "tune"),
    ("003-tree", TREE | {"tuned_quality_measured": False}, "evaluate"),
    ("003-tree", TREE | {"quality_gap_tuned_vs_today": 0}, "prompt"),
    ("003-task", {"task": "multi-label-classification"}, "tune"),
    ("003-task", {"task": "custom-extraction"}, "tune"),
    ("003-task", {"task": "style"}, "tune"),
    ("003-task", {"task": "reasoning"}, "prompt"),
    ("003-task", {"task": "summarisation"}, "prompt"),
    ("003-task", {"task": "sentiment-classification", "error_cost": 100}, "tune"),
    ("003-task", {"task": "sentiment-classification", "error_cost": 99.99}, "prompt"),
    ("003-task", {"task": "ner"}, "evaluate"),
    ("003-task", {"task": "code-generation"}, "evaluate"),
    ("003-task", {"task": "structured-output"}, "evaluate"),
    ("003-task", {"task": "translation"}, "evaluate"),
    # $0.001 × 100K calls = $100 a month
    ("003-training", {"saving_per_call": 0.001, "calls_per_month": 100e3, "tuned_training": 200}, "tune"),
    ("003-training", {"saving_per_call": 0.001, "calls_per_month": 100e3, "tuned_training": 201}, "evaluate"),
    ("003-training", {"saving_per_call": 0.001, "calls_per_month": 100e3, "tuned_training": 599}, "evaluate"),
    ("003-training", {"saving_per_call": 0.001, "calls_per_month": 100e3, "tuned_training": 600}, "prompt"),
    ("003-training", {"saving_per_call": 0, "calls_per_month": 100e3, "tuned_training": 1}, "prompt"),
    ("003-hybrid", {"requests_per_day": 1000, "labelled_examples": 100}, "prompt"),
    ("003-hybrid", {"requests_per_day": 1000.1, "labelled_examples": 99}, "prompt"),
    ("003-hybrid", {"requests_per_day": 1000.1, "labelled_examples": 100}, "hybrid"),
    ("004-tree", TOKENS, "prompt"),
    ("004-tree", TOKENS | {"tokens_per_month": 10_000_001}, "evaluate"),
    ("004-tree", TOKENS | {"tokens_per_month": 999_999, "target": 0.99}, "prompt"),
    ("004-tree", TOKENS | {"tokens_per_month": 1e6, "target": 0.9501}, "tune"),
    ("004-tree", TOKENS | {"tokens_per_month": 10_000_001, "domain_changes": "weekly"}, "prompt"),
    ("004-tree", TOKENS | {"tokens_per_month": 10_000_001, "budget_usd_per_month": 4999}, "prompt"),
    ("004-evidence", EVIDENCE, "tune"),
    ("004-evidence", EVIDENCE | {"months_in_production": 5.9}, "prompt"),
    ("004-evidence", EVIDENCE | {"prompt_iterations": 19}, "prompt"),
    ("004-evidence", EVIDENCE | {"best_prompt_quality": 0.95}, "prompt"),
    ("004-evidence", EVIDENCE | {"tokens_per_day": 9_999_999}, "prompt"),
    ("004-evidence", EVIDENCE | {"tokens_per_day": 1, "target": 0.9501}, "tune"),
    # document 004's own figures: $5K + 36 × $2.5K against 36 × $60
    ("004-tco", {"tuned_upfront": 5e3, "tuned_monthly": 2.5e3, "prompt_monthly": 60}, "prompt"),
    ("004-tco", {"tuned_upfront": 3600, "tuned_monthly": 100, "prompt_monthly": 200}, "prompt"),
    ("004-tco", {"tuned_upfront": 3599, "tuned_monthly": 100, "prompt_monthly": 200}, "tune"),
]


@pytest.mark.parametrize(("rule", "facts", "verdict"), CASES, ids=lambda x: x if isinstance(x, str) else "")
def test_a_rule_says_what_its_document_says(rule: str, facts: Facts, verdict: str) -> None:
    found, because = judge(RULES[rule], stated(**facts))
    assert (found, because.startswith("Not stated")) == (verdict, False)


@pytest.mark.parametrize(
    ("rule", "facts", "because"),
    [
        ("001-staged", {"months_in_production": 2.9},
         "2.9 months in production: the first three belong to the prompt."),
        ("001-staged", {"months_in_production": 3}, "85% right is good enough."),
        ("001-staged", {"months_in_production": 3, "quality_today": 0.8499},
         "84.99% right after 3 months: no stage calls for tuning yet."),
        ("001-roi", {"prompt_upfront": 60e3}, "It costs no more to build ($60K) and $5,000/month less to run."),
        ("001-roi", {"prompt_upfront": 59e3}, "($60K − $59K) ÷ $5,000/month = 0.2 months, within a year."),
        ("002-four-conditions", {"labelled_examples": 999},
         "All four hold, with 999 examples: 1,000 would be better."),
        ("002-four-conditions", {"labelled_examples": 1000},
         "All four hold: 10M calls/month, 1,000 examples, stable, a team."),
    ],
)  # fmt: skip
def test_steps_of_one_verdict_say_why_apart(rule: str, facts: Facts, because: str) -> None:
    base = {"001-staged": STAGE, "001-roi": ROI, "002-four-conditions": FOUR}[rule]
    assert judge(RULES[rule], stated(**(base | facts)))[1] == because


def leaves(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield from leaves(step.steps) if step.steps else (step,)


def conditions(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        if step.when:
            yield step.when
        yield from conditions(step.steps)


def said(rule: Rule) -> list[str]:
    return [judge(rule, stated(**facts))[1] for name, facts, _ in CASES if name == rule.id]


@pytest.mark.parametrize("rule", PUBLISHED_RULES, ids=lambda rule: rule.id)
def test_the_cases_reach_every_step(rule: Rule) -> None:
    sentences = said(rule)
    for step in leaves(rule.all_steps):
        pattern = ".*".join(re.escape(part) for part in re.split(r"{\w+}", step.because))
        assert any(re.fullmatch(pattern, text) for text in sentences), f"no case says: {step.because}"


@pytest.mark.parametrize("rule", PUBLISHED_RULES, ids=lambda rule: rule.id)
def test_the_cases_stand_on_every_threshold(rule: Rule) -> None:
    names = names_of(rule)
    values = [facts for name, facts, _ in CASES if name == rule.id]
    for when in conditions(rule.all_steps):
        for node in ast.walk(parse(when, names).node):
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in FACTS:
                for bound in [c.value for c in node.comparators if isinstance(c, ast.Constant)]:
                    assert any(case.get(node.left.id) == bound for case in values), (
                        f"{when}: no case at {bound!r}"
                    )


@pytest.mark.parametrize("rule", PUBLISHED_RULES, ids=lambda rule: rule.id)
def test_a_rule_that_knows_nothing_names_what_it_asks_and_where_to_state_it(rule: Rule) -> None:
    verdict, because = judge(rule, stated())
    assert verdict == "cannot tell"
    assert because.startswith("Not stated: ")
    assert any(f"`{FACTS[name].key}`" in because for name in rule.asks)


@pytest.mark.parametrize(
    ("rule", "facts", "verdict"),
    [
        # whatever the rest, an early no decides; a late one does where the steps between say the same or nothing
        ("000-gate", {"eval_cases": 99}, "prompt"),
        ("000-gate", {"calls_per_month": 999_999}, "prompt"),
        ("000-gate", {"calls_per_month": 1e6}, "cannot tell"),
        ("000-wins", {"deployment": "edge"}, "tune"),
        ("000-wins", {"calls_per_month": 2e6}, "tune"),
        ("000-wins", {"deployment": "cloud"}, "cannot tell"),
        ("002-four-conditions", {"ml_team": False}, "prompt"),
        ("002-four-conditions", {"ml_team": True}, "cannot tell"),
        ("001-five-questions", {"ml_team": False}, "prompt"),
        # a gap of 4 points is no 5, whatever an error costs
        ("003-volume", {"requests_per_day": 500, "quality_gap_tuned_vs_today": 0.04}, "prompt"),
        ("003-volume", {"requests_per_day": 500, "quality_gap_tuned_vs_today": 0.06}, "cannot tell"),
    ],
)
def test_what_is_not_stated_matters_only_where_it_could_change_the_verdict(
    rule: str, facts: Facts, verdict: str
) -> None:
    assert judge(RULES[rule], stated(**facts))[0] == verdict


# ------------------------------------------------------------------------------------------- any facts


def values_of(name: str) -> st.SearchStrategy[Any]:
    fact = FACTS[name]
    if fact.type == "yes or no":
        return st.booleans()
    if fact.type == "word":
        return st.sampled_from(fact.words)
    # around the thresholds as much as anywhere
    return st.floats(allow_nan=False) | st.sampled_from(
        [0.0, 0.05, 0.85, 0.95, 100.0, 1000.0, 50e3, 100e3, 1e6, 10e6]
    )


ANY_FACTS = st.fixed_dictionaries({}, optional={name: values_of(name) for name in FACTS})


@given(facts=ANY_FACTS, rule=st.sampled_from(PUBLISHED_RULES))
def test_any_facts_give_a_verdict_and_a_sentence(facts: Facts, rule: Rule) -> None:
    verdict, because = judge(rule, stated(**facts))
    assert verdict in VERDICTS
    assert because
    assert not re.search(r"[{}]", because)


@given(facts=ANY_FACTS, more=ANY_FACTS, rule=st.sampled_from(PUBLISHED_RULES))
def test_stating_more_never_takes_a_verdict_back(facts: Facts, more: Facts, rule: Rule) -> None:
    before, _ = judge(rule, stated(**facts))
    if before != "cannot tell":
        assert judge(rule, stated(**(more | facts)))[0] == before


WORDS_OF_FACTS: dict[str, st.SearchStrategy[Any]] = {
    "ml_team": st.booleans(), "accuracy_critical": st.booleans(),
    "domain_changes": st.sampled_from(FACTS["domain_changes"].words), "labelled_examples": st.integers(0, 10**6),
    "eval_cases": st.integers(0, 10**4), "prompt_iterations": st.integers(0, 100), "retrieval_tried": st.booleans(),
    "smaller_model_tried": st.booleans(), "structured_output_tried": st.booleans(),
    "motive": st.sampled_from(FACTS["motive"].words), "months_in_production": st.floats(0, 120),
    "budget_usd_per_month": st.floats(0, 1e9), "deployment": st.sampled_from(FACTS["deployment"].words),
}  # fmt: skip
CANDIDATES = [prompt(), tuned(labelled="600"), hybrid(), wait()]


@settings(max_examples=50)
@given(
    facts=st.fixed_dictionaries({}, optional=WORDS_OF_FACTS),
    volume=st.floats(0, 1e12),
    target=st.none() | st.floats(0, 100),
    task=st.sampled_from([*FACTS["task"].words, "other", "something of one's own"]),
    today=st.sampled_from(["prompt", "tuned", "hybrid", "wait"]),
    horizon=st.integers(1, 36),
)
def test_any_study_gets_its_verdicts_and_gates(
    facts: dict[str, Any], volume: float, target: float | None, task: str, today: str, horizon: int
) -> None:
    made = make_study(*CANDIDATES, volume=f"{volume:.6f} calls/month", task=task, today=today, horizon=horizon,
                      target=None if target is None else f"{target:.6f}%", **facts)  # fmt: skip
    outcome = outcome_of(made)
    found = run_rules(made, outcome, today)
    assert len(found) == len(PUBLISHED_RULES)
    assert all(v.because and v.verdict in VERDICTS for v in found)
    assert len(run_gates(made, outcome)) == 5
    contradictions(found)


# ------------------------------------------------------------------------------------------- whole studies


@pytest.mark.parametrize(
    ("volume", "verdict"),
    [("99.9/day", "prompt"), ("100/day", "prompt"), ("1000/day", "evaluate"), ("9999/day", "evaluate"),
     ("10K/day", "tune"), ("100K/day", "tune"), ("100001/day", "hybrid")],
)  # fmt: skip
def test_a_day_is_a_day_of_365_in_12_months(volume: str, verdict: str) -> None:
    made = make_study(volume=volume)
    assert run_rules(made, outcome_of(made), None, [RULES["003-volume"]])[0].verdict == verdict


def verdicts(made: Any, recommended: str | None = None) -> dict[str, Any]:
    return {found.rule: found for found in run_rules(made, outcome_of(made), recommended)}


def test_growth_within_12_months_counts_for_document_001() -> None:
    # 40,100 × 1.02^11 = 49,859 and 40,300 × 1.02^11 = 50,108
    for volume, verdict in (("40100 calls/month", "prompt"), ("40300 calls/month", "evaluate")):
        assert verdicts(make_study(volume=volume, growth="2%/month"))["001-volume"].verdict == verdict


def test_exactly_five_points_are_not_above_five() -> None:
    # 0.95 − 0.90 is 0.04999999999999993 in floating point, 0.90 − 0.85 is 0.050000000000000044
    for low, high in (("90%", "95%"), ("85%", "90%")):
        made = make_study(
            prompt(quality=low), tuned(quality=high, cases=200), volume="100/day", error_cost="$150"
        )
        assert verdicts(made)["003-volume"].verdict == "prompt"
    more = make_study(
        prompt(quality="85%"), tuned(quality="90.1%", cases=200), volume="100/day", error_cost="$150"
    )
    assert verdicts(more)["003-volume"].verdict == "tune"


def test_document_000s_own_example() -> None:
    # ($60K + $15K) ÷ ($0.015 − $0.002) = 5,769,231 calls a year = 480,769 a month
    def made(volume: str) -> Any:
        return make_study(
            prompt(per_call=b("candidates.prompt.per_call", "money per call", "$0.015/call")),
            tuned(
                per_call=b("candidates.tuned.per_call", "money per call", "$0.002/call"),
                running="$1250/month",
            ),
            volume=volume,
        )

    below, above = (verdicts(made(f"{calls} calls/month"))["000-first-year"] for calls in (480_769, 480_770))
    assert (below.verdict, above.verdict) == ("prompt", "tune")
    assert (
        below.because
        == "($60K + $15K/year) ÷ $0.013/call = 5.77M calls/year; there are only 5.77M calls/year."
    )


def test_document_001s_own_example_takes_125_months() -> None:
    # $75K − $40K = $35K; $600 − $320 = $280 a month: 125 months, where the document prints 122 days
    made = make_study(
        prompt(build="$40K", per_call=b("candidates.prompt.per_call", "money per call", "$0.006/call")),
        tuned(upfront="$75K", per_call=b("candidates.tuned.per_call", "money per call", "$0.0032/call")),
        volume="100K calls/month",
    )
    assert verdicts(made)["001-roi"].because == "($75K − $40K) ÷ $280/month = 125 months: 36 or more."


@pytest.mark.parametrize(
    ("recommended", "agreeing"),
    [("prompt", "prompt"), ("wait", "prompt"), ("tuned", "tune or hybrid"), ("hybrid", "tune or hybrid")],
)
def test_agreement_is_about_training_a_model(recommended: str, agreeing: str) -> None:
    made = make_study(prompt(), tuned(labelled="600"), hybrid(), wait(), volume="4M calls/month", ml_team=True,
                      domain_changes="weekly")  # fmt: skip
    found = verdicts(made, recommended)
    assert {v.verdict for v in found.values()} >= {"prompt", "tune", "hybrid", "cannot tell"}
    for verdict in found.values():
        if verdict.verdict in {"evaluate", "cannot tell"}:
            assert verdict.agrees is None
        else:
            assert verdict.agrees is (verdict.verdict in agreeing)


def test_with_nothing_recommended_nothing_agrees() -> None:
    assert {v.agrees for v in verdicts(make_study()).values()} == {None}


def test_a_study_with_one_prompt_and_nothing_stated() -> None:
    made = make_study(prompt())
    found = verdicts(made, "prompt")
    assert found["000-volume"].agrees is True
    assert found["001-roi"].because.startswith("Not stated: ")
    assert found["003-volume"].verdict == "evaluate"  # 3,288 a day, and no tuned model was scored


def test_contradictions_are_named_by_subject_and_by_document() -> None:
    made = make_study(volume="200K calls/month", accuracy_critical=True, ml_team=True, labelled_examples=99)
    sentences = contradictions(run_rules(made, outcome_of(made), None))
    assert "On volume: 000-volume says prompt; 001-volume says tune." in sentences
    assert any(s.startswith("Document 001 contradicts itself here: ") for s in sentences)


def test_tuning_all_or_a_part_is_no_contradiction() -> None:
    made = make_study(volume="4M calls/month")
    found = [v for v in run_rules(made, outcome_of(made), None) if v.rule in {"000-volume", "003-volume"}]
    assert {v.verdict for v in found} == {"tune", "hybrid"}
    assert contradictions(found) == ()


def test_rules_of_ones_own_run_beside_the_published_ones() -> None:
    ours = Rule(
        id="ours", title="Under 200K we never tune", source="platform team", about="volume",
        table=Table(fact="calls_per_month", rows=(
            Row(below=200e3, verdict="prompt", because="{calls_per_month} are under 200K."),
            Row(verdict="tune", because="{calls_per_month} are 200K or more."),
        )),
    )  # fmt: skip
    made = make_study(volume="150K calls/month")
    found = run_rules(made, outcome_of(made), "tuned", (*PUBLISHED_RULES, ours))
    assert (found[-1].verdict, found[-1].agrees) == ("prompt", False)
    assert found[-1].because == "150K calls/month are under 200K."
    on_volume = contradictions(found, (*PUBLISHED_RULES, ours))[0]
    assert on_volume == "On volume: 000-volume and ours say prompt; 001-volume says tune."


# ------------------------------------------------------------------------------------------- how a rule is made


def rule(**fields: Any) -> Rule:
    fields = {"id": "ours", "title": "A rule", "source": "this test", **fields}
    if "table" not in fields:
        fields.setdefault("steps", (Step(verdict="prompt", because="So."),))
    return Rule(**fields)


def ends(when: str) -> tuple[Step, ...]:
    return (Step(when=when, verdict="tune", because="Yes."), Step(verdict="prompt", because="No."))


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"title": " "}, "title", "is empty"),
        ({"id": "a b"}, "id", "'a b' is not an id"),
        ({"steps": ()}, "steps", "either steps or a table"),
        ({"steps": ends("calls_per_mont > 5")}, "steps[0].when", "no fact is called 'calls_per_mont'"),
        ({"steps": ends("calls_per_month")}, "steps[0].when", "gives number, where yes or no is wanted"),
        ({"steps": ends("")}, "steps[0]", "what stands after it is never reached"),
        ({"steps": ends("ml_team")[:1]}, "steps[0]", "the last step has a condition"),
        ({"steps": (Step(verdict="maybe", because="So."),)}, "steps[0].verdict", "'maybe' is no verdict"),
        ({"steps": (Step(verdict="tune"),)}, "steps[0].because", "is empty"),
        ({"steps": (Step(verdict="tune", because="{tokns_per_day}"),)}, "steps[0].because", "'tokns_per_day'"),
        ({"steps": (Step(verdict="tune", because="{target:.2f}"),)}, "steps[0].because", "names no fact"),
        ({"steps": (Step(verdict="tune", steps=ends("ml_team")),)}, "steps[0]", "both a verdict and steps"),
        ({"steps": (Step(steps=ends("ml_tea")),)}, "steps[0].steps[0].when", "no fact is called"),
        ({"figures": (Figure(name="target", formula="1", unit=""),)}, "figures[0].name", "can not be the name"),
        ({"figures": (Figure(name="x", formula="ml_team", unit=""),)}, "figures[0].formula", "gives yes or no"),
        ({"figures": (Figure(name="x", formula="x + 1", unit=""),)}, "figures[0].formula", "called 'x'"),
        ({"table": Table(fact="ml_team", rows=())}, "table.fact", "'ml_team' is no number"),
        ({"table": Table(fact="target", rows=(Row(below=1, up_to=2, verdict="tune", because="So."),
                                              Row(verdict="tune", because="So.")))}, "table.rows[0]", "two bounds"),
        ({"table": Table(fact="target", rows=(Row(below=1, verdict="tune", because="So."),))}, "table.rows[0]",
         "the last step has a condition"),
        ({"table": Table(fact="target", rows=(Row(below=1, verdict="tune", because="So."),
                                              Row(below=1, verdict="tune", because="So."),
                                              Row(verdict="tune", because="So.")))}, "table.rows[1].below",
         "1 is not above 1"),
    ],
)  # fmt: skip
def test_a_slip_in_a_rule_is_found_when_it_is_made(fields: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        rule(**fields)
    assert [(p.field, message in p.message) for p in caught.value.problems] == [(field, True)]


def test_a_bound_may_belong_to_either_row() -> None:
    table = Table(fact="requests_per_day", rows=(
        Row(below=100, verdict="prompt", because="Under."), Row(up_to=100, verdict="evaluate", because="On."),
        Row(verdict="tune", because="Over."),
    ))  # fmt: skip
    made = rule(table=table)
    found = [judge(made, stated(requests_per_day=x))[0] for x in (99.9, 100, 100.1)]
    assert found == ["prompt", "evaluate", "tune"]


def test_a_figure_that_divides_by_zero_has_no_value() -> None:
    made = rule(
        figures=(Figure(name="ratio", formula="target / error_cost", unit=""),), steps=ends("ratio > 2")
    )
    assert judge(made, stated(target=0.9, error_cost=0)) == (
        "cannot tell", "ratio has no value here: its formula divides by zero.",
    )  # fmt: skip
    verdict, because = judge(made, stated(target=0.9))
    assert (verdict, because) == (
        "cannot tell",
        "Not stated: the cost of a wrong answer (`workload.errors.cost`).",
    )


def test_a_rule_lists_what_it_asks() -> None:
    figures = (Figure(name="ratio", formula="target / error_cost", unit=""),)
    assert rule(figures=figures, steps=ends("ml_team or ratio > 2")).asks == (
        "target",
        "error_cost",
        "ml_team",
    )


def test_ids_and_the_order_of_documents() -> None:
    ids = [r.id for r in PUBLISHED_RULES]
    assert ids == sorted(set(ids), key=lambda name: (name[:3], ids.index(name)))
    assert all(r.source.startswith(f"document {r.id[:3]}, ") for r in PUBLISHED_RULES)


def test_measured_numbers_are_finite_or_absent() -> None:
    made = make_study(volume="0 calls/month")
    numbers = [m.value for m in measure(made, outcome_of(made)).values() if isinstance(m.value, float)]
    assert all(math.isfinite(x) for x in numbers)
