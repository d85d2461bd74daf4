from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.statistics import PairedCells, non_inferiority, p_difference_above, paired_cells
from tests.statistics.real import gsm8k_systems
from tests.statistics.worlds import answers


def rng(seed: int = 2) -> np.random.Generator:
    return np.random.default_rng(seed)


def scores_of(both: int, only_a: int, only_b: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.repeat([1.0, 1, 0, 0], [both, only_a, only_b, neither])
    b = np.repeat([1.0, 0, 1, 0], [both, only_a, only_b, neither])
    return a, b


def test_right_or_wrong_is_exact():
    a, b = scores_of(260, 10, 10, 20)
    found = non_inferiority(a, b, rng=rng(), margin=0.03)
    cells = PairedCells(both=260, only_a=10, only_b=10, neither=20)
    assert found.p_within == p_difference_above(cells, -0.03)
    assert found.difference.level == 0.9


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [((900, 10, 12, 78), "shown"), ((800, 90, 30, 80), "not shown"), ((80, 4, 4, 12), "cannot tell")],
)
def test_verdicts(cells, verdict):
    assert non_inferiority(*scores_of(*cells), rng=rng(), margin=0.02).verdict == verdict


@settings(max_examples=20)
@given(st.integers(10, 200), st.integers(0, 30), st.integers(0, 30), st.floats(0.005, 0.2))
def test_the_interval_and_the_verdict_agree(both, only_a, only_b, margin):
    found = non_inferiority(*scores_of(both, only_a, only_b, 5), rng=rng(), margin=margin)
    low, high = found.difference.interval
    if found.verdict == "shown":
        assert low > -margin - 2e-3
    if found.verdict == "not shown":
        assert high < -margin + 2e-3


def test_false_claims_are_rare_at_the_margin():
    # b is truly 5 points worse, just at the margin: "shown" may come up in 5% of worlds. 300 worlds: three standard
    # errors are .038. Right or wrong, "shown" is p_within >= .95.
    generator, shown = rng(4), 0
    for _ in range(300):
        a, b = answers(generator, [0.85, 0.80], 200).T
        shown += p_difference_above(paired_cells(a, b), -0.05) >= 0.95
    assert shown / 300 < 0.088


@pytest.mark.parametrize("clustered", [False, True])
def test_false_claims_with_graded_scores(clustered):
    # The same with grades, alone or five to a customer whose tickets go wrong together. 150 worlds: .054.
    generator, shown = rng(6), 0
    customer = np.repeat(np.arange(40), 5)
    for _ in range(150):
        shared = np.repeat(generator.normal(0, 0.05, 40), 5) if clustered else 0.0
        a = 0.7 + generator.normal(0, 0.03, 200)
        b = 0.65 + shared + generator.normal(0, 0.03, 200)
        labels = customer if clustered else None
        found = non_inferiority(a, b, rng=generator, margin=0.05, clusters=labels, draws=600)
        shown += found.verdict == "shown"
    assert shown / 150 < 0.104


def test_the_real_small_model_with_a_verifier(real_data):
    # GSM8K: 6B with a verifier beats 175B fine-tuned by 4.3 points; the other way round it is not within one point.
    systems = gsm8k_systems(real_data)
    small, large = systems["6b_verification"], systems["175b_finetuning"]
    assert non_inferiority(large, small, rng=rng(), margin=0.01).verdict == "shown"
    assert non_inferiority(small, large, rng=rng(), margin=0.01).verdict == "not shown"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: non_inferiority([1, 0], [1, 0], rng=rng(), margin=0),
        lambda: non_inferiority([1, 0], [1, 0], rng=rng(), margin=1),
        lambda: non_inferiority([1, 0], [1, 0], rng=rng(), confidence=0.5),
        lambda: non_inferiority([1, 0], [1], rng=rng()),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()
