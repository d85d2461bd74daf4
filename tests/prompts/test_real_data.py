"""Public logs: what is static in them is known by reading them."""

from __future__ import annotations

import gzip
import json

import pytest

pytest.importorskip("rs_bpe")

from breakeven.cli.prompt_page import prompt_section
from breakeven.evidence.prompts.findings import prompt_findings
from breakeven.evidence.prompts.tokens import MESSAGE_TOKENS, counter_for
from breakeven.prices import load_book


@pytest.fixture
def haiku(real_data):
    return prompt_findings([str(real_data("tensorzero_haiku_log_a"))], book=load_book())


def test_two_functions_are_two_templates_with_their_system_prompts(haiku, real_data):
    systems = {}
    with gzip.open(real_data("tensorzero_haiku_log_a") / "model_inference.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            systems[record["model_name"]] = record["system"]
    count = counter_for("gpt-4o").count
    assert haiku["calls"] == haiku["with_texts"] == 1000
    assert haiku["unmatched"]["calls"] == 0
    assert [one["features"] for one in haiku["templates"]] == [{"write_haiku": 500}, {"judge_haiku": 500}]
    by_model = {next(iter(one["models"])): one for one in haiku["templates"]}
    assert set(by_model) == set(systems)
    # The user texts by reading: "The topic is {topic}." and "The topic is {topic}. Here is the haiku:\n\n{haiku}".
    tails = {"openai::gpt-4o-mini-2024-07-18": ["."], "openai::gpt-4o-2024-08-06": [". Here is the haiku:"]}
    for name, one in by_model.items():
        assert one["calls"] == 500
        assert one["per_call"]["static_prefix"] == count(systems[name]) + MESSAGE_TOKENS + count(
            "The topic is"
        )
        assert one["per_call"]["static_elsewhere"] == pytest.approx(sum(map(count, tails[name])), abs=1)
        assert one["per_call"]["few_shot"] == 0


def test_sums_are_the_billed_ones_and_dollars_follow(haiku):
    removable = haiku["removable"]
    assert removable["input"] == 92_198 + 41_684
    static = {next(iter(one["models"])): one["tokens"] for one in haiku["templates"]}
    want = (
        2.50 * static["openai::gpt-4o-2024-08-06"] + 0.15 * static["openai::gpt-4o-mini-2024-07-18"]
    ) / 1e6
    assert removable["usd"] == pytest.approx(want)


def test_counted_tokens_equal_billed_ones(haiku):
    """Every one of 1,000 calls: texts in o200k_base, 4 tokens a message, 3 for the answer's opening."""
    for row in haiku["counting"]["models"].values():
        assert (row["calls"], row["error"], row["exact_share"]) == (500, 0.0, 1.0)


def test_prompts_of_two_hundred_tokens_reach_no_cache(haiku):
    assert all(row["hit_share_of_calls"] == 0 for row in haiku["caching"]["replay"])
    assert all(row["share_of_calls"] == 0 for row in haiku["caching"]["cacheable"])
    assert len(haiku["segments"]["for_30_percent"]) == 1


def test_traces_of_many_frameworks(real_data):
    """21 generations (README), 2 of them without input; one trace each, so no template has enough calls."""
    found = prompt_findings([str(real_data("langfuse_traces_a"))], book=load_book())
    assert (found["calls"], found["with_texts"]) == (21, 19)
    assert found["unmatched"]["calls"] + sum(one["calls"] for one in found["templates"]) == 19


def test_spans_are_read_once(real_data):
    found = prompt_findings([str(real_data("otel_genai_spans"))], book=load_book())
    assert found["with_texts"] > 0


def test_a_trace_without_texts_says_so(real_data):
    found = prompt_findings([str(real_data("mooncake_conversation"))], book=load_book())
    assert found["removable"] is None
    assert "can not be known" in found["reason"]


def test_the_page_of_a_real_log(haiku):
    page = prompt_section(haiku, width=100)
    assert max(map(len, page.splitlines())) <= 100
    assert "PROMPT     1,000 calls; static: 116 tokens a call, 86.3% of input" in page
    assert "the most a fine-tune could save in tokens: $0.2006 over this log" in page
    assert "BATCHABLE  not known" in page
