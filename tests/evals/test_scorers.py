"""Scorers by task: hand-counted scores, properties, and answers that mean harm."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers import Scored, make_scorer
from breakeven.evidence.evals.scorers.number import numbers_in

ALLOWED = {"allowed": ["billing", "fraud", "card lost", "card"]}
KIM = {"text": "Kim", "type": "person"}
OSLO = {"text": "Oslo", "type": "place"}


def scored(name: str, options: dict[str, Any], output: str, expected: Any = None, **variables: Any) -> Scored:
    scorer = make_scorer(name, options, Path)
    assert scorer.title
    return scorer.score(Case(id="c", variables=variables, expected=expected), output)


# ------------------------------------------------------------------------------------------------ texts


@pytest.mark.parametrize(
    ("name", "options", "output", "expected", "score"),
    [
        ("exact", {"ignore_articles": True}, "the  Who", "Who", 1),
        ("exact", {"ignore_articles": True}, "A", "a b", 0),
        ("normalised", {}, "ＣＡＲＤ", "card", 1),  # full-width letters
        ("normalised", {}, "a card", "card", 0),
        ("normalised", {"ignore_articles": True}, "A card.", "card", 1),
        ("normalised", {"ignore_articles": True}, "A", "the", 0),  # nothing else is there: it stays
        ("contains", {}, "Your CARD  was lost", "card was", 1),
        ("contains", {"ignore_case": False}, "Your CARD", "card", 0),
        ("contains", {}, "b", ["a", "b"], 1),
        ("contains", {"every": True}, "b", ["a", "b"], 0.5),
        ("one_of", ALLOWED, "Card", "card", 1),
        ("one_of", ALLOWED, "This is about billing.", "billing", 1),
        ("one_of", ALLOWED, "I say: card lost", "card lost", 1),  # not `card`
        ("one_of", ALLOWED, "fraud", "billing", 0),
    ],
)
def test_texts(name: str, options: dict[str, Any], output: str, expected: Any, score: float) -> None:
    found = scored(name, options, output, expected)
    assert found.score == score
    assert not found.format_failure


@pytest.mark.parametrize("output", ["", "billing or fraud", "discard", "none of them"])
def test_an_answer_that_does_not_name_one_label_is_a_format_failure(output: str) -> None:
    found = scored("one_of", ALLOWED, output, "card")
    assert found.format_failure
    assert found.counts == {"card": (0, 0, 1)}


# ------------------------------------------------------------------------------------------------ labels


@pytest.mark.parametrize(
    ("output", "expected", "f1", "jaccard", "exact"),
    [
        # 1 of 2 given is right, 1 of 3 wanted is found: F1 = 2·1/(2+3), Jaccard = 1 of 4
        ('["a", "x"]', ["a", "b", "c"], 0.4, 0.25, 0),
        ("a, b", ["b", "a"], 1, 1, 1),
        ("- A\n- b\n- b", ["a", "b"], 1, 1, 1),
        ('```json\n{"labels": ["a"]}\n```', "a", 1, 1, 1),
        ("[]", [], 1, 1, 1),
        ("[]", ["a"], 0, 0, 0),
        ("a", [], 0, 0, 0),
    ],
)
def test_label_sets(output: str, expected: Any, f1: float, jaccard: float, exact: float) -> None:
    found = scored("labels", {}, output, expected)
    assert found.score == pytest.approx(f1)
    assert found.scores == pytest.approx({"f1": f1, "jaccard": jaccard, "exact": exact})
    assert scored("labels", {"measure": "jaccard"}, output, expected).score == pytest.approx(jaccard)


def test_labels_that_are_not_allowed_count_as_wrong_and_together() -> None:
    found = scored("labels", ALLOWED, "billing, rain, snow", ["billing"])
    assert found.score == pytest.approx(2 / 3)  # 1 right of 2 different ones given, 1 wanted: 2·1/(2+1)
    assert found.counts == {"(unknown)": (0, 1, 0), "billing": (1, 0, 0)}
    assert scored("labels", ALLOWED, "I can not tell", ["billing"]).format_failure
    with pytest.raises(EvidenceError, match="among those allowed"):
        scored("labels", ALLOWED, "billing", ["rain"])


@given(wanted=st.sets(st.sampled_from("abcdef")), order=st.randoms())
def test_the_order_of_labels_says_nothing_and_all_right_is_1(wanted: set[str], order: Any) -> None:
    shuffled = sorted(wanted)
    order.shuffle(shuffled)
    found = scored("labels", {}, json.dumps(shuffled), sorted(wanted))
    assert (found.score, set(found.scores.values())) == (1, {1})


# ------------------------------------------------------------------------------------------------ entities


@pytest.mark.parametrize(
    ("given", "exact", "partial"),
    [
        ([KIM, OSLO], 1, 1),
        ([OSLO, KIM], 1, 1),
        ([KIM], 2 / 3, 2 / 3),  # 1 right of 1 given and 2 wanted: 2·1/3
        ([KIM, {"text": "Oslo", "type": "person"}], 0.5, 0.5),  # the type counts
        ([KIM, {"text": "Oslo city", "type": "place"}], 0.5, 0.75),  # half a credit: 2·1.5/4
        ([KIM, KIM, OSLO], 0.8, 0.8),  # given twice, there once: 2·2/5
        ([], 0, 0),
        ({"person": ["Kim"], "place": ["Oslo"]}, 1, 1),
        ({"entities": [KIM, OSLO]}, 1, 1),
    ],
)
def test_entities(given: Any, exact: float, partial: float) -> None:
    found = scored("entities", {}, json.dumps(given), [KIM, OSLO])
    assert found.scores == pytest.approx({"exact": exact, "partial": partial})
    assert found.score == pytest.approx(exact)
    assert scored("entities", {"measure": "partial"}, json.dumps(given), [KIM, OSLO]).score == pytest.approx(
        partial
    )


def test_entities_count_by_type() -> None:
    given = [KIM, {"text": "Oslo city", "type": "place"}]
    assert scored("entities", {}, json.dumps(given), [KIM, OSLO]).counts == {
        "person": (1, 0, 0), "place": (0, 1, 1)
    }  # fmt: skip
    half = scored("entities", {"measure": "partial"}, json.dumps(given), [KIM, OSLO])
    assert half.counts == {"person": (1, 0, 0), "place": (0.5, 0.5, 0.5)}


def test_partial_matches_are_as_many_as_can_be() -> None:
    # `a b` could take either, `a` only the first: both are matched, whichever comes first. 2·2·½/4
    wanted = [{"text": "a x", "type": "t"}, {"text": "b y", "type": "t"}]
    for texts in (["a b", "a"], ["a", "a b"]):
        found = scored("entities", {}, json.dumps({"t": texts}), wanted)
        assert found.scores["partial"] == 0.5


def test_entities_with_offsets_are_where_they_are() -> None:
    wanted = [
        {"text": "Kim", "type": "p", "start": 0, "end": 3},
        {"text": "Kim", "type": "p", "start": 9, "end": 12},
    ]
    options = {"offsets": True}
    assert scored("entities", options, json.dumps(wanted[::-1]), wanted).score == 1
    moved = [wanted[0], {**wanted[1], "start": 8}]
    assert scored("entities", options, json.dumps(moved), wanted).scores == {"exact": 0.5, "partial": 0.75}
    assert scored("entities", options, json.dumps([KIM]), wanted).format_failure


@given(
    st.lists(st.sampled_from([KIM, OSLO, {"text": "Kim L", "type": "person"}]), max_size=8),
    st.lists(st.sampled_from([KIM, OSLO]), max_size=8),
    st.randoms(),
)
def test_entities_do_not_depend_on_order(given_: list[Any], wanted: list[Any], order: Any) -> None:
    found = scored("entities", {}, json.dumps(given_), wanted)
    shuffled, expected = list(given_), list(wanted)
    order.shuffle(shuffled)
    order.shuffle(expected)
    assert scored("entities", {}, json.dumps(shuffled), expected) == found
    assert 0 <= found.scores["exact"] <= found.scores["partial"] <= 1
    assert scored("entities", {}, json.dumps(wanted), wanted).score == 1


# ------------------------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234.5 and -3", [1234.5, -3]),
        ("$1,250.", [1250]),
        ("−4 °C, 2e3, .5", [-4, 2000, 0.5]),
        ("5-3", [5, 3]),
        ("1,2,3", [1]),
        ("12%", [12]),
        ("v2 a1", []),
        ("1 234 567 kg", [1234567]),
    ],
)
def test_numbers_in_a_text(text: str, found: list[float]) -> None:
    assert numbers_in(text)[: len(found)] == found
    assert bool(numbers_in(text)) == bool(found)


@pytest.mark.parametrize(
    ("options", "output", "expected", "score"),
    [
        ({}, "6 × 7 = 42 apples", 42, 1),
        ({}, "first 41, no: 42.0", "42", 1),
        ({}, "#### 42\nI checked 3 times", "… #### 42", 1),
        ({"pick": "first"}, "42, not 7", 42, 1),
        ({"decimal": "comma"}, "1.234,5 €", 1234.5, 1),
        ({}, "43", 42, 0),
        ({"absolute": 1}, "43", 42, 1),
        ({"relative": 0.01}, "42.4", 42, 1),
        ({"relative": 0.01}, "42.5", 42, 0),
    ],
)
def test_numbers(options: dict[str, Any], output: str, expected: Any, score: float) -> None:
    found = scored("number", options, output, expected)
    assert found.score == score
    assert not found.format_failure


@pytest.mark.parametrize("output", ["", "forty-two", "9" * 400, "NaN"])
def test_an_answer_without_a_number_is_a_format_failure(output: str) -> None:
    assert scored("number", {}, output, 42).format_failure


@given(st.integers(-(10**12), 10**12))
def test_thousands_marks_say_nothing(value: int) -> None:
    assert scored("number", {}, f"It is {value:,} in all.", value).score == 1


# ------------------------------------------------------------------------------------------------ overlap


def test_rouge_by_hand() -> None:
    # given 3 words, wanted 6; all 3 single words are there: 2·3/9; of 2 pairs `the cat` is: 2·1/7; in order 3: 2·3/9
    found = scored("rouge", {}, "The cat mat", "the cat sat on the mat")
    assert found.scores == pytest.approx({"rouge-1": 2 / 3, "rouge-2": 2 / 7, "rouge-l": 2 / 3})
    # `cat the` is the longest in order: 2·2/9
    assert scored("rouge", {}, "mat cat the", "the cat sat on the mat").score == pytest.approx(4 / 9)
    assert scored("rouge", {}, "x", ["the cat", "x"]).score == 1
    assert scored("rouge", {}, "", "x").score == 0


@given(
    st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), min_size=1, max_size=12)
)
def test_the_longest_common_subsequence_is_that_of_the_table(a: list[str], b: list[str]) -> None:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    wanted = 2 * table[-1][-1] / (len(a) + len(b)) if a else 0
    assert scored("rouge", {}, " ".join(a), " ".join(b)).score == pytest.approx(wanted)


def test_bleu_is_1_for_the_reference_itself() -> None:
    pytest.importorskip("sacrebleu")
    assert scored("bleu", {}, "the cat sat on the mat", "the cat sat on the mat").score == pytest.approx(1)
    # 4 of 5 words, 3 of 4 pairs, 2 of 3, 1 of 2: (4/5·3/4·2/3·1/2)^¼ = 0.2^¼, as long as the reference
    assert scored("bleu", {}, "a b c d x", "a b c d e").score == pytest.approx(0.2**0.25)
    assert scored("bleu", {}, " ", "a").score == 0


# ------------------------------------------------------------------------------------------------ code

SANDBOX = f"{sys.executable} -I -"


def test_code_is_run_in_the_sandbox_that_is_named_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EvidenceError, match="never run on this machine"):
        make_scorer("code", {}, Path)
    with pytest.raises(EvidenceError, match="no such program"):
        make_scorer("code", {"sandbox": "no-such-program-here -"}, Path)
    monkeypatch.setenv("SECRET_KEY", "s3cret")
    options = {"sandbox": SANDBOX, "timeout": 120}
    tests = "assert add(1, 2) == 3"
    right = "Here it is:\n```python\ndef add(a, b):\n    return a + b\n```\nDone."
    assert scored("code", options, right, tests=tests).score == 1
    wrong = scored("code", options, "def add(a, b): return a - b", tests=tests)
    assert (wrong.score, wrong.note) == (0, "AssertionError")
    spy = "import os\nassert 'SECRET_KEY' not in os.environ"
    assert scored("code", options, spy, tests="").score == 1
    assert scored("code", options, " ", tests=tests).format_failure
    with pytest.raises(EvidenceError, match="case 'c'"):
        scored("code", options, right)


def test_code_is_bounded_in_time_and_in_what_it_prints() -> None:
    endless = scored("code", {"sandbox": SANDBOX, "timeout": 0.3}, "while True: pass", tests="")
    assert (endless.score, endless.note) == (0, "not done within 0.3 s")
    loud = scored("code", {"sandbox": SANDBOX, "timeout": 120}, "while True: print('x' * 9999)", tests="")
    assert (loud.score, loud.note) == (0, "printed more than 64 KB")


def test_a_sandbox_that_does_not_start_says_nothing_of_the_answer() -> None:
    with pytest.raises(EvidenceError, match="ended with 125"):
        scored("code", {"sandbox": "sh -c 'exit 125'"}, "x = 1", tests="")


# ------------------------------------------------------------------------------------------------ anything

EXPECTED: dict[str, tuple[dict[str, Any], Any]] = {
    "contains": ({}, "a"), "entities": ({}, [KIM]), "exact": ({}, "a"), "json": ({"fields": "f1"}, {"a": [1]}),
    "labels": (ALLOWED, ["card"]), "normalised": ({}, "a"), "number": ({}, 1), "one_of": (ALLOWED, "card"),
    "regex": ({"pattern": "(a)"}, "a"), "rouge": ({}, "a b"),
}  # fmt: skip
HOSTILE = [
    "\x00\x1b[2J\u202e\ud800", "[" * 100_000, "[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900, "9" * 200_000,
    "1," * 100_000, "a" * 1_000_000, "card " * 100_000, "```json\n" * 1000, '{"entities": {"entities": []}}',
    '[{"text": 1, "type": []}]', "null", "1e999", "\n".join("- x" for _ in range(50_000)),
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize("output", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_comes_is_scored(name: str, output: str) -> None:
    options, expected = EXPECTED[name]
    found = scored(name, options, output, expected)
    assert 0 <= found.score <= 1
    assert len(found.note or "") < 500


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner) | st.dictionaries(st.text(), inner)


ANY_JSON = st.recursive(st.none() | st.integers() | st.text(), nested).map(json.dumps)


@given(st.text() | ANY_JSON)
def test_scores_and_parts_lie_within_0_and_1(output: str) -> None:
    for name, (options, expected) in EXPECTED.items():
        found = scored(name, options, output, expected)
        assert all(0 <= value <= 1 for value in (found.score, *found.scores.values()))
        assert not (found.format_failure and found.score)
        assert all(count >= 0 for counts in found.counts.values() for count in counts)
