"""The gates before tuning, on each side of what they ask."""

from __future__ import annotations

from typing import Any

import pytest

from breakeven.advice.decision import GateResult
from breakeven.advice.facts import measure
from breakeven.advice.gates import run_gates
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.rules import judge
from breakeven.study.model import Study
from tests.advice.builders import make_study, outcome_of, prompt, tuned
from tests.economics.studies import b, prices


def gates(made: Study) -> dict[str, GateResult]:
    return {result.gate: result for result in run_gates(made, outcome_of(made))}


def test_the_order_of_operations():
    assert list(gates(make_study())) == [
        "eval set",
        "prompt iterations",
        "retrieval",
        "smaller model",
        "volume",
    ]


@pytest.mark.parametrize(
    ("gate", "stated", "met", "have"),
    [
        ("eval set", {"eval_cases": 99}, False, "99 cases"),
        ("eval set", {"eval_cases": 100}, True, "100 cases"),
        ("eval set", {"eval_cases": 1}, False, "1 case"),
        ("prompt iterations", {"prompt_iterations": 9}, False, "9 iterations"),
        ("prompt iterations", {"prompt_iterations": 10}, True, "10 iterations"),
        ("retrieval", {"retrieval_tried": False}, False, "not tried"),
        ("retrieval", {"retrieval_tried": True}, True, "tried"),
        ("smaller model", {"smaller_model_tried": False}, False, "not tried"),
        ("smaller model", {"smaller_model_tried": True}, True, "tried"),
        ("volume", {"volume": "999999 calls/month"}, False, "1M calls/month"),
        ("volume", {"volume": "1M calls/month"}, True, "1M calls/month"),
        ("volume", {"volume": "480K calls/month"}, False, "480K calls/month"),
    ],
)
def test_a_gate(gate: str, stated: dict[str, Any], met: bool, have: str):
    found = gates(make_study(**stated))[gate]
    assert (found.met, found.have) == (met, have)


def test_what_is_not_stated_is_neither_met_nor_missed():
    found = gates(make_study())
    assert [result.met for result in found.values()] == [None, None, None, None, False]
    assert found["eval set"].have == "not stated (`facts.eval_cases`)"
    assert found["retrieval"].need == "tried"


def test_scored_cases_and_what_is_in_use_count_as_stated():
    small = prompt("small", cases=412, prices=prices("house/small", input="$0.40", output="$1.60"))
    today = prompt(
        retrieval_queries=b("candidates.prompt.retrieval.queries", "count", "1"),
        retrieval_cost=b("candidates.prompt.retrieval.cost", "money per call", "$0.001/call"),
    )
    found = gates(make_study(today, small, tuned()))
    assert (found["eval set"].met, found["eval set"].have) == (True, "412 cases")
    assert found["retrieval"].met is True
    assert found["smaller model"].met is True


def test_what_is_stated_goes_before_what_is_seen():
    found = gates(make_study(prompt(cases=412), tuned(), eval_cases=60))
    assert (found["eval set"].met, found["eval set"].have) == (False, "60 cases")


@pytest.mark.parametrize("cases", [99, 100])
@pytest.mark.parametrize("volume", ["999999 calls/month", "1M calls/month"])
def test_the_gates_and_the_rule_of_the_same_document_say_the_same(cases: int, volume: str):
    made = make_study(volume=volume, eval_cases=cases, prompt_iterations=10, retrieval_tried=True,
                      smaller_model_tried=True)  # fmt: skip
    [rule] = [rule for rule in PUBLISHED_RULES if rule.id == "000-gate"]
    verdict, _ = judge(rule, measure(made, outcome_of(made)))
    assert (verdict == "tune") is all(result.met for result in gates(made).values())
