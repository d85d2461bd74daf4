"""A request's key: the same question has the same one, another question another."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.providers import ChatRequest, Message
from tests.providers.asking import request

TEXT = st.text(max_size=20)
PLAIN = st.dictionaries(TEXT, st.integers() | TEXT | st.booleans() | st.none(), max_size=4)


@given(TEXT, PLAIN, PLAIN, st.none() | st.floats(0, 2))
def test_the_key_depends_on_content_not_on_order_or_kind_of_mapping(
    text: str, schema: dict[str, Any], extra: dict[str, Any], temperature: float | None
) -> None:
    one = request(text, json_schema=schema, extra=extra, temperature=temperature)
    other = request(
        text,
        json_schema=MappingProxyType({**dict(reversed(schema.items())), "inner": MappingProxyType(extra)}),
        extra=dict(reversed(extra.items())),
        temperature=temperature,
    )
    assert one.key == request(text, json_schema=dict(schema), extra=extra, temperature=temperature).key
    assert one.key != other.key
    assert other.key == dataclasses.replace(other, json_schema={**schema, "inner": extra}).key


def test_the_key_stays_what_it_was() -> None:
    """Journals on disk are found by it."""
    assert request().key == "5215d56a9709ec1f57ff30106148e629b4f93d24347c4820c419693a5ce85b6c"
    assert request(temperature=0, stop=["a"]).key == request(temperature=0.0, stop=("a",)).key


@pytest.mark.parametrize(
    "change",
    [
        {"model": "local/large"}, {"messages": (Message(role="system", content="What is 2 + 2?"),)}, {"messages": ()},
        {"temperature": 0.0}, {"top_p": 1.0}, {"max_output_tokens": 1}, {"seed": 0}, {"stop": ("a",)},
        {"json_schema": {}}, {"extra": {"a": 1}}, {"repeat": 2},
    ],
)  # fmt: skip
def test_whatever_may_change_the_answer_changes_the_key(change: dict[str, Any]) -> None:
    asked = request()
    changed = ChatRequest(
        **{field.name: getattr(asked, field.name) for field in dataclasses.fields(asked)} | change
    )
    assert changed.key != asked.key
