from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import (
    cases_for_non_inferiority,
    cases_to_settle,
    mcnemar,
    repeats_or_cases,
    variance_parts,
)
from tests.statistics.real import gsm8k_systems, repeats

Z975, Z95, Z80 = 1.9599640, 1.6448536, 0.8416212


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def scores_of(same: int, only_a: int, only_b: int) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat([1.0, 1, 0], [same, only_a, only_b]), np.repeat([1.0, 0, 1], [same, only_a, only_b])


def test_cases_to_settle_by_hand():
    # 7.5% disagreement, 5 points apart: (1.96·√.075 + .8416·√(.075 - .0025))² / .0025 = 233.1.
    needed = cases_to_settle(*scores_of(370, 5, 25), rng())
    by_hand = (Z975 * math.sqrt(0.075) + Z80 * math.sqrt(0.0725)) ** 2 / 0.0025
    assert needed.n == math.ceil(by_hand) == 234
    assert needed.low is not None
    assert needed.low < 234
    assert needed.high is None or needed.high > 234
    assert (needed.have, needed.more) == (400, 0)


def test_that_many_cases_do_settle_it():
    # The exact test at n = 234 finds the difference in about .8 of worlds; being exact it is a little below.
    # 2,000 worlds: standard error .009.
    generator = rng()
    counts = generator.multinomial(234, [0.0125, 0.0625, 0.925], 2000)
    found = np.mean([mcnemar(int(a), int(b)) <= 0.05 for a, b, _ in counts])
    assert 0.72 < found < 0.84


def test_no_difference_is_never_settled():
    needed = cases_to_settle(*scores_of(90, 5, 5), rng())
    assert (needed.n, needed.more, needed.high) == (None, None, None)


def test_no_disagreement_yet_is_not_none():
    # 30 cases without a difference: one case of disagreement in 32 stands in. (1.645 + .8416)² / 32 / .0001.
    needed = cases_for_non_inferiority(np.ones(30), np.ones(30), rng())
    assert needed.n == math.ceil((Z95 + Z80) ** 2 / 32 / 0.0001)


def test_many_cases_take_no_more_memory_than_their_kinds():
    # 30,000 right-or-wrong cases are three kinds of row; a weight for each case and draw would take 960 MB.
    tracemalloc.start()
    try:
        needed = cases_to_settle(*scores_of(29_000, 480, 520), rng())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    d, p = 40 / 30_000, 1_000 / 30_000
    assert needed.n == math.ceil((Z975 * math.sqrt(p) + Z80 * math.sqrt(p - d**2)) ** 2 / d**2)
    assert peak < 50e6


def test_the_range_is_that_of_the_posterior_of_the_difference():
    # The n cases: δ ~ N(.04, (.0744/n)^½) all but exactly, with D = .076. The favourable end is at its 90th percentile.
    same, only_a, only_b = 92_400, 1_800, 5_800
    needed = cases_to_settle(*scores_of(same, only_a, only_b), rng())
    n, d = 100_000, 0.04
    best = d + 1.2815516 * math.sqrt((0.076 - d**2) / n)
    by_hand = (Z975 * math.sqrt(0.076) + Z80 * math.sqrt(0.076 - best**2)) ** 2 / best**2
    assert needed.low == pytest.approx(by_hand, rel=0.02)


def test_graded_scores_by_hand():
    # Differences of .1 and -.05 in turn: mean .025, mean square .00625.
    a, b = np.full(100, 0.5), np.tile([0.6, 0.45], 50)
    by_hand = (Z975 * math.sqrt(0.00625) + Z80 * math.sqrt(0.00625 - 0.000625)) ** 2 / 0.000625
    assert cases_to_settle(a, b, rng()).n == math.ceil(by_hand)


def test_copies_in_clusters_need_as_many_more():
    a, b = scores_of(370, 5, 25)
    copied = cases_to_settle(np.repeat(a, 4), np.repeat(b, 4), rng(), clusters=np.repeat(np.arange(400), 4))
    assert copied.n == pytest.approx(4 * 234, abs=4)


def test_non_inferiority_by_hand():
    # Equally good, 7.5% disagreement, margin 2 points: (1.645 + .8416)² · .075 / .0004.
    needed = cases_for_non_inferiority(*scores_of(370, 5, 25), rng(), margin=0.02, assumed_difference=0)
    assert needed.n == math.ceil((Z95 + Z80) ** 2 * 0.075 / 0.0004)
    # As seen b is 5 points better, so 7 points of room.
    seen = cases_for_non_inferiority(*scores_of(370, 5, 25), rng(), margin=0.02)
    assert seen.n == math.ceil((Z95 + Z80) ** 2 * 0.0725 / 0.07**2)
    # The other way round it is worse than the margin: no number of cases shows it.
    assert cases_for_non_inferiority(*scores_of(370, 25, 5), rng(), margin=0.02).n is None


@pytest.mark.parametrize(
    ("mode", "of_runs", "of_items"), [("input", 0.0054, 0.0155), ("output", 0.0053, 0.0158)]
)
def test_real_run_noise_and_case_noise(real_data, mode, of_runs, of_items):
    # CRUXEval's page: 8,000 samples as if independent, against items as the unit.
    scores, items = repeats(real_data, mode)
    parts = variance_parts(scores, cases=items)
    assert scores.std() / math.sqrt(scores.size) == pytest.approx(of_runs, abs=5e-5)
    assert parts.error_from_runs is not None
    assert math.hypot(parts.error_from_cases, parts.error_from_runs) == pytest.approx(of_items, abs=5e-5)
    buy = repeats_or_cases(parts)
    assert buy.buy == "more cases"
    assert buy.best_repeats == 1
    assert buy.error_now == pytest.approx(of_items, abs=5e-5)
    # Twice as many items: √2 smaller. Twice as many runs: almost nothing.
    assert buy.error_more_cases == pytest.approx(buy.error_now / math.sqrt(2))
    assert buy.error_more_repeats > 0.97 * buy.error_now
    # Even where a new case costs a hundred runs, a case is run few times.
    assert 1 < repeats_or_cases(parts, cost_per_case=100).best_repeats < 10


def test_best_repeats_by_hand():
    # within = between = 1/6 (see test_intervals): √(1 · cost ratio). Cost 9: exactly 3.
    parts = variance_parts([1, 1, 1, 0, 0, 0], cases=list("aabbcc"))
    assert repeats_or_cases(parts, cost_per_case=9).best_repeats == 3
    # Now 2 runs a case and 3 cases for 33; 33 more buy 3 cases (error² 1/12 / 2), or 11 runs a case (1/18 + 2/13/36).
    buy = repeats_or_cases(parts, cost_per_case=9)
    assert buy.buy == "more cases"
    assert buy.error_more_cases == pytest.approx(math.sqrt(1 / 24))
    assert buy.error_more_repeats == pytest.approx(math.sqrt(1 / 18 + 2 / 13 / 36))


def test_cases_that_do_not_differ_are_worth_repeating():
    parts = variance_parts([1, 0, 0, 1, 1, 0, 1, 0], cases=list("aabbccdd"))
    assert parts.between == 0
    assert repeats_or_cases(parts, cost_per_case=1).best_repeats == 100


def test_real_pair_is_settled_by_what_there_is(real_data):
    systems = gsm8k_systems(real_data)
    needed = cases_to_settle(systems["175b_finetuning"], systems["6b_verification"], rng())
    assert needed.n is not None
    assert needed.n < 1319
    assert needed.more == 0


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (InputError, lambda: cases_to_settle([1, 0], [1], rng())),
        (InputError, lambda: cases_to_settle([1, 0], [1, 1], rng(), power=80)),
        (NotEnoughEvidenceError, lambda: cases_to_settle([1], [0], rng())),
        (InputError, lambda: cases_for_non_inferiority([1, 0], [1, 1], rng(), margin=0)),
        (NotEnoughEvidenceError, lambda: repeats_or_cases(variance_parts([1, 0], cases=[1, 2]))),
        (InputError, lambda: repeats_or_cases(variance_parts([1, 0, 1], cases=[1, 1, 2]), cost_per_run=0)),
    ],
)
def test_wrong_input_is_named(error, wrong):
    with pytest.raises(error):
        wrong()
