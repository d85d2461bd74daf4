from __future__ import annotations

import numpy as np
import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import compare_several
from tests.statistics.real import gsm8k_systems, zeroeval
from tests.statistics.worlds import answers


def rng(seed: int = 9) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_equal_candidates_are_seldom_told_apart():
    # Six equally good: 15 pairs. At 95% together, one world in twenty may have a settled pair; compared one by one
    # (±1.96) far more. 150 worlds: three standard errors are .053.
    generator, together, alone = rng(), 0, 0
    for _ in range(150):
        found = compare_several(answers(generator, [0.84] * 6, 200), generator, draws=1000)
        together += any(c.settled for c in found.contrasts)
        alone += any(min(c.p_b_better, 1 - c.p_b_better) < 0.025 for c in found.contrasts)
    assert together / 150 < 0.103
    assert alone / 150 > 0.2


def test_all_intervals_hold_together():
    generator, held = rng(2), 0
    shares = np.array([0.75, 0.8, 0.8, 0.9])
    for _ in range(120):
        found = compare_several(answers(generator, shares, 150), generator, draws=1000)
        held += all(
            c.difference.interval[0] <= shares[c.b] - shares[c.a] <= c.difference.interval[1]
            for c in found.contrasts
        )
    assert held / 120 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 120)


def test_two_candidates_are_one_comparison():
    found = compare_several(answers(rng(), [0.7, 0.8], 400), rng())
    assert found.multiplier == pytest.approx(1.97, abs=0.04)  # t(399), and the draws' own noise
    [only] = found.contrasts
    assert only.p_b_better == pytest.approx(found.p_best[1], abs=1e-9)


def test_against_a_reference_is_narrower_than_all_pairs():
    scores = answers(rng(), [0.7, 0.75, 0.75, 0.8, 0.72], 300)
    every, against = compare_several(scores, rng()), compare_several(scores, rng(), reference=0)
    assert len(every.contrasts) == 10
    assert [(c.a, c.b) for c in against.contrasts] == [(0, 1), (0, 2), (0, 3), (0, 4)]
    assert against.multiplier < every.multiplier


def test_order_changes_signs_and_nothing_else():
    scores = answers(rng(), [0.7, 0.75, 0.8], 300)
    order = [2, 0, 1]
    plain = {(c.a, c.b): c for c in compare_several(scores, rng()).contrasts}
    turned = compare_several(scores[:, order], rng(1))
    for c in turned.contrasts:
        a, b = order[c.a], order[c.b]
        same = plain.get((a, b)) or plain[b, a]
        sign = 1 if (a, b) in plain else -1
        assert c.difference.value == pytest.approx(sign * same.difference.value)
        # 20,000 draws: standard error of an adjusted p about .008, from its own draws and from the ratio's.
        assert c.p_adjusted == pytest.approx(same.p_adjusted, abs=0.04)


def test_p_adjusted_agrees_with_the_interval():
    found = compare_several(answers(rng(4), [0.7, 0.75, 0.8, 0.82], 200), rng())
    for c in found.contrasts:
        low, high = c.difference.interval
        if abs(c.p_adjusted - 0.05) > 0.005:
            assert c.settled == (c.p_adjusted < 0.05)
        assert low <= c.difference.value <= high


def test_real_systems(real_data):
    # GSM8K: all five pairs of the data set's page are told apart also when all six are looked at (the closest has an
    # exact p of .003), and the large model with a verifier is the best.
    systems = gsm8k_systems(real_data)
    names = list(systems)
    found = compare_several(np.column_stack(list(systems.values())), rng())
    assert all(c.settled for c in found.contrasts)
    assert found.p_best[names.index("175b_verification")] > 0.999


def test_dozens_of_real_models(real_data):
    names, scores = zeroeval(real_data)
    found = compare_several(scores, rng(), reference=names.index("gpt-4o-2024-08-06"), draws=2000)
    assert len(found.contrasts) == len(names) - 1
    by_name = {names[c.b]: c for c in found.contrasts}
    assert not by_name["claude-3-5-sonnet-20241022"].settled  # .9666 against .9621
    assert by_name["claude-3-haiku-20240307"].settled
    assert 2.5 < found.multiplier < 3.6


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (InputError, lambda: compare_several([[1], [0]], rng())),
        (InputError, lambda: compare_several([[1, 0], [0, 1]], rng(), reference=2)),
        (NotEnoughEvidenceError, lambda: compare_several([[1, 0]], rng())),
        (NotEnoughEvidenceError, lambda: compare_several([[1, 0], [0, 1]], rng(), clusters=["k", "k"])),
    ],
)
def test_wrong_input_is_named(error, wrong):
    with pytest.raises(error):
        wrong()
