"""Usage as providers document it. Figures are small; what they must add up to is derived in comments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.providers import Usage
from breakeven.providers.usage import read_usage

SHAPES: dict[str, tuple[dict[str, Any], Usage]] = {
    "openai": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
         "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
         "completion_tokens_details": {"reasoning_tokens": 20, "accepted_prediction_tokens": 0}},
        Usage(input_tokens=100, cached_tokens=64, output_tokens=30, reasoning_tokens=20),
    ),
    "openai responses": (
        {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 64}, "output_tokens": 30,
         "output_tokens_details": {"reasoning_tokens": 20}, "total_tokens": 130},
        Usage(input_tokens=100, cached_tokens=64, output_tokens=30, reasoning_tokens=20),
    ),
    "openrouter": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130, "cost": 0.001,
         "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 80}},
        Usage(input_tokens=100, cached_tokens=0, cache_write_tokens=80, output_tokens=30),
    ),
    "deepseek": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
         "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36},
        Usage(input_tokens=100, cached_tokens=64, output_tokens=30),
    ),
    "moonshot": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130, "cached_tokens": 64},
        Usage(input_tokens=100, cached_tokens=64, output_tokens=30),
    ),
    # xAI: 100 + 10 + 20 = 130: reasoning stands beside the shown output.
    "xai": (
        {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 130,
         "completion_tokens_details": {"reasoning_tokens": 20}},
        Usage(input_tokens=100, output_tokens=30, reasoning_tokens=20),
    ),
    # Gemini's OpenAI endpoint: thoughts show only in the total, 130 − 100 − 10 = 20.
    "gemini": (
        {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 130},
        Usage(input_tokens=100, output_tokens=30, reasoning_tokens=20),
    ),
    # Anthropic's own: 16 + 64 + 20 = 100 in all.
    "anthropic": (
        {"input_tokens": 16, "cache_read_input_tokens": 64, "cache_creation_input_tokens": 20, "output_tokens": 30},
        Usage(input_tokens=100, cached_tokens=64, cache_write_tokens=20, output_tokens=30),
    ),
    # LiteLLM's proxy puts Anthropic's names beside OpenAI's, whose prompt count holds them already.
    "litellm": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
         "cache_read_input_tokens": 64, "cache_creation_input_tokens": 20},
        Usage(input_tokens=100, cached_tokens=64, cache_write_tokens=20, output_tokens=30),
    ),
    "vllm": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130, "prompt_tokens_details": None},
        Usage(input_tokens=100, output_tokens=30),
    ),
    "a total of another kind": (
        {"prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 200,
         "completion_tokens_details": {"reasoning_tokens": 5}},
        Usage(input_tokens=100, output_tokens=30, reasoning_tokens=5),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_all_input_and_all_output_whatever_the_dialect(shape: str) -> None:
    given_usage, expected = SHAPES[shape]
    assert read_usage(given_usage) == expected


@pytest.mark.parametrize("nothing", [None, {}, [], "30", {"prompt_tokens": "30"}, {"prompt_tokens": True}])
def test_what_was_not_said_is_not_known(nothing: Any) -> None:
    assert read_usage(nothing) == Usage()


WORDS = st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "cached_tokens",
                         "prompt_tokens_details", "completion_tokens_details", "reasoning_tokens"])  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=12,
)


@given(JUNK)
def test_nothing_breaks_the_reading(junk: Any) -> None:
    usage = read_usage(junk)
    for tokens in vars(usage).values():
        assert tokens is None or tokens >= 0
