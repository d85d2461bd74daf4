"""The scorers that ask nobody, and their options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers import Scored, make_scorer


def scored(name: str, options: dict[str, Any], output: str, expected: Any = None) -> Scored:
    scorer = make_scorer(name, options, Path)
    assert scorer.title
    return scorer.score(Case(id="c", variables={}, expected=expected), output)


@pytest.mark.parametrize(
    ("name", "options", "output", "expected", "score"),
    [
        ("exact", {}, " card\n", "card", 1),
        ("exact", {}, "Card", "card", 0),
        ("exact", {"ignore_case": True}, "Card", "card", 1),
        ("exact", {}, "card.", "card", 0),
        ("exact", {"ignore_punctuation": True}, "card.", "card", 1),
        ("exact", {}, "2", 2, 1),
        ("exact", {}, "true", True, 1),
        ("exact", {}, "loan", ["card", "loan"], 1),
        ("exact", {}, "e\u0301t\u00e9", "\u00e9t\u00e9", 1),  # the same letters, composed or not
        ("normalised", {}, "The  ANSWER!", "the answer", 1),
        ("normalised", {}, "the answers", "the answer", 0),
        ("regex", {"pattern": "card"}, "a card", None, 1),
        ("regex", {"pattern": "^card$"}, "a card", None, 0),
        ("regex", {"pattern": "Answer: (.+)"}, "Hm.\nAnswer: card", "card", 1),
        ("regex", {"pattern": "Answer: (.+)"}, "Answer: loan\nNo. Answer: card", "card", 1),
        ("regex", {"pattern": "Answer: (.+)"}, "Answer: loan", "card", 0),
    ],
)
def test_texts(name: str, options: dict[str, Any], output: str, expected: Any, score: float) -> None:
    found = scored(name, options, output, expected)
    assert found.score == score
    assert not found.format_failure


def test_an_answer_without_the_pattern_is_a_format_failure() -> None:
    assert scored("regex", {"pattern": "Answer: (.+)"}, "card", "card").format_failure


@pytest.mark.parametrize(
    ("fields", "output", "score", "parts"),
    [
        ("exact", '{"a": 1, "b": ["x", "y"]}', 1, {"a": 1, "b": 1}),
        ("exact", '{"b": ["y", "x"], "a": 1.0}', 1, {"a": 1, "b": 1}),  # order says nothing, 1.0 is 1
        ("exact", '{"a": 2, "b": ["x", "y"]}', 0, {"a": 0, "b": 1}),
        ("exact", '{"a": 1, "b": ["x", "y"], "c": 0}', 0, {"a": 1, "b": 1}),
        ("share", '{"a": 2, "b": ["x", "y"]}', 0.5, {"a": 0, "b": 1}),
        # 2 of the 3 leaves are right, none too many: precision 1, recall 2/3, F1 = 2·2/(2+3)
        ("f1", '{"a": 1, "b": ["x"]}', 0.8, {"a": 1, "b": 0}),
        ("valid", "[1]", 1, {}),
    ],
)
def test_json_fields(fields: str, output: str, score: float, parts: dict[str, float]) -> None:
    found = scored("json", {"fields": fields}, output, {"a": 1, "b": ["x", "y"]})
    assert found.score == pytest.approx(score)
    assert dict(found.scores) == parts


def test_items_of_a_list_are_compared_whole() -> None:
    wanted = [{"n": 1, "to": "x"}, {"n": 2, "to": "y"}]
    crossed = json.dumps([{"n": 1, "to": "y"}, {"n": 2, "to": "x"}])
    assert scored("json", {"fields": "exact"}, crossed, wanted).score == 0


@pytest.mark.parametrize("output", ["", "no", "{", '{"a": NaN}', '```json\n{"a": 1}\n```', "[" * 100_000])
def test_what_is_no_json_is_a_format_failure(output: str) -> None:
    found = scored("json", {}, output)
    assert found.format_failure
    assert found.score == 0
    assert found.note


def test_fences_are_taken_where_that_is_said() -> None:
    assert scored("json", {"fences": True}, '```json\n{"a": 1}\n```').score == 1


def test_a_schema_is_held_and_never_fetched(tmp_path: Path) -> None:
    pytest.importorskip("jsonschema")
    schema = tmp_path / "s.json"
    schema.write_text(
        '{"type": "object", "required": ["queue"], "properties": {"queue": {"enum": ["card", "loan"]}}}'
    )
    options = {"schema": str(schema)}
    assert scored("json", options, '{"queue": "card"}').score == 1
    broken = scored("json", options, '{"queue": "cat"}')
    assert broken.format_failure
    assert "$.queue" in str(broken.note)
    schema.write_text('{"type": "nothing"}')
    with pytest.raises(EvidenceError, match="no JSON Schema"):
        scored("json", options, "{}")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("exactly", {}, "did you mean 'exact'"),
        ("exact", {"ignore_cas": True}, "did you mean 'ignore_case'"),
        ("exact", {"ignore_case": "yes"}, "write true or false"),
        ("regex", {}, "is missing"),
        ("regex", {"pattern": "("}, "no regular expression"),
        ("json", {"fields": "all"}, "one of valid, exact, share, f1"),
    ],
)
def test_options_that_can_not_be_used(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(EvidenceError, match=message.replace("(", r"\(")):
        make_scorer(name, options, Path)


@pytest.mark.parametrize(
    ("name", "options"), [("exact", {}), ("regex", {"pattern": "(a)"}), ("json", {"fields": "f1"})]
)
def test_a_case_that_can_not_be_scored_is_named(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError, match="case 'c'"):
        scored(name, options, "")


@given(output=st.text(), expected=st.text(min_size=1))
def test_scores_lie_within_0_and_1_whatever_comes(output: str, expected: str) -> None:
    for name in ("exact", "normalised", "regex", "json"):
        options = {"pattern": ".(.)"} if name == "regex" else {}
        assert 0 <= scored(name, options, output, expected).score <= 1
    assert scored("exact", {}, expected, expected).score == 1
