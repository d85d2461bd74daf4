from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics import (
    cases_to_claim,
    clustered_wilson,
    exact_binomial,
    t_mean,
    variance_parts,
    wilson,
)

Z95 = 1.959963984540054
BOTH = pytest.mark.parametrize("interval", [wilson, exact_binomial])


def binomial_pmf(n: int, p: float) -> np.ndarray:
    k = np.arange(n + 1)
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(np.exp(ways + special.xlogy(k, p) + special.xlog1py(n - k, -p)))


def exact_coverage(interval, n: int, p: float) -> float:
    """Coverage without simulation: the probabilities of the counts whose interval holds the truth."""
    holds = [low <= p <= high for low, high in (interval(k, n) for k in range(n + 1))]
    return float(binomial_pmf(n, p) @ np.array(holds))


def textbook(k: int, n: int) -> tuple[float, float]:
    half = Z95 * math.sqrt(k / n * (1 - k / n) / n)
    return k / n - half, k / n + half


# Closed forms --------------------------------------------------------------------------------------


def test_wilson_solves_its_equation():
    # Its ends are the p at which |k/n - p| = z·sqrt(p(1-p)/n).
    for p in wilson(8, 10).interval:
        assert abs(0.8 - p) == pytest.approx(Z95 * math.sqrt(p * (1 - p) / 10))


def test_wilson_all_right():
    # With k = n the equation above gives low = n / (n + z²).
    assert wilson(50, 50).interval == pytest.approx((50 / (50 + Z95**2), 1.0))


def test_exact_binomial_all_right():
    # P(50 of 50) = p^50 = 0.025 at the lower end.
    assert exact_binomial(50, 50).interval == pytest.approx((0.025 ** (1 / 50), 1.0))
    assert exact_binomial(0, 50).interval == pytest.approx((0.0, 1 - 0.025 ** (1 / 50)))


def test_exact_binomial_tails():
    low, high = exact_binomial(3, 20).interval
    assert binomial_pmf(20, low)[3:].sum() == pytest.approx(0.025)
    assert binomial_pmf(20, high)[:4].sum() == pytest.approx(0.025)


def test_fifty_of_fifty_eval_cases():
    # Student's t(49) at .975 is 2.0096: 50 / (50 + 2.0096²) = .9253. The normal quantile would give .9287.
    estimate = clustered_wilson(np.ones(50))
    assert estimate.interval == pytest.approx((0.925, 1.0), abs=5e-4)


def test_all_right_in_clusters_counts_clusters():
    # Nothing is known of the correlation inside: ten customers are ten cases, with t(9) = 2.2622.
    estimate = clustered_wilson(np.ones(50), clusters=np.repeat(np.arange(10), 5))
    assert estimate.low == pytest.approx(10 / (10 + 2.2622**2), abs=1e-4)
    assert (estimate.n, estimate.n_clusters) == (50, 10)


def test_copies_in_clusters_count_once():
    # Five copies of each case: variance p(1-p)/20·20/19 per case, so n_effective = 19 with t(19), as for 20.
    scores = np.array([1.0] * 16 + [0.0] * 4)
    copies = clustered_wilson(np.repeat(scores, 5), clusters=np.repeat(np.arange(20), 5))
    assert copies.interval == pytest.approx(clustered_wilson(scores).interval)


def test_repeats_are_averaged_first():
    scores = [1, 0, 1, 1, 1, 1, 0, 0]
    cases = ["a", "a", "b", "b", "c", "c", "d", "d"]
    estimate = clustered_wilson(scores, cases=cases)
    assert estimate.n == 4
    assert estimate.value == pytest.approx(0.625)
    assert estimate.interval == pytest.approx(clustered_wilson([0.5, 1, 1, 0]).interval)


def test_repeats_stay_with_their_case_in_a_cluster_of_none():
    estimate = clustered_wilson(
        [1, 0, 1, 1, 0, 0],
        cases=["a", "a", "b", "b", "c", "c"],
        clusters=["k", "k", None, None, None, None],
    )
    assert (estimate.n, estimate.n_clusters) == (3, 3)


def test_t_mean_by_hand():
    # Mean 2, sd 1, n 3: half = 4.302653 / sqrt(3).
    estimate = t_mean([1, 2, 3])
    assert estimate.interval == pytest.approx((2 - 2.484138, 2 + 2.484138))


@pytest.mark.parametrize(("errors", "cases"), [(0, 59), (1, 93), (2, 124), (3, 153), (4, 181), (5, 208)])
def test_cases_to_claim_95_percent_right(errors, cases):
    assert cases_to_claim(0.95, errors=errors) == cases
    # One case fewer would not do: P(X <= errors) at the threshold exceeds 5%.
    assert binomial_pmf(cases - 1, 0.05)[: errors + 1].sum() > 0.05
    assert binomial_pmf(cases, 0.05)[: errors + 1].sum() <= 0.05


def test_small_units_are_not_taken_for_equal():
    # Dollars per token: the same three figures as above, 1e-13 times as large.
    low, high = t_mean([1e-13, 2e-13, 3e-13]).interval
    assert (low * 1e13, high * 1e13) == pytest.approx((2 - 2.484138, 2 + 2.484138))
    assert not t_mean([0.1 + 0.2, 0.3, 0.3]).enough


def test_variance_parts_by_hand():
    # Case means 1, .5, 0; within: two deviations of .5 each in one case: .5 / 3 spare runs = 1/6.
    # Variance of the means .25; less 1/6 · 1/2 = 1/12 → 1/6 between.
    parts = variance_parts([1, 1, 1, 0, 0, 0], cases=list("aabbcc"))
    assert parts.within == pytest.approx(1 / 6)
    assert parts.between == pytest.approx(1 / 6)
    assert parts.error_from_cases == pytest.approx(math.sqrt(1 / 18))
    assert parts.error_from_runs == pytest.approx(math.sqrt(1 / 36))


def test_variance_parts_without_repeats():
    parts = variance_parts([1, 0, 1, 1], cases=range(4))
    assert parts.within is None
    assert parts.error_from_runs is None
    assert parts.between == pytest.approx(0.25)


# Not enough data -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimate",
    [
        wilson(1, 1),
        exact_binomial(0, 1),
        clustered_wilson([1.0]),
        clustered_wilson([1, 0, 1], clusters=["k", "k", "k"]),
        clustered_wilson([1, 0, 1], cases=["a", "a", "a"]),
        t_mean([7.0]),
        t_mean([7.0, 7.0, 7.0]),
    ],
    ids=lambda e: f"{e.method}, n={e.n}",
)
def test_no_interval_where_there_is_not_enough(estimate):
    assert (estimate.low, estimate.high) == (None, None)


@pytest.mark.parametrize("empty", [lambda: wilson(0, 0), lambda: clustered_wilson([]), lambda: t_mean([])])
def test_nothing_at_all_is_an_error(empty):
    with pytest.raises(NotEnoughEvidenceError):
        empty()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: wilson(3, 2),
        lambda: exact_binomial(-1, 2),
        lambda: wilson(1, 2, level=95),
        lambda: clustered_wilson([0.5, 92.0]),
        lambda: clustered_wilson([0.5, math.nan]),
        lambda: clustered_wilson([[0.5, 1.0]]),
        lambda: clustered_wilson([0.5, 1.0], clusters=["k"]),
        lambda: clustered_wilson([0.5, 1.0], cases=["a", "a"], clusters=["k"]),
        lambda: clustered_wilson([0, 1, 1], cases=["a", "a", "b"], clusters=["k", "m", "m"]),
        lambda: t_mean([1.0, math.inf]),
        lambda: cases_to_claim(1.0),
        lambda: cases_to_claim(0.95, errors=-1),
    ],
)
def test_wrong_input_is_named(wrong):
    with pytest.raises(InputError):
        wrong()


# Properties ----------------------------------------------------------------------------------------


@BOTH
@given(n=st.integers(2, 500), data=st.data(), level=st.floats(0.5, 0.999))
def test_holds_its_value_and_stays_a_share(interval, n, data, level):
    estimate = interval(data.draw(st.integers(0, n)), n, level=level)
    low, high = estimate.interval
    assert 0 <= low <= estimate.value <= high <= 1
    assert low < high


@BOTH
@given(n=st.integers(2, 300), data=st.data())
def test_right_and_wrong_mirror(interval, n, data):
    k = data.draw(st.integers(0, n))
    low, high = interval(k, n).interval
    assert interval(n - k, n).interval == pytest.approx((1 - high, 1 - low))


@BOTH
@given(n=st.integers(2, 300), data=st.data())
def test_one_more_success_never_lowers_it(interval, n, data):
    k = data.draw(st.integers(0, n - 1))
    less, more = interval(k, n).interval, interval(k + 1, n).interval
    assert less[0] <= more[0]
    assert less[1] <= more[1]


@given(n=st.integers(2, 300), data=st.data(), level=st.floats(0.5, 0.98))
def test_a_higher_level_is_wider(n, data, level):
    k = data.draw(st.integers(0, n))
    narrow, wide = wilson(k, n, level=level).interval, wilson(k, n, level=level + 0.01).interval
    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


@given(
    scores=st.lists(st.floats(0, 1), min_size=2, max_size=40),
    data=st.data(),
)
def test_clustered_wilson_holds_its_value_whatever_the_grouping(scores, data):
    labels = data.draw(
        st.lists(st.sampled_from(["k", "m", None]), min_size=len(scores), max_size=len(scores))
    )
    estimate = clustered_wilson(scores, clusters=labels)
    assume(estimate.enough)
    low, high = estimate.interval
    assert 0 <= low <= estimate.value <= high <= 1
    assert low < high


@given(scores=st.lists(st.floats(0, 1), min_size=2, max_size=40), data=st.data())
def test_the_order_of_cases_does_not_matter(scores, data):
    labels = data.draw(st.lists(st.sampled_from("kmo"), min_size=len(scores), max_size=len(scores)))
    order = data.draw(st.permutations(range(len(scores))))
    one = clustered_wilson(scores, clusters=labels)
    other = clustered_wilson([scores[i] for i in order], clusters=[labels[i] for i in order])
    assert one.enough == other.enough
    if one.enough:
        assert other.interval == pytest.approx(one.interval, abs=1e-6)


# Coverage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "p", "of_textbook", "of_wilson"), [(100, 0.92, 0.896, 0.961), (30, 0.98, 0.452, 0.977)]
)
def test_coverage_of_nominal_95(n, p, of_textbook, of_wilson):
    # The published figures were simulated; these are exact, so they agree to simulation error.
    assert exact_coverage(textbook, n, p) == pytest.approx(of_textbook, abs=0.004)
    assert exact_coverage(lambda k, m: wilson(k, m).interval, n, p) == pytest.approx(of_wilson, abs=0.004)


@pytest.mark.parametrize(("n", "p"), [(100, 0.92), (30, 0.98), (60, 0.5)])
def test_exact_binomial_never_covers_less(n, p):
    assert exact_coverage(lambda k, m: exact_binomial(k, m).interval, n, p) >= 0.95


def test_coverage_with_clusters():
    # 20 clusters of 5, correlation .2 (beta-binomial), 92% right: the naive interval covers about .78, the
    # cluster-robust normal one .87, clustered Wilson .94. 1,500 runs: standard error at most .011.
    rng = np.random.default_rng(20)
    runs, groups, size, share, icc = 1500, 20, 5, 0.92, 0.2
    weight = (1 - icc) / icc
    means = rng.beta(share * weight, (1 - share) * weight, (runs, groups, 1))
    worlds = (rng.random((runs, groups, size)) < means).astype(float).reshape(runs, -1)
    clusters = np.repeat(np.arange(groups), size)
    naive = robust = covered = 0
    for scores in worlds:
        p = scores.mean()
        naive += abs(p - share) <= Z95 * math.sqrt(p * (1 - p) / scores.size)
        sums = (scores - p).reshape(groups, size).sum(axis=1)
        robust += abs(p - share) <= Z95 * math.sqrt((sums**2).sum()) / scores.size
        low, high = clustered_wilson(scores, clusters=clusters).interval
        covered += low <= share <= high
    assert naive / runs == pytest.approx(0.78, abs=0.03)
    assert robust / runs == pytest.approx(0.87, abs=0.03)
    assert covered / runs == pytest.approx(0.94, abs=0.03)


def test_real_repeats_are_no_new_cases(real_data):
    # CRUXEval: 800 items, ten runs each. With items as the unit the standard error is .0155, not .0054.
    with (real_data("cruxeval_repeats") / "repeats.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["mode"] == "input"]
    scores = [int(digit) for row in rows for digit in row["outcomes"]]
    cases = [row["item"] for row in rows for _ in row["outcomes"]]
    estimate = clustered_wilson(scores, cases=cases)
    low, high = estimate.interval
    assert estimate.value == pytest.approx(0.3595, abs=1e-4)
    assert estimate.n == 800
    assert (high - low) / (2 * Z95) == pytest.approx(0.0155, abs=2e-4)
    parts = variance_parts(scores, cases=cases)
    assert parts.error_from_runs is not None
    assert parts.error_from_cases > 4 * parts.error_from_runs


def test_real_cascade_against_the_best_single_model(real_data):
    # FrugalGPT, HEADLINES, accuracies over 5,000 rows: the cascade's lies above the whole interval of the best single
    # model, and that model's below the cascade's; the two that tie at .8422 lie below both.
    path = real_data("frugalgpt_headlines") / "summary_HEADLINES_e8_full_2024.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    best: dict[str, float] = {}
    for row in rows:
        best[row["Method"]] = max(best.get(row["Method"], 0.0), float(row["Test_acc"]))
    assert best["gemini-1.5-flash-8b"] == best["claude-3-5-sonnet-20240620"] == 0.8422
    assert max(best, key=lambda name: best[name]) == "FrugalGPT"
    cascade, single, small = (
        wilson(round(5000 * best[name]), 5000) for name in ("FrugalGPT", "gpt-4-turbo", "gemini-1.5-flash-8b")
    )
    assert (cascade.value, single.value) == (0.8746, 0.8558)
    assert single.interval[1] < cascade.value
    assert cascade.interval[0] > single.value
    assert small.interval[1] < single.value
    # Standard error by hand: √(.8558 · .1442 / 5000) = .00497.
    assert single.interval[1] - single.interval[0] == pytest.approx(2 * Z95 * 0.00497, rel=2e-3)
