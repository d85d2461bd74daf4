"""Two samples: closed forms, levels that hold, power where there is a difference."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.two_samples import auc, auc_p_value, holm, homogeneity_p_value, mmd_p_value


def test_holm_by_hand() -> None:
    # sorted .01 .03 .04 → ×3 ×2 ×1 = .03 .06 .04, never falling: .03 .06 .06
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_chi_square_by_hand() -> None:
    # 2×2 table 30/10 and 20/20: χ² = 80·(30·20 − 10·20)²/(40·40·50·30) = 5.333…
    rng = np.random.default_rng(0)
    statistic, p = homogeneity_p_value([30, 10], [20, 20], rng)
    assert statistic == pytest.approx(16 / 3)
    # Fisher's exact two-sided p of this table, summed by hand over its hypergeometric tail: .0376
    assert p == pytest.approx(0.0376, abs=0.01)
    assert homogeneity_p_value([5, 0, 5], [5, 0, 5], rng)[1] == 1.0
    with pytest.raises(InputError, match="two rows of counts"):
        homogeneity_p_value([0, 0], [1, 2], rng)


def test_auc_by_hand() -> None:
    # pairs (a, b): b above in (1,2) (1,4) (3,4), below in (3,2): 3 of 4
    assert auc([1, 3], [2, 4]).value == 0.75
    assert auc([1, 1], [1, 1]).value == 0.5
    apart = auc([1, 2, 3], [4, 5, 6])
    assert apart.value == 1.0
    assert apart.low is not None
    assert apart.low < 1.0
    with pytest.raises(NotEnoughEvidenceError, match="1 and 2 scores"):
        auc([1], [1, 2])


def test_the_auc_interval_covers() -> None:
    rng = np.random.default_rng(1)
    truth, inside = 0.7602, 0  # Φ(1/√2): normals one apart
    for _ in range(300):
        found = auc(rng.normal(0, 1, 60), rng.normal(1, 1, 60))
        inside += found.interval[0] <= truth <= found.interval[1]
    assert 0.92 <= inside / 300 <= 0.98


def test_the_permutation_p_of_ranks_is_exact() -> None:
    # All 20 ways to choose 3 of 6 ranks: only one has the largest sum, so p is 1/20.
    assert sum(sum(three) >= 15 for three in combinations(range(1, 7), 3)) == 1
    p = auc_p_value([1, 2, 3], [4, 5, 6], np.random.default_rng(2), permutations=20_000)
    assert p == pytest.approx(0.05, abs=0.006)


def test_mmd_against_its_definition() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(7, 2)), rng.normal(size=(5, 2))
    pooled = np.vstack([x, y])
    squares = ((pooled[:, None] - pooled) ** 2).sum(axis=2)
    kernel = np.exp(-squares / np.median([squares[i, j] for i, j in combinations(range(12), 2)]))
    within_x = np.mean([kernel[i, j] for i in range(7) for j in range(7) if i != j])
    within_y = np.mean([kernel[i, j] for i in range(7, 12) for j in range(7, 12) if i != j])
    assert mmd_p_value(x, y, rng)[0] == pytest.approx(within_x + within_y - 2 * kernel[:7, 7:].mean())


def test_the_tests_keep_their_level_and_see_a_shift() -> None:
    rng = np.random.default_rng(4)
    false, power = np.zeros(3), np.zeros(3)
    for shift, hits in ((0.0, false), (0.6, power)):
        for _ in range(150):
            x, y = rng.normal(size=(60, 2)), rng.normal(size=(60, 2)) + shift
            counts = [
                np.bincount((side[:, 0] > 0) * 2 + (side[:, 1] > 0), minlength=4).tolist() for side in (x, y)
            ]
            hits += [
                homogeneity_p_value(counts[0], counts[1], rng, draws=200)[1] <= 0.05,
                mmd_p_value(x, y, rng, permutations=100)[1] <= 0.05,
                auc_p_value(x[:, 0], y[:, 0], rng, permutations=200) <= 0.05,
            ]
    # Of 150 at a true 5%, more than 15 come up once in 300 times.
    assert (false <= 15).all()
    assert (power >= 100).all()
