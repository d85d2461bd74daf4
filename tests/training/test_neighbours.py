"""Repeats: against sets compared one by one, and on real data."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.evidence.training.neighbours import candidates, find_neighbours
from breakeven.evidence.training.neighbours.candidates import scheme_for
from breakeven.evidence.training.neighbours.find import links_within
from breakeven.evidence.training.neighbours.rows import normalised
from breakeven.evidence.training.neighbours.shingles import shingles


def pieces(text: str) -> set[str]:
    plain = normalised(text)
    return {plain[k : k + 4] for k in range(len(plain) - 3)} or {plain}


def jaccard(a: str, b: str) -> float:
    first, second = pieces(a), pieces(b)
    return len(first & second) / len(first | second)


def by_hand(texts: list[str], similarity: float) -> list[int]:
    """The first text of each one's cluster, by comparing every pair."""
    cluster = list(range(len(texts)))
    sets = [pieces(text) for text in texts]
    for a, b in combinations(range(len(texts)), 2):
        if len(sets[a] & sets[b]) >= similarity * len(sets[a] | sets[b]) - 1e-12 and cluster[a] != cluster[b]:
            old, new = max(cluster[a], cluster[b]), min(cluster[a], cluster[b])
            cluster = [new if one == old else one for one in cluster]
    return cluster


def test_a_text_worked_out_by_hand() -> None:
    # "abcdefgh" has the pieces abcd bcde cdef defg efgh; "abcdefgx" shares 4 of them, of 6 in either.
    found = find_neighbours(["abcdefgh", "ABCD efgh!", "abcdefgx", "Abcdefgh."], similarity=4 / 6)
    assert found.equal.tolist() == [0, 1, 2, 0]
    assert found.cluster.tolist() == [0, 1, 0, 0]
    assert found.link_similarity.tolist() == pytest.approx([4 / 6])
    assert (found.n_equal, found.n_repeated) == (1, 2)
    assert [one.tolist() for one in found.members()] == [[0, 2, 3]]
    assert find_neighbours(["abcdefgh", "abcdefgx"], similarity=0.67).n_repeated == 0


def test_texts_without_words_are_told_apart() -> None:
    assert find_neighbours(["?!", "👍", "👍 ", "…", ""]).equal.tolist() == [0, 1, 1, 3, 4]


def test_nothing_and_next_to_nothing() -> None:
    assert find_neighbours([]).cluster.tolist() == []
    assert find_neighbours(["a"]).cluster.tolist() == [0]
    with pytest.raises(InputError, match="similarity 0"):
        find_neighbours(["a"], similarity=0)


@pytest.mark.parametrize("similarity", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_a_pair_at_the_similarity_is_missed_once_in_two_hundred_at_most(similarity: float) -> None:
    bands, rows = scheme_for(similarity)
    assert (1 - similarity**rows) ** bands <= 0.005


@given(st.lists(st.text(alphabet="abc d", max_size=14), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_pieces_are_the_sets(texts: list[str]) -> None:
    plain = [normalised(text) for text in texts]
    if plain:
        sizes = np.diff(shingles(plain).as_sets().indptr)
        assert sizes.tolist() == [len(pieces(text)) for text in texts]


@given(
    st.lists(st.text(alphabet="ab ", min_size=3, max_size=12), max_size=14), st.randoms(use_true_random=False)
)
@settings(max_examples=60, deadline=None)
def test_clusters_are_classes_whatever_the_order(texts: list[str], random) -> None:
    found = find_neighbours(texts)
    assert (found.cluster[found.cluster] == found.cluster).all()
    assert (found.cluster <= np.arange(len(texts))).all()
    assert (found.cluster == found.cluster[found.equal]).all()
    assert all(found.cluster[a] == found.cluster[b] for a, b in found.links.tolist())
    order = list(range(len(texts)))
    random.shuffle(order)
    other = find_neighbours([texts[k] for k in order])
    where = {k: at for at, k in enumerate(order)}
    for a, b in combinations(range(len(texts)), 2):
        together = other.cluster[where[a]] == other.cluster[where[b]]
        assert together == (found.cluster[a] == found.cluster[b])


def test_planted_near_duplicates_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(5)
    words = ["".join(map(chr, rng.integers(97, 123, size))) for size in rng.integers(3, 9, 2_000)]
    texts = [" ".join(rng.choice(words, int(rng.integers(8, 30)))) for _ in range(300)]
    texts += [text[:9] + "x" + text[9:] for text in texts[:80]]
    found = find_neighbours(texts)
    truth = by_hand(texts, 0.8)
    assert found.cluster.tolist() == truth
    assert all(jaccard(texts[a], texts[b]) >= 0.8 for a, b in found.links.tolist())
    assert {(a, b) for a, b in links_within(texts, 0.8).tolist()} >= {
        tuple(pair) for pair in found.links.tolist()
    }


def test_many_texts_are_read_in_parts_with_the_same_result(monkeypatch) -> None:
    texts = [f"question number {k % 40} about {'abcdefghij'[k % 10] * 12} and {k % 7}" for k in range(300)]
    whole = find_neighbours(texts)
    monkeypatch.setattr(candidates, "_LETTERS_AT_ONCE", 100)
    monkeypatch.setattr(candidates, "_TEXTS_AT_ONCE", 64)
    assert find_neighbours(texts).cluster.tolist() == whole.cluster.tolist()


def test_a_template_makes_one_cluster() -> None:
    texts = [
        f"please tell me where the order with the number {k:05d} is at the moment, thank you very much"
        for k in range(700)
    ]
    assert len(set(find_neighbours(texts).cluster.tolist())) == 1


# ------------------------------------------------------------------------------------------------- real data


def test_banking77_repeats_31_rows(real_data) -> None:
    with (real_data("banking77") / "train.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert find_neighbours(texts).n_equal == 31


def test_restaurant8k_against_every_pair(real_data) -> None:
    folder = real_data("restaurant8k_slots")

    def read(path: Path, most: int) -> list[str]:
        return [one["userInput"]["text"] for one in json.loads(path.read_text("utf-8"))[:most]]

    texts = [*read(folder / "train_0.json", 400), *read(folder / "test.json", 200)]
    assert find_neighbours(texts).cluster.tolist() == by_hand(texts, 0.8)
