"""Duplicates, conflicts, classes and schema: small cases by hand, then real data."""

from __future__ import annotations

import csv
import json
import math

import pytest

from breakeven.evidence.training.row import Message
from tests.training.builders import asked, checked, data, row


def test_duplicates_are_counted_and_named() -> None:
    train = asked(
        [
            "abcdefgh ijkl mnop",
            "ABCDEFGH ijkl, mnop",
            "abcdefgh ijkl mnox",
            *(f"{k**9:x}" for k in range(4, 40)),
        ]
    )
    found = checked("duplicates", train)
    assert (found.details["exact"], found.details["near"], found.verdict) == (1, 1, "fail")
    assert found.value == 2 / 39
    assert [one.row for one in found.flagged] == [1, 2]
    assert "train.jsonl:1" in found.flagged[0].reason
    assert checked("duplicates", train, duplicates=0.06).verdict == "pass"
    assert checked("duplicates", train, similarity=1).details["near"] == 0


def test_rows_that_ask_nothing_are_compared_by_what_they_teach() -> None:
    def text(content: str):
        return row("", number=1, messages=(Message(role="assistant", content=content),))

    found = checked(
        "duplicates",
        data([text("a long tale of dogs"), text("a short one of cats"), text("A long tale of dogs!")]),
    )
    assert found.details["exact"] == 1


def test_a_question_with_two_answers() -> None:
    rows = [
        row("Where is it?", "here"),
        row("where is it", "There."),
        row("where is IT", "here!"),
        row("who", "me"),
    ]
    found = checked("conflicts", data(rows))
    assert found.details == {"questions": 1, "rows": 3, "wrong_at_least": 1, "answers": "texts"}
    assert (found.value, found.verdict) == (0.25, "fail")
    assert [one.row for one in found.flagged] == [0, 1, 2]


@pytest.mark.parametrize(
    ("a", "b", "wrong"),
    [
        ({"answer": '{"a": 1, "b": 2}'}, {"answer": '{"b": 2, "a": 1}'}, 0),
        ({"answer": "x", "label": "card"}, {"answer": "y", "label": "card"}, 0),
        ({"answer": "x", "label": "card"}, {"answer": "x", "label": "pin"}, 1),
        ({"answer": "1.5"}, {"answer": "15"}, 1),
    ],
)
def test_what_counts_as_the_same_answer(a, b, wrong) -> None:
    assert checked("conflicts", data([row("q", **a), row("Q?", **b)])).details["wrong_at_least"] == wrong


def test_the_same_question_under_other_instructions_is_no_conflict() -> None:
    def told(system: str, answer: str):
        turns = [("system", system), ("user", "hello"), ("assistant", answer)]
        return row("hello", messages=tuple(Message(role=r, content=c) for r, c in turns))

    assert (
        checked("conflicts", data([told("in French", "bonjour"), told("in German", "hallo")])).verdict
        == "pass"
    )


def test_classes_by_hand() -> None:
    # 80 + 20: entropy −.8 ln .8 − .2 ln .2 = .5004, over ln 2
    found = checked("classes", asked([f"q{k}" for k in range(100)], ["big"] * 80 + ["small"] * 20))
    assert (found.value, found.verdict) == (4.0, "pass")
    assert found.details["evenness"] == pytest.approx(0.5004024 / math.log(2), abs=1e-6)
    assert found.details["rarest_share_low"] < 0.2 < found.details["rarest_share_high"]
    thin = checked("classes", asked([f"q{k}" for k in range(100)], ["big"] * 95 + ["rare"] * 5))
    assert (thin.verdict, thin.value, len(thin.flagged)) == ("fail", 19.0, 5)


@pytest.mark.parametrize("labels", [None, ["one"] * 4, ["a", "b", "c", "d"]])
def test_no_classes_no_verdict(labels) -> None:
    assert checked("classes", asked(["a", "b", "c", "d"], labels)).verdict == "cannot_tell"


def test_json_answers_of_one_schema() -> None:
    rows = [
        row(f"q{k}", json.dumps({"name": "x", "n": k, "who": {"id": None if k == 1 else "7"}}))
        for k in range(5)
    ]
    assert checked("schema", data(rows)).verdict == "pass"
    off = [
        *rows,
        row("q", '{"name": "x"}'),
        row("q", "I do not know"),
        row("q", '{"name": 3, "n": 2, "who": {"id": "1"}}'),
    ]
    found = checked("schema", data(off))
    assert [one.row for one in found.flagged] == [5, 6, 7]
    assert found.value == 3 / 8
    assert "n: number, name: text, who.id: text" in found.details["main_answer"]


def test_roles_and_spellings_are_part_of_it() -> None:
    system = (
        Message(role="system", content="s"),
        Message(role="user", content="u"),
        Message(role="assistant", content="a"),
    )
    found = checked("schema", data([row("a"), row("b"), row("c", messages=system)]))
    assert [one.row for one in found.flagged] == [2]
    labels = ["Lost card", "Lost card", "lost_card", "pin"]
    assert [one.row for one in checked("schema", asked("abcd", labels)).flagged] == [2]


# ------------------------------------------------------------------------------------------------- real data


def test_banking77_has_one_text_with_two_labels(real_data) -> None:
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    train = asked([one["text"] for one in found], [one["category"] for one in found])
    assert checked("duplicates", train).details["exact"] == 31
    assert checked("conflicts", train).details["questions"] == 1
    classes = checked("classes", train)
    assert (classes.details["classes"], classes.details["rarest"], classes.details["largest"]) == (
        77,
        35,
        187,
    )
    assert checked("schema", train).verdict == "pass"


def test_with_tools_a_call_and_a_text_are_one_kind_of_answer() -> None:
    tools = ({"type": "function", "function": {"name": "price"}},)
    call = Message(role="assistant", content="", tool_calls=({"function": {"name": "price"}},))
    asks = Message(role="user", content="tea?")
    rows = [row("a", tools=tools), row("b", tools=tools, messages=(asks, call))]
    assert checked("schema", data(rows)).verdict == "pass"
    untold = checked("schema", data([row("a"), row("b"), row("c", messages=(asks, call))]))
    assert [one.row for one in untold.flagged] == [2]  # a call of a tool that no row declares
