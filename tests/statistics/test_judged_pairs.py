from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import compare, judged_accuracy
from breakeven.statistics.judged_pairs import judged_difference, judged_mean_difference
from tests.statistics.worlds import holds


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def in_groups(generator, n: int, size: int, alike: float) -> np.ndarray:
    """(n,) standard normal, correlated by ``alike`` within groups of ``size``."""
    shared = np.repeat(generator.standard_normal(n // size), size)
    return np.asarray(np.sqrt(alike) * shared + np.sqrt(1 - alike) * generator.standard_normal(n))


def judged_pair(generator, *, n=400, labels=60, shares=(0.85, 0.85), size=1, alike=0.0):
    """Two candidates before a judge that passes 40% of what a gets wrong and 70% of what b gets wrong."""
    verdicts, human = [], []
    looked = generator.choice(n, labels, replace=False)
    hard = in_groups(generator, n, size, alike)
    for share, kind in zip(shares, (0.4, 0.7), strict=True):
        right = np.sqrt(0.5) * (hard + in_groups(generator, n, size, alike)) < special.ndtri(share)
        mood = special.ndtr(in_groups(generator, n, size, alike))
        verdicts.append((mood < np.where(right, 0.95, kind)).astype(int))
        labelled = np.full(n, np.nan)
        labelled[looked] = right[looked]
        human.append(labelled)
    return tuple(verdicts), tuple(human), np.repeat(np.arange(n // size), size)


def coverage(worlds: int, *, clustered: bool, seed: int, **world) -> tuple[float, float]:
    """Of nominal .90: of the corrected difference, and of the judge's own."""
    generator, corrected, raw = rng(seed), [], []
    shares = world.get("shares", (0.85, 0.85))
    for _ in range(worlds):
        verdicts, human, groups = judged_pair(generator, **world)
        clusters = groups if clustered else None
        try:
            found = judged_difference(verdicts, human, generator, clusters=clusters, level=0.9, draws=1000)
        except NotEnoughEvidenceError:
            continue  # a verdict that nobody looked at: nothing is stated
        corrected.append(holds(found.difference, shares[1] - shares[0]))
        alone = compare(*verdicts, rng=generator, clusters=clusters, level=0.9, draws=300).difference
        raw.append(holds(alone, shares[1] - shares[0]))
    return float(np.mean(corrected)), float(np.mean(raw))


def test_a_judge_that_favours_one_misses_and_the_corrected_difference_holds():
    # Simulated beforehand (400 worlds): corrected .90, judge alone .36. 200 worlds: standard error .021.
    corrected, raw = coverage(200, clustered=False, seed=2)
    assert raw < 0.5
    assert 0.84 < corrected < 0.96


def test_clusters_are_allowed_for():
    # 80 clusters of 5 with 100 labels; simulated beforehand: .92 with clusters, .83 without. Standard error .021.
    with_clusters, _ = coverage(200, clustered=True, seed=3, size=5, alike=0.4, labels=100)
    without, _ = coverage(200, clustered=False, seed=3, size=5, alike=0.4, labels=100)
    assert 0.85 < with_clusters < 0.97
    assert without < with_clusters - 0.03


def test_a_judged_share_in_clusters_holds():
    # 20 clusters of 20, 200 labels: simulated beforehand .87 with clusters, .65 without.
    generator, seen = rng(4), {True: 0, False: 0}
    for _ in range(150):
        verdicts, human, groups = judged_pair(generator, size=20, alike=0.4, labels=200)
        for clustered in seen:
            clusters = groups if clustered else None
            found = judged_accuracy(verdicts[0], human[0], generator, clusters=clusters, draws=500)
            seen[clustered] += holds(found.corrected, 0.85)
    assert seen[True] / 150 > 0.8
    assert seen[False] / 150 < 0.75


def test_with_every_case_labelled_the_judge_has_no_say():
    # 200 cases, 20 for b alone and 10 for a alone: the difference is .05 and its standard error √(.15 - .05²)/√200.
    a = np.array([1.0] * 150 + [0.0] * 20 + [1.0] * 10 + [0.0] * 20)
    b = np.array([1.0] * 150 + [1.0] * 20 + [0.0] * 10 + [0.0] * 20)
    said = np.tile([1, 1, 1, 0], 50)
    found = judged_difference((said, said), (a, b), rng(), level=0.9).difference
    low, high = found.interval
    assert found.value == pytest.approx(0.05, abs=0.006)
    assert (high - low) / (2 * 1.645) == pytest.approx(np.sqrt(0.15 - 0.05**2) / np.sqrt(200), rel=0.12)


def test_swapping_mirrors():
    verdicts, human, _ = judged_pair(rng(5), labels=120)
    there = judged_difference(verdicts, human, rng(), margin=0.02)
    back = judged_difference(verdicts[::-1], human[::-1], rng(), margin=0.02)
    assert there.difference.value == pytest.approx(-back.difference.value, abs=2e-3)
    assert there.difference.interval[0] == pytest.approx(-back.difference.interval[1], abs=5e-3)
    assert there.p_b_better == pytest.approx(1 - back.p_b_better, abs=0.015)


def test_the_labels_named_give_the_power_promised():
    # Planned for two equally good ones from a few studies, then run with that many: power 80%, standard error .033.
    generator, planned, shown = rng(6), [], 0
    for _ in range(10):
        verdicts, human, _ = judged_pair(generator, n=1500, labels=200)
        found = judged_difference(
            verdicts, human, generator, margin=0.06, level=0.9, assumed_difference=0, draws=500
        )
        assert found.labels_needed is not None
        planned.append(found.labels_needed.n or 1500)
    m = int(np.median(planned))
    assert 50 < m < 1000
    for _ in range(150):
        verdicts, human, _ = judged_pair(generator, n=1500, labels=m)
        found = judged_difference(verdicts, human, generator, margin=0.06, level=0.9, draws=1000)
        shown += found.inferiority.verdict == "shown"
    assert 0.7 < shown / 150 < 0.9


def test_labels_needed_by_hand():
    # The judge passes all: C = 0, S = 2·p(1 - p) where the labels of the two are of different cases, p = .8 with the
    # prior's label: m = z²·S/room², z = 1.2816 + .8416, room = margin.
    passed = np.ones(4000)
    labels = [np.full(4000, np.nan), np.full(4000, np.nan)]
    labels[0][:200] = labels[1][200:400] = np.tile([1, 1, 1, 1, 0], 40)
    found = judged_difference(
        (passed, passed), (labels[0], labels[1]), rng(), margin=0.05, level=0.9, assumed_difference=0
    )
    p = 160.5 / 201
    assert found.n_both == 0
    assert found.labels_needed is not None
    assert found.labels_needed.n == pytest.approx((1.28155 + 0.84162) ** 2 * 2 * p * (1 - p) / 0.05**2, abs=1)
    assert found.labels_needed.have == 200


def test_marks_hold_and_use_the_judge():
    # b's marks are .1 too high. 200 worlds, nominal .90: standard error .021.
    generator, held, alone, weights = rng(7), 0, 0, []
    for _ in range(200):
        truth = generator.beta(4, 1.5, (2, 600))
        said = np.clip(truth + generator.normal(0, 0.08, truth.shape) + np.array([[0.0], [0.1]]), 0, 1)
        human = np.where(np.arange(600) < 120, truth, np.nan)
        found = judged_mean_difference(tuple(said), tuple(human), generator, level=0.9, draws=1000)
        held += holds(found.difference, 0.0)
        weights.append(float(found.difference.method.split()[5].rstrip(",")))
        alone += holds(compare(*said, rng=generator, level=0.9, draws=200).difference, 0.0)
    assert 0.84 < held / 200 < 0.96
    assert alone / 200 < 0.1
    assert np.mean(weights) > 0.5


def test_marks_in_clusters_are_wider():
    generator = rng(8)
    truth = np.clip(0.6 + 0.15 * np.array([in_groups(generator, 600, 10, 0.5) for _ in range(2)]), 0, 1)
    human = np.where(np.arange(600) < 300, truth, np.nan)
    groups = np.repeat(np.arange(60), 10)
    plain, clustered = (
        judged_mean_difference(tuple(truth), tuple(human), rng(), clusters=c).difference
        for c in (None, groups)
    )
    assert clustered.n_clusters == 60
    assert clustered.interval[1] - clustered.interval[0] > 1.3 * (plain.interval[1] - plain.interval[0])


def test_wrong_input_is_named():
    ones, none = np.ones(80), np.full(80, np.nan)
    few = np.where(np.arange(80) < 40, 1.0, np.nan)
    with pytest.raises(NotEnoughEvidenceError, match="40 human labels on paired cases; at least 50"):
        judged_difference((ones, ones), (few, ones), rng())
    with pytest.raises(NotEnoughEvidenceError, match="0 human labels"):
        judged_difference((ones, ones), (ones, none), rng())
    split = np.where(np.arange(80) < 60, 1, 0)
    with pytest.raises(NotEnoughEvidenceError, match="the judge failed has a label"):
        judged_difference((split, ones), (np.where(split == 1, 1.0, np.nan), ones), rng())
    with pytest.raises(InputError, match="1 or 0"):
        judged_difference((ones * 0.5, ones), (ones, ones), rng())
    with pytest.raises(InputError, match="same cases"):
        judged_difference((ones, ones[:70]), (ones, ones[:70]), rng())
    with pytest.raises(NotEnoughEvidenceError, match="marked for both"):
        judged_mean_difference((ones, ones), (ones, ones), rng())
