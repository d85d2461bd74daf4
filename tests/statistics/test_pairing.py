from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import (
    PairedCells,
    compare,
    mcnemar,
    p_difference_above,
    paired_cells,
    paired_difference,
)
from tests.statistics.real import gsm8k_systems, mmlu, zeroeval

cells = st.builds(
    PairedCells,
    both=st.integers(1, 300),
    only_a=st.integers(0, 40),
    only_b=st.integers(0, 40),
    neither=st.integers(1, 40),
)


def mirrored(found: PairedCells) -> PairedCells:
    return PairedCells(both=found.both, only_a=found.only_b, only_b=found.only_a, neither=found.neither)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_cells_are_counted():
    found = paired_cells([1, 1, 0, 0, 1], [1, 0, 1, 0, 1])
    assert (found.both, found.only_a, found.only_b, found.neither) == (2, 1, 1, 1)


def test_mcnemar_by_hand():
    # Nine disagreements, one for a: 2·(1 + 9) / 2^9 = 20/512.
    assert mcnemar(1, 8) == pytest.approx(20 / 512)
    assert mcnemar(3, 3) == 1
    assert mcnemar(0, 0) == 1


def test_p_better_with_no_case_to_tell_them_apart():
    assert p_difference_above(PairedCells(both=30, only_a=0, only_b=0, neither=0), 0) == pytest.approx(0.5)


def test_p_better_by_hand():
    # One disagreement, for b: its share is Beta(1.5, .5), and P(> ½) = ½ + 1/π.
    found = PairedCells(both=9, only_a=0, only_b=1, neither=0)
    assert p_difference_above(found, 0) == pytest.approx(0.5 + 1 / math.pi)


def test_matches_draws_from_the_dirichlet():
    found = PairedCells(both=250, only_a=8, only_b=18, neither=24)
    drawn = rng().dirichlet([250.5, 8.5, 18.5, 24.5], 400_000)
    difference = drawn[:, 2] - drawn[:, 1]
    low, high = paired_difference(found).interval
    assert (low, high) == pytest.approx(np.quantile(difference, [0.025, 0.975]), abs=4e-4)
    for points in (-0.01, 0.0, 0.02, 0.05):
        assert p_difference_above(found, points) == pytest.approx((difference > points).mean(), abs=3e-3)


def test_few_cases_that_all_disagree():
    # The posterior alone would leave the seen difference of 1 out.
    estimate = paired_difference(PairedCells(both=0, only_a=0, only_b=4, neither=0))
    assert estimate.value == 1
    assert estimate.high == 1
    assert estimate.low is not None
    assert estimate.low < 0.7


def test_one_case_is_not_enough():
    assert not paired_difference(PairedCells(both=0, only_a=0, only_b=1, neither=0)).enough
    assert not compare([0.5], [0.7], rng=rng()).difference.enough
    assert not compare([0, 1], [1, 1], rng=rng(), clusters=["k", "k"]).difference.enough


@settings(max_examples=25)
@given(found=cells)
def test_swapping_mirrors(found):
    low, high = paired_difference(found).interval
    other = paired_difference(mirrored(found)).interval
    assert other == pytest.approx((-high, -low), abs=1e-6)
    assert p_difference_above(mirrored(found), 0) == pytest.approx(1 - p_difference_above(found, 0))


@settings(max_examples=25)
@given(found=cells)
def test_the_interval_holds_the_difference(found):
    estimate = paired_difference(found)
    low, high = estimate.interval
    assert -1 <= low <= estimate.value <= high <= 1
    assert low < high


@given(found=cells, points=st.floats(-0.3, 0.3), more=st.floats(0, 0.3))
def test_a_higher_bar_is_passed_less_often(found, points, more):
    assert p_difference_above(found, points) >= p_difference_above(found, points + more) - 1e-3


@pytest.mark.parametrize(("n", "of_textbook", "of_dirichlet"), [(30, 0.813, 0.981), (300, 0.948, 0.951)])
def test_coverage_at_7_percent_disagreement(n, of_textbook, of_dirichlet):
    # Without simulation: counts weighted by their probability, b better by 4 points; the rarest are left out.
    only_a, only_b = 0.015, 0.055
    textbook = dirichlet = kept = 0.0
    for lost in range(n + 1):
        for won in range(n + 1 - lost):
            same = n - lost - won
            ways = special.gammaln(n + 1) - special.gammaln([lost + 1, won + 1, same + 1]).sum()
            p = math.exp(ways + lost * math.log(only_a) + won * math.log(only_b) + same * math.log(0.93))
            if p < 1e-6:
                continue
            kept += p
            seen = (won - lost) / n
            half = 1.96 * math.sqrt(((won + lost) / n - seen**2) / n)
            textbook += p * (abs(seen - 0.04) <= half)
            above = p_difference_above(PairedCells(both=same, only_a=lost, only_b=won, neither=0), 0.04)
            dirichlet += p * (0.025 <= above <= 0.975)
    assert textbook / kept == pytest.approx(of_textbook, abs=0.01)
    assert dirichlet / kept == pytest.approx(of_dirichlet, abs=0.01)


def test_compare_right_or_wrong_scores():
    a = np.array([1.0] * 80 + [0.0] * 20)
    b = a.copy()
    b[:2] = 0
    b[80:89] = 1
    found = compare(a, b, rng=rng())
    assert (found.only_a, found.only_b) == (2, 9)
    assert found.difference.value == pytest.approx(0.07)
    assert found.difference.method == "paired Dirichlet(½)"
    assert found.p_value == pytest.approx(mcnemar(2, 9))
    assert found.p_b_better == p_difference_above(paired_cells(a, b), 0) == pytest.approx(0.985, abs=1e-3)


def test_compare_graded_scores_pairs_them():
    # Cases differ much, candidates little: unpaired, the difference of .05 would drown (error .04).
    generator = rng()
    a = generator.random(100) * 0.9
    b = a + 0.05 + generator.normal(0, 0.01, 100).clip(-0.05, 0.05)
    found = compare(a, b, rng=rng())
    low, high = found.difference.interval
    assert 0.03 < low < 0.05 < high < 0.07
    assert found.p_b_better > 0.99
    assert found.difference.method == "Bayesian bootstrap"


def test_one_bet_a_cluster():
    # Ten copies of one customer's win are one win.
    a, b = np.zeros(20), np.array([1.0] * 10 + [0.0] * 10)
    found = compare(a, b, rng=rng(), clusters=["k"] * 10 + [None] * 10)
    assert found.only_b == 10
    assert found.p_value == 1
    assert found.e_value == pytest.approx(1.5)  # one win: 2² (1 - ¼) / 2


def test_rounding_dust_is_a_tie():
    found = compare([0.1 + 0.2, 0.5], [0.3, 0.5], rng=rng())
    assert (found.only_a, found.only_b, found.e_value) == (0, 0, 1)


def test_the_same_seed_gives_the_same_figures():
    a, b = np.linspace(0, 1, 30), np.linspace(0.1, 0.9, 30)
    assert compare(a, b, rng=rng()) == compare(a, b, rng=rng())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: compare([1, 0], [1], rng=rng()),
        lambda: compare([0.5, 0.2], [1, 0], rng=rng(), level=95),
        lambda: paired_cells([0.5], [1]),
        lambda: mcnemar(-1, 2),
        lambda: PairedCells(both=0, only_a=0, only_b=0, neither=0),
        lambda: PairedCells(both=5, only_a=-1, only_b=0, neither=0),
        lambda: paired_difference(PairedCells(both=5, only_a=1, only_b=0, neither=0), level=2),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()


def test_nothing_to_compare():
    with pytest.raises(NotEnoughEvidenceError):
        compare([], [], rng=rng())


# Real pairs: the tables that the data sets' pages print -------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "shares", "only_a", "only_b", "p"),
    [
        ("6b_finetuning", "6b_verification", (0.2168, 0.3904), 64, 293, 3.93e-36),
        ("175b_finetuning", "175b_verification", (0.3472, 0.5625), 76, 360, 2.89e-45),
        ("6b_verification", "175b_finetuning", (0.3904, 0.3472), 209, 152, 0.00315),
        ("6b_finetuning", "175b_finetuning", (0.2168, 0.3472), 88, 260, 7.47e-21),
        ("6b_verification", "175b_verification", (0.3904, 0.5625), 79, 306, 1.24e-32),
    ],
)
def test_real_fine_tuned_systems(real_data, a, b, shares, only_a, only_b, p):
    systems = gsm8k_systems(real_data)
    found = compare(systems[a], systems[b], rng=rng())
    assert (found.only_a, found.only_b) == (only_a, only_b)
    assert (systems[a].mean(), systems[b].mean()) == pytest.approx(shares, abs=5e-5)
    assert found.difference.value == pytest.approx(shares[1] - shares[0], abs=1e-4)
    assert found.p_value == pytest.approx(p, rel=2e-3)
    low, high = found.difference.interval
    assert (low > 0) == (only_b > only_a)
    assert (high < 0) == (only_a > only_b)


@pytest.mark.parametrize(
    ("a", "b", "only_a", "only_b", "either", "p"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18", 40, 14, 0.9727, 0.0005354),
        ("claude-3-5-sonnet-20241022", "claude-3-haiku-20240307", 116, 12, 0.9757, 1.552e-22),
    ],
)
def test_real_large_and_small_models(real_data, a, b, only_a, only_b, either, p):
    names, scores = zeroeval(real_data)
    assert scores.shape == (1319, 43)
    large, small = scores[:, names.index(a)], scores[:, names.index(b)]
    cells = paired_cells(large, small)
    assert (cells.only_a, cells.only_b) == (only_a, only_b)
    assert 1 - cells.neither / cells.n == pytest.approx(either, abs=5e-5)
    assert mcnemar(only_a, only_b) == pytest.approx(p, rel=1e-3)


def test_real_questions_of_57_subjects(real_data):
    # Alone and with subjects as clusters: the difference is the same, the interval more than three times as wide.
    small, large, subjects = mmlu(real_data)
    cells = paired_cells(small, large)
    assert (cells.only_b, cells.only_a, cells.n) == (2497, 742, 14042)
    alone = paired_difference(cells)
    clustered = compare(small, large, rng=rng(), clusters=subjects, draws=2000).difference
    assert clustered.value == pytest.approx(alone.value)
    assert clustered.n_clusters == 57
    width = [high - low for low, high in (alone.interval, clustered.interval)]
    assert width[1] > 3 * width[0]
