"""With every belief a point, costs equal sums done by hand, to 1e-9 relative."""

from __future__ import annotations

import math
from typing import Any

import pytest

from breakeven.economics import CandidateOutcome, simulate
from breakeven.economics.break_even import first_year_calls, simple_months
from breakeven.economics.totals import break_even_volume
from breakeven.study.model import Candidate, Gpus, Hosting, Labour, Quality, Study, Tier
from tests.economics.studies import b, candidate, prices, prompt, retraining, study, tokens, training

EXACT = 1e-9


def point(made: Study, name: str) -> CandidateOutcome:
    """One candidate in the deterministic world."""
    return simulate(made, made.centres()).candidates[name]


def lines(made: Study, name: str) -> dict[str, float]:
    return dict(point(made, name).lines_usd)


def approx(x: float) -> Any:
    return pytest.approx(x, rel=EXACT)


def test_tokens_of_a_prompt():
    # 100,000 calls × (2,400 in × $2 + 60 out × $8) / 1M = $480 + $48 a month, × 36
    found = lines(study(prompt("p")), "p")
    assert found["input"] == approx(480 * 36)
    assert found["output"] == approx(48 * 36)
    assert point(study(prompt("p")), "p").cost_usd[0] == approx(528 * 36)


def test_reasoning_is_billed_as_output():
    found = lines(study(prompt("p", tokens=tokens("p", reasoning="500"))), "p")
    assert found["output"] == approx(100_000 * 560 * 8e-6 * 36)


def test_retries_are_paid_in_full():
    assert lines(study(prompt("p"), retries="4%"), "p")["input"] == approx(480 * 1.04 * 36)


def test_growth_starts_in_month_2():
    # Σ 1.02^(t−1), t = 1..36 = (1.02^36 − 1) / 0.02
    assert lines(study(prompt("p"), growth="2%/month"), "p")["input"] == approx(480 * (1.02**36 - 1) / 0.02)


def test_prices_change_yearly_from_month_2():
    made = study(prompt("p"), price_change={"*": b("price_change", "yearly rate", "-30%/year")})
    monthly = 0.7 ** (1 / 12)
    assert lines(made, "p")["input"] == approx(480 * (1 - monthly**36) / (1 - monthly))


def test_month_1_is_not_discounted():
    monthly = 1.1 ** (-1 / 12)
    assert lines(study(prompt("p"), discount="10%/year"), "p")["input"] == approx(
        480 * (1 - monthly**36) / (1 - monthly)
    )


class TestCaching:
    """2,500 tokens in, 80% cached, 200 out, per 1,000 calls of a $0.40/$0.10/$1.60 model: $1.32 and $0.72."""

    def bill(self, **more: Any) -> float:
        model = prices(input="$0.40", cached="$0.10", output="$1.60", min_prefix_tokens=1024)
        made = study(
            prompt("p", prices=model, tokens=tokens("p", static="2000", input="500", output="200"), **more),
            volume="1K calls/month", horizon=1,
        )  # fmt: skip
        return float(point(made, "p").cost_usd[0])

    def test_without_a_cache(self):
        assert self.bill(cached=b("h", "share", "0%")) == approx(1.32)

    def test_with_80_percent_of_input_cached(self):
        assert self.bill(cached=b("h", "share", "80%")) == approx(0.72)

    def test_hit_rate_counts_the_static_share_only(self):
        # every call hits: h = 2000/2500 = 80%
        assert self.bill(hit_rate=b("h", "share", "100%")) == approx(0.72)

    def test_no_cache_under_the_minimum_prefix(self):
        model = prices(min_prefix_tokens=1024)
        short = prompt("p", prices=model, tokens=tokens("p", static="1023"), hit_rate=b("h", "share", "90%"))
        assert lines(study(short), "p")["cache_reads"] == 0

    def test_a_write_costs_what_it_costs_more_than_input(self):
        # half of the calls miss: 50,000 × 2,000 tokens × ($2.50 − $2.00) / 1M = $50 a month
        model = prices(cache_write="$2.50")
        half = prompt("p", prices=model, hit_rate=b("h", "share", "50%"))
        assert lines(study(half), "p")["cache_writes"] == approx(50 * 36)


def test_a_long_prompt_pays_its_tier():
    # 250,000 tokens in, above 200,000 the price doubles: line 5 = line 1 again
    tier = Tier(
        above_tokens=200_000,
        input=b("t.in", "money per token", "$4/1M tokens"),
        output=b("t.out", "money per token", "$8/1M tokens"),
    )
    long = prompt(
        "p", prices=prices(cached=None, tiers=(tier,)), tokens=tokens("p", static="250000", input="0")
    )
    found = lines(study(long), "p")
    assert found["tier_region"] == approx(found["input"])


def test_a_region_lifts_every_token_price():
    far = prompt("p", prices=prices(region_factor=b("region", "factor", "1.1")))
    found = lines(study(far), "p")
    assert found["tier_region"] == approx(0.1 * 528 * 36)


def test_batch_takes_its_discount_off_everything():
    # 30% of calls at half price: −0.3 × 0.5 × $528
    half = prompt("p", prices=prices(batch=("$1", "$4")), batch=b("batch", "share", "30%"))
    assert lines(study(half), "p")["batch"] == approx(-0.15 * 528 * 36)


def tuned(name: str, **more: Any) -> Candidate:
    """A tuned candidate with a short prompt."""
    more.setdefault("training", training(name))
    more.setdefault("prices", prices("house/small:tuned", input="$0.40", output="$1.60", cached=None))
    more.setdefault("tokens", tokens(name, static="200", input="400", output="60"))
    return candidate(name, "tuned", **more)


class TestTuning:
    """T_train = 660 tokens an example; one run = 3 × 6,000 × 660 × $5/1M = $59.40."""

    RUN = 3 * 6000 * 660 * 5e-6
    EVALUATION = 200 * 1.0 + 5 * 200 * (600 * 0.4 + 60 * 1.6) * 1e-6

    def test_build(self):
        made = study(prompt("p"), tuned("t", labour=Labour(build_hours=b("h", "hours", "40 hours"),
                                                           guideline_hours=b("g", "hours", "20 hours"))))  # fmt: skip
        found = lines(made, "t")
        assert found["training"] == approx(self.RUN)
        assert found["discarded_runs"] == approx(4 * self.RUN)
        assert found["labels"] == approx(6000)
        assert found["guidelines"] == approx(2000)
        assert found["evaluation"] == approx(self.EVALUATION)
        assert found["ml_labour"] == approx(4000)
        built = 5 * self.RUN + 6000 + 2000 + self.EVALUATION + 4000
        assert point(made, "t").upfront_usd[0] == approx(built)

    def test_labels_at_hand_are_not_bought(self):
        made = study(
            prompt("p"), tuned("t", training=training("t", labelled="4000", redundancy="2", qa="10%"))
        )
        assert lines(made, "t")["labels"] == approx(2000 * 2 * 1.1)

    def test_retraining_comes_in_months_3_6_to_36(self):
        made = study(prompt("p"), tuned("t", retraining=retraining("t")))
        event = self.RUN + 0.4 * 6000 + self.EVALUATION + 8 * 100
        assert lines(made, "t")["retraining"] == approx(12 * event)

    def test_forced_migration(self):
        made = study(
            prompt("p"), tuned("t", migration_hours=b("m", "hours", "30 hours"), migration_months=(2, 20))
        )
        assert lines(made, "t")["migration"] == approx(2 * (self.RUN + self.EVALUATION + 3000))


def test_replicas_follow_the_peak():
    # 7.884M calls a month = 3/s on average (730 h), 9/s at peak, 4/s a replica: 3 replicas × 730 h × $3 × 36 months
    gpus = Gpus(
        price=b("gpu", "money per hour", "$3/hour"),
        rps=b("rps", "calls per second", "4/s"),
        extra_replicas=b("extra", "factor", "1"),
    )
    made = study(
        prompt("p"), candidate("t", "tuned", hosting=Hosting(gpus=gpus)), volume="7.884M calls/month"
    )
    found = lines(made, "t")
    assert found["hosting"] == approx(3 * 730 * 3 * 36)
    assert found["spare_replicas"] == approx(730 * 3 * 36)


def test_hourly_hosting_of_a_month():
    made = study(
        prompt("p"),
        candidate("t", "tuned", hosting=Hosting(usd_per_month=b("h", "money per month", "$1.70/hour"))),
    )
    assert lines(made, "t")["hosting"] == approx(1241 * 36)


def test_a_hybrid_pays_the_small_attempt_and_the_escalated_one():
    large, small = (
        prompt("large"),
        prompt("small", prices=prices("house/small", input="$0.40", output="$1.60")),
    )
    both = candidate(
        "both", "hybrid", small="small", large="large", escalate=b("e", "share", "20%"), quality="93%"
    )
    made = study(large, small, both)
    small_usd, large_usd = point(made, "small").cost_usd[0], point(made, "large").cost_usd[0]
    assert point(made, "both").cost_usd[0] == approx(small_usd + 0.2 * large_usd)
    assert lines(made, "both")["escalation"] == approx(0.2 * large_usd)


def test_a_hybrid_mixes_quality():
    large, small = prompt("large", quality="95%"), prompt("small", quality="80%")
    by_chance = candidate("c", "hybrid", small="small", large="large", escalate=b("e1", "share", "20%"),
                          quality=None)  # fmt: skip
    routed = candidate("r", "hybrid", small="small", large="large", escalate=b("e2", "share", "20%"),
                       catches=b("k", "share", "75%"), quality=None)  # fmt: skip
    made = study(large, small, by_chance, routed)
    assert point(made, "c").quality[0] == approx(0.8 * 0.8 + 0.2 * 0.95)
    # 15% of calls are wrong ones caught, 5% right ones handed over: 0.80 − 0.05 + 0.20 × 0.95
    assert point(made, "r").quality[0] == approx(0.8 - 0.05 + 0.2 * 0.95)


def test_waiting_pays_the_first_candidate_until_the_switch():
    first = prompt("first")
    then = candidate(
        "then", "tuned", per_call=b("c", "money per call", "$0.001/call"), upfront=b("u", "money", "$5K")
    )
    waits = candidate("waits", "wait", first="first", then="then", switch_month=7, quality=None)
    made = study(first, then, waits)
    assert point(made, "waits").cost_usd[0] == approx(6 * 528 + 5000 + 30 * 100)


def test_what_was_built_is_not_built_again_after_waiting():
    # $40K for the prompt, $25K for the small one; prompt until month 2, then a hybrid of both: 40 + 25 and nothing more
    first, small = stated("first", "$0/call", upfront="$40K"), stated("small", "$0/call", upfront="$25K")
    both = candidate("both", "hybrid", small="small", large="first", escalate=b("e", "share", "20%"))
    waits = candidate("waits", "wait", first="first", then="both", switch_month=3, quality=None)
    made = study(first, small, both, waits)
    assert point(made, "both").cost_usd[0] == approx(65_000)
    assert point(made, "waits").cost_usd[0] == approx(65_000)


def test_a_model_that_serves_already_is_not_trained_again():
    made = study(tuned("t", retraining=retraining("t"), trained_already=True), prompt("p"))
    assert point(made, "t").upfront_usd[0] == 0
    assert lines(made, "t")["retraining"] > 0


def test_labels_are_bought_again_even_where_the_first_were_free():
    made = study(prompt("p"), tuned("t", training=training("t", labelled="6000"), retraining=retraining("t")))
    assert lines(made, "t")["labels"] == 0
    assert lines(made, "t")["retraining"] == approx(
        12 * (TestTuning.RUN + 0.4 * 6000 + TestTuning.EVALUATION + 800)
    )


def test_wrong_answers_are_a_consequence_not_a_cost():
    made = study(prompt("p", quality="88%"), error_cost="$0.50")
    found = point(made, "p")
    assert found.consequence_usd[0] == approx(100_000 * 0.12 * 0.5 * 36)
    assert found.cost_usd[0] == approx(528 * 36)
    assert found.net_benefit_usd[0] == approx(-528 * 36 - 6000 * 36)


def test_right_answers_can_have_a_worth():
    made = study(prompt("p", quality="88%"), value="$0.50")
    assert point(made, "p").net_benefit_usd[0] == approx(100_000 * 0.88 * 0.5 * 36 - 528 * 36)


def test_what_a_commitment_leaves_unused():
    made = study(prompt("p", commitment=b("commit", "money per month", "$600/month")))
    assert lines(made, "p")["commitment"] == approx((600 - 528) * 36)
    over = study(prompt("p", commitment=b("commit", "money per month", "$500/month")))
    assert lines(over, "p")["commitment"] == 0


def test_lines_add_up():
    made = study(
        prompt("p"),
        tuned(
            "t",
            retraining=retraining("t"),
            labour=Labour(upkeep_hours=b("u", "hours per month", "5 hours/month")),
        ),
        discount="10%/year",
        growth="1%/month",
        error_cost="$0.10",
    )
    found = point(made, "t")
    assert sum(found.lines_usd.values()) == approx(found.cost_usd[0] + found.consequence_usd[0])
    by_month = sum(months.sum() for months in found.line_months_usd.values())
    undiscounted = point(study(*made.candidates.values(), growth="1%/month", error_cost="$0.10"), "t")
    assert by_month == approx(undiscounted.cost_usd[0] + undiscounted.consequence_usd[0])


def stated(name: str, per_call: str, **sums: str) -> Candidate:
    """A candidate of which a document gives totals only."""
    kinds = {"upfront": "money", "running": "money per month"}
    more: dict[str, Any] = {
        part: b(f"candidates.{name}.{part}", kinds[part], text) for part, text in sums.items()
    }
    return candidate(
        name,
        "prompt" if not sums else "tuned",
        per_call=b(f"candidates.{name}.c", "money per call", per_call),
        **more,
    )


class TestBreakEven:
    def test_loan_documents(self):
        # Document 000: $95,000 ÷ ($144,000 − $16,800 a month) = 0.747 months = 3.25 weeks
        made = study(
            stated("p", "$0.018/call"), stated("t", "$0.0021/call", upfront="$95K"), volume="8M calls/month"
        )
        assert point(made, "t").break_even_months[0] == approx(95_000 / 127_200)

    def test_chatbot_never_and_from_which_volume(self):
        # Document 004: tuned $5,000 + 36 × $2,000 + 12 × $1,500 = $95,000; prompt $0.0006 a call
        built = stated("t", "$0/call", upfront="$23K", running="$2K/month")
        made = study(stated("p", "$0.0006/call"), built)
        assert point(made, "p").cost_usd[0] == approx(2160)
        assert point(made, "t").cost_usd[0] == approx(95_000)
        assert math.isinf(point(made, "t").break_even_months[0])
        assert break_even_volume(made, made.centres(), "t")[0] == approx(95_000 / 36 / 0.0006)

    def test_volume_with_steps_of_gpus(self):
        # One replica serves 4/s at peak: 3.504M calls a month at a peak of 3 × the mean. $3,000 × replicas against
        # $0.001 a call: at one replica from 3M calls a month on; at two it would need 6M, so between 3.504M and 6M it
        # is dearer again, and so on. n replicas serve n × 3.504M calls, which cost $3,504 × n by call: cheaper for good
        # from the step where 3,000·(n+1) ≤ 3,504·n, that is n ≥ 5.95: when 5 are full (17.52M), 6 cost $18,000.
        gpus = Gpus(
            price=b("gpu", "money per hour", f"${3000 / 730:.12f}/hour"),
            rps=b("rps", "calls per second", "4/s"),
            extra_replicas=b("x", "factor", "0"),
        )
        own = candidate("t", "tuned", hosting=Hosting(gpus=gpus))
        made = study(stated("p", "$0.001/call"), own)
        assert break_even_volume(made, made.centres(), "t")[0] == pytest.approx(18_000 / 0.001, rel=1e-6)

    def test_retraining_pushes_it_back(self):
        # $100 saved a month, $150 to build, $120 at the start of months 3, 6, 9 and 12. At the ends of months 1..12 the
        # difference is 50, −50, −30, −130, −230, −210 …: below for good once month 3's lump (−50 + 120 = 70 at its
        # start) is worked off, 70 hundredths into month 3.
        t = candidate("t", "tuned", per_call=b("c", "money per call", "$0/call"), upfront=b("u", "money", "$150"),
                      retraining=retraining("t", hours="1.2 hours"))  # fmt: skip
        made = study(stated("p", "$0.001/call"), t, horizon=12)
        assert point(made, "t").break_even_months[0] == approx(2.7)

    def test_published_short_forms(self):
        # Document 000: $75,000 ÷ $0.013 = 5.77M calls a year; document 001: $35,000 ÷ $120 = 291.7 months
        assert first_year_calls(60_000, 15_000, 0.013) == approx(75_000 / 0.013)
        assert simple_months(35_000, 120) == approx(291.0 + 2 / 3)
        assert math.isinf(simple_months(35_000, -5))
        assert simple_months(-5, -5) == 0


def test_quality_relative_to_another():
    better = prompt("t", quality=Quality(relative_to="p", gain=b("gain", "points", "4%"), extrapolated=True))
    made = study(prompt("p", quality="90%"), better)
    # 4 points out of the 10 that are wrong: 1 − 0.10·e^(−0.4)
    assert point(made, "t").quality[0] == approx(1 - 0.1 * math.exp(-0.4))
    worse = prompt("t", quality=Quality(relative_to="p", gain=b("gain", "points", "-9%")))
    assert point(study(prompt("p", quality="90%"), worse), "t").quality[0] == approx(0.9 * math.exp(-0.1))
