"""Finding the model that was meant."""

from __future__ import annotations

import pytest

from breakeven.prices import load_book
from breakeven.prices.names import nearest_keys, plain, search_keys

KNOWN = (
    "openai/gpt-4.1",
    "openai/gpt-4.1-mini",
    "openai/gpt-4o-mini",
    "azure/gpt-4.1",
    "azure/gpt-4.1-mini",
    "vercel_ai_gateway/openai/gpt-4.1-mini",
    "anthropic/claude-sonnet-5",
    "vertex_ai/claude-sonnet-5",
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gpt-4.1", "openai/gpt-4.1"),
        ("gpt-4.1-mini", "openai/gpt-4.1-mini"),
        ("gpt-4.1-mni", "openai/gpt-4.1-mini"),
        ("gpt4.1 mini", "openai/gpt-4.1-mini"),
        ("GPT-4.1-Mini", "openai/gpt-4.1-mini"),
        ("azure/gpt4.1", "azure/gpt-4.1"),
        ("azuer/gpt-4.1-mini", "azure/gpt-4.1-mini"),
        ("openai/gpt-4.1-mini-2025-04-14", "openai/gpt-4.1-mini"),
        ("claude sonnet 5", "anthropic/claude-sonnet-5"),
        ("anthropic/claude-sonet-5", "anthropic/claude-sonnet-5"),
        ("vertex_ai/claude-sonnet5", "vertex_ai/claude-sonnet-5"),
    ],
)
def test_the_nearest_is_the_one_that_was_meant(typed, first):
    assert nearest_keys(typed, KNOWN)[0] == first
    # And among the thousands of the real book, where many hosts resell the same model.
    assert nearest_keys(typed, load_book().keys())[0] in (first, f"{first}-2025-04-14")


def test_nothing_is_near_to_nonsense():
    assert nearest_keys("qqqqqqqq", KNOWN) == ()
    assert nearest_keys("", KNOWN) == ()


def test_resellers_of_one_model_leave_room_for_others():
    near = nearest_keys("gpt-4.1-mini", KNOWN)
    assert near[:2] == ("openai/gpt-4.1-mini", "azure/gpt-4.1-mini")
    assert len(near) == 3
    assert plain(near[2].partition("/")[2]) != plain("gpt-4.1-mini")


def test_search_takes_every_word_and_ranks_exact_then_makers():
    assert search_keys("gpt4.1 mini", KNOWN) == [
        "openai/gpt-4.1-mini",
        "azure/gpt-4.1-mini",
        "vercel_ai_gateway/openai/gpt-4.1-mini",
    ]
    assert search_keys("azure 4.1", KNOWN) == ["azure/gpt-4.1", "azure/gpt-4.1-mini"]
    assert search_keys("gpt-4.1", KNOWN)[0] == "openai/gpt-4.1"
    assert search_keys("nothing such", KNOWN) == []
    assert search_keys("- /", KNOWN) == []
