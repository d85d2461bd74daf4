"""Spans, formulas and printed figures: units kept, ends kept, nothing but arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breakeven.claims.figures import read_figure, read_measure, read_share
from breakeven.claims.formulas import read_formula, text_of, work_out
from breakeven.claims.model import Working
from breakeven.claims.reader import _span
from breakeven.claims.spans import Span, hull, point
from breakeven.errors import QuantityError
from breakeven.quantities import Quantity, Unit

MONTH = Unit.of(month=1)


def worked(formula: str, **inputs: str) -> Span:
    working = Working(
        inputs={name: _span(text) for name, text in inputs.items()}, formula=read_formula(formula, inputs)
    )
    return working.result()


# ------------------------------------------------------------------------------------------------- spans


def test_ends_of_a_product_are_taken_at_the_corners() -> None:
    # −2..3 times −5..4: corners 10, −8, −15, 12
    found = worked("a * b", a="-2..3", b="-5..4")
    assert (found.low.value, found.high.value) == (-15, 12)


def test_a_range_minus_a_range_takes_the_far_ends() -> None:
    found = worked("a - b", a="$45K..$90K", b="$20K..$50K")
    assert (found.low.value, found.high.value) == (-5_000, 70_000)


def test_a_range_used_twice_is_one_value() -> None:
    # a ÷ (a + 1) is 0.5 at 1 and 0.75 at 3; ends taken apart would give 1/4 to 3/2
    found = worked("a / (a + 1)", a="1..3")
    assert (found.low.value, found.high.value) == (0.5, 0.75)
    assert worked("a - a", a="1..3") == point(0.0)


def test_too_many_ranges_used_twice_are_refused() -> None:
    names = [f"r{i}" for i in range(6)]
    formula = " + ".join(f"{name} * {name}" for name in names)
    with pytest.raises(QuantityError, match="6 ranges stand more than once"):
        worked(formula, **dict.fromkeys(names, "1..2"))


def test_nothing_is_divided_by_a_range_that_reaches_zero() -> None:
    with pytest.raises(QuantityError, match="reaches zero"):
        worked("a / b", a="1..2", b="-1..1")
    with pytest.raises(QuantityError, match="divided by zero"):
        worked("a / b", a="$5", b="0 months")


def test_dollars_never_add_to_months() -> None:
    with pytest.raises(QuantityError, match="can not add"):
        worked("a + b", a="$5", b="3 months")
    with pytest.raises(QuantityError):
        worked("max(a, b)", a="$5", b="3 months")


ends = st.tuples(st.floats(-100, 100), st.floats(-100, 100)).map(sorted)


@settings(max_examples=60)
@given(
    ends,
    ends,
    st.sampled_from(["a + b", "a - b", "a * b", "min(a, b)", "max(a, b)", "-a + 2 * b"]),
    st.data(),
)
def test_a_value_inside_gives_a_result_inside(
    a: list[float], b: list[float], formula: str, data: st.DataObject
) -> None:
    tree = read_formula(formula, {"a", "b"})
    wide = {"a": Span(Quantity(a[0]), Quantity(a[1])), "b": Span(Quantity(b[0]), Quantity(b[1]))}
    inside = {name: data.draw(st.floats(low, high)) for name, (low, high) in {"a": a, "b": b}.items()}
    outer = work_out(tree, wide)
    inner = work_out(tree, {name: point(value) for name, value in inside.items()})
    assert outer.low.value - 1e-9 <= inner.low.value <= outer.high.value + 1e-9


def test_the_hull_goes_round_all() -> None:
    found = hull([point(3.0), point(-1.0), point(2.0)])
    assert (found.low.value, found.high.value) == (-1, 3)


# ---------------------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("-(2 - 5)", 3),
        ("2 × 3 − 4 ÷ 2", 4),
        ("min(3, 2, 5) + max(1, 4)", 6),
        ("ceil(2.1) + floor(2.9) + round(2.5)", 8),  # 3 + 2 + 3: halves round up, as people do
        ("year / month", 12),
        ("year / quarter", 4),
        ("week / day", 7),
        ("month / day", 365 / 12),
    ],
)
def test_arithmetic(formula: str, value: float) -> None:
    assert work_out(read_formula(formula, ()), {}).low.value == pytest.approx(value)


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "a b",
        "a ** 2",
        "a // 2",
        "a % 2",
        "a if a else a",
        "a == a",
        "[a]",
        "a.value",
        "a.__class__",
        "__import__('os')",
        "open(a)",
        "max(*a)",
        "max(a, b=a)",
        "max(a)",
        "ceil()",
        "lambda: a",
        "(a := 2)",
        "'text'",
        "1j",
        "True",
        "1e400",
        "10" * 200,
        "unknown + 1",
        "a" + "+a" * 400,
        "(" * 40 + "a" + ")" * 40 + "*" + "(" * 300,
        "-" * 80 + "a",
        "1if",
        "1 if",
        "a;a",
        "a\x00",
        "day(a)",
        "min",
    ],
)
def test_anything_but_arithmetic_is_refused(formula: str) -> None:
    with pytest.raises(QuantityError):
        read_formula(formula, {"a"})


def test_a_misspelt_name_is_told() -> None:
    with pytest.raises(QuantityError, match="no input is called 'monthly_savings'") as caught:
        read_formula("upfront / monthly_savings", {"upfront", "monthly_saving"})
    assert caught.value.hint == "did you mean 'monthly_saving'?"


def test_rounding_something_with_a_unit_is_refused() -> None:
    with pytest.raises(QuantityError, match="depends on its unit") as caught:
        worked("ceil(a)", a="3.2 months")
    assert "ceil(x / month) * month" in str(caught.value.hint)
    assert worked("ceil(a / month) * month", a="3.2 months") == point(Quantity(4.0, MONTH))


def test_a_result_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(QuantityError, match="no finite number"):
        worked("a * a * a", a="1e200")
    with pytest.raises(QuantityError, match="divides by zero"):
        worked("5 / (3 - 3)")


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("a * (b + c)", "a × (b + c)"),
        ("(a * b) + c", "a × b + c"),
        ("a - (b - c)", "a − (b − c)"),
        ("(a - b) - c", "a − b − c"),
        ("a / (b * c)", "a ÷ (b × c)"),
        ("a / b / c", "a ÷ b ÷ c"),
        ("-(a + b) * c", "−(a + b) × c"),
        ("max(a, b) * 1000", "max(a, b) × 1,000"),
    ],
)
def test_formulas_are_written_with_the_parentheses_they_need(formula: str, written: str) -> None:
    tree = read_formula(formula, {"a", "b", "c"})
    assert text_of(tree) == written
    again = read_formula(written.replace("1,000", "1000"), {"a", "b", "c"})
    values = {"a": point(7.0), "b": point(3.0), "c": point(2.0)}
    assert work_out(again, values) == work_out(tree, values)


# ----------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        # what the printed digits allow
        ("5.8M calls/month", 5.75e6, 5.85e6),
        ("480K calls/month", 475e3, 485e3),
        ("480,000 calls/month", 475e3, 485e3),
        ("1M calls/month", 0.95e6, 1.05e6),
        ("75K calls/month", 74.5e3, 75.5e3),
        ("3,750 calls/month", 3_745, 3_755),
        ("60 calls/month", 59.5, 60.5),
        ("4 calls/month", 3.5, 4.5),
        ("37.50 calls/month", 37.495, 37.505),
        ("about 200 calls/month", 180, 220),
        ("~ 200 calls/month", 180, 220),
        ("Roughly 3 calls/month", 2.5, 3.5),
        ("approx. 200 calls/month", 180, 220),
    ],
)
def test_the_printed_digits_decide_what_still_holds(text: str, low: float, high: float) -> None:
    figure = read_figure(text)
    unit = Unit.of(call=1, month=-1)
    for value, holds in ((low, True), (high, True), (low * 0.9999, False), (high * 1.0001, False)):
        assert figure.fits(point(Quantity(value, unit))) is holds, value


def test_a_stated_tolerance_replaces_the_digits() -> None:
    figure = read_figure("about $100", tolerance=0.02)
    assert figure.slack == (2.0, 2.0)
    assert read_share("2%") == 0.02
    for text in ("2", "200%", "1%..2%", "$2", "-1%"):
        with pytest.raises(QuantityError):
            read_share(text)


def test_the_slack_is_in_base_units() -> None:
    assert list(read_figure("$0.15/1M tokens").slack) == pytest.approx([5e-9, 5e-9])
    assert list(read_figure("292 days").slack) == pytest.approx([0.5 * 12 / 365] * 2)
    assert list(read_figure("40%..65%").slack) == pytest.approx([0.005, 0.005])
    assert read_figure("0 days").slack[0] == pytest.approx(0.5 * 12 / 365)


def test_never_needs_a_unit() -> None:
    figure = read_figure("Never", unit="months")
    assert figure.span is None
    assert figure.ends_fit(point(Quantity(3.0, MONTH))) == (False, False)
    with pytest.raises(QuantityError, match="no unit"):
        read_figure("never")


@pytest.mark.parametrize(
    "text", ["months", "$/month", "calls/year", "%", "", "$", "$/1M tokens", "tokens/example"]
)
def test_units_are_read(text: str) -> None:
    measure = read_measure(text)
    assert measure.number(3 * measure.factor) == 3


@pytest.mark.parametrize("text", ["monhts", "0 months", "..3 days", "$x", "-1 months"])
def test_a_wrong_unit_is_refused(text: str) -> None:
    with pytest.raises(QuantityError):
        read_measure(text)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("months", 291.6667, "291.7 months"),
        ("$", 21_600, "$21,600"),
        ("$", 95, "$95"),
        ("$", 37.5, "$37.50"),
        ("$/month", -135, "−$135/month"),
        ("$", 1_526_400, "$1.526M"),
        ("$", 360_000, "$360K"),
        ("$", 2_500_000_000, "$2.5B"),
        ("$/call", 0.0159, "$0.0159/call"),
        ("calls/month", 480_769.2, "480.8K calls/month"),
        ("calls/month", 99_999.9, "100K calls/month"),
        ("%", -1 / 3, "−33.33%"),
        ("", 2.5, "2.5"),
        ("months", 0, "0 months"),
    ],
)
def test_figures_are_shown_with_four_digits(unit: str, value: float, shown: str) -> None:
    assert read_measure(unit).show(value) == shown


def test_a_range_names_its_unit_once() -> None:
    assert read_measure("months").show_span(worked("a", a="6..18 months")) == "6..18 months"
    assert read_measure("$/month").show_span(worked("a", a="$6..$18/month")) == "$6..$18/month"
    assert read_measure("%").show_span(worked("a", a="6..18%")) == "6%..18%"


@settings(max_examples=60)
@given(st.floats(1e-6, 1e14))
def test_a_shown_figure_reads_back_as_the_same(value: float) -> None:
    shown = read_measure("$/month").show(value)
    assume("e" not in shown)
    assert read_figure(shown).fits(point(Quantity(value, Unit.of(usd=1, month=-1)))) or math.isclose(
        _span(shown).low.value, value, rel_tol=6e-4
    )
