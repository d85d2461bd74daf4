"""A few rows of each format, counted by hand."""

from __future__ import annotations

import gzip
import io
import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.formats import find_format, log_formats
from breakeven.evidence.calls.mapping import guess_mapping, parse_mapping
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book


def profile(*paths, **options):
    with Engine(threads=1) as engine:
        return build_profile(read_logs([str(p) for p in paths], engine=engine, **options), book=load_book())


def lines(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sums(found):
    tokens = found["tokens"]
    return found["calls"], tokens["input"]["sum"], tokens["output"]["sum"], found["caching"]["cached_tokens"]


CHAT = {
    "timestamp": "2026-03-02T10:00:00+02:00",
    "request": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]},
    "response": {"model": "gpt-4o-mini", "usage": {"prompt_tokens": 300, "completion_tokens": 20,
                 "prompt_tokens_details": {"cached_tokens": 128}}},
}  # fmt: skip
RESPONSES = {
    "timestamp": 1772445600,
    "request": {"model": "gpt-4o-mini", "input": "hi"},
    "response": {"model": "gpt-4o-mini", "usage": {"input_tokens": 100, "output_tokens": 7,
                 "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 5}}},
}  # fmt: skip
ANTHROPIC = {
    "timestamp": "2026-03-02T08:00:00Z",
    "request": {"model": "claude-sonnet-4-5", "messages": []},
    "response": {"model": "claude-sonnet-4-5", "usage": {"input_tokens": 50, "output_tokens": 9,
                 "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 200}},
}  # fmt: skip


def test_openai_counts_cached_tokens_inside_and_anthropic_apart(tmp_path):
    found = profile(lines(tmp_path / "a.jsonl", CHAT, RESPONSES, ANTHROPIC))
    # 300 (128 of them cached) + 100 + (50 + 1,000 cached + 200 written)
    assert sums(found) == (3, 300 + 100 + 1250, 36, 1128)
    assert found["tokens"]["reasoning"]["sum"] == 5
    assert found["first"] == "2026-03-02T08:00:00+00:00"  # 10:00 at +02:00
    assert found["rejected"] == {}


def test_failures_are_named_by_kind_and_a_repeat_is_a_retry(tmp_path):
    failed = {**CHAT, "response": None, "error": {"code": 429, "message": "slow down"}}
    again = {**CHAT, "timestamp": "2026-03-02T10:00:05+02:00"}
    late = {**failed, "timestamp": "2026-03-02T12:00:00+02:00", "error": "Request timed out."}
    found = profile(lines(tmp_path / "a.jsonl", failed, again, late))
    assert found["failures"] == {"n": 2, "share": 2 / 3, "kinds": {"rate limit": 1, "time-out": 1}}
    assert found["retries"] == {"n": 1, "share": 1 / 3}


def test_litellm(tmp_path):
    row = {"request_id": "r1", "call_type": "acompletion", "spend": 0.25, "prompt_tokens": 80, "completion_tokens": 4,
           "startTime": "2026-03-02 08:00:00.000", "endTime": "2026-03-02 08:00:02.500", "model": "gpt-4o-mini",
           "completionStartTime": "2026-03-02 08:00:00.500", "custom_llm_provider": "openai", "status": "success",
           "metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": 64}}}}  # fmt: skip
    found = profile(lines(tmp_path / "a.jsonl", row, {**row, "request_id": "r2", "status": "failure"}))
    assert sums(found) == (2, 160, 8, 128)
    assert (found["cost_usd"], found["cost_source"]) == (0.5, "as logged")
    assert (found["latency_s"]["max"], found["ttft_s"]["max"], found["failures"]["n"]) == (2.5, 0.5, 1)


def test_helicone_counts_anthropic_apart(tmp_path):
    row = {"request_id": "r", "request_created_at": "2026-03-02T08:00:00Z", "request_model": "gpt-4o-mini",
           "provider": "OPENAI", "response_status": 200, "delay_ms": 900, "time_to_first_token": 100,
           "prompt_tokens": 80, "prompt_cache_read_tokens": 64, "completion_tokens": 4}  # fmt: skip
    claude = {**row, "provider": "ANTHROPIC", "request_model": "claude-sonnet-4-5", "response_status": 529}
    found = profile(lines(tmp_path / "a.jsonl", row, claude))
    assert sums(found) == (2, 80 + 144, 8, 128)
    assert found["failures"]["kinds"] == {"server error": 1}
    assert found["latency_s"]["p50"] == 0.9


def test_langfuse_observations_as_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "id,traceId,type,startTime,endTime,model,usageDetails,totalCost\n"
        'a,t,GENERATION,2026-03-02T08:00:00Z,2026-03-02T08:00:01Z,gpt-4o,"{""input"": 10, ""output"": 3}",0.5\n'
        "b,t,SPAN,2026-03-02T08:00:00Z,2026-03-02T08:00:01Z,,,\n"
    )
    assert sums(profile(path))[:3] == (1, 10, 3)


SPAN = {"traceId": "t", "startTimeUnixNano": "1772438400000000000", "endTimeUnixNano": "1772438401000000000"}


def _span(name, span, parent, **attributes):
    pairs = [{"key": k, "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
             for k, v in attributes.items()]  # fmt: skip
    return {**SPAN, "name": name, "spanId": span, "parentSpanId": parent, "attributes": pairs}


def test_otlp_spans_old_names_new_names_and_wrappers(tmp_path):
    new = {"gen_ai.usage.input_tokens": 30, "gen_ai.usage.output_tokens": 4, "gen_ai.request.model": "gpt-4o"}
    old = {"gen_ai.usage.prompt_tokens": 50, "gen_ai.usage.completion_tokens": 6, "gen_ai.system": "openai"}
    spans = [
        _span("invoke_agent", "1", "", **{"gen_ai.usage.input_tokens": 80, "gen_ai.usage.output_tokens": 10}),
        _span("step", "2", "1"),
        _span("chat", "3", "2", **new),
        _span("chat", "4", "2", **old),
    ]
    document = {"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]}
    found = profile(lines(tmp_path / "a.jsonl", document, document | {"resourceSpans": []}))
    assert sums(found)[:3] == (2, 80, 10)


def test_openinference_flat_attributes(tmp_path):
    span = {"name": "llm", "context": {"trace_id": "t", "span_id": "s"}, "start_time": "2026-03-02T08:00:00Z",
            "end_time": "2026-03-02T08:00:01Z", "attributes": {"llm.token_count.prompt": 12,
            "llm.token_count.completion": 5, "llm.model_name": "gpt-4o", "llm.cost.total": 0.125}}  # fmt: skip
    found = profile(lines(tmp_path / "a.jsonl", span))
    assert sums(found)[:3] == (1, 12, 5)
    assert found["cost_usd"] == 0.125


@pytest.mark.parametrize("packed", ["gzip", "zstd", "array", "parquet", "stdin"])
def test_the_same_calls_in_any_wrapping(tmp_path, monkeypatch, packed):
    rows = [CHAT, RESPONSES | {"timestamp": "2026-03-02T10:00:00Z"}, ANTHROPIC]
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path = tmp_path / "calls.jsonl"
    if packed == "gzip":
        path.write_bytes(gzip.compress(text))
    elif packed == "zstd":
        path.write_bytes(pytest.importorskip("zstandard").compress(text))
    elif packed == "array":
        path.write_text(json.dumps(rows, indent=1))
    elif packed == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": io.BytesIO(text)}))
        path = "-"
    assert sums(profile(path)) == (3, 1650, 36, 1128)


def test_a_table_by_mapping(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "at,n_in,n_out,took,ok\n2026-03-02 08:00:00,10,2,1500,true\n2026-03-02 08:00:01,20,3,500,false\n"
    )
    pairs = ["time=at", "input_tokens=n_in", "output_tokens=n_out", "latency_s=took:ms", "outcome=ok"]
    found = profile(path, mapping=parse_mapping(pairs))
    assert sums(found)[:3] == (2, 30, 5)
    assert found["latency_s"]["max"] == 1.5
    assert (found["outcomes"]["outcome"]["n"], found["outcomes"]["outcome"]["mean"]) == (2, 0.5)


def test_columns_are_guessed_by_plain_names_only():
    guessed = guess_mapping(["Created_At", "prompt_tokens", "completion-tokens", "latency_ms", "notes"])
    assert {name: at.path for name, at in guessed.items()} == {
        "time": "Created_At", "input_tokens": "prompt_tokens", "output_tokens": "completion-tokens",
        "latency_s": "latency_ms",
    }  # fmt: skip
    assert guessed["latency_s"].scale == 1e-3


def test_wrong_names_say_what_would_be_right(tmp_path):
    with pytest.raises(EvidenceError, match=r"no log format is called 'openia'\n.*openai"):
        find_format("openia")
    with pytest.raises(EvidenceError, match="no field is called 'tokens_in'"):
        parse_mapping(["tokens_in=x"])
    with pytest.raises(EvidenceError, match="not known by its keys"):
        profile(lines(tmp_path / "a.jsonl", {"level": "info"}))
    with pytest.raises(EvidenceError, match="no such file"):
        profile(tmp_path / "missing.jsonl")


def test_missing_token_counts_are_unknown_not_zero(tmp_path):
    silent = {**CHAT, "response": {"model": "gpt-4o-mini"}}
    found = profile(lines(tmp_path / "a.jsonl", CHAT, silent))
    assert (found["calls"], found["tokens"]["input"]["n"], found["cost_usd"]) == (2, 1, None)
    assert any("1 of 2 calls say no input tokens" in warning for warning in found["warnings"])


def test_names_of_formats_are_unique_and_marked():
    names = [log_format.name for log_format in log_formats()]
    assert len(set(names)) == len(names)
    assert all(log_format.marks for log_format in log_formats())
