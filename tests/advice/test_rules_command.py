"""``breakeven rules``: the catalogue, a study's verdicts, and what goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from breakeven.advice.facts import FACTS
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.cli.rules import rules
from breakeven.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
TEAM = str(ROOT / "examples" / "rules" / "team-rules.yaml")

STUDY = """\
name: "Tickets [red]"
workload:
  task: ner
  volume: 150K calls/month
  growth: 0%/month
  tokens: {static: 2000, input: 400, output: 60}
facts: {ml_team: true, domain_changes: weekly, labelled_examples: 700}
today: prompt
candidates:
  prompt: {kind: prompt, per_call: $0.01/call, running: $0/month, quality: 90%}
  tuned: {kind: tuned, per_call: $0.002/call, upfront: $20K, running: $0/month, retrain: never, quality: 91%}
"""


@pytest.fixture
def study(tmp_path: Path) -> str:
    (tmp_path / "breakeven.yaml").write_text(STUDY, "utf-8")
    return str(tmp_path)


def run(*words: str) -> str:
    done = CliRunner().invoke(rules, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def as_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_without_a_study_it_lists_the_rules():
    found = as_json()["rules"]
    assert [entry["rule"] for entry in found] == [rule.id for rule in PUBLISHED_RULES]
    assert {"rule", "title", "source", "about", "asks"} == set(found[0])
    text = run("--id", "000-volume")
    assert "Under about 1M calls a month" in text
    assert "001-volume" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_what_rules_say_of_a_study(study: str):
    found = as_json(study, "--point")
    by_rule = {entry["rule"]: entry for entry in found["rules"]}
    assert set(by_rule) == {rule.id for rule in PUBLISHED_RULES}
    # $20K ÷ (150K × $0.008) = 16.7 months; over 36 months tuning leads
    assert (found["study"], found["recommended"]) == ("Tickets [red]", "tuned")
    assert by_rule["001-roi"]["because"] == "($20K − $0) ÷ $1,200/month = 16.7 months: more than a year."
    assert (by_rule["001-roi"]["verdict"], by_rule["001-roi"]["agrees"]) == ("evaluate", None)
    assert (by_rule["001-volume"]["verdict"], by_rule["001-volume"]["agrees"]) == ("tune", True)
    assert (by_rule["000-volume"]["verdict"], by_rule["000-volume"]["agrees"]) == ("prompt", False)
    assert "On volume: 000-volume says prompt; 001-volume says tune." in found["contradictions"]


def test_the_page_of_a_study(study: str):
    text = run(study, "--point", "--id", "001-volume", "--id", "000-volume")
    assert (
        text
        == """\
What decision rules say of Tickets [red]

001-volume  tune    150K calls/month within 12 months are 100K or more.
                    document 001, break-even by volume
000-volume  prompt  150K calls/month are under 1M: it costs more than it saves.
                    document 000, the break-even arithmetic

On volume: 001-volume says tune; 000-volume says prompt.

By the money tuned leads: 1 of 2 rules that take a side agree.
"""
    )


def test_rules_of_ones_own(study: str):
    found = as_json(study, "--point", "--file", TEAM, "--id", "team-volume", "--id", "team-payback")["rules"]
    assert [entry["verdict"] for entry in found] == ["evaluate", "prompt"]
    assert found[1]["because"] == "It saves $1,200/month and takes 16.7 months to pay $20K back."


def test_the_facts_with_and_without_a_study(study: str):
    assert [row["fact"] for row in as_json("--facts")["facts"]] == list(FACTS)
    found = {row["fact"]: row for row in as_json(study, "--facts", "--point")["facts"]}
    assert found["saving_per_month"]["value"] == 1200
    assert (found["ml_team"]["shown"], found["ml_team"]["from"]) == ("yes", "facts.ml_team")
    assert (found["target"]["shown"], found["target"]["from"]) == (
        "not stated",
        "state workload.errors.target",
    )
    assert "saving_per_month" in run(study, "--facts", "--point")


def test_no_rule_takes_a_side(study: str):
    assert run(study, "--point", "--id", "001-roi").endswith(
        "By the money tuned leads: no rule takes a side.\n"
    )


def test_an_unknown_rule_is_told_the_nearest():
    with pytest.raises(InputError, match=r"no rule is called '001-volumes'\n.*nearest: 001-volume"):
        run("--id", "001-volumes")


def test_a_wrong_rules_file_is_bad_input(tmp_path: Path):
    (tmp_path / "rules.yaml").write_text("rules: 5\n")
    with pytest.raises(InputError, match=r"rules\.yaml:1:8: rules: is not a list"):
        run("--file", str(tmp_path / "rules.yaml"))
