"""A replayed cache: by hand where it is small, by property where it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.prompts.replay import BLOCK_CHARS, CacheTrace, block_ends, replay

PREFIX = "a" * (4 * BLOCK_CHARS)


def trace_of(*calls):
    trace = CacheTrace()
    for time, text in calls:
        trace.add(time, "m", text, len(text) / 4)
    return trace


def test_three_calls_by_hand():
    """Prefix of 4 blocks = 2,048 characters = 512 tokens. t=0 writes, t=60 reads, t=1000 is past 300 s and writes."""
    tail = 100 * "b"
    trace = trace_of((0, PREFIX + tail), (60, PREFIX + tail), (1000, PREFIX + tail))
    found = replay(trace, min_prefix_tokens=512, ttl_s=300)
    assert (found.calls, found.hits) == (3, 1)
    assert found.hit_tokens == 512
    assert found.tokens == 3 * (2048 + 100) / 4


def test_each_use_prolongs_the_life():
    trace = trace_of(*((250.0 * i, PREFIX) for i in range(5)))
    assert replay(trace, min_prefix_tokens=0, ttl_s=300).hits == 4


def test_a_prefix_under_the_minimum_is_never_read():
    trace = trace_of((0, PREFIX), (1, PREFIX))
    assert replay(trace, min_prefix_tokens=513, ttl_s=300).hits == 0


def test_only_the_common_beginning_is_read():
    trace = trace_of((0, PREFIX + "b" * 2000), (1, PREFIX + "c" * 2000))
    assert replay(trace, min_prefix_tokens=0, ttl_s=300).hit_tokens == 512


def test_another_model_has_another_cache():
    trace = CacheTrace()
    for i, model in enumerate("mn"):
        trace.add(float(i), model, PREFIX, 512)
    assert replay(trace, min_prefix_tokens=0, ttl_s=300).hits == 0


def test_a_small_cache_forgets_what_was_used_longest_ago():
    texts = [char * BLOCK_CHARS for char in "xyx"]
    trace = trace_of(*((float(i), text) for i, text in enumerate(texts)))
    assert replay(trace, min_prefix_tokens=0, ttl_s=300).hits == 1
    assert replay(trace, min_prefix_tokens=0, ttl_s=300, capacity_blocks=1).hits == 0


def test_calls_without_times_are_left_out_and_counted():
    trace = trace_of((None, PREFIX), (0, PREFIX))
    assert (len(trace), trace.left_out) == (1, 1)
    assert replay(CacheTrace(), min_prefix_tokens=0, ttl_s=1).shares()["hit_share_of_calls"] is None


@given(st.integers(0, 200_000))
def test_blocks_end_within_the_text_and_rise(length):
    ends = list(block_ends(length))
    assert all(end <= length for end in ends)
    assert ends == sorted(set(ends))
    assert ends[:16] == [BLOCK_CHARS * (i + 1) for i in range(min(16, len(ends)))]


@given(st.permutations(range(8)), st.floats(1, 400))
def test_the_order_of_the_log_does_not_matter(order, ttl):
    calls = [(40.0 * i, PREFIX + str(i % 3) * BLOCK_CHARS) for i in range(8)]
    sorted_log = replay(trace_of(*calls), min_prefix_tokens=100, ttl_s=ttl)
    assert replay(trace_of(*(calls[i] for i in order)), min_prefix_tokens=100, ttl_s=ttl) == sorted_log


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.sampled_from("abc")), min_size=1, max_size=30), st.floats(1, 1e4)
)
def test_a_longer_life_never_hits_less(drawn, ttl):
    trace = trace_of(*((time, char * (2 * BLOCK_CHARS)) for time, char in drawn))
    shorter, longer = (replay(trace, min_prefix_tokens=1, ttl_s=t) for t in (ttl, 2 * ttl))
    assert shorter.hits <= longer.hits <= len(drawn) - 1
    assert longer.hit_tokens == pytest.approx(longer.hits * BLOCK_CHARS / 2)
