"""Many studies under one budget."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.advice.decide import decide
from breakeven.advice.decision import Decision
from breakeven.advice.portfolio import choose, next_step, portfolio
from breakeven.cli.decide import decide as command
from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.report.portfolio_text import portfolio_html, portfolio_text, to_dict
from breakeven.study import open_study
from tests.economics import studies as s

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MONEY = st.floats(0.01, 1000)


def built(name: str, upfront: str, per_call: str) -> Decision:
    """A switch that costs so much and then so much a call, against $0.01: everything a point."""
    now = s.candidate("now", per_call=s.b("now.per_call", "money per call", "$0.01/call"))
    new = s.candidate("new", per_call=s.b("new.per_call", "money per call", per_call),
                      upfront=s.b("new.upfront", "money", upfront))  # fmt: skip
    return decide(replace(s.study(now, new, horizon=10), name=name), draws=1)


def test_ranked_by_hand() -> None:
    """100,000 calls × 10 months at $0.01 are $10,000.

    a: $2,000 and $0.001 a call: gains 9,000 − 2,000 = $7,000, 3.5 for a dollar. b: $1,000 and $0.005: $4,000, 4.0.
    c: $20,000: keep. With $2,500 only one of a and b fits, and a gains more.
    """
    found = portfolio({
        "a": built("a", "$2,000", "$0.001/call"), "b": built("b", "$1,000", "$0.005/call"),
        "c": built("c", "$20K", "$0.001/call"),
    }, budget_usd=2500)  # fmt: skip
    assert [(step.study, step.kind) for step in found.steps] == [
        ("b", "switch"),
        ("a", "switch"),
        ("c", "keep"),
    ]
    assert [round(step.per_dollar, 6) for step in found.steps] == [4.0, 3.5, 0.0]
    assert found.taken == (False, True, False)
    assert (found.cost_usd, round(found.gain_usd, 6)) == (2000, 7000)
    assert found.because == ("over budget: $500 are left", "", "nothing to buy or build: today's is best")


def test_without_a_budget_everything_that_gains_is_taken() -> None:
    found = portfolio({"a": built("a", "$2,000", "$0.001/call"), "c": built("c", "$20K", "$0.001/call")})
    assert found.taken == (True, False)


def test_what_is_worth_buying_comes_before_building() -> None:
    decision = built("a", "$2,000", "$0.001/call")
    step = next_step(decision, "here")
    assert (step.kind, step.what, step.where) == ("switch", "switch to new", "here")
    assert step.cost_usd == 2000


def test_the_evidence_that_a_decision_would_buy_is_the_step() -> None:
    study = open_study(EXAMPLES / "small-classifier", today=dt.date(2026, 11, 20))
    decision = decide(study, draws=2000)
    assert decision.purchase is not None
    step = next_step(decision, "here")
    assert (step.kind, step.what, step.cost_usd) == (
        "buy",
        decision.purchase.what,
        decision.purchase.cost_usd,
    )
    assert step.gain_usd == decision.purchase.net_usd


@given(st.lists(st.tuples(MONEY, MONEY), max_size=8), st.floats(0, 3000))
def test_no_other_choice_within_the_budget_gains_more(
    steps: list[tuple[float, float]], budget: float
) -> None:
    gains, costs = [g for g, _ in steps], [c for _, c in steps]
    chosen = choose(gains, costs, budget)
    assert sum(costs[k] for k in chosen) <= budget * (1 + 1e-12)
    best = max(
        (sum(gains[k] for k in some) for r in range(len(steps) + 1) for some in combinations(range(len(steps)), r)
         if sum(costs[k] for k in some) <= budget),
        default=0.0,
    )  # fmt: skip
    assert sum(gains[k] for k in chosen) == pytest.approx(best)


@given(st.lists(st.tuples(MONEY, MONEY), min_size=19, max_size=25), st.floats(1, 3000))
def test_many_steps_stay_in_the_budget_and_beat_each_alone(
    steps: list[tuple[float, float]], budget: float
) -> None:
    gains, costs = [g for g, _ in steps], [c for _, c in steps]
    chosen = choose(gains, costs, budget)
    assert sum(costs[k] for k in chosen) <= budget * (1 + 1e-12)
    able = [gains[k] for k in range(len(steps)) if costs[k] <= budget]
    assert sum(gains[k] for k in chosen) >= max(able, default=0.0) - 1e-9


def test_what_costs_nothing_is_always_taken() -> None:
    assert choose([1.0, 5.0], [0.0, 10.0], 1.0) == {0}


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_fits(width: int) -> None:
    long = "A study with a name that is much longer than any column of the table can be"
    found = portfolio({"a": built(long, "$2,000", "$0.001/call"), "c": built("c", "$20K", "$0.001/call")},
                      budget_usd=10, unread={"d": "no file"})  # fmt: skip
    text = portfolio_text(found, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "dearer than the whole budget" in text
    assert "No step is worth taking" in text
    assert "d: no file" in text


def test_json_and_html() -> None:
    found = portfolio({"<b>": built("<b>x</b>", "$0", "$0.001/call")})
    data = json.loads(json.dumps(to_dict(found), allow_nan=False))
    assert data["steps"][0]["per_dollar"] is None  # it costs nothing
    assert data["steps"][0]["taken"] is True
    html = portfolio_html(found)
    assert "<b>x" not in html
    assert "&lt;b&gt;x" in html


def test_the_command_ranks_several_and_passes_over_what_is_no_study() -> None:
    folders = [str(EXAMPLES / name) for name in ("hundred-k", "startup-10m", "logs")]
    done = CliRunner().invoke(command, [*folders, "--budget", "$5K", "--json", "--draws", "200"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert [step["kind"] for step in data["steps"]] == ["switch", "keep"]
    assert data["cost_usd"] <= 5000
    assert "no study there" in done.stderr


def test_a_broken_study_is_named_and_the_others_are_ranked(tmp_path: Path) -> None:
    (tmp_path / "breakeven.yaml").write_text("name: broken\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(EXAMPLES / "hundred-k"), str(tmp_path), "--draws", "50"])
    assert isinstance(done.exception, InputError)  # the command line makes this exit code 2
    assert "NOT READ" in done.stdout


def test_strict_asks_for_evidence_of_all() -> None:
    done = CliRunner().invoke(command, [str(EXAMPLES / "self-hosted"), str(EXAMPLES / "hundred-k"), "--strict",
                                        "--draws", "200"])  # fmt: skip
    assert isinstance(done.exception, NotEnoughEvidenceError)


@pytest.mark.parametrize("words", [["--budget", "fifty"], ["--budget", "$1K..$2K"], ["-o", "x.pdf"]])
def test_bad_words_say_what_would_be_right(words: list[str]) -> None:
    done = CliRunner().invoke(command, ["a", "b", *words])
    assert done.exit_code == 2
    assert "$50K" in done.output or ".html or .json" in done.output


def test_a_budget_is_for_several() -> None:
    done = CliRunner().invoke(command, ["a", "--budget", "$1K"])
    assert done.exit_code == 2
    assert "several studies" in done.output
