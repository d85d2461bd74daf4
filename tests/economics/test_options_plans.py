"""Plans, hybrids, cadences, gates, stages and retirements: by hand, and against the simulation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.beliefs import point
from breakeven.economics import simulate
from breakeven.economics.options.cadence import best_cadence, default_drift, months_since
from breakeven.economics.options.gates import fit_gate, held_gate
from breakeven.economics.options.hybrids import hybrid_of, search_hybrids
from breakeven.economics.options.plans import Phase, Plans, serves_until
from breakeven.economics.options.retirements import retirements
from breakeven.economics.options.staging import CALENDARS, Staged, stage, tranches
from breakeven.economics.totals import net_benefits
from breakeven.errors import InputError
from breakeven.study import open_study
from breakeven.study.model import Labour, Quality, Study
from tests.economics import studies as s

EXAMPLES = sorted(
    p.parent for p in (Path(__file__).resolve().parents[2] / "examples").glob("*/breakeven.yaml")
)


def opened(name: str) -> Study:
    [folder] = [e for e in EXAMPLES if e.name == name]
    return open_study(folder, today=dt.date(2026, 11, 20))


def waits(study: Study, then: str, month: int) -> Study:
    """The study with one more candidate, which waits."""
    wait = s.candidate("later", "wait", quality=Quality(), labour=Labour(), first=study.today, then=then,
                       switch_month=month)  # fmt: skip
    return replace(study, candidates={**study.candidates, "later": wait})


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda p: p.name)
def test_a_plan_of_one_is_the_candidate_and_of_two_the_one_that_waits(folder: Path) -> None:
    study = open_study(folder, today=dt.date(2026, 11, 20))
    draws = study.sample(40, 3)
    plans = Plans(study, draws)
    for name, c in study.candidates.items():
        if c.kind == "wait":
            continue
        want = net_benefits(study, draws, [name])[:, 0]
        np.testing.assert_allclose(plans.net_benefit(Phase(candidate=name)), want, rtol=1e-9, atol=1e-4)
        if name != study.today:
            want = net_benefits(waits(study, name, 5), draws, ["later"])[:, 0]
            found = plans.net_benefit(Phase(candidate=study.today, last=4), Phase(candidate=name, first=5))
            np.testing.assert_allclose(found, want, rtol=1e-9, atol=1e-4)


def test_a_commitment_counts_in_a_plan() -> None:
    promised = s.prompt(
        "promised", commitment=s.b("candidates.promised.commitment", "money per month", "$2,000/month")
    )
    study = waits(s.study(s.prompt("now"), promised, horizon=6), "promised", 3)
    draws = study.sample(4, 0)
    found = Plans(study, draws).net_benefit(
        Phase(candidate="now", last=2), Phase(candidate="promised", first=3)
    )
    np.testing.assert_allclose(found, simulate(study, draws).candidates["later"].net_benefit_usd)


def test_a_share_of_the_calls_by_hand() -> None:
    """100,000 calls a month for 2 months. ``a`` costs $0.01 a call, ``b`` $0.002 and $50 a month.

    Month 1: a tenth on b: 90,000·$0.01 + 10,000·$0.002 + $50 = $970. Month 2: all on b: $200 + $50 = $250. Sum $1,220.
    """
    a = s.candidate("a", per_call=s.b("a.per_call", "money per call", "$0.01/call"))
    b = s.candidate("b", per_call=s.b("b.per_call", "money per call", "$0.002/call"),
                    running=s.b("b.running", "money per month", "$50/month"))  # fmt: skip
    study = s.study(a, b, horizon=2)
    found = Plans(study, study.centres(), shares=[0.1, 0.9]).net_benefit(
        Phase(candidate="a", last=1, share=0.9),
        Phase(candidate="b", last=1, share=0.1),
        Phase(candidate="b", first=2),
    )
    assert found == pytest.approx([-1220])


def test_one_that_waits_is_no_phase() -> None:
    study = waits(s.study(s.prompt("now"), s.prompt("other")), "other", 3)
    with pytest.raises(InputError, match="do not wait"):
        Plans(study, study.centres()).net_benefit(Phase(candidate="later"))


# ------------------------------------------------------------------------------------------------------- cadence


def test_months_since_training_by_hand() -> None:
    assert list(months_since(2, 1, 4)) == [0, 0, 1, 0]
    assert list(months_since(None, 1, 4)) == [0, 1, 2, 3]
    assert list(months_since(1, 1, 4)) == [0, 0, 0, 0]
    assert list(months_since(2, 3, 6)) == [0, 0, 0, 0, 1, 0]  # trained for month 3


def tuned_study(horizon: int = 4) -> Study:
    tuned = s.candidate("tuned", "tuned", training=s.training("tuned"), retraining=s.retraining("tuned"),
                        per_call=s.b("tuned.per_call", "money per call", "$0.001/call"), quality="95%",
                        upfront=s.b("tuned.upfront", "money", "$10K"))  # fmt: skip
    return s.study(
        s.candidate("now", per_call=s.b("now.per_call", "money per call", "$0.005/call")),
        tuned,
        error_cost="$0.10",
        horizon=horizon,
    )


def test_a_cadence_by_hand() -> None:
    """Four months of 100,000 calls, $0.10 an error, 1 point lost a month: every second month leaves one stale month.

    Stale: 100,000 · 1% · $0.10 = $100 a month of age. Every 2: 1 month of age. Never: 0+1+2+3 = 6, $600.
    """
    study = tuned_study()
    found = best_cadence(Plans(study, study.centres()), "tuned", np.array([0.01]), cadences=(1, 2, None))
    assert found is not None
    assert found.cadences == (1, 2, 3, None)  # the study's own is always there
    np.testing.assert_allclose(found.drift_usd[:, 0], [0, 100, 200, 600])
    events = found.retraining_usd[:, 0] / found.event_usd
    np.testing.assert_allclose(events, [4, 2, 1, 0])


@given(st.floats(0, 0.02), st.floats(0.001, 0.02))
def test_faster_drift_never_asks_for_rarer_training(slow: float, more: float) -> None:
    study = tuned_study(horizon=24)
    plans = Plans(study, study.centres())
    rare, often = (best_cadence(plans, "tuned", np.array([d])) for d in (slow, slow + more))
    assert rare is not None
    assert often is not None
    assert (often.best or 99) <= (rare.best or 99)


def test_the_usual_drift_follows_the_domain() -> None:
    study = tuned_study()
    weekly = replace(study, facts=replace(study.facts, domain_changes="weekly"))
    rarely = replace(study, facts=replace(study.facts, domain_changes="rarely"))
    assert default_drift(rarely).high < default_drift(weekly).low
    assert default_drift(study).high == pytest.approx(0.025)  # document 004's case: 15% in six months


# --------------------------------------------------------------------------------------------------------- gates


def test_a_gate_finds_where_the_gain_crosses_zero() -> None:
    rng = np.random.default_rng(0)
    seen = rng.uniform(0, 1, 4000)
    gate = fit_gate(seen, 1000 * (seen - 0.3) + rng.normal(0, 50, 4000), "x", "share")
    assert gate.side == "at least"
    assert gate.threshold == pytest.approx(0.3, abs=0.01)
    assert gate.p_pass == pytest.approx(0.7, abs=0.02)
    # Stopping below 0.3 saves ∫ 1000·(0.3 − x) dx from 0 to 0.3 = 45.
    assert gate.value_usd == pytest.approx(45, abs=3)


def test_a_gate_that_falls_is_passed_below() -> None:
    seen = np.linspace(0, 1, 400)
    assert fit_gate(seen, 0.6 - seen, "x", "share").side == "at most"


@pytest.mark.parametrize(("mean", "side"), [(5.0, "always"), (-5.0, "never")])
def test_a_figure_that_tells_nothing_has_no_threshold(mean: float, side: str) -> None:
    rng = np.random.default_rng(1)
    gate = fit_gate(rng.normal(size=1000), rng.normal(mean, 1, 1000), "x", "share")
    assert (gate.side, gate.threshold) == (side, None)
    assert gate.value_usd == 0


def test_a_quality_believed_without_doubt_needs_no_measurement() -> None:
    seen = np.random.default_rng(2).normal(0, 0.02, 500)
    gate = held_gate(seen, np.zeros(500), np.full(500, 7.0), -0.01, "x")
    assert (gate.side, gate.p_pass) == ("always", 1.0)


# -------------------------------------------------------------------------------------------------------- stages


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda p: p.name)
def test_tranches_are_the_whole_build(folder: Path) -> None:
    study = open_study(folder, today=dt.date(2026, 11, 20))
    plans = Plans(study, study.sample(20, 0))
    for name, c in study.candidates.items():
        if c.kind == "wait":
            continue
        examples = None if c.training is None else plans.draws[c.training.examples]
        cost = tranches(plans, name, examples)
        whole = sum(plans.build_usd(name).values(), np.zeros(1))
        np.testing.assert_allclose(np.broadcast_to(cost.total_usd, 20), np.broadcast_to(whole, 20), atol=1e-6)
        assert np.all(cost.rest_usd >= -1e-9)


def doubtful(build: str) -> Study:
    """A tuned model that may be far better or far worse than today's, and takes a stated sum to build."""
    now = s.candidate("now", per_call=s.b("now.per_call", "money per call", "$0.005/call"), quality="90%")
    tuned = s.candidate("tuned", "tuned", per_call=s.b("t.per_call", "money per call", "$0.005/call"),
                        quality="80%..96%", upfront=s.b("t.upfront", "money", build))  # fmt: skip
    return s.study(now, tuned, error_cost="$0.50", volume="300K calls/month")


def test_a_dear_build_of_doubtful_quality_goes_in_stages_and_a_free_one_at_once() -> None:
    dear: dict[str, Staged] = {}
    free: dict[str, Staged] = {}
    for build, into in (("$60K", dear), ("$1", free)):
        study = doubtful(build)
        plans = Plans(study, study.sample(2000, 0), shares=[0.1, 0.9])
        cost = tranches(plans, "tuned", None)
        keep = plans.net_benefit(Phase(candidate="now")).mean()
        for c in CALENDARS:
            rng = np.random.default_rng(1)
            into[c.key] = stage(plans, "now", "tuned", c, cost, np.array([300.0]), rng)
            assert into[c.key].p_full <= into[c.key].p_share <= into[c.key].p_pilot <= 1
            assert into[c.key].p_full == pytest.approx(into[c.key].p_share * into[c.key].full_gate.p_pass)
        gains = {key: found.earned.mean() - keep for key, found in into.items()}
        best = max(gains, key=lambda key: gains[key])
        assert best == ("fast" if build == "$60K" else "at-once")
        assert gains["document-001"] < gains["fast"]
    assert dear["fast"].share_gate is not None
    assert dear["fast"].share_gate.side == "at least"


def test_a_gate_is_worth_no_more_than_foresight() -> None:
    study = doubtful("$60K")
    plans = Plans(study, study.sample(2000, 0), shares=[0.1, 0.9])
    found = stage(plans, "now", "tuned", CALENDARS[1], tranches(plans, "tuned", None), np.array([1e9]),
                  np.random.default_rng(0))  # fmt: skip
    keep, tuned = (plans.net_benefit(Phase(candidate=name)) for name in ("now", "tuned"))
    assert found.earned.mean() <= np.maximum(keep, tuned).mean()


# ------------------------------------------------------------------------------------------- hybrids, retirements


def test_a_cell_of_the_search_is_what_the_simulation_says() -> None:
    study = opened("loan-documents")
    draws = study.sample(200, 1)
    found = search_hybrids(
        Plans(study, draws), hybrid_of(Plans(study, draws), "tuned", "prompt"), stated=False
    )
    own = s.candidate("own", "hybrid", quality=Quality(), small="tuned", large="prompt",
                      escalate=point("own.escalate", "share", 0.2, s.BY_HAND))  # fmt: skip
    held = replace(study, candidates={**study.candidates, "own": own})
    outcome = simulate(held, held.sample(200, 1))
    want = outcome.candidates["own"].net_benefit_usd - outcome.candidates["prompt"].net_benefit_usd
    assert found.gain_usd[found.shares.index(0.2), 0] == pytest.approx(want.mean())
    alone = outcome.candidates["tuned"].net_benefit_usd - outcome.candidates["prompt"].net_benefit_usd
    assert found.gain_usd[0, 0] == pytest.approx(alone.mean())


def test_the_stated_router_is_met_where_it_was_stated() -> None:
    """A share handed on as the study says catches what the study says."""
    study = opened("loan-documents")
    cascade = study.candidates["cascade"]
    pinned = replace(
        cascade,
        escalate=point("e", "share", 0.3, s.BY_HAND),
        catches=point("c", "share", 0.6, s.BY_HAND),
    )
    held = replace(study, candidates={**study.candidates, "cascade": pinned})
    draws = held.sample(200, 1)
    found = search_hybrids(Plans(held, draws), pinned, stated=True)
    both = net_benefits(held, draws, ["cascade", "prompt"])
    want = (both[:, 0] - both[:, 1]).mean()
    assert found.gain_usd[found.shares.index(0.3), 0] == pytest.approx(want)


def test_what_a_router_must_catch_by_hand() -> None:
    """100,000 calls. small: $0.001, 80% right; large: $0.011, 100% right; an error costs $0.50. A tenth is handed on.

    Caught errors gain 100,000·20%·c·$0.50 = $10,000·c. Handing on costs 10,000·$0.011 = $110; the answers among them
    that were right stay right. So c = 1.1%; but by chance a tenth is caught already, and that pays: the least is 10%.
    At $0.02 an error: $400·c, so c = 27.5%. At $0.005: $100·c never pays.
    """
    found = []
    for error in ("$0.50", "$0.02", "$0.005"):
        small, large = (
            s.candidate(n, quality=q, per_call=s.b(f"{n}.per_call", "money per call", c))
            for n, q, c in (("small", "80%", "$0.001/call"), ("large", "100%", "$0.011/call"))
        )
        study = s.study(small, large, horizon=1, error_cost=error)
        plans = Plans(study, study.centres())
        found.append(search_hybrids(plans, hybrid_of(plans, "small", "large"), stated=False).must_catch)
    assert found[0] == pytest.approx(0.1, abs=0.02)
    assert found[1] == pytest.approx(0.275, abs=0.02)
    assert found[2] is None


def test_what_happens_when_a_base_retires() -> None:
    study = opened("retiring-base")
    assert serves_until(study, "tuned at openai") == 1
    found = retirements(Plans(study, study.sample(200, 0)), list(study.candidates))
    assert [(r.candidate, r.month, r.kind) for r in found] == [
        ("tuned at openai", 2, "stops"), ("tuned at azure", 11, "announced"), ("tuned at azure", 29, "expected"),
    ]  # fmt: skip
    assert found[0].date == dt.date(2027, 1, 14)
    assert found[0].leave_for is not None
    assert found[1].move_usd is not None
