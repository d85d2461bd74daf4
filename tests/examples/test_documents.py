"""The examples made from the five documents give what follows from the documents' own inputs, derived here by hand."""

from __future__ import annotations

from math import sqrt

import pytest

from breakeven.quantities import DAYS_PER_MONTH
from tests.examples.studies import at_point, cost, line, months, sampled, volume

EXACT = 1e-9
WEEKS_PER_MONTH = DAYS_PER_MONTH / 7


def close(expected: float) -> object:
    return pytest.approx(expected, rel=EXACT)


# ------------------------------------------------------------------------------------------ document 000


def test_the_break_even_volume_of_the_first_year() -> None:
    # prompt: 480,000 × $0.015 × 12 = 86,400; tuned: 60,000 + 15,000 + 480,000 × $0.002 × 12 = 86,520.
    # Break-even: (60,000 + 15,000) ÷ (12 × $0.013) = 480,769.23 calls a month, which the document rounds down.
    found = at_point("break-even-volume")
    assert cost(found, "prompt") == close(86_400)
    assert cost(found, "tuned") == close(86_520)
    assert volume(found, "tuned") == close(75_000 / (12 * 0.013))
    assert months(found, "tuned") is None
    assert found.recommendation.candidate == "prompt"
    assert found.recommendation.action == "keep"


def test_over_three_years_fewer_calls_are_enough() -> None:
    # (60,000 + 3 × 15,000) ÷ (36 × $0.013) = 224,358.97 calls a month. At 480,000: 60,000 up front come back at
    # 480,000 × $0.013 − 15,000 ÷ 12 = 4,990 a month, after 12.02 months.
    found = at_point("break-even-volume", ("horizon: 12 months", "horizon: 36 months"))
    assert volume(found, "tuned") == close(105_000 / (36 * 0.013))
    assert months(found, "tuned") == close(60_000 / 4_990)
    assert found.recommendation.candidate == "tuned"


def test_loan_documents_break_even_after_three_weeks() -> None:
    # prompt: 8M × $0.018 × 36 = 5,184,000; tuned: 95,000 + 8M × $0.0021 × 36 = 699,800.
    # 95,000 ÷ (144,000 − 16,800) = 0.74686 months = 3.245 weeks. From 95,000 ÷ (36 × $0.0159) = 165,967.9 a month.
    found = at_point("loan-documents")
    assert cost(found, "prompt") == close(5_184_000)
    assert cost(found, "tuned") == close(699_800)
    assert months(found, "tuned") == close(95_000 / 127_200)
    weeks = (months(found, "tuned") or 0.0) * WEEKS_PER_MONTH
    assert weeks == pytest.approx(3.245, abs=5e-4)
    assert volume(found, "tuned") == close(95_000 / (36 * 0.0159))
    assert found.recommendation.candidate == "tuned"
    assert found.recommendation.action == "switch"


def test_loan_documents_price_their_errors() -> None:
    # An error costs √(0.20 × 1.50) = $0.5477. Over three years: 8M × 36 × 9% of the prompt's answers are wrong and
    # 6% of the tuned model's. Net benefit: the smaller bill (4,484,200) and 8.64M fewer errors.
    each = sqrt(0.20 * 1.50)
    found = at_point("loan-documents")
    assert line(found, "prompt", "errors") == close(8e6 * 36 * 0.09 * each)
    assert line(found, "tuned", "errors") == close(8e6 * 36 * 0.06 * each)
    gain = found.candidates["tuned"].net_benefit_vs_today.mean
    assert gain == close(5_184_000 - 699_800 + 8.64e6 * each)


def test_a_small_model_by_prompt_is_cheap() -> None:
    # small, everything at its centre (the root of low × high): 8M × √(0.002 × 0.006) × 36 for calls; √(80 × 200)
    # hours to build and √(2 × 8) = 4 a month to keep, at a wage of √(100 × 200).
    wage = sqrt(100 * 200)
    small = 8e6 * sqrt(0.002 * 0.006) * 36 + wage * (sqrt(80 * 200) + 4 * 36)
    found = at_point("loan-documents")
    assert cost(found, "small") == close(small)
    assert cost(found, "small") < cost(found, "prompt")


def test_a_cascade_pays_the_small_attempt_and_the_large_one() -> None:
    # The centre of 20%..40% on the logit scale is 1 ÷ (1 + √(0.8 × 0.6 ÷ (0.2 × 0.4))) = 0.28990. It pays small
    # whole, that share of the prompt's calls, and a router: √(20 × 60) hours and √(2 × 6) a month.
    share, wage = 1 / (1 + sqrt((0.8 * 0.6) / (0.2 * 0.4))), sqrt(100 * 200)
    found = at_point("loan-documents")
    router = wage * (sqrt(20 * 60) + sqrt(2 * 6) * 36)
    assert cost(found, "cascade") == close(cost(found, "small") + share * 5_184_000 + router)
    assert line(found, "cascade", "escalation") == close(share * 5_184_000)


def test_loan_documents_with_ranges() -> None:
    found = sampled("loan-documents")
    tuned, small = found.candidates["tuned"], found.candidates["small"]
    assert tuned.cost.p05 == close(699_800)  # all of it is the document's: no range
    assert tuned.cost.p95 == close(699_800)
    assert small.cost.p05 < 1_035_915 < small.cost.p95
    assert tuned.p_best > 0.9
    assert tuned.p_cheaper_than_today == small.p_cheaper_than_today == 1.0
    # Cheaper for sure, and on average not worth it: 88% right, so that its errors eat the saving.
    assert small.net_benefit_vs_today.mean < 0 < small.net_benefit_vs_today.p95
    assert not found.recommendation.missing_evidence


def test_loan_documents_at_50k_never_pay() -> None:
    # prompt: 50,000 × $0.018 × 36 = 32,400; tuned: 95,000 + 50,000 × $0.0021 × 36 = 98,780.
    # It saves 50,000 × $0.0159 × 12 = 9,540 a year, where the document prints 3,000.
    found = at_point("loan-documents-50k")
    assert cost(found, "prompt") == close(32_400)
    assert cost(found, "tuned") == close(98_780)
    saved = found.candidates["prompt"].monthly.mean - found.candidates["tuned"].monthly.mean
    assert 12 * saved == close(9_540)
    assert months(found, "tuned") is None
    assert volume(found, "tuned") == close(95_000 / (36 * 0.0159))
    assert found.recommendation.candidate == "prompt"


# ------------------------------------------------------------------------------------------ document 001


def test_support_tickets_are_too_few() -> None:
    # prompt: 35,000 + 8,000 × $0.006 × 36 = 36,728; tuned: 65,000 + 8,000 × $0.0045 × 36 = 66,296.
    # 30,000 ÷ (36 × $0.0015) = 555,555.6 calls a month.
    found = at_point("support-tickets")
    assert cost(found, "prompt") == close(36_728)
    assert cost(found, "tuned") == close(66_296)
    assert volume(found, "tuned") == close(30_000 / (36 * 0.0015))
    assert months(found, "tuned") is None
    assert found.recommendation.candidate == "prompt"
    assert found.candidates["tuned"].extrapolated  # the document gives no accuracy for it


def test_insurance_claims_are_about_errors_and_not_about_the_bill() -> None:
    # Bills: 45,000 + 1,200 × 36 = 88,200 and 80,000 + 640 × 36 = 103,040: dearer over three years, since 35,000 come
    # back at 560 a month only after 62.5. Errors: 200,000 × 18% × $150 = 5.4M a month against 1.8M.
    found = at_point("insurance-claims")
    assert cost(found, "prompt") == close(88_200)
    assert cost(found, "tuned") == close(103_040)
    assert months(found, "tuned") is None
    assert line(found, "prompt", "errors") == close(36 * 5.4e6)
    assert line(found, "tuned", "errors") == close(36 * 1.8e6)
    assert found.candidates["tuned"].net_benefit_vs_today.mean == close(36 * 3.6e6 - 14_840)
    assert volume(found, "tuned") == close(35_000 / (36 * 0.0028))
    assert found.recommendation.candidate == "tuned"


def test_insurance_claims_take_62_months_by_the_bill() -> None:
    longer = ("start: 2026-12", "start: 2026-12\nhorizon: 120 months")
    assert months(at_point("insurance-claims", longer), "tuned") == close(62.5)


@pytest.mark.parametrize(("usd", "best"), [("$0.016", "prompt"), ("$0.018", "tuned")])
def test_two_cents_an_error_are_enough_for_insurance_claims(usd: str, best: str) -> None:
    # 14,840 dearer ÷ (36 × 24,000 fewer errors) = $0.01718.
    found = at_point("insurance-claims", ("cost: $150}", f"cost: {usd}}}"))
    assert found.recommendation.candidate == best


def test_code_generation_does_not_pay_at_its_own_prices() -> None:
    # prompt: 900 × 36 = 32,400; split: 25,000 + 675 × 36 = 49,300; staged: 2 × 900 + 25,000 + 34 × 675 = 49,750.
    # Break-even: 25,000 ÷ (36 × $0.0015) and, with two months less to save in, 25,000 ÷ (34 × $0.0015).
    found = at_point("code-generation")
    assert cost(found, "prompt") == close(32_400)
    assert cost(found, "split") == close(49_300)
    assert cost(found, "staged") == close(49_750)
    assert volume(found, "split") == close(25_000 / (36 * 0.0015))
    assert volume(found, "staged") == close(25_000 / (34 * 0.0015))
    assert (months(found, "split"), months(found, "staged")) == (None, None)
    assert found.recommendation.candidate == "prompt"


def test_code_generation_in_the_long_run() -> None:
    # 25,000 ÷ 225 = 111.1 months; staged two months later.
    found = at_point("code-generation", ("start: 2026-12", "start: 2026-12\nhorizon: 120 months"))
    assert months(found, "split") == close(25_000 / 225)
    assert months(found, "staged") == close(25_000 / 225 + 2)


def test_a_hundred_thousand_requests_take_107_months() -> None:
    # prompt: 40,000 + 600 × 36 = 61,600; tuned: 70,000 + 320 × 36 = 81,520; 30,000 ÷ (36 × $0.0028) = 297,619 calls.
    # With ten years to look at: 30,000 ÷ 280 = 107.14 months, where the document reads days.
    found = at_point("hundred-k")
    assert cost(found, "prompt") == close(61_600)
    assert cost(found, "tuned") == close(81_520)
    assert months(found, "tuned") is None
    assert volume(found, "tuned") == close(30_000 / (36 * 0.0028))
    assert found.recommendation.candidate == "prompt"
    longer = at_point("hundred-k", ("start: 2026-12", "start: 2026-12\nhorizon: 120 months"))
    assert months(longer, "tuned") == close(30_000 / 280)


# ------------------------------------------------------------------------------------------ document 002


def test_a_startup_at_100k_calls_never_breaks_even() -> None:
    # prompt: 3,000 × $0.15/M × 100,000 = 45 a month; tuned: 500 × $0.15/M × 100,000 = 7.50 a month, 1,500 first and
    # in each of months 3, 6 … 36. Saving: 37.50 a month. 19,500 ÷ (36 × 2,500 × $0.15/M) = 1,444,444 calls a month.
    found = at_point("startup-100k")
    assert cost(found, "prompt") == close(36 * 45)
    assert cost(found, "tuned") == close(36 * 7.5 + 13 * 1_500)
    assert line(found, "tuned", "retraining") == close(12 * 1_500)
    assert months(found, "tuned") is None
    assert volume(found, "tuned") == close(19_500 / (36 * 2_500 * 0.15e-6))
    assert found.recommendation.candidate == "prompt"


def test_a_startup_at_10m_calls_breaks_even_at_once() -> None:
    # 4,500 a month against 750: 1,500 ÷ 3,750 = 0.4 months, and no quarter's retraining ever takes it back.
    found = at_point("startup-10m")
    assert cost(found, "prompt") == close(36 * 4_500)
    assert cost(found, "tuned") == close(36 * 750 + 13 * 1_500)
    assert months(found, "tuned") == close(0.4)
    assert volume(found, "tuned") == close(19_500 / (36 * 2_500 * 0.15e-6))
    assert found.recommendation.candidate == "tuned"


def test_a_startup_at_10m_calls_still_pays_when_all_is_counted() -> None:
    # Tuned input at $0.30: 1,500 a month. Work at √(100 × 200) an hour: √(20 × 40) hours once, √(5 × 10) a month.
    wage = sqrt(100 * 200)
    edits = (
        (":tuned:\n    {input: $0.15", ":tuned:\n    {input: $0.30"),
        (
            "# the first training run\n    running: $0/month",
            "\n    build: 20..40 hours\n    upkeep: 5..10 hours/month",
        ),
    )
    found = at_point("startup-10m", *edits)
    work = wage * (sqrt(20 * 40) + 36 * sqrt(5 * 10))
    assert cost(found, "tuned") == close(36 * 1_500 + 13 * 1_500 + work)
    assert found.recommendation.candidate == "tuned"
    paid = sampled("startup-10m", *edits).candidates["tuned"].break_even.p50
    assert paid is not None
    assert 3 < paid < 4


# ------------------------------------------------------------------------------------------ document 003

SCENARIOS = {
    # prompt: 800 × 0.15 + 50 × 0.60 = $150 per million calls; tuned: 200 × 0.30 + 50 × 1.20 = $120
    "simple-classification": (45.0, 36.0),
    # 1,200 × 0.15 + 200 × 0.60 = 300; 400 × 0.30 + 200 × 1.20 = 360
    "entity-extraction": (90.0, 108.0),
    # 2,000 × 0.15 + 1,000 × 0.60 = 900; 500 × 0.30 + 1,000 × 1.20 = 1,350
    "content-generation": (270.0, 405.0),
    # 3,000 × 0.15 + 2,000 × 0.60 = 1,650; 1,000 × 0.30 + 2,000 × 1.20 = 2,700
    "complex-analysis": (495.0, 810.0),
}
"""Dollars a month for 300,000 calls: by prompt, and tuned."""
RUN = sqrt(15 * 75)  # the centre of $15..$75


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_four_scenarios_at_the_real_price_of_tuned_tokens(name: str) -> None:
    prompt, tuned = SCENARIOS[name]
    found = at_point(name)
    assert cost(found, "prompt") == close(36 * prompt)
    assert cost(found, "tuned") == close(36 * tuned + RUN)
    assert found.candidates["tuned"].extrapolated


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {"simple-classification"}))
def test_dearer_output_is_not_paid_for_by_a_shorter_prompt(name: str) -> None:
    found = sampled(name)
    tuned = found.candidates["tuned"]
    assert tuned.break_even.p_never == tuned.break_even_volume.p_never == 1.0
    assert tuned.p_cheaper_than_today == 0.0
    assert found.recommendation.candidate == "prompt"


def test_simple_classification_saves_nine_dollars_a_month() -> None:
    # 33.54 ÷ 9 = 3.727 months; 33.54 ÷ (36 × $30/M) = 31,056 calls a month.
    found = at_point("simple-classification")
    assert months(found, "tuned") == close(RUN / 9)
    assert volume(found, "tuned") == close(RUN / (36 * 30e-6))


def test_simple_classification_carries_the_range_of_a_training_run_through() -> None:
    # $15..$75 is a 90% interval, and months and volume follow it in proportion: 15 ÷ 9 to 75 ÷ 9 months.
    found = sampled("simple-classification").candidates["tuned"]
    assert found.upfront.p05 == pytest.approx(15, rel=0.06)  # 4,000 draws
    assert found.upfront.p95 == pytest.approx(75, rel=0.06)
    assert found.break_even.p05 == pytest.approx(15 / 9, rel=0.06)
    assert found.break_even.p95 == pytest.approx(75 / 9, rel=0.06)
    assert found.break_even_volume.p95 == pytest.approx(75 / (36 * 30e-6), rel=0.06)
    assert found.break_even.p_never < 0.01


@pytest.mark.parametrize(("usd", "best"), [("$0.0004", "prompt"), ("$0.001", "tuned")])
def test_a_tenth_of_a_cent_an_error_turns_entity_extraction(usd: str, best: str) -> None:
    # Tuning costs 18 × 36 + 33.54 = 681.54 more and gains 12 points of 300,000 × 36 calls: $0.000526 an error.
    edit = ("  retries: 0%\n", f"  retries: 0%\n  errors: {{cost: {usd}}}\n")
    assert at_point("entity-extraction", edit).recommendation.candidate == best


def test_tuning_loses_twice_on_reasoning() -> None:
    edit = ("  retries: 0%\n", "  retries: 0%\n  errors: {cost: $0.05}\n")
    found = sampled("complex-analysis", edit)
    assert found.recommendation.candidate == "prompt"
    assert found.candidates["tuned"].quality.mean < found.candidates["prompt"].quality.mean


# ------------------------------------------------------------------------------------------ document 004


def test_a_support_chatbot_over_three_years() -> None:
    # (2,000 × $0.15 + 500 × $0.60)/M × 100,000 = 60 a month, 2,160; 5,000 + 2,000 × 36 + 12 × 1,500 = 95,000.
    # Never; from (95,000 ÷ 36) ÷ $0.0006 = 4,398,148 questions a month.
    found = at_point("support-chatbot")
    assert found.candidates["prompt"].monthly.mean == close(60)
    assert cost(found, "prompt") == close(2_160)
    assert cost(found, "tuned") == close(95_000)
    assert line(found, "tuned", "retraining") == close(18_000)
    assert line(found, "tuned", "stated_running") == close(72_000)
    assert months(found, "tuned") is None
    assert volume(found, "tuned") == close(95_000 / 36 / 0.0006)
    assert found.recommendation.candidate == "prompt"


def test_a_support_chatbot_with_enough_questions() -> None:
    # At 5M a month the prompt costs 3,000 × 36 = 108,000, and 5,000 + 1,500 every third month come back.
    found = at_point("support-chatbot", ("volume: 100K calls/month", "volume: 5M calls/month"))
    assert cost(found, "prompt") == close(108_000)
    assert cost(found, "tuned") == close(95_000)
    assert found.recommendation.candidate == "tuned"


def test_a_support_chatbot_knows_only_ranges_of_quality() -> None:
    found = sampled("support-chatbot").candidates
    assert found["prompt"].quality.p05 == pytest.approx(0.85, abs=0.004)
    assert found["tuned"].quality.p95 == pytest.approx(0.98, abs=0.004)
