"""One value changed in a study's text, and nothing around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import StudyError
from breakeven.quantities import KINDS, read
from breakeven.study.editing import Edit, edit, edit_all, written
from breakeven.yaml_places import load

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [path.read_text("utf-8") for path in sorted(ROOT.glob("examples/*/breakeven.yaml"))]

STUDY = """\
# about
name: 'Tickets'   # the title
workload:
  volume: 400K calls/month     # as counted
  tokens: {static: 2400, input: 300}
  errors:
    # somebody reads it again
    cost: "$0.40"

today: prompt
candidates:
  prompt: {kind: prompt}
  tuned:
    kind: tuned    # a LoRA
"""


def test_a_value_is_replaced_where_it_stands() -> None:
    assert edit(STUDY, ("workload", "volume"), "2M calls/month") == STUDY.replace("400K", "2M")


def test_quotes_stay_as_they_were() -> None:
    assert "name: 'It''s'   # the title" in edit(STUDY, ("name",), "It's")
    assert 'cost: "$0.20"\n' in edit(STUDY, ("workload", "errors", "cost"), "$0.20")


def test_a_missing_key_comes_at_the_end_of_its_mapping() -> None:
    assert "input: 300, output: 40}\n" in edit(STUDY, ("workload", "tokens", "output"), "40")
    assert '    cost: "$0.40"\n  retries: 3%\n\ntoday' in edit(STUDY, ("workload", "retries"), "3%")
    assert "prompt: {kind: prompt, upkeep: 4 hours/month}" in edit(
        STUDY, ("candidates", "prompt", "upkeep"), "4 hours/month"
    )


def test_missing_mappings_come_too_and_each_once() -> None:
    both = [
        Edit(("prices", "azure/gpt-4.1-mini:tuned", "input"), "$1/1M tokens"),
        Edit(("prices", "azure/gpt-4.1-mini:tuned", "output"), "$2/1M tokens"),
        Edit(("candidates", "tuned", "examples"), "1,200"),
    ]
    changed = edit_all(STUDY, both)
    data = load(changed, "x").data
    assert data["prices"] == {"azure/gpt-4.1-mini:tuned": {"input": "$1/1M tokens", "output": "$2/1M tokens"}}
    assert "    kind: tuned    # a LoRA\n    examples: 1,200\n" in changed


def test_a_comma_inside_braces_is_quoted() -> None:
    changed = edit(STUDY, ("workload", "tokens", "static"), "2,400")
    assert 'tokens: {static: "2,400", input: 300}' in changed


def test_a_mapping_can_be_put_and_replaced() -> None:
    once = edit(STUDY, ("candidates", "tuned", "quality"), {"eval": "evidence/a.csv"})
    assert "    quality: {eval: evidence/a.csv}\n" in once
    assert "    quality: 93%\n" in edit(once, ("candidates", "tuned", "quality"), "93%")


def test_of_two_changes_to_one_place_the_later_holds() -> None:
    twice = [Edit(("workload", "volume"), "1M calls/month"), Edit(("workload", "volume"), "2M calls/month")]
    assert edit_all(STUDY, twice) == edit(STUDY, ("workload", "volume"), "2M calls/month")


def test_nothing_can_stand_under_one_value() -> None:
    with pytest.raises(StudyError, match="holds one value"):
        edit(STUDY, ("name", "first"), "x")


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    windows = "\ufeff" + STUDY.replace("\n", "\r\n")
    changed = edit_all(windows, [Edit(("workload", "volume"), "2M calls/month"), Edit(("wage",), "$90/hour")])
    assert changed.startswith("\ufeff# about\r\n")
    assert changed.count("\n") == changed.count("\r\n") == windows.count("\n") + 1


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), max_size=60)


@given(st.sampled_from(TEXTS), PRINTABLE, st.data())
def test_what_is_written_is_read_again_and_the_rest_stays(text: str, value: str, data: st.DataObject) -> None:
    """Any text, at any place of any example: it reads back as itself, all else as before, and all comments stay."""
    value = "$" + value  # never a number, true or null: those read as what they are
    before = load(text, "x")
    scalars = [path for path in before.values if path and not isinstance(before.get(path), dict | list)]
    path = data.draw(st.sampled_from(scalars))
    changed = edit(text, path, value)
    after = load(changed, "x")
    assert after.get(path) == " ".join(value.split())
    assert [other for other in scalars if other != path and after.get(other) != before.get(other)] == []
    assert comments(changed) == comments(text)


def comments(text: str) -> list[str]:
    return [row for row in text.splitlines() if row.lstrip().startswith("#")]


@given(
    st.sampled_from(sorted(KINDS)),
    st.floats(1e-6, 1e9, allow_nan=False),
    st.floats(1, 1000, allow_nan=False),
)
def test_what_is_written_of_a_quantity_is_read_as_the_same(kind: str, low: float, factor: float) -> None:
    its = KINDS[kind]
    low = min(max(low, its.low), its.high)
    high = min(low * factor, its.high)
    found = read(written(low, high, kind), its)
    assert found.low == pytest.approx(low, rel=1e-3)
    assert found.high == pytest.approx(high, rel=1e-3)
