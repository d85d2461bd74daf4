"""Training against production: false alarms stay rare, a difference that matters is seen."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from breakeven.evidence.training import matching
from breakeven.evidence.training.check import CheckInput, Text
from breakeven.evidence.training.checks import named_checks
from breakeven.evidence.training.matching import compare_with_production
from breakeven.statistics.intervals import wilson
from tests.training.builders import asked, checked

TOPICS = {
    "card": "card pin lost stolen replace arrive delivery", "pay": "pay transfer money abroad fee amount refund",
    "app": "login password phone screen update crash device", "loan": "mortgage rate house deposit credit term month",
}  # fmt: skip


def questions(n: int, rng: np.random.Generator, topics: list[str]) -> list[str]:
    """Questions of eight words of one topic each, with a number that makes each of its own."""
    words = {topic: TOPICS[topic].split() for topic in topics}
    chosen = rng.choice(topics, n)
    return [" ".join([*rng.choice(words[topic], 6), f"{rng.integers(10**6)}"]) for topic in chosen.tolist()]


def test_too_few_texts_are_no_match() -> None:
    rng = np.random.default_rng(0)
    texts = questions(499, rng, list(TOPICS))
    assert compare_with_production(texts, texts, rng) is None
    found = checked("production", asked(texts), logs=texts)
    assert (found.verdict, found.value) == ("cannot_tell", None)
    assert checked("production", asked(texts)).verdict == "cannot_tell"


def test_a_text_that_is_asked_again_and_again_counts_once() -> None:
    rng = np.random.default_rng(0)
    assert compare_with_production(["the same"] * 5_000, ["the same"] * 5_000, rng) is None


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests hold for few texts too; the floor is for those who read the verdict."""
    monkeypatch.setattr(matching, "FEWEST", 50)


def test_false_alarms_stay_rare(small: None) -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(6):
        match = compare_with_production(
            questions(80, rng, list(TOPICS)), questions(80, rng, list(TOPICS)), rng
        )
        assert match is not None
        found.append([match.p <= 0.05, *(p <= 0.05 for p in match.p_values.values())])
    # Of 6 at a true 5%, more than 2 come up once in 450 times.
    assert (np.sum(found, axis=0) <= 2).all()


def test_a_topic_that_training_lacks_is_named(small: None) -> None:
    rng = np.random.default_rng(2)
    train, logs = questions(300, rng, ["card", "pay", "app"]), questions(400, rng, list(TOPICS))
    found = checked("production", asked(train), logs=logs)
    assert found.verdict == "fail"
    assert found.low is not None
    assert found.value is not None
    assert found.low <= found.value
    lost = [topic for topic in found.details["topics"] if topic["missing"]]
    assert lost
    assert all(set(topic["words"].split()) & set(TOPICS["loan"].split()) for topic in lost)
    assert found.details["missing_share"] == pytest.approx(0.25, abs=0.08)
    assert found.details["p"] < 0.05


def test_the_same_seed_says_the_same(small: None) -> None:
    rng = np.random.default_rng(3)
    train, logs = questions(120, rng, list(TOPICS)), questions(120, rng, list(TOPICS))
    first, second = (checked("production", asked(train), logs=logs) for _ in range(2))
    assert first == second
    assert first.verdict in ("pass", "cannot_tell")


def test_banking77_halves_match_and_a_third_of_its_labels_does_not(real_data) -> None:
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(4).permutation(len(rows))
    half, other = ([rows[k] for k in part] for part in (order[:800], order[800:1_600]))
    assert (
        checked("production", asked([r["text"] for r in half]), logs=[r["text"] for r in other]).verdict
        != "fail"
    )
    few = set(sorted({row["category"] for row in rows})[:25])
    kept = [row["text"] for row in half if row["category"] not in few]
    found = checked("production", asked(kept), logs=[row["text"] for row in other])
    assert found.details["p"] < 0.05
    assert found.verdict != "pass"


def test_labels_show_what_words_do_not(real_data) -> None:
    """Eight of 77 intents, a tenth of production, are missing among 600 texts a side."""
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rng = np.random.default_rng(5)
    order = rng.permutation(len(rows))
    few = set(rng.choice(sorted({row["category"] for row in rows}), 8, replace=False).tolist())
    kept = [rows[k] for k in order[600:] if rows[k]["category"] not in few][:600]
    given = CheckInput(
        train=asked([row["text"] for row in kept], [row["category"] for row in kept]),
        logs=[Text(text=rows[k]["text"], label=rows[k]["category"]) for k in order[:600]],
    )
    (check,) = named_checks(("production",))
    found = check(given)
    assert found.verdict == "fail"
    lost = {label["words"] for label in found.details["labels"] if label["missing"]}
    assert lost
    assert lost <= few
    assert found.details["p_labels_adjusted"] < 0.05
    assert "labels that training hardly has" in found.because


def test_labels_of_one_side_only_are_not_compared(small: None) -> None:
    rng = np.random.default_rng(6)
    texts, logs = questions(120, rng, list(TOPICS)), questions(120, rng, list(TOPICS))
    found = compare_with_production(texts, logs, rng, labels=(["a", "b"] * 60, ["triage"] * 120))
    assert found is not None
    assert (found.labels, set(found.p_values)) == ((), {"topics", "mmd", "classifier"})
    half = found.n // 2
    # The variance of the AUC under no difference is (2m + 1)/12m²; z of .05/3 and of 80% are 2.128 and .842.
    assert found.detectable_auc == pytest.approx(
        0.5 + 2.970 * ((2 * half + 1) / (12 * half**2)) ** 0.5, abs=1e-3
    )
    # None of m: at most 3.84/(m + 3.84) by Wilson.
    share, least = found.detectable_share, 3.8415 / (half + 3.8415)
    assert (
        (wilson(round(share * half), half).low or 0)
        > least
        >= (wilson(round(share * half) - 1, half).low or 0)
    )


def test_meaning_sees_what_words_do_not(small: None) -> None:
    """Every text is a word of its own, so that words say nothing; the vectors of the sides lie a quarter turn apart."""
    rng = np.random.default_rng(0)
    sides = [[f"{side}{k}" for k in range(100)] for side in ("mine", "theirs")]
    vectors = {
        text: np.array([1.0, 0.0, 0.0] if text.startswith("mine") else [0.0, 1.0, 0.0]) + rng.normal(0, 0.1, 3)
        for side in sides for text in side
    }  # fmt: skip
    words = " card"
    training, production = ([text + words for text in side] for side in sides)
    meaning = {text + words: vector for text, vector in vectors.items()}
    found = compare_with_production(training, production, np.random.default_rng(1), meaning=meaning)
    assert found is not None
    assert found.p_values["mmd"] < 0.01
    assert found.p_values["topics"] < 0.01
    alike = {text: rng.normal(size=3) for text in meaning}
    same = compare_with_production(training, production, np.random.default_rng(1), meaning=alike)
    assert same is not None
    assert same.p_values["mmd"] > 0.01


def test_a_text_without_a_vector_stops_nothing(small: None) -> None:
    rng = np.random.default_rng(0)
    training, production = (questions(100, rng, list(TOPICS)) for _ in range(2))
    meaning = {text: rng.normal(size=4) for text in [*training, *production[:50]]}
    assert (
        compare_with_production(training, production, np.random.default_rng(1), meaning=meaning) is not None
    )
