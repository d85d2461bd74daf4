"""Every example opens on its own and makes a page that a newcomer can read."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from breakeven.cli.root import root
from breakeven.quantities import DAYS_PER_MONTH
from tests.examples.studies import EXAMPLES, NAMES, study, text


def run(*arguments: str) -> str:
    result = CliRunner().invoke(root, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def decided(folder: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("decide", str(folder), "--json", "--draws", "2000", *options))
    return found


def words(found: dict[str, Any]) -> str:
    """Headline and reasons."""
    recommendation = found["recommendation"]
    return " ".join([recommendation["headline"], *recommendation["reasons"]])


def test_there_are_examples() -> None:
    assert len(NAMES) >= 17


@pytest.mark.parametrize("name", NAMES)
def test_an_example_opens_on_its_own_and_answers(name: str, tmp_path: Path) -> None:
    alone = tmp_path / "study"
    shutil.copytree(EXAMPLES / name, alone)
    found = decided(alone)
    assert found["study"] == study(name).name
    assert found["recommendation"]["candidate"] in found["candidates"]
    assert sum(candidate["p_best"] for candidate in found["candidates"].values()) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_an_example_holds_no_hole(name: str) -> None:
    page = run("decide", str(EXAMPLES / name), "--no-report", "--draws", "500")
    assert "ANSWER" in page
    assert re.search(r"\b(nan|inf|None|null)\b", page) is None


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_begins_by_saying_what_it_is(name: str) -> None:
    lines = text(name).splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 70
    assert max(map(len, lines)) <= 120
    assert "start: 2026-12" in lines  # so that its page is the same in every month


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_examples_names_it(name: str) -> None:
    assert f"]({name}/breakeven.yaml)" in (EXAMPLES / "README.md").read_text("utf-8")


def test_loan_documents_break_even_after_about_three_weeks() -> None:
    found = decided(EXAMPLES / "loan-documents")
    weeks = found["candidates"]["tuned"]["break_even_months"]["p50"] * DAYS_PER_MONTH / 7
    assert weeks == pytest.approx(3.245, abs=1e-3)
    assert found["recommendation"]["candidate"] == "tuned"
    assert "3.2 weeks" in found["recommendation"]["headline"]


def test_the_support_chatbot_never_pays_at_this_volume() -> None:
    found = decided(EXAMPLES / "support-chatbot", "--point")
    never = {"p_never": 1.0, "p05": None, "p50": None, "p95": None}
    assert found["candidates"]["tuned"]["break_even_months"] == never
    assert "4.4M" in words(found)
    assert "does not pay back" in found["recommendation"]["headline"]


def test_insurance_claims_are_worth_it_and_never_cheaper() -> None:
    found = decided(EXAMPLES / "insurance-claims")
    tuned = found["candidates"]["tuned"]
    assert (tuned["p_cheaper_than_today"], tuned["p_better_than_today"]) == (0.0, 1.0)
    assert tuned["break_even_months"]["p_never"] == 1.0
