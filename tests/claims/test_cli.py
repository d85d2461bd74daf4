"""``breakeven claims``: the table, one claim unfolded, JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from breakeven.claims import audit
from breakeven.cli.claims import claims
from breakeven.errors import ClaimsError

ROOT = Path(__file__).resolve().parents[2]
PROPOSAL = ROOT / "examples" / "claims" / "vendor-proposal.yaml"
KEYS = {"id", "source", "statement", "printed", "recomputed", "unit", "verdict", "slip"}


def run(*words: str, columns: int = 100, text: str | bytes | None = None, **environment: str) -> Result:
    env = {"COLUMNS": str(columns), "TERM": "dumb", "NO_COLOR": "1", "FORCE_COLOR": "", **environment}
    return CliRunner().invoke(claims, list(words), input=text, env=env)


def shown(*words: str, columns: int = 100) -> str:
    result = run(*words, columns=columns)
    assert result.exit_code == 0, result.exception
    return "".join(f"{line.rstrip()}\n" for line in result.output.splitlines())


def as_json(*words: str) -> list[dict[str, Any]]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.exception
    found: list[dict[str, Any]] = json.loads(result.output, parse_constant=lambda word: pytest.fail(word))
    return found


def test_json_has_the_stable_keys() -> None:
    found = as_json()
    assert len(found) == 57
    for claim in found:
        assert claim.keys() >= KEYS | {"formula", "inputs", "missing", "place"}
        assert claim["verdict"] in {"holds", "fails", "underdetermined"}
        assert isinstance(claim["unit"], str)
        for key in ("printed", "recomputed"):
            value = claim[key]
            ends = value if isinstance(value, list) else [value]
            assert value is None or (len(ends) <= 2 and all(isinstance(end, float | int) for end in ends))
        assert claim["slip"] is None or (isinstance(claim["slip"], str) and claim["verdict"] == "fails")


def test_json_is_the_audit() -> None:
    assert as_json(str(PROPOSAL)) == [claim.as_json() for claim in audit(PROPOSAL)]


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_screen(columns: int) -> None:
    for words in ((), ("--show", "004-a")):
        text = shown(*words, columns=columns)
        assert max(map(len, text.splitlines())) <= min(columns, 120)


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_says_each_verdict_with_its_figures(columns: int) -> None:
    text = " ".join(shown(columns=columns).split())
    assert "001-e.1 ✗ fails 292 days 291.7 months" in text
    assert "months read as days" in text
    assert "000-a.1 ✓ holds $0.013/call $0.013/call" in text
    assert "003-e.1 ? underdetermined $15..$75 " in text
    assert "not given: billed_tokens" in text
    assert text.endswith(
        "57 figures: 20 hold, 34 fail, 3 underdetermined. A likely slip was found for 27 of the 34."
    )


def test_only_and_id() -> None:
    assert {claim["verdict"] for claim in as_json("--only", "fails")} == {"fails"}
    assert [claim["id"] for claim in as_json("--id", "001-e")] == ["001-e.1", "001-e.2"]
    assert [claim["id"] for claim in as_json("--id", "001-e", "--id", "000-b.1")] == [
        "000-b.1",
        "001-e.1",
        "001-e.2",
    ]
    assert as_json("--id", "000-a", "--only", "fails") == []
    assert shown("--id", "000-a", "--only", "fails") == "0 figures: 0 hold, 0 fail, 0 underdetermined.\n"


def test_an_unknown_id_is_named_with_the_nearest() -> None:
    result = run("--id", "001-e.9")
    assert isinstance(result.exception, ClaimsError)
    assert "no claim is called '001-e.9'" in str(result.exception)
    assert "001-e.1" in str(result.exception)


def test_one_claim_unfolds_to_its_arithmetic() -> None:
    assert shown("--show", "001-e.1") == (
        "001-e.1  ✗ fails\n"
        "document 001, break-even list (published.yaml:156:5)\n"
        "Break-even at 50K requests a month.\n"
        "\n"
        "  printed         292 days\n"
        "  right figure    291.7 months\n"
        "  likeliest slip  months read as days\n"
        "\n"
        "Inputs\n"
        "  tuned_upfront   $75K\n"
        "  prompt_upfront  $40K\n"
        "  prompt_monthly  $300/month\n"
        "  tuned_monthly   $180/month\n"
        "\n"
        "Arithmetic\n"
        "  (tuned_upfront − prompt_upfront) ÷ (prompt_monthly − tuned_monthly)\n"
        "  = ($75K − $40K) ÷ ($300/month − $180/month)\n"
        "  = $35K ÷ $120/month\n"
        "  = 291.7 months\n"
        "\n"
        "Slips\n"
        "  Slips with 69 different results were tried; 0.012 would be expected to give the printed figure by\n"
        "  chance.\n"
        "  months read as days: gives 291.7 days\n"
        "\n"
    )


def test_steps_unfold_one_after_the_other() -> None:
    text = shown("--show", "002-b.4")
    arithmetic = text[text.index("Arithmetic") : text.index("Slips")].split("\n  ")
    assert [line.strip() for line in arithmetic[1:]] == [
        "saving = (long_prompt − short_prompt) × volume × price",
        "= (3,000 tokens/call − 500 tokens/call) × 100K calls/month × $0.15/1M tokens",
        "= 2,500 tokens/call × 100K calls/month × $0.15/1M tokens",
        "= $37.50/month",
        "training_rate = training ÷ quarter",
        "= $1,500 ÷ 1 quarter",
        "= $500/month",
        "training_rate × year ÷ (saving − training_rate)",
        "= $500/month × 1 year ÷ ($37.50/month − $500/month)",
        "= $500/month × 1 year ÷ −$462/month",
        "= −1.081 years: below zero, so never",
    ]


def test_what_is_not_given_stands_as_a_question_mark() -> None:
    text = shown("--show", "003-e.1")
    assert "= 500..2,000 examples × ? × $3/1M tokens" in text
    assert "not given  billed_tokens (tokens/example)" in text
    assert "the low end needs 10,000 tokens/example" in text


def test_standard_input_is_read() -> None:
    result = run("-", text=PROPOSAL.read_bytes())
    assert result.exit_code == 0
    assert "6 figures: 2 hold, 3 fail, 1 underdetermined" in result.output
    broken = run("-", text=b"claims: [")
    assert isinstance(broken.exception, ClaimsError)
    assert "standard input:1" in str(broken.exception)


def test_the_proposal() -> None:
    # 300K × 0.0031 = 930; 1 − 11/42 = 73.8%; 18,000 ÷ (930 − 450) = 37.5 months; 480 × 12 = 5,760;
    # 300K × 2,100 × 0.40/1M = 252, at $2: 1,260
    found = {
        claim["id"]: (claim["verdict"], claim["recomputed"], claim["slip"])
        for claim in as_json(str(PROPOSAL))
    }
    assert found == {
        "saving": ("holds", pytest.approx(930), None),
        "share": ("holds", pytest.approx(100 * (1 - 11 / 42)), None),
        "payback": ("fails", pytest.approx(37.5), "months read as days"),
        "yearly": ("fails", pytest.approx(5_760), "hosting left out"),
        "tokens": ("fails", pytest.approx(252), "price from the larger model's price list"),
        "errors": ("underdetermined", None, None),
    }


HOSTILE = """\
claims:
  - id: x
    source: "[bold red]Proposal[/]"
    statement: "[link=file:///etc/passwd]click[/link] :smile: {{7*7}} =cmd|x"
    inputs: {a: $3}
    formula: a + a
    printed: $7
    other_values:
      "[/]list[blink]": {a: $3.50}
"""


def test_hostile_text_is_only_shown() -> None:
    result = run("-", text=HOSTILE.encode())
    assert "[bold red]Proposal[/]" in result.output
    assert "a from [/]list[blink]" in result.output
    unfolded = run("-", "--show", "x", text=HOSTILE.encode())
    assert "[link=file:///etc/passwd]click[/link] :smile: {{7*7}} =cmd|x" in unfolded.output


def test_colours_add_nothing_to_the_words() -> None:
    plain = run(str(PROPOSAL))
    coloured = run(str(PROPOSAL), TERM="xterm-256color", NO_COLOR="", FORCE_COLOR="1")
    assert "\x1b[" not in plain.output
    assert "\x1b[" in coloured.output
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured.output)
    assert [line.rstrip() for line in stripped.splitlines()] == [
        line.rstrip() for line in plain.output.splitlines()
    ]


def test_the_help_shows_examples() -> None:
    text = run("--help").output
    assert "Examples:" in text
    assert "breakeven claims --only fails" in text
