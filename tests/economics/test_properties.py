"""What must hold for every study: mirrors, monotony, linearity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.advice.ranking import rank
from breakeven.economics import simulate
from breakeven.economics.break_even import crossing_months
from breakeven.economics.totals import net_benefits
from breakeven.study.model import Labour, Study
from tests.economics.studies import b, candidate, prices, prompt, retraining, study, tokens, training

money = st.floats(0.01, 100).map(lambda x: f"${x:.4f}")
share = st.integers(1, 99).map(lambda x: f"{x}%")


def two(price_in: str, price_out: str, cached: str, hits: str, retries: str, growth: str) -> Study:
    """A prompt and a tuned candidate with ranges."""
    p = prompt(
        "p", prices=prices(input=price_in, output=price_out, cached=cached), hit_rate=b("h", "share", hits),
        labour=Labour(upkeep_hours=b("p.u", "hours per month", "2..9 hours/month")),
    )  # fmt: skip
    t = candidate(
        "t", "tuned", prices=prices("house/small", input=price_in, output=price_out, cached=None),
        tokens=tokens("t", static="100..600"), training=training("t", label_cost="$0.5..$4"),
        retraining=retraining("t"), quality="85%..97%",
    )  # fmt: skip
    return study(
        p, t, retries=retries, growth=growth, error_cost="$0.05..$0.50", volume="50K..200K calls/month"
    )


studies = st.builds(
    two, money, money, st.just("$0.005"), share, share, st.sampled_from(["0%/month", "-2%..3%/month"])
)


@given(studies)
def test_net_benefit_is_the_same_with_and_without_months(made: Study):
    draws = made.sample(64, 1)
    outcome = simulate(made, draws)
    whole = np.stack([c.net_benefit_usd for c in outcome.candidates.values()], axis=1)
    np.testing.assert_allclose(net_benefits(made, draws, list(made.candidates)), whole, rtol=1e-10)


@given(studies, st.sampled_from(["input", "output"]), st.floats(1.0, 20.0))
def test_cost_never_falls_when_a_price_rises(made: Study, part: str, factor: float):
    draws = made.sample(64, 2)
    belief = getattr(made.candidates["p"].prices, part)
    dearer = draws.with_values(belief.name, draws[belief] * factor)
    before, after = (simulate(made, d).candidates["p"].cost_usd for d in (draws, dearer))
    assert (after >= before * (1 - 1e-12)).all()


@given(studies)
def test_swapping_two_candidates_mirrors_the_result(made: Study):
    p, t = made.candidates["p"], made.candidates["t"]
    swapped = replace(made, candidates={"t": t, "p": p}, today="t")
    one, other = (simulate(s, s.sample(256, 3)) for s in (made, swapped))
    for name in ("p", "t"):
        np.testing.assert_array_equal(one.candidates[name].cost_usd, other.candidates[name].cost_usd)
    a, z = rank(made, one), rank(swapped, other)
    assert a.leader == z.leader
    assert dict(a.p_best) == pytest.approx(dict(z.p_best))
    cheaper = one.candidates["t"].cost_usd < one.candidates["p"].cost_usd
    assert np.mean(cheaper) + np.mean(
        other.candidates["p"].cost_usd < other.candidates["t"].cost_usd
    ) == pytest.approx(1)


@given(st.integers(2, 7), st.integers(2, 7), st.integers(1, 40))
def test_renaming_a_candidate_changes_nothing(hours: int, more: int, cost: int):
    def made(name: str) -> Study:
        labour = Labour(upkeep_hours=b("u", "hours per month", f"{hours}..{hours + more} hours/month"))
        other = candidate(
            name, "tuned", per_call=b("c", "money per call", f"${cost / 1e4}/call"), labour=labour
        )
        return study(prompt("p"), other)

    one, two_ = (simulate(s, s.sample(128, 5)) for s in (made("a"), made("z")))
    np.testing.assert_array_equal(one.candidates["a"].cost_usd, two_.candidates["z"].cost_usd)


@given(st.floats(0.1, 30))
def test_token_cost_is_linear_in_volume(factor: float):
    def bill(volume: float) -> float:
        made = study(prompt("p"), volume=f"{volume:.6f} calls/month")
        return float(simulate(made, made.centres()).candidates["p"].cost_usd[0])

    assert bill(100_000 * factor) == pytest.approx(bill(100_000) * factor, rel=1e-9)


@given(studies)
def test_draws_do_not_depend_on_chunks(made: Study):
    draws = made.sample(5000, 4)
    whole = simulate(made, draws).candidates["t"].cost_usd
    np.testing.assert_allclose(
        simulate(made, draws.first(3000)).candidates["t"].cost_usd, whole[:3000], rtol=1e-12
    )


amounts = st.lists(st.tuples(st.integers(-5, 9), st.integers(-4, 4)), min_size=1, max_size=9)


@given(amounts)
def test_crossing_is_the_last_dearer_moment(months: list[tuple[int, int]]):
    lumps, flows = (np.array(column, dtype=float) for column in zip(*months, strict=True))
    found = crossing_months(np.cumsum(lumps + flows)[:, None], lumps[:, None], np.ones(1))[0]

    def at(time: float) -> float:
        whole = int(time)
        paid = lumps[: whole + 1].sum() + flows[:whole].sum() if whole < lumps.size else (lumps + flows).sum()
        return float(paid + (flows[whole] * (time - whole) if whole < lumps.size else 0))

    later = (
        [found + step for step in np.linspace(1e-6, lumps.size - found, 200)] if np.isfinite(found) else []
    )
    assert all(at(time) <= 1e-4 for time in later if time < lumps.size)
    if np.isinf(found):
        assert (lumps + flows).sum() > 0
    elif found > 0:
        assert at(max(found - 1e-7, 0.0)) >= -1e-4 or lumps[min(int(found), lumps.size - 1)] != 0
