"""The fast engine against the slow one: ``bench.reference`` computes the same money month by month, from the formulas.

It shares no code with the engine, so this also checks the formulas themselves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.reference import Reference, simulate_whole_arrays
from bench.studies import STEPS, copies, full_study
from breakeven.beliefs import Draws, sample
from breakeven.economics import CandidateOutcome, simulate
from breakeven.study.model import Candidate, Gpus, Hosting, Labour, Quality, Study, Tier
from tests.economics.studies import b, candidate, prices, prompt, retraining, study, tokens, training


def uncached() -> Candidate:
    """Two tiers, retries of its own, and a cached share that must not count: no cache is sold."""
    low = Tier(
        above_tokens=2_000,
        input=b("low.in", "money per token", "$3/1M tokens"),
        output=b("low.out", "money per token", "$9/1M tokens"),
    )
    high = Tier(
        above_tokens=2_500,
        input=b("high.in", "money per token", "$4..$5/1M tokens"),
        output=b("high.out", "money per token", "$12/1M tokens"),
        cached=b("high.cached", "money per token", "$1/1M tokens"),
    )
    keep = b("uncached.keep", "money per month", "$100..$300/month")
    return prompt(
        "uncached",
        prices=prices("other/large", cached=None, tiers=(low, high)),
        tokens=tokens("uncached", static="1200..2600"),
        cached=b("uncached.cached", "share", "40%"),
        retries=b("uncached.retries", "share", "2%..9%"),
        labour=Labour(build_usd=b("uncached.build", "money", "$4K"), upkeep_usd=keep),
    )


def gpus() -> Candidate:
    """GPUs of its own, a migration before and one after the first year, quality as a difference."""
    replicas = Gpus(
        price=b("gpu.price", "money per hour", "$2..$4/hour"),
        rps=b("gpu.rps", "calls per second", "0.05..0.5/s"),
        extra_replicas=b("gpu.extra", "factor", "1"),
    )
    made = training("gpus", examples="4000..8000")
    return candidate(
        "gpus",
        "tuned",
        quality=Quality(relative_to="stated", gain=b("gpus.gain", "points", "-4%..9%")),
        hosting=Hosting(gpus=replicas),
        training=replace(made, tokens_per_example=b("gpus.tokens", "tokens", "900")),
        retraining=retraining("gpus", 5),
        migration_months=(9, 20),
        migration_hours=b("gpus.move", "hours", "30 hours"),
    )


def bought() -> Candidate:
    """Serves already; training and retraining are stated as totals."""
    run_usd, event_usd = b("bought.run", "money", "$500..$900"), b("bought.event", "money", "$1K..$2K")
    return candidate(
        "bought",
        "tuned",
        quality="91%..96%",
        prices=prices("house/small", cache_write="$2.50", batch=("$1", "$4")),
        tokens=tokens("bought", static="600..1500"),
        cached=b("bought.cached", "share", "20%..60%"),
        batch=b("bought.batch", "share", "5%..20%"),
        trained_already=True,
        training=replace(training("bought"), run_usd=run_usd),
        retraining=replace(retraining("bought", 4), event_usd=event_usd),
    )


def odd_study(horizon: int = 36, switch: int = 20) -> Study:
    """Totals stated instead of parts, a mix of mixes, a switch after the first year."""
    stated = candidate(
        "stated",
        per_call=b("stated.call", "money per call", "$0.002..$0.004/call"),
        upfront=b("stated.upfront", "money", "$8K..$20K"),
        running=b("stated.running", "money per month", "$900/month"),
        commitment=b("stated.commitment", "money per month", "$150..$400/month"),
    )
    escalate = b("mixed.escalate", "share", "5%..40%")
    mixed = candidate("mixed", "hybrid", quality=None, small="bought", large="gpus", escalate=escalate)
    late = candidate("late", "wait", quality=None, first="mixed", then="uncached", switch_month=switch)
    again = candidate("again", "wait", quality=None, first="stated", then="bought", switch_month=switch)
    falling, still = b("falling", "yearly rate", "-20%..5%/year"), b("still", "yearly rate", "0%/year")
    return study(
        *(stated, uncached(), gpus(), bought(), mixed, late, again),
        horizon=horizon,
        volume="60K..300K calls/month",
        growth="-1%..4%/month",
        discount="8%..12%/year",
        error_cost="$0.01..$0.20",
        value="$0.05",
        delay_benefit=b("delay", "money per month", "$500/month"),
        price_change={"house": falling, "*": still},
    )


CASES = {
    "every line": full_study(),
    "price steps": full_study(price_change={"*": STEPS}),
    "same make": copies(3),
    "odd": odd_study(),
    "less than a year": odd_study(horizon=7, switch=3),
    "switched in month 2": odd_study(horizon=14, switch=2),
}


@pytest.mark.parametrize("case", CASES)
def test_the_engine_equals_month_by_month_arithmetic(case: str):
    made = CASES[case]
    compare(made, made.sample(2300, 7))  # more than one chunk


@pytest.mark.parametrize("case", CASES)
def test_also_with_every_belief_at_its_centre(case: str):
    compare(CASES[case], CASES[case].centres())


def compare(made: Study, draws: Draws) -> None:
    fast, slow = simulate(made, draws).candidates, simulate_whole_arrays(made, draws)
    assert list(fast) == list(slow)
    for name in fast:
        compare_totals(fast[name], slow[name])
        compare_lines(fast[name], slow[name])


def compare_totals(fast: CandidateOutcome, slow: Reference) -> None:
    for part in ("cost_usd", "upfront_usd", "monthly_usd", "value_usd", "quality"):
        np.testing.assert_allclose(getattr(fast, part), getattr(slow, part), rtol=1e-12, err_msg=part)
    least = 1e-13 * np.abs(slow.cost_usd).max()  # time saved is negative: parts may cancel
    np.testing.assert_allclose(fast.consequence_usd, slow.consequence_usd, rtol=1e-12, atol=least)
    np.testing.assert_allclose(fast.break_even_months, slow.break_even_months, rtol=1e-9)
    np.testing.assert_allclose(fast.cumulative_usd, slow.cumulative_usd, rtol=1e-12)


def compare_lines(fast: CandidateOutcome, slow: Reference) -> None:
    assert set(fast.lines_usd) == set(slow.lines_usd)
    whole = float(fast.cost_usd.mean() + fast.consequence_usd.mean())
    assert sum(fast.lines_usd.values()) == pytest.approx(whole, rel=1e-12)
    least = 1e-13 * abs(whole)
    for key, usd in slow.lines_usd.items():
        assert fast.lines_usd[key] == pytest.approx(usd, rel=1e-12, abs=least), key
        by_month = fast.line_months_usd[key]
        np.testing.assert_allclose(by_month, slow.line_months_usd[key], rtol=1e-12, atol=least, err_msg=key)


def test_the_study_that_is_measured_counts_all_29_lines():
    made = full_study()
    outcome = simulate(made, made.centres())
    assert len({key for c in outcome.candidates.values() for key in c.lines_usd}) == 29


def test_an_input_is_drawn_alike_alone_and_among_others_on_other_threads():
    beliefs = full_study().beliefs
    together = sample(beliefs, 3000, 5)
    for belief in beliefs[::9]:
        np.testing.assert_array_equal(together[belief], sample([belief], 3000, 5)[belief])
