"""Eval cases in the training data, what they add, and what is held out."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.evidence.evals.classifying.leakage import plain_text
from breakeven.evidence.training import leaking
from breakeven.evidence.training.leaking import find_leaks
from breakeven.statistics.leaked import clean_accuracy, clean_score
from tests.training.builders import asked, checked

LONG = "the quick brown fox jumps over the lazy dog and runs away from seven angry bears at night"


def test_each_kind_of_leak() -> None:
    train = [
        "Where is my card?",
        f"Once upon a time {LONG} and was gone",
        "how do I transfer money abroad, please",
        "nothing like it",
    ]
    cases = [
        "where is my CARD",
        f"A story: {LONG}! The end, or so they say",
        "how do I transfer money abroad, pleased",
        "who are you",
    ]
    found = find_leaks(train, cases)
    assert found.row.tolist() == [0, 1, 2, -1]
    assert [found.kind(k) for k in range(3)] == ["equal", "words", "near"]
    assert found.leaked.tolist() == [True, True, True, False]


def test_a_run_of_words_may_stand_in_an_answer() -> None:
    cases = [LONG, LONG + " twice"]
    assert find_leaks(["a question"], cases).row.tolist() == [-1, -1]
    assert find_leaks(["a question"], cases, answers=[f"well: {LONG}"]).row.tolist() == [0, 0]


def test_a_run_that_a_template_makes_tells_nothing() -> None:
    template = "please read the following message of a customer and say which team it is for"
    train = [f"{template}: {word * 5} {word * 9}" for word in "abcdefghijkl"]
    assert find_leaks(train[:10], [f"{template}: something else altogether here"]).rows["words"].tolist() == [
        0
    ]
    assert find_leaks(train, [f"{template}: something else altogether here"]).rows["words"].tolist() == [-1]


def _circle(n: int, step: float) -> list[list[float]]:
    """n directions, each ``step`` radians from the last: only neighbours are near each other."""
    return [[float(np.cos(k * step)), float(np.sin(k * step))] for k in range(n)]


def test_rows_that_are_as_near_each_other_say_what_nearness_is_worth() -> None:
    """120 questions 0.05 radians apart: a cosine of cos 0.05 = .99875. Copies of a text are no twins of it."""
    texts = [f"question {k}" for k in range(120)]
    vectors = {"train": _circle(120, 0.05), "cases": [[1.0, 0.0]]}
    assert find_leaks(texts, ["case"], vectors=vectors, near_vectors=0.998).twins == 1.0
    assert find_leaks(texts, ["case"], vectors=vectors, near_vectors=0.999).twins == 0.0
    doubled = {"train": [*_circle(120, 0.05)] * 2, "cases": [[1.0, 0.0]]}
    assert find_leaks(texts * 2, ["case"], vectors=doubled, near_vectors=0.999).twins == 0.0
    assert find_leaks(texts[:99], ["case"], vectors={**vectors, "train": _circle(99, 0.05)}).twins is None


def test_the_page_says_what_nearness_by_meaning_is_worth() -> None:
    rows, cases = asked([f"q{k}" for k in range(120)]), [f"c{k}" for k in range(10)]
    vectors = {"train": _circle(120, 0.05), "cases": _circle(10, 0.05)}
    dense = checked("leakage", rows, cases=cases, vectors=vectors, vectors_cosine=0.998)
    assert (
        "By meaning 100% of the cases have a row as near, and 100% of the rows another row" in dense.because
    )
    assert "that is how alike these questions are, not copying" in dense.because
    assert (dense.details["vectors_cases"], dense.details["vectors_rows"]) == (1.0, 1.0)
    apart = checked("leakage", rows, cases=cases, vectors=vectors, vectors_cosine=0.999)
    assert "cases are nearer than that" in apart.because


def test_vectors_are_compared_by_cosine() -> None:
    vectors = {"train": [[1.0, 0.0], [0.0, 2.0]], "cases": [[0.1, 5.0], [1.0, 1.0]]}
    found = find_leaks(["aaaa", "bbbb"], ["cccc", "dddd"], vectors=vectors)
    assert found.rows["vectors"].tolist() == [1, -1]
    with pytest.raises(InputError, match="'cases' has shape"):
        find_leaks(["aaaa"], ["cccc"], vectors={"train": [[1.0]], "cases": [1.0]})


def test_what_leaked_cases_add() -> None:
    # 900 of 1,000 right, 200 leaked and all right: 700 of 800 clean ones. f·(1 − clean) = .2 · .125 = .025
    found = clean_accuracy(0.9, 1_000, 0.2)
    assert found.clean.value == pytest.approx(0.875)
    assert found.inflation == pytest.approx(0.2 * (1 - found.clean.value)) == pytest.approx(0.025)
    assert found.clean.n == 800
    assert found.clean.interval[0] < 0.875 < found.clean.interval[1]
    assert clean_accuracy(0.7, 100, 0.0).inflation == 0
    with pytest.raises(NotEnoughEvidenceError, match="all 10 cases leaked"):
        clean_accuracy(0.9, 10, 1.0)
    with pytest.raises(InputError, match="shares within"):
        clean_accuracy(1.2, 10, 0.1)


def test_the_score_on_clean_cases_is_taken_where_scores_are_given() -> None:
    found = clean_score([1, 1, 0, 1, None], [True, True, False, False, False])
    assert found is not None
    assert (found.all, found.clean.value, found.n_clean) == (0.75, 0.5, 2)
    assert clean_score([1.0, None], [True, False]) is None


def test_the_check_says_which_row_holds_which_case() -> None:
    train = asked(["where is my card", "how do I pay", "what is a pin"])
    found = checked("leakage", train, ["Where is my card?", "cancel the order"], accuracy=(0.9, 1000))
    assert (found.verdict, found.value, found.n) == ("fail", 0.5, 2)
    assert [(one.row, one.reason) for one in found.flagged] == [(0, "holds eval case c0 word for word")]
    assert found.details["accuracy_clean"] == pytest.approx(0.8)  # 400 of 500 clean ones
    assert found.details["inflation"] == pytest.approx(0.1)
    scored = checked(
        "leakage",
        train,
        ["Where is my card?", "cancel the order", "stop it"],
        scores={"c0": 1.0, "c1": 0.0, "c2": 1.0},
    )
    assert scored.details["accuracy_clean"] == 0.5
    assert checked("leakage", train, ["cancel the order"]).verdict == "pass"
    assert checked("leakage", train).verdict == "cannot_tell"


def test_leaked_cases_are_not_held_out() -> None:
    train = asked(
        [f"{word} {word * 3} question" for word in ("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op")]
    )
    clean = ["tell me a story", "who won the match"]
    assert checked("holdout", train, clean).verdict == "pass"  # 2 of 10
    found = checked("holdout", train, [clean[0], train.rows[0].question])
    assert (found.verdict, found.details["clean"]) == ("fail", 1)
    assert found.value == pytest.approx(1 / 9)
    assert checked("holdout", train).verdict == "cannot_tell"


# ------------------------------------------------------------------------------------------------- real data


def test_banking77_leaks_as_published(real_data) -> None:
    folder = real_data("banking77")

    def read(name: str) -> list[str]:
        with (folder / name).open(encoding="utf-8") as file:
            return [row["text"] for row in csv.DictReader(file)]

    found = find_leaks(read("train.csv"), read("test.csv"))
    assert int((found.rows["equal"] >= 0).sum()) == 25
    assert int((found.rows["near"] >= 0).sum()) == 440
    assert int(found.leaked.sum()) >= 440


def test_snips_has_18_validation_rows_in_training(real_data) -> None:
    folder = real_data("snips_2017")

    def read(name: str) -> list[str]:
        return [json.loads(line)["text"] for line in (folder / name).read_text("utf-8").splitlines()]

    held, train = read("validate.jsonl"), read("train.jsonl")
    known = {plain_text(text) for text in held}
    # Of 13,784 rows, those that equal a case and every tenth other one.
    found = find_leaks(
        [text for k, text in enumerate(train) if k % 10 == 0 or plain_text(text) in known], held
    )
    equal = found.rows["equal"]
    assert int((equal >= 0).sum()) == 18
    assert (found.row[equal >= 0] == equal[equal >= 0]).all()
    assert np.isin(np.flatnonzero(equal >= 0), np.flatnonzero(found.leaked)).all()


def test_rows_too_many_for_every_pair_are_compared_where_they_share_rare_words(
    monkeypatch, real_data
) -> None:
    """On bank questions the same cases are found; one that shares its words with no row is never compared."""
    train, cases = (
        [
            row["text"]
            for row in csv.DictReader((real_data("banking77") / name).read_text("utf-8").splitlines())
        ][:most]
        for name, most in (("train.csv", 1_500), ("test.csv", 400))
    )
    cases.append("zymurgy quixotically perplexes wombats")
    every = find_leaks(train, cases)
    monkeypatch.setattr(leaking, "MOST_COMPARED", 10)
    some = find_leaks(train, cases)
    assert every.leaked.sum() > 40
    assert some.leaked.tolist() == every.leaked.tolist()
    compared = leaking._sharing(train, ["how do I activate my zymurgy card", cases[-1]])
    assert 0 < compared.size < len(train) / 3
    assert leaking._sharing(train, cases[-1:]).size == 0
    assert find_leaks(train, cases[-1:]).row.tolist() == [-1]
