"""The language of rules: what it reads, what it refuses, and what it makes of facts that are not stated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.advice.conditions import Name, Unknown, parse, value_of
from breakeven.errors import InputError

NAMES = {
    "calls": Name(type="number"),
    "gap": Name(type="number"),
    "team": Name(type="yes or no"),
    "changes": Name(type="word", words=("weekly", "yearly")),
    "task": Name(type="word"),
}


def evaluated(text: str, **values: Any) -> object:
    return value_of(parse(text, NAMES), {name: values.get(name) for name in NAMES})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100K", 100e3), ("1M", 1e6), ("2.5B", 2.5e9), ("5%", 0.05), ("$5K", 5000.0), ("$0.40", 0.4), ("1_000", 1000.0),
        (".5", 0.5), ("1e3", 1000.0), ("-5% + 7", 6.95), ("2 + 3 * 4", 14.0), ("(2 + 3) * 4 / 5", 4.0),
        ("min(1K, 2)", 2.0), ("max(1, 2, 3M)", 3e6), ("True", True), ("'5% of 1M'", "5% of 1M"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, value: object):
    assert evaluated(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("calls >= 100K", True), ("calls > 100K", False), ("99K < calls <= 100K", True), ("not team", False),
        ("team and gap > 5%", True), ("team and gap > 6%", False), ("not (team and gap > 6%)", True),
        ("changes == 'weekly'", True), ("changes != 'weekly'", False), ('changes in ("weekly", "yearly")', True),
        ("changes not in ('yearly',)", True), ("changes in ['yearly']", False), ("calls * gap == 6K", True),
    ],
)  # fmt: skip
def test_conditions(text: str, value: bool):
    assert evaluated(text, calls=100e3, gap=0.06, team=True, changes="weekly") is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("team or calls > 5", True), ("calls > 5 or team", True), ("team and calls > 5", None),
        ("calls > 5 and not team", False), ("not team and calls > 5", False), ("calls > 5 or not team", None),
        ("calls > 5 or calls <= 5", None), ("not (calls > 5 and not team)", True), ("calls + 1 > 0", None),
        ("max(calls, 9) > 5", None),
    ],
)  # fmt: skip
def test_an_unknown_side_matters_only_where_the_other_does_not_decide(text: str, value: bool | None):
    found = evaluated(text, team=True)
    assert found is value if value is not None else found == Unknown(missing=("calls",))


def test_every_missing_fact_is_named_once():
    assert evaluated("gap > 5 and calls > 5 and gap < 9") == Unknown(missing=("gap", "calls"))


@pytest.mark.parametrize("text", ["calls / gap > 1", "gap / gap", "calls / (gap - gap)"])
def test_dividing_by_zero_gives_no_value(text: str):
    assert evaluated(text, calls=1.0, gap=0.0) == Unknown(missing=())


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("cals > 5", "no fact is called 'cals'", "did you mean calls?"),
        ("quixotic > 5", "no fact is called 'quixotic'", "`breakeven rules --facts` lists all"),
        ("calls > 'much'", "is a word, where a number is wanted", None),
        ("team > 1", "'team' is yes or no, where a number is wanted", None),
        ("calls and team", "'calls' is a number, where yes or no is wanted", None),
        ("not calls", "'calls' is a number, where yes or no is wanted", None),
        ("changes == 'wekly'", "changes is never 'wekly'", "it is one of: weekly, yearly"),
        ("'wekly' == changes", "changes is never 'wekly'", "it is one of: weekly, yearly"),
        ("changes in ('weekly', 'wekly')", "changes is never 'wekly'", None),
        ("changes in 'weekly'", "is not a list of words", None),
        ("changes in ()", "is not a list of words", None),
        ("calls in (1, 2)", "where a word is wanted", None),
        ("changes + 'x'", "where a number is wanted", None),
        ("calls is 5", "can not stand in a rule", None),
        ("calls ** 9", "can not stand in a rule", None),
        ("calls % 9", "can not stand in a rule", None),
        ("calls if team else 1", "can not stand in a rule", None),
        ("(lambda: 1)()", "can not stand in a rule", None),
        ("open('x')", "can not stand in a rule", None),
        ("min(calls)", "can not stand in a rule", None),
        ("min(calls, gap, key=open)", "can not stand in a rule", None),
        ("min(*calls)", "can not stand in a rule", None),
        ("().__class__", "can not stand in a rule", None),
        ("task.upper()", "can not stand in a rule", None),
        ("task[0]", "can not stand in a rule", None),
        ("[x for x in task]", "can not stand in a rule", None),
        ("f'{calls}'", "can not stand in a rule", None),
        ("(calls := 5)", "can not stand in a rule", None),
        ("3j", "can not stand in a rule", None),
        ("None", "can not stand in a rule", None),
        ("...", "can not stand in a rule", None),
        ("b'x'", "can not stand in a rule", None),
        ("calls >", "is not an expression", None),
        ("calls > 5; team", "is not an expression", None),
        ("", "is not an expression", None),
        ("calls > 5\x00", "is not an expression", None),
        ("-" * 400 + "calls", "nested deeper than 20 levels", "split it into steps"),
        ("calls + " * 100 + "calls", "longer than 500 characters", "split it into steps"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str, hint: str | None):
    with pytest.raises(InputError) as caught:
        parse(text, NAMES)
    [problem] = caught.value.problems
    assert message in problem.message
    assert hint is None or problem.hint == hint


def test_an_expression_knows_its_type_and_what_it_uses():
    found = parse("team and (gap > 5% or calls * gap > 1M)", NAMES)
    assert (found.type, found.uses) == ("yes or no", ("team", "gap", "calls"))
    assert parse("calls / 12", NAMES).type == "number"


WORDS = st.sampled_from(
    ["calls", "gap", "team", "changes", "task", "and", "or", "not", "in", "(", ")", ",", ">", "<=", "==", "+", "-", "*",
     "/", "5", "5%", "100K", "$3", "'weekly'", "min", "max", "True", "if", "else", "lambda", ":", ".", "[", "]"]
)  # fmt: skip
VALUES = st.fixed_dictionaries(
    {"calls": st.none() | st.floats(), "gap": st.none() | st.floats(), "team": st.none() | st.booleans(),
     "changes": st.none() | st.sampled_from(["weekly", "yearly"]), "task": st.none() | st.text(max_size=3)}
)  # fmt: skip


@given(text=st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=30), values=VALUES)
def test_any_text_is_evaluated_or_refused(text: str, values: dict[str, Any]):
    try:
        expression = parse(text, NAMES)
    except InputError:
        return
    found = value_of(expression, values)
    wanted = {"yes or no": bool, "number": float, "word": str}[expression.type]
    assert isinstance(found, wanted | Unknown)
