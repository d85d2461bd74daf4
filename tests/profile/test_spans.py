"""Spans of one trace in several files: what wraps others is counted once, and doubt is said."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.prompts.reading import find_prompts, read_prompts
from tests.profile.engine_logs import profiled


def span(name, parent, tokens, start, seconds):
    attributes = {"gen_ai.request.model": "gpt-4o", "gen_ai.prompt": name}
    if tokens is not None:
        attributes |= {"gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 2}
    at = 1_772_323_200 + start
    return {
        "traceId": "t", "spanId": name, "parentSpanId": parent, "name": "chat", "attributes": attributes,
        "startTimeUnixNano": str(at * 10**9), "endTimeUnixNano": str((at + seconds) * 10**9),
    }  # fmt: skip


# An agent of 300 tokens; under it a span without any, and under that the two calls that the agent sums up.
FILES = {
    "agent": [span("agent", "http", 300, 0, 9), span("alone", "http", 7, 50, 1)],
    "step": [span("step", "agent", None, 1, 8)],
    "calls": [span("one", "step", 100, 2, 3), span("two", "step", 200, 5, 3)],
}


@pytest.fixture
def logs(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, spans in FILES.items():
        lines = [json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]}) for one in spans]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def read(*paths):
    with Engine(threads=2) as engine:
        found = profiled(engine, *paths)
    doubt = [warning for warning in found["warnings"] if "counted twice" in warning]
    return found["calls"], found["tokens"]["input"]["sum"], doubt


def test_a_parent_in_one_file_and_its_children_in_another_count_once(logs):
    # 100 + 200 under the agent, and the 7 of the span that stands alone
    assert read(*(logs / f"{name}.jsonl" for name in FILES)) == (3, 307, [])
    assert read(logs) == (3, 307, [])


def test_a_missing_link_is_said_with_how_many_it_leaves_in_doubt(logs):
    calls, tokens, doubt = read(logs / "calls.jsonl", logs / "agent.jsonl")
    assert (calls, tokens) == (4, 607)
    assert len(doubt) == 1
    assert doubt[0].startswith("2 spans hang under spans that are in none of the files")


def test_parents_that_are_missing_are_no_doubt_where_calls_follow_each_other(logs):
    assert read(logs / "calls.jsonl") == (2, 300, [])


def test_prompts_of_wrapping_spans_are_left_out_across_files(logs, tmp_path):
    sources = find_prompts([str(logs)], spool=tmp_path)
    assert sorted(str(call.call_id) for call in read_prompts(sources)) == ["alone", "one", "two"]
