"""Reading LiteLLM's price file: what is kept, under which key, and what is refused with which reason."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.prices.litellm import Retirement, key_of, read_litellm
from breakeven.prices.snapshot import Snapshot, price_of
from breakeven.sources import Source

DAY = dt.date(2026, 11, 22)
GOOD: dict[str, Any] = {
    "litellm_provider": "openai",
    "mode": "chat",
    "input_cost_per_token": 4e-07,
    "output_cost_per_token": 1.6e-06,
    "cache_read_input_token_cost": 1e-07,
    "input_cost_per_token_batches": 2e-07,
    "output_cost_per_token_batches": 8e-07,
    "max_input_tokens": 1047576,
    "source": "https://example.org/pricing?region=eastus",
}


def read(entries: Mapping[str, Any], retirements: Mapping[str, Retirement] | None = None) -> Snapshot:
    return read_litellm(entries, as_of=DAY, reference="a list", retirements=retirements or {})


def read_one(**changes: Any) -> Snapshot:
    entry = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    return read({"gpt-4.1-mini": entry})


def test_a_row_is_carried_over_in_dollars_for_a_million_tokens():
    snapshot = read({"gpt-4.1-mini": GOOD})
    price = price_of("openai/gpt-4.1-mini", snapshot.rows["openai/gpt-4.1-mini"], snapshot)
    assert price.provider == "openai"
    assert price.name == "gpt-4.1-mini"
    assert price.input_usd_per_mtok == 0.4  # not 0.39999999999999997
    assert price.output_usd_per_mtok == 1.6
    assert price.cached_usd_per_mtok == 0.1
    assert price.batch_input_usd_per_mtok == 0.2
    assert price.batch_output_usd_per_mtok == 0.8
    assert price.cache_write_usd_per_mtok is None
    assert price.max_input_tokens == 1047576
    assert price.retires_on is None
    assert price.source == Source(kind="quoted", reference="a list; https://example.org/pricing", date=DAY)


@pytest.mark.parametrize(
    ("name", "provider", "key"),
    [
        ("gpt-4.1-mini", "openai", "openai/gpt-4.1-mini"),
        ("ft:gpt-4.1-mini-2025-04-14", "openai", "openai/ft:gpt-4.1-mini-2025-04-14"),
        ("azure/gpt-4.1-mini", "azure", "azure/gpt-4.1-mini"),
        ("azure/eu/gpt-4.1-mini", "azure", "azure/eu/gpt-4.1-mini"),
        ("azure/gpt-35-turbo-instruct", "azure_text", "azure/gpt-35-turbo-instruct"),
        ("us.amazon.nova-pro-v1:0", "bedrock_converse", "bedrock/us.amazon.nova-pro-v1:0"),
        ("bedrock/us-east-1/anthropic.claude-v2", "bedrock", "bedrock/us-east-1/anthropic.claude-v2"),
        ("vertex_ai/claude-opus-5", "vertex_ai-anthropic_models", "vertex_ai/claude-opus-5"),
        ("gemini-2.5-flash", "vertex_ai-language-models", "vertex_ai/gemini-2.5-flash"),
        ("gemini/gemini-2.5-flash", "gemini", "gemini/gemini-2.5-flash"),
        ("command-r", "cohere_chat", "cohere/command-r"),
        ("amazon-nova/nova-pro-v1", "amazon_nova", "amazon_nova/nova-pro-v1"),
        (
            "text-completion-codestral/codestral-latest",
            "text-completion-codestral",
            "codestral/codestral-latest",
        ),
        ("vercel_ai_gateway/openai/gpt-4.1", "vercel_ai_gateway", "vercel_ai_gateway/openai/gpt-4.1"),
    ],
)
def test_keys_are_provider_and_model_and_never_doubled(name, provider, key):
    assert key_of(name, provider) == key


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cache_read_input_token_cost": 5e-07}, "cached input $0.5 costs more than input $0.4"),
        ({"cache_read_input_token_cost": 0.0}, "the cached price is 0.0"),
        ({"cache_creation_input_token_cost": 1e-07}, "a cache write $0.1 costs less than input $0.4"),
        ({"input_cost_per_token": -4e-07}, "negative"),
        ({"output_cost_per_token": math.inf}, "not a number: inf"),
        ({"output_cost_per_token": math.nan}, "not a number: nan"),
        ({"output_cost_per_token": "1.6e-06"}, "not a number: '1.6e-06'"),
        ({"input_cost_per_token": True}, "not a number: True"),
        ({"input_cost_per_token_batches": 5e-07}, "batch input $0.5 costs more than input $0.4"),
        ({"output_cost_per_token_batches": 0.0}, "the batch price of output is 0.0"),
        ({"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}, "input and output price are 0.0"),
        ({"input_cost_per_token": 0}, "the input price is 0.0 while output is billed"),
        ({"output_cost_per_token": 0}, "the output price is 0.0 while input is billed"),
        ({"input_cost_per_token": ...}, "no price for a token is stated"),
        ({"output_cost_per_token": ...}, "no price for a token is stated"),
        (
            {"input_cost_per_token": 3.2e-03},
            "$3,200 in and $1.6 out for a million tokens: a slip of the unit",
        ),
        ({"input_cost_per_token": 1e-09}, "$0.001 in for a million tokens is no text model's price"),
        ({"deprecation_date": "2027-13-01"}, "the retirement date is not a date: '2027-13-01'"),
        ({"max_input_tokens": 0.5}, "max_input_tokens is not a count of tokens"),
        ({"source": "Defaulting to base model pricing"}, "its own source doubts the price"),
        ({"regional_endpoint_uplift_multiplier": 11}, "an uplift of 11 for regional is no uplift"),
        ({"litellm_provider": ...}, "it names no provider"),
        (
            {"input_cost_per_token_above_200k_tokens": 8e-08},
            "above 200,000 tokens cached input costs more than input",
        ),
    ],
)
def test_impossible_rows_are_refused_with_their_reason(changes, reason):
    snapshot = read(
        {"decoy": GOOD, "gpt-4.1-mini": {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}}
    )
    assert list(snapshot.rows) == ["openai/decoy"]
    (refused,) = snapshot.refused
    assert refused.key.endswith("gpt-4.1-mini")
    assert reason in refused.reason


def test_an_embedding_has_no_output_price_and_needs_none():
    snapshot = read_one(mode="embedding", output_cost_per_token=0.0, output_cost_per_token_batches=0.0)
    (row,) = snapshot.rows.values()
    assert row["output_usd_per_mtok"] == 0.0
    assert row["mode"] == "embedding"
    assert "batch_output_usd_per_mtok" not in row


def test_a_write_price_of_zero_means_that_a_write_costs_the_input_price():
    (row,) = read_one(cache_creation_input_token_cost=0.0).rows.values()
    assert "cache_write_usd_per_mtok" not in row


def test_an_unknown_context_length_is_left_out():
    (row,) = read_one(max_input_tokens=0).rows.values()
    assert "max_input_tokens" not in row


def test_context_tiers_ascend_and_keep_the_base_price_where_they_name_none():
    snapshot = read_one(
        input_cost_per_token_above_272k_tokens=1e-06,
        output_cost_per_token_above_272k_tokens=4e-06,
        cache_read_input_token_cost_above_272k_tokens=2e-07,
        input_cost_per_token_above_128k_tokens=8e-07,
        input_cost_per_token_above_128k_tokens_priority=9e-06,
    )
    price = price_of("openai/gpt-4.1-mini", snapshot.rows["openai/gpt-4.1-mini"], snapshot)
    first, second = price.tiers
    assert (first.above_tokens, first.input_usd_per_mtok, first.output_usd_per_mtok) == (128_000, 0.8, 1.6)
    assert first.cached_usd_per_mtok == 0.1
    assert (second.above_tokens, second.input_usd_per_mtok, second.output_usd_per_mtok) == (272_000, 1.0, 4.0)
    assert second.cached_usd_per_mtok == 0.2
    assert price.tier(128_000) is None
    assert price.tier(128_001) == first
    assert price.tier(300_000) == second


def test_priced_ranges_become_the_base_price_and_tiers():
    ranges = [
        {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07},
        {"range": [256000.0, 1e6], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06},
    ]
    entry = {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": ranges}
    snapshot = read({"dashscope/qwen-flash": entry})
    price = price_of("dashscope/qwen-flash", snapshot.rows["dashscope/qwen-flash"], snapshot)
    assert (price.input_usd_per_mtok, price.output_usd_per_mtok) == (0.05, 0.4)
    (tier,) = price.tiers
    assert (tier.above_tokens, tier.input_usd_per_mtok, tier.output_usd_per_mtok) == (256_000, 0.25, 2.0)
    broken = read({"decoy": GOOD, "dashscope/x": {**entry, "tiered_pricing": [{"range": None}, *ranges]}})
    assert "a priced range has no bounds" in broken.refused[0].reason


def test_region_uplift_long_writes_and_cache_minimum():
    (row,) = read_one(
        regional_processing_uplift_multiplier_eu=1.1,
        provider_specific_entry={"us": 1.05, "fast": 2},
        cache_creation_input_token_cost=5e-07,
        cache_creation_input_token_cost_above_1hr=8e-07,
        prompt_cache_min_tokens=4096.0,
        output_cost_per_reasoning_token=4e-06,
        off_peak_pricing={"windows": []},
    ).rows.values()
    assert row["region_uplift"] == {"eu": 1.1, "us": 1.05}
    assert row["cache_write_usd_per_mtok"] == 0.5
    assert row["cache_write_1h_usd_per_mtok"] == 0.8
    assert row["cache_min_tokens"] == 4096
    assert row["reasoning_usd_per_mtok"] == 4.0
    assert "off-peak" in row["note"]


def test_retirement_from_the_list_wins_over_the_table_and_the_table_says_so():
    notice = Source(kind="published", reference="a notice", date=DAY)
    table = {"openai/gpt-4.1-mini": Retirement(on=dt.date(2027, 1, 14), source=notice)}
    filled = read({"gpt-4.1-mini": GOOD}, table).rows["openai/gpt-4.1-mini"]
    assert filled["retires_on"] == "2027-01-14"
    assert filled["note"] == "retirement: published, a notice, 2026-11-22"
    own = read({"gpt-4.1-mini": {**GOOD, "deprecation_date": "2026-12-01"}}, table).rows[
        "openai/gpt-4.1-mini"
    ]
    assert own["retires_on"] == "2026-12-01"


@pytest.mark.parametrize(
    "order", [("deepseek-chat", "deepseek/deepseek-chat"), ("deepseek/deepseek-chat", "deepseek-chat")]
)
def test_of_two_entries_for_one_model_the_spelt_out_one_is_kept_and_a_disagreement_listed(order):
    prices = {"deepseek-chat": 3e-07, "deepseek/deepseek-chat": 2.8e-07}
    entries = {
        name: {
            "litellm_provider": "deepseek",
            "mode": "chat",
            "input_cost_per_token": prices[name],
            "output_cost_per_token": 4e-07,
        }
        for name in order
    }
    snapshot = read(entries)
    assert snapshot.rows["deepseek/deepseek-chat"]["input_usd_per_mtok"] == 0.28
    (refused,) = snapshot.refused
    assert "'deepseek/deepseek-chat' is kept, 'deepseek-chat' is left out" in refused.reason
    same = read({name: {**entry, "input_cost_per_token": 2.8e-07} for name, entry in entries.items()})
    assert same.refused == ()


def test_what_is_no_text_model_is_counted_not_refused():
    snapshot = read(
        {"gpt-4.1-mini": GOOD, "dall-e": {"litellm_provider": "openai", "mode": "image_generation"}}
    )
    assert snapshot.out_of_scope == {"image_generation": 1}
    assert snapshot.refused == ()


@pytest.mark.parametrize("raw", [[], {}, {"a": 1}, {"models": {"x": {"input": 1}}}, None, "text"])
def test_another_file_is_said_to_be_another_file(raw):
    with pytest.raises(InputError, match="not LiteLLM's price file"):
        read_litellm(raw, as_of=DAY, reference="x")


values = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-3, 10),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "tiered_pricing", "deprecation_date", "provider_specific_entry"]), values
    )
)
def test_no_entry_breaks_the_reading_and_no_zero_price_gets_through(changes):
    snapshot = read({"decoy": GOOD, "other/model": {**GOOD, **changes}})
    assert "openai/decoy" in snapshot.rows
    for row in snapshot.rows.values():
        assert 0 < row["input_usd_per_mtok"] < math.inf
        assert row["output_usd_per_mtok"] > 0 or row["mode"] == "embedding"
        assert row.get("cached_usd_per_mtok", 1e-9) <= row["input_usd_per_mtok"]
