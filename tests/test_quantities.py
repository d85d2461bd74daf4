"""Units at the door: one reading, or an error that shows both."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from breakeven.errors import QuantityError
from breakeven.quantities import (
    DAYS_PER_MONTH,
    HOURS_PER_MONTH,
    KINDS,
    WAGE,
    Kind,
    Quantity,
    Unit,
    parse_cadence,
    parse_quantity,
    parse_range,
    plain,
    read,
    show,
    show_usd,
    show_usd_per,
)

FINITE = st.floats(1e-6, 1e9, allow_nan=False, allow_infinity=False)
BASES = st.sampled_from(["usd", "call", "token", "example", "hour", "month", "GB"])
UNITS = st.dictionaries(BASES, st.integers(-3, 3), max_size=4).map(lambda powers: Unit.of(**powers))


def both(text: str | float, kind: str | Kind) -> tuple[float, float]:
    found = read(text, KINDS[kind] if isinstance(kind, str) else kind)
    return found.low, found.high


def one(text: str | float, kind: str | Kind) -> float:
    low, high = both(text, kind)
    assert low == high
    return low


def said(text: str | float, kind: str | Kind) -> str:
    with pytest.raises(QuantityError) as caught:
        both(text, kind)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------- readings


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        # volume, in calls a month; a month is 365/12 days = 730 hours
        ("480K calls/month", "volume", 480_000), ("480 K calls per month", "volume", 480_000),
        ("8M/month", "volume", 8e6), ("10K/day", "volume", 10_000 * 365 / 12),
        ("1,200 requests/hour", "volume", 876_000),
        ("2 req/s", "volume", 2 * 3600 * 730), ("1.2 million calls/year", "volume", 100_000),
        # counts and tokens
        ("6000", "count", 6000), (6000, "count", 6000), ("6,000 examples", "count", 6000), ("1e3", "count", 1000),
        ("2.6K tokens", "tokens", 2600), ("400 tokens/call", "tokens", 400), (".5", "factor", 0.5), ("٣", "count", 3),
        # shares, points and rates
        ("93%", "share", 0.93), ("0%", "share", 0), (0, "share", 0), ("-2%", "points", -0.02),
        ("−2%", "points", -0.02),
        ("3%/month", "monthly rate", 0.03), ("10%/year", "yearly rate", 0.10),
        ("21%/2 months", "monthly rate", 0.1), ("1%/month", "yearly rate", 1.01**12 - 1),
        # money
        ("$5K", "money", 5000), ("5000 usd", "money", 5000), ("$0.15/1M tokens", "money per token", 0.15),
        ("$0.15 per million tokens", "money per token", 0.15), ("$0.15/Mtok", "money per token", 0.15),
        ("$0.0015/1K tokens", "money per token", 1.5), ("$0.0021/call", "money per call", 0.0021),
        ("$2/1K calls", "money per call", 0.002), ("$0.40", "money per error", 0.4),
        ("$0.40/call", "money per error", 0.4),
        ("$4", "money per example", 4), ("$4/label", "money per example", 4), ("$0.02", "money per answer", 0.02),
        ("$1.70/hour", "money per hour", 1.7), ("$1.70/hour", "money per month", 1241),
        ("$24K/year", "money per month", 2000),
        ("$730/month", "money per hour", 1), ("$0.36/hour", "money per second", 0.0001),
        ("$0.02/GB/month", "money per GB and month", 0.02),
        # time: hours are worked or run, months are calendar
        ("40 hours", "hours", 40), ("3 minutes", "hours", 0.05), ("4 hours/month", "hours per month", 4),
        ("1 hour/week", "hours per month", 365 / 12 / 7), ("3 weeks", "months", 21 / (365 / 12)),
        ("2 years", "months", 24),
        ("800 ms", "seconds", 0.8), ("1.5 s", "seconds", 1.5), ("23.6/s", "calls per second", 23.6),
        ("1416 calls/minute", "calls per second", 23.6), ("6/year", "events per month", 0.5),
        ("40 GB", "gigabytes", 40),
        ("2 TB", "gigabytes", 2000),
        # 0 is 0 in every unit of its sort
        ("$0", "money per call", 0), ("$0", "money per month", 0), ("0 hours", "hours per month", 0),
        ("0", "volume", 0),
    ],
)  # fmt: skip
def test_one_value(text: str | float, kind: str, value: float) -> None:
    assert one(text, kind) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("3..5 months", "months", 3, 5), ("3…5 months", "months", 3, 5), ("3 to 5 months", "months", 3, 5),
        ("3–5 months", "months", 3, 5), ("1..4%", "share", 0.01, 0.04), ("1%..4%", "share", 0.01, 0.04),
        ("-20%..5%/year", "yearly rate", -0.2, 0.05), ("$80..$140/hour", "money per hour", 80, 140),
        ("$80..140/hour", "money per hour", 80, 140), ("$20K..$60K", "money", 20_000, 60_000),
        ("0..5K", "count", 0, 5000),
        ("5..5 months", "months", 5, 5),
    ],
)  # fmt: skip
def test_a_range(text: str, kind: str, low: float, high: float) -> None:
    assert both(text, kind) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("480K", "volume", "'480K' has no unit: it could be 480K calls/month or 480K calls/day\n"
                           "    write the unit, such as 480K calls/month"),
        (5000, "money", "5000 has no unit: it could be 5000 dollars or 5000 thousand dollars\n"
                        "    write the unit, such as $5K"),
        (0.93, "share", "0.93 has no unit: it could be 0.93% or 93%\n    write it with its %, such as 1%..4%"),
        ("10%", "yearly rate", "'10%' has no period: it could be 10%/year or 10%/month\n"
                               "    write the period, such as 10%/year"),
        ("$2", "money per token", "'$2' does not say for what: it could be $2/1M tokens or $2/1K tokens\n"
                                  "    write it like $0.15/1M tokens"),
        ("$2", "money per call", "'$2' does not say for what: it could be $2/call or $2/1K calls\n"
                                 "    write it like $0.0021/call"),
        ("1..4K calls/month", "volume", "'1..4K calls/month': is the low end 1 or 1 with the scale of the high end?\n"
                                        "    write the scale on both ends, such as 1K..4K"),
        ("3-5 weeks", "months", "'3-5 weeks': a dash could be a minus\n    write a range with two dots: 3..5 weeks"),
        ("8m calls/month", "volume", "'8m calls/month': `m` could be million, thousandth, minutes or months\n"
                                     "    write 8M for million, or spell the unit out"),
        ("1,5%", "share", "'1,5%': 1,5 could be 1.5 or 15\n"
                          "    a decimal point is a point; commas only stand at thousands"),
        ("12 500 calls/month", "volume", "'12 500 calls/month': a second number, '500 calls', stands before the unit\n"
                                         "    write thousands together: 12,500 calls/month"),
        ("5%..10", "share", "'5%..10': only one end has a %\n    write the % once at the end: 1..4%"),
        ("5..3 months", "months", "'5..3 months': the low end is above the high end\n    write low..high"),
        ("3 weeks", "hours", "'3 weeks' is in months; hours is wanted\n    days, weeks and months are calendar time; "
                             "count the hours worked: 40..80 hours"),
        ("93%", "count", "'93%' is a percentage; count is wanted\n    write it like 6000"),
        ("3 tokens", "count", "'3 tokens' is in tokens; count is wanted\n    write it like 6000"),
        ("5 callz/month", "volume", "'5 callz/month': unknown unit 'callz', did you mean 'call'?\n    units: $, calls, "
                                    "tokens, examples, hours, days, weeks, months, years, GB"),
        ("150%", "share", "'150%' is out of bounds\n    share: 0% to 100%, such as 1%..4%"),
        ("-5 hours", "hours", "'-5 hours' is out of bounds\n    hours: at least 0, such as 40..80 hours"),
        ("1e308 TB", "gigabytes", "'1e308 TB' is out of bounds\n    write it like 40 GB"),
        ("900%/day", "monthly rate", "'900%/day' is out of bounds\n    write it like 0%..3%/month"),
        ("-100%/year", "yearly rate", "'-100%/year': a fall of 100% or more in one period\n    such as 10%/year"),
        # 36 months of more would leave the range of floats
        ("1001%/month", "monthly rate", "'1001%/month' is out of bounds\n"
                                        "    monthly rate: -99% to 1000%, such as 0%..3%/month"),
        ("1 call/0 months", "volume", "'1 call/0 months': '0 months' can not stand in a unit"),
        ("5 calls/", "volume", "'5 calls/': nothing stands after the slash"),
        ("many", "count", "'many' is not a quantity\n    a number with its unit, such as 480K calls/month"),
        (math.nan, "count", "nan is not a finite number\n    write it like 6000"),
        (10**400, "count", "a number this large is out of bounds\n    write it like 6000"),
        ("9" * 201, "count", f"'{'9' * 40}'… is too long for a quantity"),
    ],
)  # fmt: skip
def test_what_has_no_reading_or_two_says_so(text: str | float, kind: str, message: str) -> None:
    assert said(text, kind) == message


def test_a_salary_is_no_wage() -> None:
    # By the clock $120K a year would be $13.70 an hour; nobody works 8,760 hours.
    assert said("$120K/year", WAGE) == (
        "'$120K/year' is in usd/month; money per hour is wanted\n"
        "    divide it by the hours worked, not by those of the clock: $80..$140/hour"
    )
    assert one("$100/hour", WAGE) == 100


@pytest.mark.parametrize("kind", ["hours", "months", "seconds", "hours per month"])
def test_work_and_calendar_never_meet(kind: str) -> None:
    assert not KINDS[kind].clock
    for text in ("40 hours", "2 weeks", "3 hours/week"):
        month = KINDS[kind].unit.power("month")
        if parse_range(text).unit.power("month") != month:
            assert "is in" in said(text, kind)


# -------------------------------------------------------------------------------------------- properties


@given(st.text(max_size=30), st.sampled_from(sorted(KINDS)))
@example("1/1e-320 months", "volume")
@example("500%/0.0001 months", "monthly rate")
@example("5%/1e200 1e200 months", "monthly rate")
def test_any_text_is_read_or_refused(text: str, kind: str) -> None:
    try:
        found = read(text, KINDS[kind])
    except QuantityError:
        return
    assert math.isfinite(found.low)
    assert math.isfinite(found.high)
    assert KINDS[kind].low <= found.low <= found.high <= KINDS[kind].high


@given(st.from_regex(r"\A[-$]?\d{1,4}[.,]?\d{0,3}[KMB%m]?(\.\.[-$]?\d{1,3}[KM%]?)? ?[a-z$/% 0-9]{0,16}\Z"))
def test_text_that_looks_like_a_quantity_is_read_or_refused(text: str) -> None:
    for kind in KINDS.values():
        try:
            found = read(text, kind)
        except QuantityError:
            continue
        assert found.low <= found.high


@given(st.one_of(st.floats(), st.integers(), st.booleans()), st.sampled_from(sorted(KINDS)))
def test_any_number_is_read_or_refused(number: float, kind: str) -> None:
    try:
        found = read(number, KINDS[kind])
    except QuantityError:
        return
    assert found.low == found.high == number
    assert not isinstance(number, bool)


@given(
    st.integers(1, 999),
    st.sampled_from([("K", 1e3), ("M", 1e6), ("B", 1e9), ("thousand", 1e3), (" million", 1e6)]),
)
def test_a_scale_is_a_factor(n: int, scale: tuple[str, float]) -> None:
    assert one(f"{n}{scale[0]} calls/month", "volume") == pytest.approx(n * scale[1])


@given(st.integers(1, 10**6))
def test_a_day_is_never_a_month(n: int) -> None:
    assert one(f"{n} calls/day", "volume") == pytest.approx(n * DAYS_PER_MONTH)
    assert one(f"{n} calls/hour", "volume") == pytest.approx(n * HOURS_PER_MONTH)
    assert one(f"{n} calls/year", "volume") == pytest.approx(n / 12)


@given(st.floats(-0.2, 0.4))
def test_rates_compound(monthly: float) -> None:
    text = f"{monthly * 100:.6f}%/month"
    rate = one(text, "monthly rate")
    assert (1 + one(text, "yearly rate")) == pytest.approx((1 + rate) ** 12)
    yearly = f"{one(text, 'yearly rate') * 100:.10f}%/year"
    assert one(yearly, "monthly rate") == pytest.approx(rate, abs=1e-9)


@given(FINITE, FINITE)
def test_ends_keep_their_order(a: float, b: float) -> None:
    low, high = sorted((float(f"{a:.6g}"), float(f"{b:.6g}")))
    found = parse_range(f"{low:f}..{high:f} hours")
    assert found.low <= found.high
    assert found.unit == Unit.of(hour=1)


@given(UNITS, UNITS)
def test_units_multiply_and_divide_back(a: Unit, b: Unit) -> None:
    assert a * b == b * a
    assert (a * b) / b == a
    assert (a**2) / a == a
    assert all(power for _, power in (a * b).powers)


# -------------------------------------------------------------------------------------------- arithmetic


def test_arithmetic_keeps_units_honest() -> None:
    saving = parse_quantity("$0.018/call") - parse_quantity("$0.0021/call")
    monthly = saving * parse_quantity("8M calls/month")
    assert monthly.value == pytest.approx(127_200)
    assert str(monthly) == "$127K/month"
    months = parse_quantity("$95K") / monthly
    assert months.unit == Unit.of(month=1)
    assert months.value == pytest.approx(95_000 / 127_200)
    assert str(parse_quantity("$2") / 4) == "$0.50"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: parse_quantity("$5") + parse_quantity("3 months"), "can not add $5.00 and 3 months"),
        (lambda: parse_quantity("$5") - 2, "can not subtract $5.00 and 2"),
        (lambda: parse_quantity("$5") < parse_quantity("5 calls"), "can not compare $5.00 and 5 calls"),
        (lambda: parse_quantity("$5") / parse_quantity("0 months"), "$5.00 is divided by zero"),
        (lambda: parse_quantity("$1..$2"), "'$1..$2' is a range; one value is wanted here"),
    ],
)
def test_what_has_no_unit_in_common_is_refused(wrong: object, message: str) -> None:
    with pytest.raises(QuantityError) as caught:
        wrong()  # type: ignore[operator]
    assert caught.value.message == message


def test_plain_numbers_take_part_from_either_side() -> None:
    hour = Quantity(2.0, Unit.of(hour=1))
    assert (3 * hour).value == (hour * 3).value == 6
    assert (1 / hour).unit == Unit.of(hour=-1)
    assert (1 - Quantity(0.25)).value == 0.75
    assert (1 + Quantity(0.25)).value == 1.25
    assert (-hour).value == -2
    assert hour > Quantity(1.0, Unit.of(hour=1))


# ----------------------------------------------------------------------------------------------- cadences


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("every 3 months", 3), ("Every month", 1), ("quarterly", 3), ("every quarter", 3), ("every 2 years", 24),
        ("half-yearly", 6), ("yearly", 12), (" never ", None),
    ],
)  # fmt: skip
def test_a_cadence_is_whole_months(text: str, months: int | None) -> None:
    assert parse_cadence(text) == months


@pytest.mark.parametrize(
    "text",
    ["", "3 months", "every 0 months", "every 1.5 months", "every day", "every " + "9" * 5000 + " months"],
)
def test_other_text_is_no_cadence(text: str) -> None:
    with pytest.raises(QuantityError, match="is not a cadence"):
        parse_cadence(text)


# ------------------------------------------------------------------------------------------------ showing


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0"), (0.00012, "$0.00012"), (2e-7, "$0.0000002"), (1.3e-8, "$0.000000013"),
        (0.0994, "$0.099"), (0.0996, "$0.10"),
        (4.2, "$4.20"), (99.4, "$99.40"),
        (99.6, "$100"), (1241, "$1,241"), (9999.4, "$9,999"), (9999.6, "$10K"), (96_400, "$96.4K"), (999_600, "$1M"),
        (1.53e6, "$1.53M"), (2.5e9, "$2.5B"), (1.7e12, "$1,700B"), (-1241, "−$1,241"), (-0.05, "−$0.05"),
    ],
)  # fmt: skip
def test_dollars_for_people(usd: float, text: str) -> None:
    assert show_usd(usd) == text


@given(st.floats(1e-3, 1e13))
def test_dollars_are_shown_to_three_digits(usd: float) -> None:
    scale = {"K": 1e3, "M": 1e6, "B": 1e9}
    text = show_usd(usd).removeprefix("$").replace(",", "")
    shown = float(text.rstrip("KMB")) * scale.get(text[-1], 1)
    assume(usd > 0.1)
    assert shown == pytest.approx(usd, rel=0.0051, abs=0.0051)


@given(st.floats(1, 1e12))
def test_what_is_shown_of_a_volume_can_be_read_again(calls: float) -> None:
    assert one(show(calls, Unit.of(call=1, month=-1)), "volume") == pytest.approx(calls, rel=0.0051)


@given(st.floats(-1e14, 1e14))
def test_no_figure_is_shown_with_an_exponent(value: float) -> None:
    for text in (
        plain(value), show(value), show(value, percent=True), show_usd(value), show(value, Unit.of(usd=1, call=-1)),
    ):  # fmt: skip
        assert not re.search(r"\de[+-]?\d", text), text


@given(st.floats(1e-15, 1e3))
def test_what_is_shown_of_a_price_can_be_read_again(usd: float) -> None:
    for per, kind in (("call", "money per call"), ("example", "money per example")):
        text = show(usd, Unit.of(usd=1, **{per: -1}))
        assert one(text, kind) == pytest.approx(usd, rel=0.051, abs=0.0051 if usd > 0.09 else 0.0)


@pytest.mark.parametrize(
    ("usd", "per", "texts"),
    [
        ((2e-8,), "/call", ("$0.02/1M calls",)),
        ((1e-6, 2e-5), "/call", ("$1.00/1M calls", "$20.00/1M calls")),
        ((9e-5, 2e-4), "/call", ("$90.00/1M calls", "$200/1M calls")),
        ((0.0, 2e-4), "/call", ("$0/call", "$0.0002/call")),
        ((-3e-6, 0.0), "/call", ("−$3.00/1M calls", "$0/1M calls")),
        ((5e-5,), "/example", ("$50.00/1M examples",)),
        ((2e-8,), " an answer", ("$0.00000002 an answer",)),
    ],
)
def test_a_very_small_price_is_that_of_a_million(
    usd: tuple[float, ...], per: str, texts: tuple[str, ...]
) -> None:
    assert show_usd_per(*usd, per=per) == texts


def test_units_are_shown_as_people_say_them() -> None:
    assert show(480_000, Unit.of(call=1, month=-1)) == "480K calls/month"
    assert show(1.5e-7, Unit.of(usd=1, token=-1)) == "$0.15/1M tokens"
    assert show(0.021, percent=True) == "2.1%"
    assert show(3, Unit.of(month=1)) == "3 months"
    assert show(3, Unit.of(usd=2, month=-1, GB=-1)) == "3 usd^2/GB/month"
    assert str(Unit()) == "(a plain number)"


def test_every_kind_can_read_its_own_example() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name
        found = read(kind.example, kind)
        assert kind.low <= found.low <= found.high <= kind.high
