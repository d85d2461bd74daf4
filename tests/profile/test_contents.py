"""What a profile tells of calls beyond their number: endings, retries, segments, tiers, repeats, scores."""

from __future__ import annotations

import datetime as dt
import json

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.cli.profile_page import profile_page
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)  # a Monday
MINUTE = 60.0


def _call(at_s, *, tokens=(100, 10), answer="yes", end="stop", feature="sort", messages="m", **more):
    """One chat completion, logged ``at_s`` seconds after the start."""
    return {
        "timestamp": (START + dt.timedelta(seconds=at_s)).isoformat(),
        "feature": feature,
        "request": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": messages}]},
        "response": {
            "model": "gpt-4.1-mini",
            "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
            "choices": [{"finish_reason": end, "message": {"content": answer}}],
        },
    } | more


@pytest.fixture
def profiled(tmp_path):
    """From rows of one or several files, each a list, to their profile."""

    def make(*files, **options):
        paths = []
        for i, rows in enumerate(files):
            paths.append(str(tmp_path / f"{i}.jsonl"))
            (tmp_path / f"{i}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        with Engine(threads=2) as engine:
            return build_profile(read_logs(paths, engine=engine), book=load_book(), **options)

    return make


def test_endings_are_counted_and_cut_or_filtered_answers_are_failures(profiled):
    ends = ["stop"] * 5 + ["length"] * 2 + ["content_filter"] + ["tool_calls"] * 2
    found = profiled([_call(i * MINUTE, end=end, messages=f"m{i}") for i, end in enumerate(ends)])
    assert found["endings"] == {
        "n": 10,
        "kinds": {"stop": 5, "length": 2, "content filter": 1, "tool calls": 2},
    }
    assert found["failures"]["kinds"] == {"content filter": 1, "truncated": 2}
    assert found["cost_usd"] is not None  # a cut answer is billed like any other


@pytest.mark.parametrize(
    ("given", "told"),
    [("max_tokens", "length"), ("end_turn", "stop"), ("tool_use", "tool calls"), ("refusal", "content filter"),
     ("MAX_TOKENS", "length"), ("something new", "other")],
)  # fmt: skip
def test_every_providers_words_for_an_ending_are_known(profiled, given, told):
    assert profiled([_call(0, end=given)])["endings"] == {"n": 1, "kinds": {told: 1}}


def test_a_log_without_endings_says_nothing_of_them(profiled):
    row = _call(0)
    del row["response"]["choices"]
    assert profiled([row])["endings"] is None


def test_mostly_cut_answers_may_be_meant(profiled):
    found = profiled([_call(i, end="length") for i in range(4)])
    assert any("100% of answers end at their token limit" in warning for warning in found["warnings"])


def test_a_retry_is_told_by_messages_and_without_them_by_the_session(profiled):
    failed = {"response": None, "error": "RateLimitError"}
    rows = [
        _call(0, session_id="s", **failed),
        _call(MINUTE, session_id="s"),
        _call(2 * MINUTE, session_id="t"),
    ]
    found = profiled(rows)
    assert (found["retries"]["n"], found["retries_told_by"]) == (1, "same messages")
    for row in rows:
        del row["request"]["messages"]
    found = profiled(rows)
    assert (found["retries"]["n"], found["retries_told_by"]) == (1, "same session, model and feature")


def test_a_retry_after_ten_minutes_is_a_new_call(profiled):
    rows = [_call(0, response=None, error="timeout"), _call(601)]
    assert profiled(rows)["retries"]["n"] == 0


def test_overlapping_exports_count_a_call_once(profiled):
    rows = [_call(i * MINUTE, call_id=f"c{i}", messages=f"m{i}") for i in range(10)]
    found = profiled(rows[:7], rows[4:])
    assert (found["calls"], found["repeated_in_files"]) == (10, 3)
    assert any("3 calls stand in more than one file" in warning for warning in found["warnings"])
    assert found["tokens"]["input"]["sum"] == 1000


def test_ids_that_start_anew_with_each_file_are_no_repeats(profiled):
    first = [_call(i * MINUTE, call_id=str(i)) for i in range(5)]
    second = [_call(i * MINUTE + 7, call_id=str(i)) for i in range(5)]
    found = profiled(first, second)
    assert (found["calls"], found["repeated_in_files"]) == (10, 0)


def test_a_call_twice_in_one_file_is_two_calls(profiled):
    """One id may stand for several attempts: only another file is another export."""
    assert profiled([_call(0, call_id="a"), _call(0, call_id="a")])["calls"] == 2


def test_a_sorting_segment_looks_simple_and_a_writing_one_does_not(profiled):
    sort = [
        _call(i, answer=["billing", "login", "other"][i % 3], tokens=(200 + i % 9, 3)) for i in range(600)
    ]
    write = [_call(i, feature="write", answer=f"text {i}", tokens=(50 + i, 400)) for i in range(600)]
    found = profiled(sort + write)
    segments = {one["name"]: one for one in found["segments"]["segments"]}
    assert found["segments"]["by"] == "feature"
    assert segments["sort"]["simple"] == "candidate"
    assert segments["sort"]["answers"] == {"n": 600, "different": 3}
    assert (segments["sort"]["share"], segments["sort"]["output_p95"]) == (0.5, 3)
    assert segments["write"]["simple"] == "no"
    assert segments["write"]["against"] == ["5% of answers have over 400 tokens"]
    simple = found["segments"]["simple"]
    assert (simple["names"], simple["share"], simple["names_for_30_percent"]) == (["sort"], 0.5, ["sort"])
    # the cost of a segment is that of its calls, so shares of it sum to one
    assert sum(one["cost_usd"] for one in segments.values()) == pytest.approx(found["cost_usd"])
    assert sum(one["share_of_cost"] for one in segments.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"end": "tool_calls"}, "100% of answers call tools"),
        ({"few": 100}, "only 100 calls in this log, under 500"),
    ],
)
def test_what_speaks_against_a_segment_is_said(profiled, change, why):
    rows = [_call(i, answer="yes", end=change.get("end", "stop")) for i in range(change.get("few", 600))]
    [segment] = profiled(rows)["segments"]["segments"]
    assert (segment["simple"], segment["against"]) == ("no", [why])


def test_templates_of_two_features_are_two_segments(profiled):
    rows = [_call(i, feature=name, template="v1") for i in range(4) for name in ("a", "b")]
    found = profiled(rows)["segments"]
    assert found["by"] == "template"
    assert sorted(one["name"] for one in found["segments"]) == ["a / v1", "b / v1"]


def test_names_of_single_calls_are_no_segments(profiled):
    rows = [_call(i, template=f"t{i}") for i in range(700)]
    found = profiled(rows)
    assert found["segments"]["by"] == "feature"
    assert any("different values of template" in warning for warning in found["warnings"])


def test_the_spread_of_inputs_is_their_standard_deviation_to_mean(profiled):
    # 100 and 300 in turn: mean 200, standard deviation 100
    rows = [_call(i, tokens=(100 + 200 * (i % 2), 5)) for i in range(10)]
    [segment] = profiled(rows)["segments"]["segments"]
    assert segment["input_spread"] == pytest.approx(0.5)


def test_a_nightly_feature_may_wait_and_a_streamed_one_may_not(profiled):
    night = [
        _call(day * 86_400 + 7_200 + i * MINUTE, feature="prices") for day in range(6) for i in range(20)
    ]
    chat = [
        _call(day * 86_400 + i * 4_000, feature="chat", ttft_s=0.4) for day in range(6) for i in range(20)
    ]
    batch = [_call(i * 86_000, feature="x", service_tier="batch") for i in range(6)]
    found = profiled(night + chat + batch)["batchable"]
    assert found["share"] is None
    assert [one["feature"] for one in found["likely"]] == ["prices"]
    assert found["likely"][0]["why"] == "its calls come between 02:00 and 02:19 only, on 6 days"
    assert found["streamed"] == pytest.approx(120 / 246)
    assert found["at_most"] == pytest.approx(126 / 246)
    assert found["already"] == pytest.approx(6 / 246)


def test_a_feature_named_so_may_wait(profiled):
    found = profiled([_call(0, feature="backfill-tags")])["batchable"]
    [one] = found["likely"]
    assert one == {"feature": "backfill-tags", "share": 1.0, "why": "its name says so", "counts": False}
    assert (found["low"], found["high"]) == (0.0, 1.0)  # a name alone is no evidence


def test_sampling_is_said_whether_it_was_stated_or_not(profiled):
    rows = [_call(i * 3_600 + 1) for i in range(24 * 8)]
    taken, stated = profiled(rows), profiled(rows, sampling=0.1)
    assert (taken["sampling"], taken["sampling_stated"]) == (1.0, False)
    assert (stated["sampling"], stated["sampling_stated"]) == (0.1, True)
    assert stated["calls_per_month"]["mean"] == pytest.approx(10 * taken["calls_per_month"]["mean"])
    assert "taken to be all calls" in profile_page(taken)
    assert "stated to be 0.1 of all calls" in profile_page(stated)


def test_a_round_number_of_calls_may_be_a_cut_export(profiled):
    rows = [_call(i) for i in range(1000)]
    assert any("exactly 1,000 calls" in warning for warning in profiled(rows)["warnings"])
    assert not any("exactly" in warning for warning in profiled(rows[1:])["warnings"])


def _trace(scores, **more):
    one = {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "startTime": "2026-03-02T10:00:00Z", "name": "answer",
        "endTime": "2026-03-02T10:00:02Z", "model": "gpt-4.1-mini", "inputUsage": 100, "outputUsage": 10,
        "parentObservationId": None, "usageDetails": {"input": 100, "output": 10},
    }  # fmt: skip
    return {
        "trace": {"id": "t1", "name": "chat", "timestamp": "2026-03-02T10:00:00Z", "scores": scores},
        "observations": [one],
    } | more


def test_scores_of_a_trace_and_of_its_observations_are_outcomes(tmp_path):
    scores = [
        {
            "id": "s1",
            "traceId": "t1",
            "name": "helpful",
            "value": 1,
            "dataType": "BOOLEAN",
            "observationId": None,
        },
        {
            "id": "s2",
            "traceId": "t1",
            "observationId": "o1",
            "name": "tone",
            "value": 0.5,
            "dataType": "NUMERIC",
        },
        {
            "id": "s3",
            "traceId": "t9",
            "observationId": "o9",
            "name": "tone",
            "value": 0.9,
            "dataType": "NUMERIC",
        },
    ]
    (tmp_path / "trace.json").write_text(json.dumps(_trace(scores)))
    with Engine(threads=2) as engine:
        found = build_profile(read_logs([str(tmp_path)], engine=engine), book=load_book())
    assert found["calls"] == 1
    assert len(found["files"]) == 1
    assert {name: (one["n"], one["mean"]) for name, one in found["outcomes"].items()} == {
        "helpful": (1, 1.0), "tone": (1, 0.5),
    }  # fmt: skip
    assert any("1 outcomes belong to no call" in warning for warning in found["warnings"])


def test_a_file_of_scores_joins_a_file_of_observations(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(_trace([])["observations"][0]) + "\n")
    score = {"id": "s", "traceId": "t1", "observationId": None, "name": "ok", "value": None,
             "stringValue": "true", "dataType": "BOOLEAN", "timestamp": "2026-03-02T11:00:00Z"}  # fmt: skip
    (tmp_path / "b.jsonl").write_text(json.dumps(score) + "\n")
    with Engine(threads=2) as engine:
        found = build_profile(read_logs([str(tmp_path)], engine=engine), book=load_book())
    assert found["outcomes"]["ok"]["n"] == 1
    assert found["outcomes"]["ok"]["mean"] == 1.0


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_page_keeps_its_width_and_puts_warnings_first(profiled, width):
    name = "a feature whose name goes on for longer than any table has room for it"
    rows = [_call(i * 600, feature=name if i % 2 else "sort", answer=str(i % 3)) for i in range(2000)]
    found = profiled(rows)
    page = profile_page(found, width=width)
    assert max(map(len, page.splitlines())) <= width
    assert page.index("! the log holds exactly") < page.index("VOLUME") < page.index("COST")
    assert "sort: maybe: 95% of answers have at most 10 tokens; 3 different answers in" in page
    assert "\n\n\n" not in page
