"""The sentences and rows of the decision page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from breakeven.advice.decision import CandidateResult, Decision, Months, Spread
from breakeven.report.page import to_page
from tests.report import sample


@pytest.fixture(scope="module")
def decision() -> Decision:
    return sample.rich()


def with_candidate(d: Decision, name: str, **changes: object) -> Decision:
    changed: CandidateResult = replace(d.candidates[name], **changes)  # type: ignore[arg-type]
    return replace(d, candidates={**d.candidates, name: changed})


def months(p_never: float, p05: float | None, p50: float | None, p95: float | None) -> Months:
    return Months(p_never=p_never, p05=p05, p50=p50, p95=p95)


ALWAYS = months(0, 200e3, 300e3, 400e3)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (months(0, 4, 7, 18), "after 7.0 months (90%: 4.0 months to 18.0 months)"),
        (months(0.12, 4, 7, None), "after 7.0 months (90%: 4.0 months to never, never P 12%)"),
        (months(0.97, None, None, None), "never within 36 months (P 97%)"),
        (months(0, 0, 0, 0), "from the start"),
    ],
)
def test_break_even_months(decision: Decision, when: Months, said: str) -> None:
    page = to_page(with_candidate(decision, "tuned", break_even=when, break_even_volume=ALWAYS))
    assert next(row.when for row in page.break_even if row.name == "tuned") == said


@pytest.mark.parametrize(
    ("cost", "volume", "said"),
    [
        # 900K calls a month are believed. Cheaper there and 900K > 300K: it is cheaper above 300K.
        (50e3, months(0, 200e3, 300e3, 400e3), "cheaper above 300K calls/month (90%: 200K to 400K)"),
        # Cheaper there, and 900K < 2M: cheaper below 2M.
        (50e3, months(0.1, 1e6, 2e6, None), "cheaper below 2M calls/month (90%: 1M to no volume)"),
        (500e3, months(0, 200e3, 300e3, 400e3), "cheaper below 300K calls/month (90%: 200K to 400K)"),
        (500e3, months(0.9, None, None, None), "at no volume (P 90%)"),
    ],
)
def test_break_even_volume_says_on_which_side(
    decision: Decision, cost: float, volume: Months, said: str
) -> None:
    changed = with_candidate(
        decision, "tuned", cost=Spread(mean=cost, p05=cost, p95=cost), break_even=months(0, 4, 7, 18),
        break_even_volume=volume,
    )  # fmt: skip
    assert next(row.volume for row in to_page(changed).break_even if row.name == "tuned") == said


def test_never_says_what_it_would_take(decision: Decision) -> None:
    hybrid = next(row for row in to_page(decision).break_even if row.name == "hybrid")
    assert str(hybrid) == "never within 36 months (P 84%); at 1.22M calls/month it would (90%: 914K to 1.62M)"


def test_today_has_no_break_even_with_itself(decision: Decision) -> None:
    assert [row.name for row in to_page(decision).break_even] == ["small", "tuned", "hybrid", "selfhost"]


def test_cheaper_and_worth_it_are_told_apart(decision: Decision) -> None:
    cheaper = to_page(decision).cheaper
    assert cheaper[0] == "Cheaper to run than prompt: small 100%, tuned 34%, hybrid 16%, selfhost 0%."
    assert "The case for hybrid is fewer errors, not a smaller bill." in cheaper
    assert [
        line for line in cheaper if line.startswith("small is cheaper to run and on average not worth it")
    ]


def test_the_case_for_a_smaller_bill(decision: Decision) -> None:
    chosen = replace(decision.recommendation, candidate="small")
    assert (
        "The case for small is a smaller bill." in to_page(replace(decision, recommendation=chosen)).cheaper
    )
    better = with_candidate(
        decision, "tuned", cost=Spread(mean=1e4, p05=1e4, p95=1e4),
        net_benefit_vs_today=Spread(mean=2e5, p05=1e5, p95=3e5),
    )  # fmt: skip
    both = replace(better, recommendation=replace(decision.recommendation, candidate="tuned"))
    assert "The case for tuned is a smaller bill and fewer errors." in to_page(both).cheaper


@pytest.mark.parametrize(("p_best", "level"), [(0.95, "High"), (0.7, "Moderate"), (0.4, "Low")])
def test_confidence_has_a_level(decision: Decision, p_best: float, level: str) -> None:
    page = to_page(replace(decision, recommendation=replace(decision.recommendation, p_best=p_best)))
    assert page.level == level
    assert f"hybrid is best in {p_best:.0%} of 100,000 draws" in page.confidence


def test_little_at_stake_is_said(decision: Decision) -> None:
    assert "little" not in to_page(decision).stake
    sure = replace(decision.recommendation, expected_regret_usd=100.0)
    assert to_page(replace(decision, recommendation=sure)).stake.startswith("Choosing it forgoes $100")
    assert "little is at stake." in to_page(replace(decision, recommendation=sure)).stake


@pytest.mark.parametrize(
    ("top", "symbol", "shown"), [(15_000, "$", "15,000"), (150_000, "$k", "150"), (45_000_000, "$M", "45.0")]
)
def test_a_table_has_one_unit_of_money(top: float, symbol: str, shown: str) -> None:
    bare = sample.bare()
    zero = Spread(mean=0, p05=0, p95=0)
    both = {
        name: replace(c, cost=Spread(mean=top, p05=top / 2, p95=top), net_benefit_vs_today=zero)
        for name, c in bare.candidates.items()
    }
    page = to_page(replace(bare, candidates=both))
    assert page.money.symbol == symbol
    assert page.candidates[0].cost.value == shown


def test_a_rounded_zero_has_no_sign(decision: Decision) -> None:
    tiny = with_candidate(decision, "tuned", net_benefit_vs_today=Spread(mean=-3, p05=-9, p95=12_000))
    assert str(to_page(tiny).candidates[2].benefit) == "0 [0, +12]"


def test_one_world_has_no_intervals_and_no_probabilities() -> None:
    page = to_page(sample.bare())
    assert page.one_world
    assert page.level == "Unknown"
    shown = "".join(
        str(row) for row in (page.candidates, page.break_even, page.confidence, page.stake, page.worth)
    )
    assert "[" not in shown.replace("interval=''", "")
    assert "%" not in shown
    assert "P(" not in shown


def test_a_break_even_on_which_all_draws_agree_has_no_interval(decision: Decision) -> None:
    sure = with_candidate(
        decision, "tuned", break_even=months(0, 0.7, 0.7, 0.7), break_even_volume=months(0, 5, 5, 5)
    )
    row = next(row for row in to_page(sure).break_even if row.name == "tuned")
    assert (row.when, row.volume) == ("after 3.0 weeks", "cheaper below 5 calls/month")


@pytest.mark.parametrize(("cost", "said"), [(50e3, "cheaper at any volume"), (500e3, "at no volume")])
def test_a_break_even_at_no_calls_is_none(decision: Decision, cost: float, said: str) -> None:
    spread = Spread(mean=cost, p05=cost, p95=cost)
    changed = with_candidate(decision, "tuned", cost=spread, break_even_volume=months(0, 0, 0, 0))
    assert next(row.volume for row in to_page(changed).break_even if row.name == "tuned") == said


def test_inputs_without_a_range_have_no_chance_and_stand_last(decision: Decision) -> None:
    stated = tuple(
        replace(a, low=a.centre, high=a.centre) if a.input == "candidates.prompt.quality" else a
        for a in decision.assumptions
    )
    flips = to_page(replace(decision, assumptions=stated)).flips
    assert [f.p for f in flips] == ["29%", "10%", "7%", "6%", "–"]
    assert flips[-1].input == "candidates.prompt.quality"


def test_rules_that_contradict_stand_first(decision: Decision) -> None:
    standings = [rule.standing for rule in to_page(decision).rules]
    assert standings == ["contradicts"] * 3 + ["agrees"] * 3 + ["cannot tell"]


def test_a_column_has_decimals_only_where_all_of_it_is_small(decision: Decision) -> None:
    wide = Spread(mean=54_600, p05=-243_200, p95=352_400)
    tuned = to_page(with_candidate(decision, "tuned", net_benefit_vs_today=wide)).candidates[2]
    assert str(tuned.benefit) == "+55 [−243, +352]"
    assert tuned.upfront.value == "19.8"


def test_what_is_not_counted_is_grouped(decision: Decision) -> None:
    assert [(row.who, row.lines) for row in to_page(decision).not_counted] == [
        ("all candidates", "retrieval and tools, inline guard, incidents"),
        ("tuned, hybrid and selfhost", "compliance"),
        ("selfhost", "cold starts"),
    ]


def test_assumptions_that_matter_stand_first(decision: Decision) -> None:
    names = [a.input for a in to_page(decision).assumptions]
    assert names[:4] == [
        "candidates.tuned.quality.gain", "workload.errors.cost", "candidates.prompt.quality", "workload.volume",
    ]  # fmt: skip
    assert names[4] == "candidates.hybrid.escalate"  # it flips the answer, and knowing it is worth nothing
    assert len(names) == len(decision.assumptions)


def test_rules_are_counted(decision: Decision) -> None:
    assert to_page(decision).rules_summary == "3 agree, 3 contradict, 1 cannot tell"
    assert to_page(replace(decision, rules=decision.rules[:1])).rules_summary == "1 contradicts"


def test_evidence_shouts_where_it_is_none(decision: Decision) -> None:
    assert [e.extrapolated for e in to_page(decision).evidence] == [False, False, True, True, True]
    assert to_page(decision).missing
    enough = replace(decision.recommendation, enough_evidence=True)
    assert to_page(replace(decision, recommendation=enough)).missing == ()
