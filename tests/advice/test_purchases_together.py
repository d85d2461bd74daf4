"""Two purchases as one: what they show together, what they share, and when the pair is not advised."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from breakeven.advice.purchases import CaseSet, Finding, Offer, Scene
from breakeven.advice.purchases.combined import combined
from breakeven.beliefs import Values
from breakeven.statistics import unit_normal_loss
from breakeven.statistics.information import value_of_input
from tests.examples.studies import sampled, study

N = 20_000


@cache
def scene() -> Scene:
    """A scene: a pair needs it only for its stream of chance."""
    opened = study("with-evals")
    return Scene(study=opened, draws=opened.sample(N, 0), qualities={}, seed=3)


def offer(what: str, seen: Values, cost: float | None = 10.0, cases: CaseSet | None = None) -> Offer:
    return Offer(
        what=what, ask=f"the {{cost}} {what}", informs=(what,), cost_usd=cost, days=3.0, cases=cases,
        findings=(Finding(words=f"{what} says", values=seen, kind="points"),),
    )  # fmt: skip


def both(first: Offer, second: Offer) -> Offer:
    found = combined(scene(), first, second)
    assert found is not None
    return found


def columns(found: Offer) -> Values:
    return np.stack([f.values for f in found.findings if not f.derived], axis=1)


def test_two_independent_normal_results_are_worth_the_closed_form():
    # Net benefit (0, a + b), a ~ N(0.5, 1), b ~ N(−0.2, 2), each seen with an error of 1. The posterior mean of the sum
    # is normal with mean 0.3 and variance 1/(1 + 1) + 2⁴/(2² + 1) = 0.5 + 3.2; for ONE of them it is its own term.
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.5, 1, N), rng.normal(-0.2, 2, N)
    first, second = (offer(w, x + rng.standard_normal(N)) for w, x in (("a", a), ("b", b)))
    benefit = np.stack([np.zeros(N), a + b], axis=1)
    for found, variance in ((first, 0.5), (second, 3.2), (both(first, second), 3.7)):
        worth = value_of_input(columns(found), benefit)
        closed = float(unit_normal_loss(0.3, variance**0.5))
        assert worth.cross_fitted == pytest.approx(closed, abs=4 * worth.cross_fitted_error)


def test_a_product_is_seen_only_together():
    # Net benefit (0, a·b): either sign alone says nothing, both say all: E[max(0, ab)] = E|a|·E|b|/2 = 1/π.
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal(N), rng.standard_normal(N)
    benefit = np.stack([np.zeros(N), a * b], axis=1)
    alone, other = offer("a", a), offer("b", b)
    assert value_of_input(columns(alone), benefit).cross_fitted < 0.02
    assert value_of_input(columns(both(alone, other)), benefit).cross_fitted == pytest.approx(
        1 / np.pi, rel=0.05
    )


def sets() -> tuple[Offer, Offer]:
    """A pilot on 200 cases for $50 besides, and 500 cases for who serves today; a label costs $1."""
    truth = {"pilot of tuned": np.full(N, 0.9), "prompt": np.full(N, 0.85)}
    usd = {"pilot of tuned": 0.02, "prompt": 0.01}
    few = CaseSet(count=200, label_usd=1.0, truths=truth, answer_usd=usd, against="prompt")
    many = CaseSet(
        count=500, label_usd=1.0, truths={"prompt": truth["prompt"]}, answer_usd={"prompt": 0.01}, against="prompt",
    )  # fmt: skip
    pilot = offer("pilot", np.zeros(N), 50 + few.usd(200), few)
    return pilot, replace(offer("cases", np.zeros(N), many.usd(500), many), days=10.0, ask="cases for {cost}")


def test_shared_cases_are_paid_once_and_all_are_scored_on_the_larger_set():
    pilot, cases = sets()
    # Apart: 50 + 200·(1 + 0.02 + 0.01) = 256, and 500·1.01 = 505. Together: 50 + 500·1.03.
    assert [pilot.cost_usd, cases.cost_usd] == pytest.approx([256, 505])
    for found in (both(pilot, cases), both(cases, pilot)):
        assert found.cost_usd == pytest.approx(565)
        assert found.days == 10
        [gain] = found.findings  # today's true score is known: seeing it again tells nothing
        assert (gain.words, gain.on) == ("pilot of tuned gains", "over prompt on the same 500 cases")
        assert gain.values.mean() == pytest.approx(0.05, abs=0.001)
        # Half of the cases are equally hard for all: there the two differ by 5 points only.
        shared, own = 0.05 * 0.95, 0.9 * 0.1 + 0.85 * 0.15
        assert gain.values.std() == pytest.approx((250 * (shared + own)) ** 0.5 / 500, rel=0.03)


def test_the_pair_asks_in_one_sentence():
    pilot, cases = sets()
    found = both(pilot, replace(cases, ask="a price quote for tuned, {cost} of work"))
    assert found.ask == "the pilot and a price quote for tuned for {cost}"
    assert both(pilot, cases).ask == "the pilot and cases for {cost}"
    assert found.what == "pilot + cases"
    assert found.informs == ("pilot", "cases")


def test_what_can_not_be_paired():
    one, other = offer("a", np.zeros(N)), offer("b", np.zeros(N))
    assert combined(scene(), one, replace(other, cost_usd=None)) is None
    assert combined(scene(), one, replace(other, informs=("a", "c"))) is None  # the same belief twice


def test_a_pair_is_ranked_by_what_it_adds():
    found = sampled("small-classifier")
    pair = next(p for p in found.buy_next if p.kind == "eval-cases+error-cost")
    cases = found.purchase
    study_ = next(p for p in found.buy_next if p.kind == "error-cost")
    assert cases is not None
    # Each knows a part of the same $13K: together more than either, less than both.
    assert cases.value_usd < pair.value_usd < min(found.evpi_usd, cases.value_usd + study_.value_usd)
    assert pair.cost_usd == pytest.approx((cases.cost_usd or 0) + (study_.cost_usd or 0))
    assert pair.because == "it adds less to 500 more eval cases than it costs"
    assert not pair.worth_it


@pytest.mark.parametrize("name", ["retiring-base", "with-training-data"])
def test_an_advised_pair_beats_its_parts(name: str):
    found = sampled(name)
    pair = found.purchase
    assert pair is not None
    assert "+" in pair.kind
    alone = [p for p in found.buy_next if p.what in pair.what.split(" + ")]
    assert len(alone) == 2
    assert all(p.net_usd is not None and pair.net_usd is not None and pair.net_usd > p.net_usd for p in alone)
    assert pair.days == max(p.days for p in alone)
    assert len({branch.candidate for branch in pair.rule}) > 1
    assert sum(branch.p for branch in pair.rule) == pytest.approx(1)
    assert pair.value_usd <= found.evpi_usd
