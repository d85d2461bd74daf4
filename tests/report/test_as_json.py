"""The keys that programs rely on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from breakeven.advice.decision import Decision, Spread
from breakeven.report.as_json import to_dict, to_json
from tests.report import sample

SPREAD = {"mean", "p05", "p95"}
MONTHS = {"p_never", "p05", "p50", "p95"}


@pytest.fixture(scope="module")
def decision() -> Decision:
    return sample.rich()


def test_the_promised_keys_are_there(decision: Decision) -> None:
    found = to_dict(decision)
    assert {
        "study", "seed", "draws", "horizon_months", "today", "recommendation", "candidates",
        "break_even_volume_per_month", "rules", "gates", "flips", "value_of_information", "buy_next", "assumptions",
    } <= set(found)  # fmt: skip
    assert {"candidate", "action", "p_best", "expected_regret_usd", "reasons"} <= set(found["recommendation"])
    for candidate in found["candidates"].values():
        assert {"kind", "quality", "p_best", "p_cheaper_than_today", "break_even_months", "lines"} <= set(
            candidate
        )
        for key in ("cost_usd", "upfront_usd", "monthly_usd", "net_benefit_vs_today_usd"):
            assert set(candidate[key]) == SPREAD
        assert SPREAD | {"source"} <= set(candidate["quality"])
        assert set(candidate["break_even_months"]) == MONTHS
    assert {key for v in found["break_even_volume_per_month"].values() for key in v} == MONTHS
    assert all({"rule", "source", "verdict", "because"} <= set(rule) for rule in found["rules"])
    assert all({"gate", "met", "have", "need"} <= set(gate) for gate in found["gates"])
    assert all({"input", "at", "unit", "to", "p"} <= set(flip) for flip in found["flips"])
    assert {"evpi_usd", "evppi"} <= set(found["value_of_information"])
    assert all({"input", "usd"} <= set(e) for e in found["value_of_information"]["evppi"])
    assert all({"input", "value", "source"} <= set(a) for a in found["assumptions"])
    assert all({"what", "value_usd", "cost_usd", "net_usd"} <= set(p) for p in found["buy_next"])
    assert [p["cost_usd"] for p in found["buy_next"]] == [1_500.0, 2_000.0, None]  # unknown is not zero


def test_the_figures_are_the_decisions_own(decision: Decision) -> None:
    found = to_dict(decision)
    hybrid = decision.candidates["hybrid"]
    assert found["candidates"]["hybrid"]["cost_usd"]["mean"] == hybrid.cost.mean
    assert found["candidates"]["hybrid"]["lines"]["hosting"] == next(
        x.usd for x in hybrid.lines if x.key == "hosting"
    )
    assert found["candidates"]["small"]["break_even_months"]["p50"] == 5
    assert found["candidates"]["selfhost"]["break_even_months"] == {
        "p_never": 1.0, "p05": None, "p50": None, "p95": None,
    }  # fmt: skip
    assert found["recommendation"]["candidate"] == "hybrid"
    assert list(found["break_even_volume_per_month"]) == ["small", "tuned", "hybrid", "selfhost"]  # not today


def test_it_is_strict_json_and_comes_back_as_it_was(decision: Decision) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(to_json(decision), parse_constant=refuse) == to_dict(decision)


def test_what_is_not_finite_is_null(decision: Decision) -> None:
    odd = replace(
        decision.candidates["tuned"], cost=Spread(mean=float("nan"), p05=float("-inf"), p95=float("inf"))
    )
    found = json.loads(to_json(replace(decision, candidates={**decision.candidates, "tuned": odd})))
    assert found["candidates"]["tuned"]["cost_usd"] == {"mean": None, "p05": None, "p95": None}


def test_names_come_back_unchanged_and_print_safely() -> None:
    hostile = sample.hostile()
    text = to_json(hostile)
    assert [c for c in text if ord(c) < 32 and c != "\n"] == []
    assert "\u202e" not in text
    assert list(json.loads(text)["candidates"]) == list(hostile.candidates)
    assert json.loads(text)["study"] == sample.HOSTILE
