"""A quantity in a study file: a value, a range, a named distribution, draws; each with its source."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from breakeven.quantities import KINDS
from breakeven.sources import Source
from breakeven.study.given import Given, MisreadError, read_day, read_draws_file, read_given

RISING = "three values, low to high: [3 weeks, 4 weeks, 6 weeks]"
WORK = "write it like 40..80 hours or $5K"
STATED = Source(kind="stated", reference="breakeven.yaml:12")


def given(data: object, *kinds: str) -> Given:
    return read_given(data, [KINDS[kind] for kind in kinds])


def said(data: object, *kinds: str) -> tuple[str, str | None, tuple[str | int, ...]]:
    with pytest.raises(MisreadError) as caught:
        given(data, *kinds)
    return caught.value.message, caught.value.hint, caught.value.at


def test_a_plain_value_is_stated_at_its_line() -> None:
    belief = given("$4", "money per example").belief("a.b", STATED)
    assert belief.is_point
    assert (belief.name, belief.centre, belief.kind, belief.source) == (
        "a.b",
        4.0,
        "money per example",
        STATED,
    )


def test_a_range_is_a_90_percent_interval_of_the_natural_family() -> None:
    belief = given("$1..$4", "money per example").belief("a", STATED)
    assert belief.family == "lognormal"
    assert (belief.low, belief.centre, belief.high) == pytest.approx(
        (1, 2, 4)
    )  # the geometric mean of 1 and 4 is 2


def test_a_mapping_brings_its_own_source() -> None:
    written = {"value": "3..5 weeks", "source": "measured", "reference": "timesheets", "date": "2026-10-01"}
    belief = given(written, "months").belief("a", STATED)
    assert belief.source == Source(kind="measured", reference="timesheets", date=dt.date(2026, 10, 1))
    assert given({"value": "3 weeks", "reference": "a note"}, "months").source == Source(
        kind="stated", reference="a note"
    )
    assert given({"value": "3 weeks"}, "months").source is None


def test_the_family_can_be_named() -> None:
    uniform = given({"uniform": "3..5 months"}, "months").belief("a", STATED)
    assert (uniform.family, uniform.quantile(0), uniform.quantile(1)) == ("uniform", 3, 5)
    normal = given({"normal": "3..5 months"}, "months").belief("a", STATED)
    assert normal.family == "normal"
    assert (normal.low, normal.centre, normal.high) == pytest.approx((3, 4, 5))
    lognormal = given({"lognormal": "1..4 months"}, "months").belief("a", STATED)
    assert lognormal.family == "lognormal"
    assert lognormal.centre == pytest.approx(2)


def test_a_triangle_has_its_ends_and_its_mode() -> None:
    belief = given({"triangular": ["3 months", "4 months", "6 months"]}, "months").belief("a", STATED)
    assert (belief.quantile(0), belief.quantile(1)) == (3, 6)
    # F(mode) = (4−3)/(6−3)
    assert belief.quantile(1 / 3) == pytest.approx(4)


def test_a_beta_is_a_share_of_successes() -> None:
    belief = given({"beta": [82, 18]}, "share").belief("a", STATED)
    values = belief.at(np.random.default_rng(0).standard_normal(100_000))
    assert values.mean() == pytest.approx(0.82, abs=0.001)  # a / (a + b)


def test_draws_keep_their_distribution() -> None:
    belief = given({"draws": [f"{n} hours" for n in range(1, 12)]}, "hours").belief("a", STATED)
    assert (belief.family, belief.centre) == ("draws", 6)
    assert belief.evidence == tuple(float(n) for n in range(1, 12))


def test_long_draws_are_kept_as_quantiles() -> None:
    found = given({"draws": list(range(30_000))}, "count")
    assert len(found.numbers) == 10_000
    assert found.numbers[5_000] == pytest.approx(15_000, rel=1e-3)


def test_a_cause_moves_ranges_and_leaves_points() -> None:
    assert (
        given("$1..$2/1M tokens", "money per token").belief("a", STATED, cause="prices of x").cause
        == "prices of x"
    )
    assert given("$1/1M tokens", "money per token").belief("a", STATED, cause="prices of x").cause is None


@pytest.mark.parametrize(("written", "kind"), [("40 hours", "hours"), ("$5K", "money")])
def test_a_field_that_takes_two_units_picks_by_the_unit(written: str, kind: str) -> None:
    assert given(written, "hours", "money").kind.name == kind


@pytest.mark.parametrize(
    ("data", "kinds", "expected"),
    [
        (True, ["count"], ("true is not a quantity", "write it like 6000", ())),
        (["1"], ["count"], ("a list is not a quantity", "write it like 6000", ())),
        ("5 weeks", ["hours", "money"], ("'5 weeks' is in months; hours is wanted", WORK, ())),
        ("$5/hour", ["money per token", "money"],
         ("'$5/hour' is in usd/hour; money per token is wanted", "write it like $0.15/1M tokens or $5K", ())),
        (40, ["hours", "money"], ("40 has no unit: it could be 40 hours or 40 days", WORK, ())),
        ({"value": "$4", "sorce": "measured"}, ["money"],
         ("`sorce` has no meaning here", "did you mean `source`? a quantity takes value, uniform, normal, lognormal, "
          "triangular, beta, draws, source, reference, date", ("sorce",))),
        ({"source": "measured"}, ["money"],
         ("no value stands here", "exactly one of value, uniform, normal, lognormal, triangular, beta, draws", ())),
        ({"value": "$4", "normal": "$1..$5"}, ["money"],
         ("both `value` and `normal` stand here",
          "exactly one of value, uniform, normal, lognormal, triangular, beta, draws", ())),
        ({"value": "$4", "source": "measure"}, ["money"],
         ("'measure' is no source", "did you mean measured?", ("source",))),
        ({"value": "$4", "source": 7}, ["money"],
         ("7 is no source", "one of measured, quoted, published, guess, stated", ("source",))),
        ({"value": "$4", "reference": 7}, ["money"],
         ("7 is not a reference", "text, such as `reference: timesheets`", ("reference",))),
        ({"value": "$4", "date": "last week"}, ["money"],
         ("'last week' is not a date", "write it like 2026-10-01 or 2026-10", ("date",))),
        ({"uniform": "$4"}, ["money"], ("'$4' is one value, no range", "write low..high, such as $5K", ("uniform",))),
        ({"lognormal": "$0..$4"}, ["money"],
         ("a lognormal can not start at 0", "a low end above 0, or `normal:`", ("lognormal",))),
        ({"triangular": ["$1", "$2"]}, ["money"],
         ("a list is not low, likeliest, high", RISING, ("triangular",))),
        ({"triangular": ["$3", "$2", "$1"]}, ["money"],
         ("the three values do not rise", RISING, ("triangular",))),
        ({"triangular": ["$1", "2 hours", "$3"]}, ["money"],
         ("'2 hours' is in hours; money is wanted", "write it like $5K", ("triangular", 1))),
        ({"triangular": ["$1", "2 hours", "$3"]}, ["money", "hours"],
         ("the three values have different units", RISING, ("triangular",))),
        ({"triangular": ["$1", "$2..$3", "$4"]}, ["money"],
         ("'$2..$3' is a range; one value is wanted here", None, ("triangular", 1))),
        ({"beta": [82, 18]}, ["money"], ("only a share can be a beta", "write it like $5K", ("beta",))),
        ({"beta": [82, 0]}, ["share"],
         ("a beta takes two positive numbers", "successes and failures: [82, 18]", ("beta",))),
        ({"draws": ["1 hours"] * 9}, ["hours"],
         ("9 draws are no distribution", "at least 10, or a range low..high", ("draws",))),
        ({"draws": 7}, ["hours"], ("7 is neither a list of values nor the path of a CSV file", None, ("draws",))),
        ({"draws": [1] * 10}, ["hours"], ("1 has no unit: it could be 1 hours or 1 days",
                                          "write the unit, such as 40..80 hours", ("draws", 0))),
    ],
)  # fmt: skip
def test_what_is_no_quantity_says_what_would_be_right(
    data: Any, kinds: list[str], expected: tuple[str, str | None, tuple[str | int, ...]]
) -> None:
    assert said(data, *kinds) == expected


def test_a_file_of_draws_has_one_value_a_line() -> None:
    assert read_draws_file("3 hours\n\n4 hours\n", KINDS["hours"]) == [3, 4]
    assert read_draws_file('"hours"\r\n3\r\n4.5\r\n', KINDS["hours"]) == [3, 4.5]  # the header is the unit
    assert read_draws_file("value\n1200\n", KINDS["count"]) == [1200]
    assert read_draws_file("calls/day\n10\n", KINDS["volume"]) == [pytest.approx(10 * 365 / 12)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("value\n3\n", "line 2 of the file: '3' has no unit: it could be 3 hours or 3 days"),
        ("hours\n3\n\nx\n", "line 4 of the file: 'x' is not a quantity"),
        ("3..4 hours\n", "line 1 of the file: '3..4 hours' is a range; one value is wanted on each line"),
        ("weeks\n3\n", "line 2 of the file: '3 weeks' is in months; hours is wanted"),
    ],
)
def test_a_file_of_draws_says_which_line_is_wrong(text: str, message: str) -> None:
    with pytest.raises(MisreadError) as caught:
        read_draws_file(text, KINDS["hours"])
    assert caught.value.message == message


@pytest.mark.parametrize("written", ["2026-10-01", "2026-10"])
def test_a_day_or_a_month_is_a_date(written: str) -> None:
    assert read_day(written) == dt.date(2026, 10, 1)


@pytest.mark.parametrize(
    "written", ["2026", "2026-13", "2026-02-30", "01.10.2026", 2026, None, "2026-10-01T00:00", "9999-01"]
)
def test_other_text_is_no_date(written: object) -> None:
    with pytest.raises(MisreadError, match="is not a date"):
        read_day(written)
