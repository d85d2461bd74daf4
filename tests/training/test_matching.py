"""Training against production: false alarms stay rare, a difference that matters is seen."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from breakeven.evidence.training import matching
from breakeven.evidence.training.matching import compare_with_production
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


def test_false_alarms_stay_rare(monkeypatch) -> None:
    monkeypatch.setattr(matching, "FEWEST", 50)
    rng = np.random.default_rng(1)
    found = []
    for _ in range(12):
        match = compare_with_production(
            questions(80, rng, list(TOPICS)), questions(80, rng, list(TOPICS)), rng
        )
        assert match is not None
        found.append([match.p <= 0.05, *(p <= 0.05 for p in match.p_values.values())])
    # Of 12 at a true 5%, more than 3 come up once in 450 times.
    assert (np.sum(found, axis=0) <= 3).all()


def test_a_topic_that_training_lacks_is_named() -> None:
    rng = np.random.default_rng(2)
    train, logs = questions(700, rng, ["card", "pay", "app"]), questions(900, rng, list(TOPICS))
    found = checked("production", asked(train), logs=logs)
    assert found.verdict == "fail"
    assert found.low is not None
    assert found.value is not None
    assert found.low <= found.value
    lost = [topic for topic in found.details["topics"] if topic["missing"]]
    assert lost
    assert all(set(topic["words"].split()) & set(TOPICS["loan"].split()) for topic in lost)
    assert found.details["missing_share"] == pytest.approx(0.25, abs=0.06)
    assert found.details["p"] < 0.05


def test_the_same_seed_says_the_same() -> None:
    rng = np.random.default_rng(3)
    train, logs = questions(600, rng, list(TOPICS)), questions(600, rng, list(TOPICS))
    first, second = (checked("production", asked(train), logs=logs) for _ in range(2))
    assert first == second
    assert first.verdict in ("pass", "cannot_tell")


def test_banking77_halves_match_and_a_third_of_its_labels_does_not(real_data) -> None:
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(4).permutation(len(rows))
    half, other = ([rows[k] for k in part] for part in (order[:1_500], order[1_500:3_000]))
    assert (
        checked("production", asked([r["text"] for r in half]), logs=[r["text"] for r in other]).verdict
        != "fail"
    )
    few = set(sorted({row["category"] for row in rows})[:25])
    kept = [row["text"] for row in half if row["category"] not in few]
    found = checked("production", asked(kept), logs=[row["text"] for row in other])
    assert found.details["p"] < 0.05
    assert found.verdict != "pass"
