"""A slip made on purpose is found again; where no slip was made, none is invented."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breakeven.claims import AuditedClaim, audit

HEAD = "claims:\n"
few = settings(max_examples=40)


def entry(**keys: str) -> str:
    """One claim of a file, id and source made up."""
    lines = ["  - id: A.1", "    source: a proposal", "    statement: a figure"]
    return HEAD + "\n".join([*lines, *(f"    {key}: {value}" for key, value in keys.items())]) + "\n"


def audit_one(**keys: str) -> AuditedClaim:
    [found] = audit(entry(**keys))
    return found


def said(claim: AuditedClaim) -> list[str]:
    return [str(hit) for hit in claim.slips]


def payback(printed: str, upfront: float, saving: float) -> AuditedClaim:
    inputs = f"{{upfront: '${upfront:.2f}', saving: '${saving:.2f}/month'}}"
    return audit_one(inputs=inputs, formula="upfront / saving", printed=printed)


money = st.floats(1_000, 200_000).map(lambda x: round(x, 2))
savings = st.floats(10, 5_000).map(lambda x: round(x, 2))


@few
@given(money, savings)
def test_a_true_figure_holds(upfront: float, saving: float) -> None:
    months = upfront / saving
    claim = payback(f"{months:.5g} months" if months < 90_000 else f"{months:.0f} months", upfront, saving)
    assert claim.verdict == "holds"
    assert claim.slip is None
    assert claim.slips_tried == 0


@few
@given(money, savings)
def test_months_read_as_days(upfront: float, saving: float) -> None:
    months = upfront / saving
    assume(2 < months < 9_000)
    claim = payback(f"{months:.2f} days", upfront, saving)
    assert claim.verdict == "fails"
    assert claim.slip == "months read as days"


@pytest.mark.parametrize(
    ("printed", "slip"),
    [
        # 37.24 months is right
        ("37.24 days", "months read as days"),
        ("37.24 weeks", "months read as weeks"),
        ("37.24 years", "months read as years"),
        ("1132.7 months", "days read as months"),  # 37.24 × 30.4167 days
        ("161.8 months", "weeks read as months"),  # ÷ 7
        ("3.103 months", "years read as months"),  # ÷ 12
        ("1117 days", "30-day months"),  # × 30
        ("1.241 months", "months read as days, 30-day months"),  # ÷ 30
        ("372.4 months", "a zero too many"),
    ],
)
def test_misread_times(printed: str, slip: str) -> None:
    assert payback(printed, 37_240, 1_000).slip == slip


@few
@given(st.floats(1_000, 90_000).map(lambda x: round(x, 1)), st.integers(5, 80))
def test_a_percentage_applied_twice(bill: float, percent: int) -> None:
    twice = bill * (percent / 100) ** 2
    assume(percent not in {10, 50} and twice > 10)  # 10% twice is also a lost zero
    claim = audit_one(
        inputs=f"{{bill: '${bill}/month', cut: {percent}%}}",
        formula="bill * cut",
        printed=f"'${twice:.2f}/month'",
    )
    assert claim.verdict == "fails"
    assert "cut applied twice" in said(claim)
    assert str(claim.slips[0]) == "cut applied twice" or claim.slips[0].cost <= 1.2


@pytest.mark.parametrize(
    ("printed", "slip"),
    [
        # 120K calls × $0.0031 × (1 − 0.2) = $297.60 a month is right
        ("$297.60/year", "a month's figure printed as a year's"),
        ("$3,571.2/month", "a year's figure printed as a month's"),
        ("$9.784/month", "a day's figure printed as a month's"),  # ÷ 30.4167
        ("$892.8/month", "a quarter's figure printed as a month's"),
        ("$297.6K/month", "three zeros too many"),
        ("$74.4/month", "cached read as the rest of 100%"),
        ("$372/month", "cached left out"),
        ("$446.4/month", "1 − cached added up"),
        ("$604.8/month", "price from the old list"),  # at $0.0063
    ],
)
def test_slips_with_a_bill(printed: str, slip: str) -> None:
    claim = audit_one(
        inputs="{calls: 120K calls/month, price: $0.0031/call, cached: 20%}",
        formula="calls * price * (1 - cached)",
        printed=printed,
        other_values="{the old list: {price: $0.0063/call}}",
    )
    assert claim.verdict == "fails"
    assert claim.slip == slip


sums = st.lists(st.integers(1_001, 99_999), min_size=3, max_size=6, unique=True)


@few
@given(sums, st.data())
def test_a_term_left_out_or_counted_twice(terms: list[int], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(terms) - 1))
    sign = data.draw(st.sampled_from([-1, 1]))
    printed = sum(terms) + sign * terms[which]
    assume(printed % 10)  # else its zeros allow other terms
    inputs = "{" + ", ".join(f"t{i}: ${term}" for i, term in enumerate(terms)) + "}"
    claim = audit_one(
        inputs=inputs, formula=" + ".join(f"t{i}" for i in range(len(terms))), printed=f"${printed}"
    )
    assert claim.verdict == "fails"
    wanted = f"t{which} left out" if sign < 0 else f"t{which} counted twice"
    assert wanted in said(claim)


@few
@given(st.integers(100, 900), st.integers(1_000, 9_000))
def test_one_end_of_a_range(few: int, many: int) -> None:
    assume(many % 10 and few % 10)
    claim = audit_one(
        inputs=f"{{examples: {few}..{many} examples, price: $30..$60/example}}",
        formula="examples * price",
        printed=f"${many * 30}..${many * 60}",
    )
    assert claim.slip == "only the high end of examples used"


@pytest.mark.parametrize("printed", ["$0.25..$0.40/call", "$0.21..$0.35/call"])
def test_a_slip_at_one_end(printed: str) -> None:
    # lows 0.10 + 0.11 = 0.21, highs 0.15 + 0.20 = 0.35
    claim = audit_one(
        inputs="{a: $0.10..$0.15/call, b: $0.11..$0.20/call}", formula="a + b", printed="$0.21..$0.55/call"
    )
    assert said(claim) == ["b counted twice (at the high end only)"]


def test_the_wrong_line_of_a_table() -> None:
    claim = audit_one(
        inputs="{upfront: $35K, saving: $280/month, hosting: $1300/month}",
        formula="upfront / saving",
        printed="26.92 months",
    )
    assert claim.slip == "hosting taken for saving"


def test_a_ratio_upside_down() -> None:
    claim = audit_one(inputs="{a: $60, b: $45}", formula="a / b", printed="75%")
    assert claim.slip in {"the ratio upside down", "a ÷ b upside down"}


def test_a_difference_the_wrong_way_round() -> None:
    claim = audit_one(inputs="{a: $60, b: $45}", formula="a - b", printed="-$15")
    assert claim.slip == "a − b the wrong way round"


def test_two_slips_at_once() -> None:
    # $40,000 ÷ ($900 − $300) = 66.667 months. Without hosting $40,000 ÷ $900 = 44.444, called days
    claim = audit_one(
        inputs="{upfront: $40K, saving: $900/month, hosting: $300/month}",
        formula="upfront / (saving - hosting)",
        printed="44.444 days",
    )
    assert claim.slip == "hosting left out; months read as days"
    assert claim.by_chance < 0.15


@few
@given(st.floats(0.0003, 3_000))
def test_what_is_found_gives_what_is_printed(factor: float) -> None:
    claim = payback(f"{37.24 * factor:.5g} months", 37_240, 1_000)
    for hit in claim.slips:
        assert hit.gives.low.value == pytest.approx(37.24 * factor, rel=1e-3)


def test_chance_hits_are_as_rare_as_announced() -> None:
    """200 figures without any slip behind them: hits come about as often as the expected number says."""
    import numpy as np

    rng = np.random.default_rng(7)
    claims = []
    for i, factor in enumerate(np.exp(rng.uniform(-3, 3, size=200))):
        claims.append(
            f"  - id: A{i}\n    source: made up\n    statement: none\n"
            "    inputs: {upfront: $37240, saving: $1320/month, hosting: $320/month}\n"
            f"    formula: upfront / (saving - hosting)\n    printed: {37.24 * factor:.3g} months\n"
        )
    found = [claim for claim in audit(HEAD + "".join(claims)) if claim.verdict == "fails"]
    single = sum(1 for claim in found if claim.slips and ";" not in str(claim.slips[0]))
    announced = sum(min(claim.by_chance, 1) for claim in found)
    assert single <= 2 * announced + 5
    assert sum(1 for claim in found if claim.slips) <= 0.2 * len(found)


def test_none_found_is_said() -> None:
    claim = payback("53.17 months", 37_240, 1_000)
    assert claim.verdict == "fails"
    assert claim.slip is None
    assert claim.slips_tried > 20


def test_stale_output_needs_evidence() -> None:
    """Three failing outputs of one program, one following from the others: stale. Without that relation: not."""

    def program(printed: list[str]) -> list[str | None]:
        formulas = ["a * 36 * month", "b * 36 * month", "(b - a) * 36 * month", "b * 40 * month"]
        text = HEAD
        for i, (figure, formula) in enumerate(zip(printed, formulas, strict=True), start=1):
            text += (
                f"  - id: P.{i}\n    source: a post\n    statement: output\n    program: calculator\n"
                f"    inputs: {{a: $61/month, b: $2017/month}}\n    formula: {formula}\n    printed: {figure}\n"
            )
        return [claim.slip for claim in audit(text)]

    related = program(["$17,317", "$83,531", "$66,214", "$41,713"])
    assert related[2] == "$83,531 of P.2 less $17,317 of P.1, both wrong"
    assert str(related[0]).startswith("stale output")
    assert program(["$17,317", "$83,531", "$51,919", "$41,713"]) == [None] * 4
