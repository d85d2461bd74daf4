"""Batch results, cloud logs and tables of spans: a few rows of each, counted by hand."""

from __future__ import annotations

import csv

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.prices import load_book
from tests.profile.test_formats import lines, profile, sums


def _format(found):
    return found["files"][0]["format"]


def test_batch_results_of_openai_cost_the_batch_price(tmp_path):
    body = {"id": "chatcmpl-1", "created": 1772445600, "model": "gpt-4.1-mini", "service_tier": "default",
            "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 100_000}}  # fmt: skip
    rows = [{"id": f"batch_req_{i}", "custom_id": f"c{i}", "error": None,
             "response": {"status_code": 200, "request_id": "r", "body": body}} for i in range(2)]  # fmt: skip
    found = profile(lines(tmp_path / "output.jsonl", *rows))
    price = load_book().model("openai/gpt-4.1-mini")
    assert _format(found) == "openai-batch"
    assert sums(found)[:3] == (2, 2_000_000, 200_000)
    assert found["cost_usd"] == pytest.approx(
        2 * (price.input_usd_per_mtok + 0.1 * price.output_usd_per_mtok) / 2
    )
    assert (found["batchable"]["low"], found["batchable"]["already"]) == (1.0, 1.0)


def test_batch_results_of_anthropic_hold_failures_too(tmp_path):
    usage = {"input_tokens": 50, "output_tokens": 9, "cache_read_input_tokens": 1000, "service_tier": "batch"}
    good = {"type": "succeeded", "message": {"id": "m", "model": "claude-sonnet-4-5", "usage": usage}}
    bad = {"type": "errored", "error": {"type": "error", "error": {"type": "overloaded_error"}}}
    gone = {"type": "expired"}
    rows = [{"custom_id": f"c{i}", "result": result} for i, result in enumerate((good, good, bad, gone))]
    found = profile(lines(tmp_path / "results.jsonl", *rows))
    assert _format(found) == "anthropic-batch"
    assert sums(found) == (4, 2_100, 18, 2_000)
    assert found["failures"]["n"] == 2


def test_bedrock_counts_cached_tokens_apart(tmp_path):
    row = {
        "schemaType": "ModelInvocationLog", "timestamp": "2026-03-02T08:00:00Z", "requestId": "r",
        "operation": "Converse", "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "input": {"inputTokenCount": 50, "cacheReadInputTokenCount": 1000, "cacheWriteInputTokenCount": 200,
                  "inputBodyJson": {"messages": []}},
        "output": {"outputTokenCount": 9, "outputBodyJson": {"stopReason": "end_turn", "metrics": {"latencyMs": 1500}}},
    }  # fmt: skip
    throttled = {**row, "requestId": "s", "errorCode": "ThrottlingException", "input": {}, "output": {}}
    found = profile(lines(tmp_path / "log.jsonl", row, throttled))
    assert _format(found) == "bedrock"
    assert sums(found) == (2, 1_250, 9, 1_000)
    assert found["latency_s"]["mean"] == 1.5
    assert found["failures"]["n"] == 1


def test_azure_gateway_rows_that_hold_parts_of_messages_are_no_calls(tmp_path):
    columns = [
        "TimeGenerated",
        "CorrelationId",
        "SequenceNumber",
        "PromptTokens",
        "CompletionTokens",
        "ModelName",
    ]
    with (tmp_path / "log.csv").open("w", newline="") as file:
        parts = [["2026-03-02T08:00:00Z", "c", n, "", "", ""] for n in (1, 2)]
        csv.writer(file).writerows([columns, ["2026-03-02T08:00:00Z", "c", 0, 100, 7, "gpt-4o"], *parts])
    found = profile(tmp_path / "log.csv")
    assert _format(found) == "azure-gateway"
    assert sums(found)[:3] == (1, 100, 7)


def test_spans_of_a_table_with_dotted_columns_are_read(tmp_path):
    span = {"name": "llm", "context.trace_id": "t", "start_time": "2026-03-02T08:00:00Z",
            "end_time": "2026-03-02T08:00:02Z", "status_code": "OK", "attributes.llm.model_name": "gpt-4o-mini",
            "attributes.llm.token_count.prompt": 120, "attributes.llm.token_count.completion": 12}  # fmt: skip
    rows = [{**span, "context.span_id": "s1", "parent_id": None}, {**span, "context.span_id": "s2", "parent_id": "s1"},
            {**span, "context.span_id": "s3", "parent_id": "s1", "status_code": "ERROR"}]  # fmt: skip
    found = profile(lines(tmp_path / "spans.jsonl", *rows))
    assert sums(found)[:3] == (2, 240, 24)  # s1 wraps the others and repeats their tokens
    assert found["latency_s"]["mean"] == 2.0
    assert found["failures"]["n"] == 1


def test_helicones_ratings_are_outcomes(tmp_path):
    rows = [{"request_id": f"q{i}", "request_created_at": "2026-03-02T08:00:00Z", "request_model": "gpt-4o-mini",
             "prompt_tokens": 9, "completion_tokens": 1, "feedback_rating": [True, False, None][i % 3]}
            for i in range(9)]  # fmt: skip
    outcome = profile(lines(tmp_path / "requests.jsonl", *rows))["outcomes"]["outcome"]
    assert (outcome["n"], outcome["mean"]) == (6, 0.5)


def test_an_end_in_the_place_of_the_first_token_is_no_stream(tmp_path):
    row = {"request_id": "r", "call_type": "acompletion", "spend": 0.1, "prompt_tokens": 9, "completion_tokens": 1,
           "model": "gpt-4o-mini", "startTime": "2026-03-02T08:00:00Z", "endTime": "2026-03-02T08:00:02Z"}  # fmt: skip
    rows = [{**row, "request_id": f"r{i}", "completionStartTime": f"2026-03-02T08:00:0{second}Z"}
            for i, second in enumerate((2, 2, 1))]  # fmt: skip
    found = profile(lines(tmp_path / "spend.jsonl", *rows))
    assert found["batchable"]["streamed"] == pytest.approx(1 / 3)
    assert found["ttft_s"] == pytest.approx(
        dict.fromkeys(("mean", "p50", "p90", "p95", "p99", "max"), 1.0) | {"n": 1}
    )


def test_a_window_has_no_latency(tmp_path):
    row = {"start_time": 1772445600, "end_time": 1772532000, "num_model_requests": 5, "input_tokens": 1000,
           "output_tokens": 50, "input_cached_tokens": 800, "input_cache_write_tokens": 100}  # fmt: skip
    found = profile(lines(tmp_path / "usage.jsonl", row))
    assert found["latency_s"] is None
    assert sums(found) == (5, 1000, 50, 800)
