from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import judged_accuracy, judged_mean, labels_for_claim, labels_for_half_width
from tests.statistics.worlds import holds


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def judged_world(
    generator, *, n=400, labels=60, share=0.85, passes_right=0.97, passes_wrong=0.6
) -> tuple[np.ndarray, np.ndarray]:
    """Verdicts of a lenient judge on n cases, and people's labels on some."""
    right = generator.random(n) < share
    verdict = generator.random(n) < np.where(right, passes_right, passes_wrong)
    human = np.full(n, np.nan)
    looked = generator.choice(n, labels, replace=False)
    human[looked] = right[looked]
    return verdict.astype(int), human


def test_a_raw_judge_misses_and_a_corrected_one_holds():
    # Published: raw .08-.22 at nominal .90, corrected .90-.92. 300 worlds: standard error .018.
    generator, raw, corrected = rng(), 0, 0
    for _ in range(300):
        found = judged_accuracy(*judged_world(generator), generator, draws=800)
        assert found.raw is not None
        raw += holds(found.raw, 0.85)
        corrected += holds(found.corrected, 0.85)
    assert raw / 300 < 0.22
    assert 0.85 < corrected / 300 < 0.95


@pytest.mark.parametrize(("share", "labels"), [(0.825, 50), (0.84, 100), (0.855, 50)])
def test_the_published_coverages_of_a_judge_come_out(share, labels):
    # The world that gives the published figures (raw .08-.22 at nominal .90, corrected .90-.92): 400 cases and a judge
    # that passes 90% of right and 20% of wrong answers, so that its own rate is 2.4 to 2.9 standard errors too low.
    # 1,000 worlds gave .19 at a share of .83, .10 at .85, corrected .89 to .91. Here 400: standard errors .018, .015.
    generator, raw, corrected = rng(4), 0, 0
    for _ in range(400):
        world = judged_world(generator, labels=labels, share=share, passes_right=0.9, passes_wrong=0.2)
        found = judged_accuracy(*world, generator, draws=600)
        assert found.raw is not None
        raw += holds(found.raw, share)
        corrected += holds(found.corrected, share)
    assert 0.05 < raw / 400 < 0.26
    assert 0.86 < corrected / 400 < 0.95


def test_with_every_case_labelled_the_judge_has_no_say():
    # 80 of 100 right; what the judge said moves the mean by its priors only.
    human = np.array([1.0] * 80 + [0.0] * 20)
    found = judged_accuracy(np.tile([0, 1], 50), human, rng())
    assert found.corrected.value == pytest.approx(0.8, abs=0.01)
    low, high = found.corrected.interval
    assert (high - low) / (2 * 1.645) == pytest.approx(math.sqrt(0.8 * 0.2 / 100), rel=0.08)


def test_strata_are_counted():
    found = judged_accuracy(["pass", "fail", "pass", "unsure"], [1, 0, np.nan, np.nan], rng())
    assert [(s.verdict, s.n_cases, s.n_labels, s.n_right) for s in found.strata] == [
        ("pass", 2, 1, 1), ("fail", 1, 1, 0), ("unsure", 1, 0, 0)
    ]  # fmt: skip
    assert found.raw is None
    assert not found.enough_labels


def test_labels_needed_by_hand():
    # A judge that always passes tells nothing: labels m on 10,000 cases with (z/0.02)² · p(1-p), p = .8; the sample of
    # cases is large.
    verdicts, human = np.ones(10_000, dtype=int), np.full(10_000, np.nan)
    human[:200] = np.tile([1, 1, 1, 1, 0], 40)
    found = judged_accuracy(verdicts, human, rng())
    p = 160.5 / 201
    needed = labels_for_half_width(found, 0.02, level=0.90)
    assert needed.n == math.ceil((1.6448536 / 0.02) ** 2 * p * (1 - p))
    assert needed.low is not None
    assert needed.high is not None
    assert needed.low < needed.n < needed.high
    assert needed.more == needed.n - 200
    claim = labels_for_claim(found, 0.75)
    assert claim.n == math.ceil((1.6448536 / (p - 0.75)) ** 2 * p * (1 - p))
    assert "above 75.0%" in claim.purpose


def test_a_width_that_these_cases_can_not_give():
    found = judged_accuracy(*judged_world(rng()), rng())
    needed = labels_for_half_width(found, 0.005)
    assert (needed.n, needed.more) == (None, None)
    assert labels_for_claim(found, found.corrected.value).n is None


def test_ppi_holds_and_saves_labels():
    # Grades with a judge .1 too kind. 400 worlds, nominal .90: standard error .015.
    generator, corrected, raw, saved = rng(3), 0, 0, []
    for _ in range(400):
        truth = generator.beta(4, 1.5, 800)
        judge = np.clip(truth + 0.1 + generator.normal(0, 0.1, 800), 0, 1)
        human = np.where(np.arange(800) < 120, truth, np.nan)
        found = judged_mean(judge, human)
        corrected += holds(found.corrected, 4 / 5.5)
        raw += holds(found.raw, 4 / 5.5)
        saved.append(found.labels_saved)
    assert raw == 0
    assert 0.85 < corrected / 400 < 0.95
    assert np.mean(saved) > 60


def test_a_judge_that_knows_nothing_is_left_out():
    generator = rng()
    human = np.where(np.arange(3000) < 600, generator.beta(4, 1.5, 3000), np.nan)
    found = judged_mean(generator.random(3000), human)
    alone = judged_mean(np.full(3000, 0.5), human)
    assert found.weight < 0.1
    assert alone.weight == 0
    assert found.corrected.value == pytest.approx(alone.corrected.value, abs=3e-3)


def test_few_human_grades_stand_alone():
    human = np.where(np.arange(500) < 99, np.linspace(0, 1, 500), np.nan)
    found = judged_mean(np.linspace(0, 1, 500), human)
    assert found.weight == 0
    assert found.corrected.method == "Student's t"
    assert found.corrected.n == 99


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 60))
def test_more_right_labels_never_lower_it(right, wrong, unlabelled):
    human = np.array([1.0] * (right + 1) + [0.0] * wrong + [np.nan] * unlabelled)
    better = human.copy()
    if wrong:
        better[right + 1] = 1.0
    verdicts = np.ones(human.size, dtype=int)
    one, two = (judged_accuracy(verdicts, labels, rng()).corrected for labels in (human, better))
    assert two.value >= one.value - 5e-3


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (NotEnoughEvidenceError, lambda: judged_accuracy([1, 0], [np.nan, np.nan], rng())),
        (InputError, lambda: judged_accuracy([1, 0], [0.5, 1], rng())),
        (InputError, lambda: judged_accuracy([1, 0, 1], [0, 1], rng())),
        (InputError, lambda: judged_accuracy([1, 0], [[0, 1]], rng())),
        (InputError, lambda: judged_accuracy([1, 0], [0, 1], rng(), draws=0)),
        (InputError, lambda: judged_mean([0.5, 0.6], [0.5])),
        (InputError, lambda: judged_mean([0.5, 0.6], [0.5, 7])),
        (InputError, lambda: labels_for_half_width(judged_accuracy([1, 0], [0, 1], rng()), 0)),
    ],
)
def test_wrong_input_is_named(error, wrong):
    with pytest.raises(error):
        wrong()
