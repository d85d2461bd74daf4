"""The spread of the published gain from tuning, as docs/reference/quality-prior.md states it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.statistics import prior, published_gain_points

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "quality-prior.md"
GAINS = prior.published_midpoints_points()


def test_midpoints_by_hand():
    # Sentiment: (93 + 96)/2 - (88 + 92)/2. Reasoning is the one that tuning makes worse.
    assert published_gain_points("sentiment-classification") == (4.5, prior.GAIN_SD_POINTS)
    assert published_gain_points("reasoning")[0] == -3
    assert GAINS.tolist() == [4.5, 7.5, 6.5, 12, 2, 2.5, 16, 7.5, 3.5, -3]


def test_the_spread_is_the_one_that_is_published():
    spread = prior.spread_for_share(GAINS, prior.TARGET_SHARE)
    assert spread == pytest.approx(9.93, abs=0.005)
    assert round(spread) == prior.GAIN_SD_POINTS


def test_with_it_tuning_wins_as_often_as_it_did():
    share = prior.share_tuned_better(GAINS, prior.GAIN_SD_POINTS)
    won, tasks = prior.WINS_ACCURACY_TASKS
    all_won, all_tasks = prior.WINS_ALL_TASKS
    assert won / tasks < share < all_won / all_tasks
    assert share == pytest.approx(prior.TARGET_SHARE, abs=0.005)


def test_the_two_shares_bound_the_spread():
    won, tasks = prior.WINS_ALL_TASKS
    assert prior.spread_for_share(GAINS, won / tasks) == pytest.approx(7.4, abs=0.05)
    won, tasks = prior.WINS_ACCURACY_TASKS
    assert prior.spread_for_share(GAINS, won / tasks) == pytest.approx(14.7, abs=0.05)


def test_the_printed_bands_alone_are_too_sure():
    # Bands read as 90% intervals: half-widths over 1.645, added in squares.
    bands = prior.PUBLISHED_BANDS.values()
    spreads = [np.hypot(np.ptp(band.prompt), np.ptp(band.tuned)) / 2 / 1.645 for band in bands]
    shares = [prior.share_tuned_better([b.gain_points], s) for b, s in zip(bands, spreads, strict=True)]
    assert np.mean(spreads) == pytest.approx(2.4, abs=0.05)
    assert np.mean(shares) == pytest.approx(0.87, abs=0.005)
    assert sum(share > 0.99 for share in shares) == 6


def test_the_page_states_these_figures():
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([−+][\d.]+) \| (\d+)% \|$", page, re.MULTILINE)
    printed = {task: (float(gain.replace("−", "-")), int(p)) for task, gain, p in rows}
    expected = {
        task: (
            band.gain_points,
            round(100 * prior.share_tuned_better([band.gain_points], prior.GAIN_SD_POINTS)),
        )
        for task, band in prior.PUBLISHED_BANDS.items()
    }
    assert printed == expected


@given(st.floats(0.51, 0.89))
def test_spread_for_share_is_the_inverse(share):
    spread = prior.spread_for_share(GAINS, share)
    assert prior.share_tuned_better(GAINS, spread) == pytest.approx(share, abs=1e-9)


@given(st.floats(2, 100), st.floats(1.01, 3))
def test_a_wider_spread_is_less_sure(spread, factor):
    positive = GAINS[GAINS > 0]
    assert prior.share_tuned_better(positive, spread * factor) < prior.share_tuned_better(positive, spread)


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="sentiment-classification"):
        published_gain_points("sentiment-clasification")
    with pytest.raises(InputError, match="reasoning"):
        published_gain_points("zzz")
    with pytest.raises(InputError, match="above 0"):
        prior.share_tuned_better(GAINS, 0)
    with pytest.raises(InputError, match="lies between"):
        prior.spread_for_share(GAINS, 0.99)
