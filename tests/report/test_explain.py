"""A figure unfolded: tree, data, Markdown."""

from __future__ import annotations

import json
import math

import pytest

from breakeven.economics.explanation import Explanation
from breakeven.report.explain import show_value_of, to_dict, to_markdown, to_text
from tests.report import sample

VOLUME = Explanation(
    figure="workload.volume", title="calls in month 1", value=900e3, unit="calls/month", kind="volume",
    source=sample.STATED,
)  # fmt: skip
PRICE = Explanation(
    figure="prices.openai.gpt-4.1.output", title="output price", value=8.0, unit="usd/1M tokens",
    kind="money per token", source=sample.GUESS,
)  # fmt: skip
COST = Explanation(
    figure="candidates.prompt.lines.output", title="output tokens in month 1", value=432.0, unit="usd/month",
    formula="N · T_out · p_out", numbers="900,000 × 60 × $8/1M", note="at the centre of every input",
    parts=(VOLUME, PRICE),
)  # fmt: skip


def test_the_tree_unfolds_to_inputs_and_sources() -> None:
    assert to_text(COST, width=100) == (
        "$432/month  output tokens in month 1  candidates.prompt.lines.output\n"
        "= N · T_out · p_out\n"
        "= 900,000 × 60 × $8/1M\n"
        "at the centre of every input\n"
        "├── 900K calls/month  calls in month 1  workload.volume\n"
        "│   stated, breakeven.yaml:9\n"
        "└── $8.00/1M tokens  output price  prices.openai.gpt-4.1.output\n"
        "    guess, no one has measured this\n"
    )


def test_the_tree_in_ascii() -> None:
    text = to_text(COST, width=100, ascii_only=True)
    assert text.isascii()
    assert "= 900,000 x 60 x $8/1M" in text
    assert "`-- $8.00/1M tokens" in text


def test_as_data() -> None:
    found = to_dict(COST)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["value"] == 432.0
    assert found["shown"] == "$432/month"
    assert [part["figure"] for part in found["parts"]] == ["workload.volume", "prices.openai.gpt-4.1.output"]
    assert found["parts"][1]["source"] == "guess, no one has measured this"
    assert found["parts"][0]["formula"] is None


def test_as_markdown() -> None:
    lines = to_markdown(COST).splitlines()
    assert lines[0] == "- **\\$432/month** output tokens in month 1 (candidates.prompt.lines.output)"
    assert "  - **900K calls/month** calls in month 1 (workload.volume)" in lines


def test_what_never_happens_has_no_number() -> None:
    never = Explanation(figure="break_even.tuned", title="break-even", value=math.inf, unit="months")
    assert show_value_of(never) == "never"
    assert to_dict(never)["value"] is None


def test_names_from_outside_stay_names() -> None:
    evil = Explanation(figure="a[red]\x1b[31m", title="<b>x</b> [link=y]z[/link]", value=1.0, unit="")
    text = to_text(evil)
    assert text == "1  <b>x</b> [link=y]z[/link]  a[red]\\x1b[31m\n"
    assert "<b>" not in to_markdown(evil)


@pytest.mark.parametrize(("figure", "found"), [("workload.volume", VOLUME), ("absent", None)])
def test_figures_are_found_inside(figure: str, found: Explanation | None) -> None:
    assert COST.find(figure) is found
    assert next(COST.walk()) is COST
