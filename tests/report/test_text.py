"""Outside text is made harmless; numbers are made readable."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.report.cleaning import cleaned
from breakeven.report.text import as_ascii, clean, harmless_json, join, quantity, share, shorten, signed_usd
from tests.report import sample

ANYTHING = st.text(st.characters())  # surrogates and controls included
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def shows_unsafe(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in UNSAFE and c not in "\u200c\u200d"]


@given(ANYTHING)
def test_nothing_unsafe_is_left(text: str) -> None:
    assert shows_unsafe(clean(text)) == []
    assert "\n" not in clean(text)


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("  two\n lines\t here ", "two lines here"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028two", "line two"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("नमस्\u200dते 数 é", "नमस्\u200dते 数 é"),
    ],
)
def test_what_can_not_be_shown_is_spelt_out(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.recursive(ANYTHING, lambda inner: st.lists(inner) | st.dictionaries(ANYTHING, inner), max_leaves=8))
def test_harmless_json_says_the_same(value: object) -> None:
    text = harmless_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(text) == value
    assert shows_unsafe(text) == []


@given(ANYTHING)
def test_ascii_is_ascii(text: str) -> None:
    assert as_ascii(text).isascii()


def test_signs_have_their_likeness_in_ascii() -> None:
    assert as_ascii("−$5 → é ✓ ≥93% “x” 数") == '-$5 -> e + >=93% "x" \\u6570'


@pytest.mark.parametrize(
    ("p", "shown"),
    [(0, "0%"), (0.004, "<1%"), (0.41, "41%"), (0.996, ">99%"), (1, "100%"), (float("nan"), "?")],
)
def test_a_share_never_rounds_to_certainty(p: float, shown: str) -> None:
    assert share(p) == shown


def test_quantities_are_shown_in_their_kind() -> None:
    assert quantity(618_000, "volume", "") == "618K calls/month"
    assert quantity(-0.54, "yearly rate", "") == "−54%/year"
    assert quantity(12_500, "", "usd") == "$12.5K"
    assert quantity(3357, "", "usd/month") == "$3,357/month"
    assert quantity(0.921, "", "share") == "92.1%"
    assert quantity(7, "", "months") == "7 months"
    assert quantity(3, "", "") == "3"


def test_small_helpers() -> None:
    assert [signed_usd(v) for v in (12_500, -3100, 0)] == ["+$12.5K", "−$3,100", "$0"]
    assert [join(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [shorten("abcdef", n) for n in (6, 4)] == ["abcdef", "abc…"]


def test_every_text_of_a_decision_is_cleaned() -> None:
    dirty = sample.hostile()
    assert any("\x1b" in name for name in dirty.candidates)
    assert shows_unsafe(repr_of_texts(cleaned(dirty))) == []


def repr_of_texts(thing: object) -> str:
    """All texts inside, joined."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, dict):
        return "".join(repr_of_texts(k) + repr_of_texts(v) for k, v in thing.items())
    if isinstance(thing, tuple):
        return "".join(repr_of_texts(item) for item in thing)
    if hasattr(thing, "__dataclass_fields__"):
        return "".join(repr_of_texts(getattr(thing, name)) for name in thing.__dataclass_fields__)
    return ""


def test_names_that_would_look_alike_are_refused() -> None:
    with pytest.raises(InputError, match="look the same"):
        cleaned({"a b": 1, "a  b": 2})
