"""What to buy next, argued from first principles for every example, and the parts that the arguments rest on."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from breakeven.advice.buying import BUYING_DRAWS, buy_next
from breakeven.advice.decide import decide
from breakeven.advice.purchases import PURCHASES, Finding, Offer, PurchaseKind
from breakeven.advice.purchases.offer import scored
from breakeven.advice.ranking import rank
from breakeven.economics import simulate
from breakeven.report.as_json import to_dict
from breakeven.report.page import to_page
from breakeven.report.terminal import to_text
from breakeven.statistics import normal_evsi
from tests.examples.studies import NAMES, sampled, study

NOTHING = {
    # Money alone: every price, token and quality is stated as a point, so no draw ever changes the leader. What is
    # left open (default retries, upkeep) is paid on both sides or is far too small to turn it.
    "break-even-volume", "code-generation", "hundred-k", "loan-documents-50k", "startup-100k", "startup-10m",
    # 17.8M calls would be needed, 8M are there: no quote or log moves that by half.
    "caching-flips",
    # The tuned model costs more at any volume and errors have no price: no result can make it cheaper.
    "content-generation", "entity-extraction",
    # Tuned can not be chosen: without a price of errors its likely loss of quality bars it. One candidate is left.
    "complex-analysis",
    # 12 points at $150 an error are $3.6M a month: what would turn that is beyond every range. And each day of
    # waiting forgoes more than $100K.
    "insurance-claims",
    # tuned leads by $10M; cascade passes it in 3% of worlds, and the 65K that a week of waiting costs are more than
    # all that knowing everything is worth (35K).
    "loan-documents",
    # own leads in 9 of 10 worlds by the bill, which hangs on growth and peaks that 14 days of logs do not show. A
    # pilot shows quality, which has no price here. The prompt's score is no part of a difference in bills.
    "self-hosted",
    # $287 over three years: less than a day of anybody's work.
    "simple-classification",
    # The server alone costs 33 times today's bill, and errors have no price: no evidence closes that.
    "support-chatbot",
    # $30K to save $12 a month.
    "support-tickets",
    # 14 against 5 of 150 is already 98% sure. 500 more cases would turn 3% of results; that is worth a thousand
    # dollars, and ten days of waiting forgo more.
    "with-evals",
}  # fmt: skip

BOUGHT = {
    # 150 cases, 5 points apart or less, near the point where the classifier's errors eat what its calls save: a coin
    # toss with $13K of regret. A label costs 20 cents to a dollar, so 500 cases cost a few hundred: the most precise
    # first.
    "small-classifier": ("eval-cases", "500 more eval cases", {"small", "prompt"}),
    # prompt was never scored: 88% to 94% against a known 93.5%, at 10M calls and cents an error. Each point is worth
    # about $200K, so a standard error of 1.2 points (500 cases) tells most of what can be told. The tuned model
    # at Azure is the same base on the same examples: nothing to pilot.
    # What an error costs is believed apart from all scores, and says how much each point is worth: for $1.7K more it
    # turns the results that lie near the middle.
    "retiring-base": (
        "eval-cases+error-cost", "500 more eval cases + time study of 30 errors", {"prompt", "tuned at azure"},
    ),
    # larger is believed 7.5 points above the prompt, give or take 10 and capped by its labels; a point is worth $30K.
    # Its 399 labels are at hand, so a pilot costs one run and its scoring: about $1.5K. On 500 cases instead of its own
    # 200 the gain is half again as sharp, and the other two are scored on them: for a few hundred dollars.
    "with-training-data": (
        "pilot+eval-cases", "pilot fine-tune of larger on 399 labels + 500 more eval cases", {"pilot", "larger"},
    ),
}  # fmt: skip


def test_every_example_is_argued():
    assert set(BOUGHT) | NOTHING == set(NAMES)


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_nothing_is_worth_buying(name):
    found = sampled(name)
    assert found.purchase is None
    assert all(p.because for p in found.buy_next)
    assert "Buy" not in found.recommendation.headline


@pytest.mark.parametrize("name", sorted(BOUGHT))
def test_what_is_bought_first(name):
    kind, what, leads_to = BOUGHT[name]
    found = sampled(name)
    p = found.purchase
    assert p is not None
    assert (p.kind, p.what) == (kind, what)
    assert {branch.candidate for branch in p.rule} == leads_to
    assert sum(branch.p for branch in p.rule) == pytest.approx(1)
    words = what.replace(" on 399 labels", "").split(" + ")
    bought = " and ".join(word if word[0].isdigit() else f"the {word}" for word in words)
    assert found.recommendation.headline.startswith(f"Do not commit yet. Buy {bought} for $")
    assert found.recommendation.action == "measure first"
    assert p.cost_usd is not None
    assert p.net_usd == pytest.approx(p.value_usd - p.cost_usd - p.delay_usd)


def without_evals():
    """The ticket study before anybody scored anything, with no labels at hand."""
    return study(
        "with-evals",
        ("    quality: {eval: evidence/prompt-v9.json}\n", ""),
        ("    quality: {eval: evidence/tuned-pilot.csv, date: 2026-11-09}\n", ""),
        ("    labelled: 1800\n", ""),
    )


@pytest.fixture(scope="module")
def unmeasured():
    return decide(without_evals(), draws=4000)


def test_before_any_eval_the_pilot_is_bought(unmeasured):
    # tuned = prompt + gain: scoring the prompt moves both alike, so only a pilot tells them apart. Its gain is wide
    # (a published prior), a point is worth tens of thousands, and the pilot costs a few thousand.
    # On 500 cases, not its own 173, the gain is known to 1.5 points instead of 2.5: for $360.
    pilot = unmeasured.purchase
    assert pilot.kind == "pilot+eval-cases"
    assert all("on the same 500 cases" in branch.condition for branch in pilot.rule)
    assert next(p for p in unmeasured.buy_next if p.worth_it and p != pilot).kind == "pilot"
    low, high = pilot.rule
    assert (low.candidate, high.candidate) == ("prompt", "tuned")
    assert low.high == high.low
    # The gain at which tuning pays is the flip of the page; the rule's differs by shrinkage and the pilot's lag.
    flip = next(f for f in unmeasured.flips if f.input == "candidates.tuned.quality.gain")
    assert high.low == pytest.approx(flip.at, abs=0.03)
    assert high.p == pytest.approx(1 - flip.p, abs=0.08)
    cases = [p for p in unmeasured.buy_next if p.kind == "eval-cases"]
    assert all(p.value_usd < 1 and "shared and cancels" in p.because for p in cases)
    assert pilot.regret_after_usd == pytest.approx(
        unmeasured.recommendation.expected_regret_usd - pilot.value_usd
    )


def test_a_pilot_is_worth_less_than_knowing_and_costs_what_its_lines_cost(unmeasured):
    gain = next(w for w in unmeasured.evppi if w.input == "candidates.tuned.quality.gain")
    pilots = [p for p in unmeasured.buy_next if p.kind == "pilot"]
    assert all(p.value_usd <= gain.usd + 3 * gain.standard_error_usd for p in pilots)
    by_size = {p.what.split(" on ")[1]: p for p in pilots}
    # 500 more labels at $0.50..$2 (mean about $1.1), with redundancy and checks: between $0.5 and $3 each.
    less, more = by_size["500 labels"].cost_usd, by_size["1,000 labels"].cost_usd
    assert less is not None
    assert more is not None
    extra = more - less
    assert 500 * 0.5 < extra < 500 * 3


def test_the_value_is_that_of_a_normal_measurement():
    """Two candidates on the same cases are near a normal problem; the closed form is the check."""
    found = sampled("small-classifier")
    opened = study("small-classifier")
    worlds = opened.sample(4000, 0)
    outcome = simulate(opened, worlds)
    benefit = rank(opened, outcome).benefits
    small, prompt = (outcome.candidates[name].quality for name in ("small", "prompt"))
    difference = small - prompt
    slope = float(np.polyfit(difference, benefit[:, 1] - benefit[:, 0], 1)[0])
    mean = float((benefit[:, 1] - benefit[:, 0]).mean())
    cells = float(np.mean(small * (1 - prompt) + prompt * (1 - small)))
    # Half of the cases are hard for both alike: there they differ by |difference| only.
    one_case = math.sqrt((cells + abs(float(difference.mean()))) / 2)
    for p in (p for p in found.buy_next if p.kind == "eval-cases"):
        cases = int(p.what.split()[0])
        closed = normal_evsi(mean, float(difference.std()), one_case, cases, slope=slope)
        assert p.value_usd == pytest.approx(closed, rel=0.2)


def test_more_cases_are_never_worth_less():
    found = sampled("retiring-base")
    by_size = {int(p.what.split()[0]): p for p in found.buy_next if p.kind == "eval-cases"}
    for fewer, more in ((100, 200), (200, 500)):
        assert by_size[more].value_usd > by_size[fewer].value_usd - 2 * by_size[fewer].standard_error_usd
        assert (by_size[more].cost_usd or 0) > (by_size[fewer].cost_usd or 0)
    assert all(p.value_usd <= found.evpi_usd for p in found.buy_next)


def test_an_unknown_cost_is_asked_for_and_never_zero():
    # Errors get a price, so the pilot's result matters; but the study says only what training costs in all.
    found = decide(
        study("entity-extraction", ("  retries: 0%\n", "  retries: 0%\n  errors: {cost: $0.002..$0.004}\n")), draws=4000
    )  # fmt: skip
    pilot = next(p for p in found.buy_next if p.kind == "pilot")
    assert pilot.cost_usd is None
    assert pilot.net_usd is None
    assert pilot.state
    assert not pilot.worth_it
    assert "cost unknown: state candidates.tuned.examples" in pilot.because
    assert "cost unknown" in to_text(found, width=120)
    assert found.buy_next[-1].cost_usd is None  # after all that have a price


def test_parts_hidden_in_one_sum_are_not_free():
    # `upfront` holds labels and runs; 1,800 examples are told, what one of them costs is not.
    edits = [
        ("    quality: {eval: evidence/prompt-v9.json}\n", ""),
        ("    quality: {eval: evidence/tuned-pilot.csv, date: 2026-11-09}\n", ""),
        ("    labelled: 1800\n", "    upfront: $9K\n"),
    ]
    hidden = (
        *edits,
        ("    label_cost: $0.50..$2           # a new label, for retraining and for scoring\n", ""),
    )
    for found, lacking in ((decide(study("with-evals", *hidden), draws=1000), {"training", "label_cost"}),
                           (decide(study("with-evals", *edits), draws=1000), {"training"})):  # fmt: skip
        pilots = [p for p in found.buy_next if p.kind == "pilot"]
        assert pilots
        assert all(p.cost_usd is None and not p.worth_it for p in pilots)
        assert {name.rpartition(".")[2] for p in pilots for name in p.state} == lacking


# What purchases cost: a label is a dollar, an hour $100; all 1,800 labels are at hand, so a pilot buys none.


def priced(*edits: tuple[str, str], labelled: str = "    labelled: 1800\n") -> dict[str, float]:
    """Kind → what its first offer costs."""
    opened = study(
        "with-evals",
        ("    quality: {eval: evidence/prompt-v9.json}\n", ""),
        ("    quality: {eval: evidence/tuned-pilot.csv, date: 2026-11-09}\n", ""),
        ("    labelled: 1800\n", labelled),
        ("    label_cost: $0.50..$2           # a new label, for retraining and for scoring\n",
         "    label_cost: $1\n    evaluation: {cases: 300}\n    retrain: {hours: 10 hours}\n"),
        ("today: prompt\n", "wage: $100/hour\ntoday: prompt\n"),
        *edits,
    )  # fmt: skip
    draws = opened.sample(1000, 0)
    outcome = simulate(opened, draws)
    found = buy_next(opened, draws, outcome, rank(opened, outcome), seed=0, pairs=False)
    first = sorted(found, key=lambda p: (p.kind, p.cost_usd or 0.0), reverse=True)
    return {p.kind: p.cost_usd for p in first if p.cost_usd is not None}


def test_work_is_paid_by_the_hour():
    found = priced()
    assert found["logs"] == pytest.approx(100)  # an hour: what they cost is the wait
    assert found["error-cost"] == pytest.approx(100 * (4 + 30 / 4))
    ranged = priced(("    label_cost: $1\n", "    label_cost: $0.50..$2\n"))
    assert ranged["quote"] == pytest.approx(300)


def test_cases_cost_their_label_and_a_call():
    # 2,740 tokens at some cents a million are a tenth of a cent.
    assert 100 < priced()["eval-cases"] < 101


def test_a_pilot_pays_for_labels_a_run_an_evaluation_and_hours():
    base = priced()["pilot"]
    # 10 hours at $100 and 300 cases at $1; what is left is a run on 1,800 examples and 300 answers of two models.
    assert 0 < base - 10 * 100 - 300 < 100
    longer = priced(("    retrain: {hours: 10 hours}\n", "    retrain: {hours: 15 hours}\n"))["pilot"]
    assert longer - base == pytest.approx(500)
    fewer = priced(("    evaluation: {cases: 300}\n", "    evaluation: {cases: 100}\n"))["pilot"]
    assert 200 < base - fewer < 202
    # Without labels at hand the smallest pilot buys 500 of them at no less than a dollar, and has guidelines written.
    assert priced(labelled="")["pilot"] - base > 500


def test_nothing_within_its_own_error_is_advised():
    seen = [p for name in NAMES for p in sampled(name).buy_next]
    assert all(p.value_usd > 2 * p.standard_error_usd and p.value_raw_usd > 0 for p in seen if p.worth_it)
    unsure = [p for p in seen if p.because == "what it gains is within the draws' own error"]
    assert unsure
    assert all(p.value_usd < 2 * p.standard_error_usd or p.net_usd is not None for p in unsure)


# The sampling model.


def test_scores_are_binomial_and_share_their_error():
    rng = np.random.default_rng(5)
    a, b = np.full(40_000, 0.92), np.full(40_000, 0.92)
    one, two = scored([a, b], 100, rng)
    assert one.mean() == pytest.approx(0.92, abs=4 * math.sqrt(0.92 * 0.08 / 100 / 40_000))
    assert one.std() == pytest.approx(math.sqrt(0.92 * 0.08 / 100), rel=0.02)
    # Two candidates equally good: on the shared half they agree, on the other half they fall apart by chance.
    assert (one - two).std() == pytest.approx(math.sqrt(2 * 0.92 * 0.08 * 50) / 100, rel=0.02)


def test_the_better_one_is_better_on_shared_cases():
    rng = np.random.default_rng(6)
    low, high = scored([np.full(5000, 0.5), np.full(5000, 1.0)], 80, rng)
    assert np.all(high == 1)
    assert low.mean() == pytest.approx(0.5, abs=0.01)


# The catalogue and its wiring.


def _told(scene):
    quality = scene.qualities["tuned"]
    yield Offer(
        what="an oracle", ask="the {cost} oracle", informs=("candidates.tuned.quality",), cost_usd=1.0, days=0.0,
        findings=(Finding(words="it says", values=quality, kind="share"),),
    )  # fmt: skip


ORACLE = PurchaseKind(key="oracle", title="An oracle", source="a test", offers=_told)


def test_a_purchase_can_be_added():
    found = decide(without_evals(), draws=2000, purchases=(*PURCHASES, ORACLE))
    oracle = next(p for p in found.buy_next if p.kind == "oracle")
    alone = decide(without_evals(), draws=2000, purchases=(ORACLE,)).buy_next
    assert alone == (oracle,)  # what else is on offer does not touch it
    assert oracle.worth_it


def test_the_page_and_json_say_what_to_buy(unmeasured):
    page = to_page(unmeasured)
    assert [line.condition for line in page.rule][-1] == "otherwise"
    text = to_text(unmeasured, width=120)
    assert (
        "ANSWER      Do not commit yet. Buy the pilot fine-tune of tuned and 500 more eval cases for $"
        in text
    )
    assert "WHAT TO BUY" in text
    assert "buy first" in text
    assert "After the purchase: $" in page.stake
    found = json.loads(json.dumps(to_dict(unmeasured), allow_nan=False))
    first = found["buy_next"][0]
    assert {"what", "value_usd", "cost_usd", "net_usd"} <= set(first)
    assert first["worth_it"]
    assert found["expected_regret_after_purchase_usd"] == pytest.approx(first["regret_after_usd"])
    assert {"input", "usd", "cross_fitted_usd"} <= set(found["value_of_information"]["evppi"][0])


def test_one_world_buys_nothing():
    found = decide(without_evals(), draws=1)
    assert found.buy_next == ()
    assert "WHAT TO BUY" not in to_text(found)


def test_the_same_seed_buys_the_same():
    opened = without_evals()
    worlds = opened.sample(BUYING_DRAWS, 3)
    outcome = simulate(opened, worlds)
    ranking = rank(opened, outcome)
    once = buy_next(opened, worlds, outcome, ranking, seed=3)
    assert once == buy_next(opened, worlds, outcome, ranking, seed=3)
    assert once != buy_next(opened, worlds, outcome, ranking, seed=4)


def test_groups_are_worth_at_least_their_parts(unmeasured):
    groups = {w.input: w for w in unmeasured.evppi_groups}
    gain = next(w for w in unmeasured.evppi if w.input == "candidates.tuned.quality.gain")
    assert groups["all qualities"].usd >= gain.usd - 2 * gain.standard_error_usd


def test_an_eval_with_nothing_open_is_not_offered():
    found = sampled("startup-10m")
    assert [p for p in found.buy_next if p.kind == "eval-cases"] == []
    assert replace(found, buy_next=()).purchase is None
