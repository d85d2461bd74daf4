"""Texts are found in every format that keeps them."""

from __future__ import annotations

import json

import pytest

from breakeven.evidence.prompts.messages import Message, messages_of
from breakeven.evidence.prompts.reading import find_prompts, read_prompts

CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
]
WANTED = (Message("system", "Be kind."), Message("user", "Hi"))


def read(tmp_path, *records, name="calls.jsonl"):
    (tmp_path / name).write_text("\n".join(json.dumps(record) for record in records) + "\n")
    (source,) = find_prompts([str(tmp_path / name)], spool=tmp_path)
    return source, list(read_prompts([source]))


@pytest.mark.parametrize(
    "value",
    [
        CHAT,
        json.dumps(CHAT),
        {"messages": CHAT},
        {"system": "Be kind.", "messages": [{"role": "user", "content": "Hi"}]},
        {"instructions": "Be kind.", "input": "Hi"},
        {"instructions": "Be kind.", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]},
        {"systemInstruction": {"parts": [{"text": "Be kind."}]},
         "contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
        {"model": "g", "config": {"system_instruction": "Be kind."},
         "contents": [{"parts": [{"text": "Hi"}], "role": "user"}]},
        [{"role": "developer", "parts": [{"type": "text", "content": "Be kind."}]},
         {"role": "user", "parts": [{"type": "text", "content": "Hi"}]}],
    ],
)  # fmt: skip
def test_shapes(value):
    assert messages_of(value) == WANTED


def test_tools_stand_first_and_images_are_no_text():
    request = {
        "messages": [
            *CHAT,
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]},
        ],
        "tools": [{"name": "look_up"}],
    }
    assert messages_of(request) == (Message("tools", '[{"name": "look_up"}]'), *WANTED)


@pytest.mark.parametrize(
    "value", [None, "", "  ", 3, [], {}, [[[[[[[["deep"]]]]]]]], {"role": "user"}, "{broken"]
)
def test_odd_values_do_not_fail(value):
    found = messages_of(value)
    assert found == ((Message("user", "{broken"),) if value == "{broken" else ())


USAGE = {"prompt_tokens": 20, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}}


@pytest.mark.parametrize(
    ("record", "tokens", "cached"),
    [
        ({"timestamp": 1_760_000_000, "request": {"model": "m", "messages": CHAT},
          "response": {"usage": USAGE}}, 20, 8),
        ({"request_id": "r", "call_type": "acompletion", "spend": 0.1, "startTime": "2025-10-09T08:53:20Z",
          "prompt_tokens": 20, "completion_tokens": 5, "model": "m", "messages": json.dumps(CHAT)}, 20, None),
        ({"request_id": "r", "request_created_at": "2025-10-09T08:53:20Z", "request_model": "m",
          "request_body": {"messages": CHAT}, "prompt_tokens": 20, "prompt_cache_read_tokens": 8}, 20, 8),
        ({"id": "i", "inference_id": "i", "model_name": "m", "model_provider_name": "openai", "input_tokens": 20,
          "output_tokens": 5, "timestamp": "2025-10-09 08:53:20",
          "raw_request": json.dumps({"messages": CHAT})}, 20, None),
        ({"id": "i", "inference_id": "i", "model_name": "m", "model_provider_name": "openai", "input_tokens": 20,
          "output_tokens": 5, "timestamp": "2025-10-09 08:53:20", "system": "Be kind.",
          "input_messages": json.dumps(CHAT[1:])}, 20, None),
        ({"id": "o", "traceId": "t", "type": "GENERATION", "startTime": "2025-10-09T08:53:20Z", "model": "m",
          "usageDetails": {"input": 20}, "input": json.dumps({"messages": CHAT})}, 20, None),
        ({"traceId": "t", "spanId": "s", "name": "chat", "startTimeUnixNano": "1760000000000000000", "attributes": {
            "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 20,
            "gen_ai.input.messages": json.dumps(CHAT)}}, 20, None),
        ({"traceId": "t", "spanId": "s", "name": "chat", "startTimeUnixNano": "1760000000000000000", "attributes": {
            "gen_ai.request.model": "m", "llm.token_count.prompt": 20,
            "llm.input_messages.0.message.role": "system", "llm.input_messages.0.message.content": "Be kind.",
            "llm.input_messages.1.message.role": "user", "llm.input_messages.1.message.content": "Hi"}}, 20, None),
        ({"traceId": "t", "spanId": "s", "name": "chat", "startTimeUnixNano": "1760000000000000000", "attributes": {
            "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 20,
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be kind."}]),
            "gen_ai.input.messages": json.dumps(CHAT[1:])}}, 20, None),
    ],
    ids=["openai", "litellm", "helicone", "tensorzero", "tensorzero-parsed", "langfuse", "otel", "openinference",
         "otel-system"],
)  # fmt: skip
def test_every_format(tmp_path, record, tokens, cached):
    _, (call,) = read(tmp_path, record)
    assert call.messages == WANTED
    assert (call.input_tokens, call.cached_tokens) == (tokens, cached)
    assert call.time_s == 1_760_000_000
    assert call.model == "m"


def test_tokens_read_from_a_cache_apart_are_added(tmp_path):
    """Anthropic's input count leaves out what was read from and written to the cache."""
    usage = {
        "input_tokens": 20,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 7,
        "output_tokens": 1,
    }
    record = {
        "request": {"model": "claude", "messages": CHAT},
        "response": {"usage": usage, "model": "claude"},
    }
    _, (call,) = read(tmp_path, record)
    assert (call.input_tokens, call.cached_tokens) == (127, 100)


def test_broken_lines_are_counted_and_read_past(tmp_path):
    good = json.dumps({"request": {"model": "m", "messages": CHAT}, "response": {"usage": USAGE}})
    (tmp_path / "calls.jsonl").write_text(f"{good}\n{{broken\n[1]\n{good}\n")
    (source,) = find_prompts([str(tmp_path / "calls.jsonl")], spool=tmp_path)
    assert len(list(read_prompts([source]))) == 2
    assert source.unreadable == 2


def test_a_span_that_wraps_another_is_no_call_of_its_own(tmp_path):
    attributes = {
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.input.messages": json.dumps(CHAT),
    }
    outer = {
        "traceId": "t",
        "spanId": "a",
        "name": "agent",
        "startTimeUnixNano": "1",
        "attributes": attributes,
    }
    between = {
        "traceId": "t",
        "spanId": "b",
        "parentSpanId": "a",
        "name": "step",
        "startTimeUnixNano": "1",
        "attributes": {"gen_ai.request.model": "m"},
    }
    inner = {
        "traceId": "t",
        "spanId": "c",
        "parentSpanId": "b",
        "name": "chat",
        "startTimeUnixNano": "1",
        "attributes": attributes,
    }
    _, calls = read(tmp_path, outer, between, inner)
    assert len(calls) == 1


def test_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    row = {"request_id": "r", "call_type": "c", "spend": 0.1, "startTime": "2025-10-09T08:53:20Z", "model": "m",
           "prompt_tokens": 20, "completion_tokens": 5, "messages": json.dumps(CHAT)}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "calls.parquet")
    (source,) = find_prompts([str(tmp_path / "calls.parquet")], spool=tmp_path)
    assert [call.messages for call in read_prompts([source])] == [WANTED]
