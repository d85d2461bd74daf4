from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import joint_posterior, p_difference_above, paired_cells, paired_difference

DRAWS = 40_000
ERROR = 4 * np.sqrt(0.25 / DRAWS)
"""Four standard errors of a probability estimated from this many draws: .01."""


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def right_or_wrong(n: int, shares, seed: int = 5) -> np.ndarray:
    """Candidates whose answers hang together: each is right where the case is easy enough for it."""
    generator = rng(seed)
    ease = 0.7 * generator.random((n, 1)) + 0.3 * generator.random((n, len(shares)))
    return (ease < np.asarray(shares)).astype(float)


def agrees_with(drawn: np.ndarray, cdf) -> None:
    """Every decile of the draws lies where the exact distribution has it."""
    for p in np.linspace(0.1, 0.9, 9):
        assert cdf(np.quantile(drawn, p)) == pytest.approx(p, abs=ERROR)


def test_one_candidate_has_a_beta_posterior():
    # 17 of 20 right: Beta(1 + 17, 1 + 3).
    scores = np.array([[1.0]] * 17 + [[0.0]] * 3)
    drawn = joint_posterior(scores, rng(), DRAWS)
    assert drawn.shape == (DRAWS, 1)
    agrees_with(drawn[:, 0], lambda x: special.betainc(18, 4, x))


@pytest.mark.parametrize("k", [2, 3, 5, 6, 9])
def test_every_pair_is_exactly_dirichlet_half(k):
    # The patterns of all k candidates, summed to any pair's four cells, give that pair's own posterior:
    # with all 2^k patterns listed (k <= 5), and with the prior's patterns drawn (k > 5).
    scores = right_or_wrong(60, np.linspace(0.6, 0.8, k))
    drawn = joint_posterior(scores, rng(), DRAWS)
    for a, b in [(0, 1), (k - 1, 0)]:
        pair = paired_cells(scores[:, a], scores[:, b])
        agrees_with(drawn[:, b] - drawn[:, a], lambda x, p=pair: 1 - p_difference_above(p, x))
        right = scores[:, b].sum()
        agrees_with(drawn[:, b], lambda x, r=right: special.betainc(1 + r, 61 - r, x))


def test_all_right_is_not_certain():
    # Beta(31, 1): mean 31/32; and neither of two perfect candidates is known to be the better one.
    drawn = joint_posterior(np.ones((30, 2)), rng(), DRAWS)
    assert drawn.mean(axis=0) == pytest.approx([31 / 32, 31 / 32], abs=1e-3)
    assert (drawn[:, 1] > drawn[:, 0]).mean() == pytest.approx(0.5, abs=ERROR)
    assert np.quantile(drawn[:, 1] - drawn[:, 0], 0.975) > 0.02


def test_all_right_in_clusters_counts_clusters():
    # 6 customers of 10 cases: as little is known as from 6 cases, Beta(7, 1).
    clusters = np.repeat(np.arange(6), 10)
    drawn = joint_posterior(np.ones((60, 1)), rng(), DRAWS, clusters)
    agrees_with(drawn[:, 0], lambda x: special.betainc(7, 1, x))


def test_clusters_of_one_are_no_clusters():
    scores = right_or_wrong(50, [0.6, 0.8])
    plain = joint_posterior(scores, rng(), 500)
    assert joint_posterior(scores, rng(), 500, [None] * 50) == pytest.approx(plain)
    assert joint_posterior(scores, rng(), 500, list(range(50))) == pytest.approx(plain)


def test_copies_in_a_cluster_add_nothing():
    # Each case five times over, five to a cluster: the spread is that of the cases, not of the rows.
    scores = right_or_wrong(40, [0.6, 0.8])
    once = joint_posterior(scores, rng(), DRAWS)
    copied = joint_posterior(np.repeat(scores, 5, axis=0), rng(), DRAWS, np.repeat(np.arange(40), 5))
    assert copied.std(axis=0) == pytest.approx(once.std(axis=0), rel=0.03)
    assert copied.mean(axis=0) == pytest.approx(once.mean(axis=0), abs=2e-3)


def test_the_bayesian_bootstrap_has_its_spread():
    # Dirichlet(1, …, 1) over n rows: variance s²/(n + 1), s² with divisor n. The prior adds a few per cent.
    scores = rng(9).uniform(0.5, 0.9, (200, 2))
    drawn = joint_posterior(scores, rng(), DRAWS)
    assert drawn.mean(axis=0) == pytest.approx(scores.mean(axis=0), abs=1e-3)
    assert drawn.std(axis=0) == pytest.approx(scores.std(axis=0) / np.sqrt(201), rel=0.03)
    difference = scores[:, 1] - scores[:, 0]
    assert (drawn[:, 1] - drawn[:, 0]).std() == pytest.approx(difference.std() / np.sqrt(201), rel=0.03)


def test_graded_scores_that_do_not_vary_are_not_certain():
    drawn = joint_posterior(np.full((20, 2), 0.9), rng(), DRAWS)
    assert drawn.std(axis=0).min() > 0.01


def test_differences_are_paired():
    # Cases differ much, candidates never by more than .02.
    hard = rng(1).random((100, 1)) * 0.9
    drawn = joint_posterior(np.hstack([hard, hard + 0.02]), rng(), DRAWS)
    assert drawn.std(axis=0).min() > 0.02
    assert (drawn[:, 1] - drawn[:, 0]).std() < 0.01


def test_swapping_columns_swaps_the_answer():
    scores = right_or_wrong(80, [0.6, 0.7, 0.8])
    one, other = joint_posterior(scores, rng(), DRAWS), joint_posterior(scores[:, ::-1], rng(4), DRAWS)
    better = (one[:, 2] > one[:, 0]).mean()
    assert (other[:, 0] > other[:, 2]).mean() == pytest.approx(better, abs=ERROR)
    assert other.mean(axis=0)[::-1] == pytest.approx(one.mean(axis=0), abs=2e-3)


@settings(max_examples=50)
@given(
    scores=hnp.arrays(
        float,
        st.tuples(st.integers(1, 12), st.integers(1, 7)),
        elements=st.sampled_from([0.0, 1.0]) | st.floats(0, 1),
    ),
    data=st.data(),
)
def test_draws_are_shares_that_vary(scores, data):
    n = scores.shape[0]
    clusters = data.draw(st.none() | st.lists(st.sampled_from(["k", "m", None]), min_size=n, max_size=n))
    drawn = joint_posterior(scores, rng(), 200, clusters)
    assert drawn.shape == (200, scores.shape[1])
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert drawn.std(axis=0).min() > 0


def test_seed_zero_is_a_seed_and_none_is_none():
    scores = right_or_wrong(30, [0.6, 0.8])
    assert (joint_posterior(scores, rng(0), 50) == joint_posterior(scores, rng(0), 50)).all()
    fresh = [joint_posterior(scores, np.random.default_rng(None), 50) for _ in range(2)]
    assert (fresh[0] != fresh[1]).any()


def test_differences_cover_with_clusters():
    # 20 clusters of 5, two equal candidates that agree on four answers of five. Without the prior the nominal
    # 95% interval of the difference covers .55; with it, at least .95 is seen. Standard error .011.
    generator = rng(8)
    clusters, covered = np.repeat(np.arange(20), 5), 0
    for _ in range(400):
        share = np.repeat(generator.beta(0.92 * 4, 0.08 * 4, 20), 5)
        a = generator.random(100) < share
        b = np.where(generator.random(100) < 0.8, a, generator.random(100) < share)
        drawn = joint_posterior(np.column_stack([a, b]).astype(float), generator, 1000, clusters)
        low, high = np.quantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975])
        covered += low <= 0 <= high
    assert covered / 400 > 0.93


def test_graded_coverage_is_as_the_docstring_says():
    # Nominal .95; skewed scores around .92, n = 20: about .92 of intervals hold the truth.
    generator = rng(12)
    covered = 0
    for _ in range(400):
        drawn = joint_posterior(generator.beta(6, 0.5, (20, 1)), generator, 1000)
        low, high = np.quantile(drawn, [0.025, 0.975])
        covered += low <= 6 / 6.5 <= high
    assert 0.88 < covered / 400 < 0.97


def test_agrees_with_the_paired_interval():
    scores = right_or_wrong(100, [0.6, 0.7])
    drawn = joint_posterior(scores, rng(), DRAWS)
    low, high = paired_difference(paired_cells(scores[:, 0], scores[:, 1])).interval
    seen = np.quantile(drawn[:, 1] - drawn[:, 0], [0.025, 0.975])
    assert seen == pytest.approx([low, high], abs=4e-3)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: joint_posterior([1, 0], rng(), 10),
        lambda: joint_posterior([[1, 92]], rng(), 10),
        lambda: joint_posterior([[1, 0]], rng(), 0),
        lambda: joint_posterior([[1, 0]], rng(), 10, ["k", "m"]),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()


def test_no_cases_are_no_evidence():
    with pytest.raises(NotEnoughEvidenceError):
        joint_posterior(np.empty((0, 2)), rng(), 10)
