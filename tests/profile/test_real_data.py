"""Public logs, every figure equal to the one that their publisher or a plain count gives."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book


@pytest.fixture
def profiled(real_data):
    def make(name, *files):
        paths = [str(real_data(name) / file) for file in files] or [str(real_data(name))]
        with Engine(threads=2) as engine:
            return build_profile(read_logs(paths, engine=engine), book=load_book())

    return make


def test_azure_trace_equals_its_figures_and_states_no_volume(profiled):
    found = profiled("azure_llm_2023_conv")
    assert found["calls"] == 19_366
    assert found["first"] == "2023-11-16T18:15:46.680590+00:00"
    assert found["last"] == "2023-11-16T19:14:08.402527+00:00"
    assert math.isclose(found["span_days"] * 86_400, 3501.7, abs_tol=0.05)
    input_tokens, output_tokens = found["tokens"]["input"], found["tokens"]["output"]
    assert (input_tokens["sum"], output_tokens["sum"]) == (22_361_870, 4_088_665)
    names = ("p50", "p90", "p95", "p99", "max")
    assert [input_tokens[name] for name in names] == [1020, 2734.5, 4083, 4142, 14_050]
    assert [output_tokens[name] for name in names] == [129, 424, 451, 601, 1000]
    assert round(input_tokens["mean"], 2) == 1154.70
    assert found["calls_per_month"] is None
    assert any("58.4 minutes" in warning and "none is stated" in warning for warning in found["warnings"])
    assert found["rejected"] == {}


def test_tensorzero_tables_join_to_two_functions_with_costs_and_outcomes(profiled):
    found = profiled("tensorzero_haiku_log_a")
    judge, writer = found["features"]["judge_haiku"], found["features"]["write_haiku"]
    assert (judge["calls"], judge["input_tokens"], judge["output_tokens"]) == (500, 92_198, 59_036)
    assert (writer["calls"], writer["input_tokens"], writer["output_tokens"]) == (500, 41_684, 43_667)
    assert round(judge["cost_usd"], 6) == 0.820855
    assert round(writer["cost_usd"], 6) == 0.032453
    score = found["outcomes"]["haiku_score"]
    assert (score["n"], score["mean"], score["method"]) == (250, 0.168, "Wilson")
    # Wilson at p=.168, n=250, z=1.96: centre (p + z²/2n)/(1 + z²/n) = .17302, half width .04627
    assert math.isclose(score["low"], 0.12676, abs_tol=1e-5)
    assert math.isclose(score["high"], 0.21929, abs_tol=1e-5)
    assert found["retries"] == {"n": 0, "share": 0.0}


def test_tensorzero_latencies_to_the_millisecond(profiled, tmp_path):
    found = profiled("tensorzero_haiku_log_a", "model_inference.jsonl.gz")
    assert found["latency_s"]["n"] == 1000
    assert found["latency_s"]["max"] == 12.35


def test_mooncake_trace_knows_what_a_cache_would_hold(profiled):
    found = profiled("mooncake_conversation")
    assert found["calls"] == 12_031
    assert (found["first"], found["clock"]) == (None, "relative")
    assert (found["tokens"]["input"]["sum"], found["tokens"]["output"]["sum"]) == (144_793_823, 4_122_048)
    assert (found["tokens"]["input"]["p50"], found["tokens"]["input"]["p95"]) == (6909, 39550.5)
    blocks = found["caching"]["blocks"]
    assert (blocks["blocks"], blocks["reused"], round(blocks["share"], 4)) == (288_500, 105_710, 0.3664)


def test_servegen_rates_have_their_rhythm_and_are_not_counted_twice(profiled):
    found = profiled("servegen_rates_m_small")
    assert found["calls"] == 1_420_558_786
    assert found["span_days"] == 14.0
    rhythm = found["rhythm"]
    assert rhythm["calls_by_day"] == [
        85_092_372, 80_650_555, 98_339_666, 99_457_376, 88_115_938, 98_652_835, 92_612_799, 100_770_529,
        105_417_116, 124_209_898, 117_033_672, 122_906_399, 101_417_788, 105_881_843,
    ]  # fmt: skip
    assert round(rhythm["peak_to_mean"]["ten_minutes"], 2) == 3.30
    hours = rhythm["hour_of_day"]
    assert (hours["busiest"], hours["quietest"], round(hours["ratio"], 2)) == (20, 5, 2.21)
    assert math.isclose(found["calls_per_month"]["mean"], 1_420_558_786 / 14 * 365 / 12, rel_tol=1e-9)
    shares = sorted((one["calls"] / found["calls"] for one in found["features"].values()), reverse=True)
    assert (round(shares[0], 3), round(sum(shares[:5]), 3)) == (0.299, 0.770)
    assert any("not counted again" in warning for warning in found["warnings"])


def test_servegen_totals_alone_give_the_same_volume(profiled):
    found = profiled("servegen_rates_m_small", "total_by_window.csv")
    assert abs(found["calls"] - 1_420_558_786) <= 1
    assert round(found["rhythm"]["peak_to_mean"]["ten_minutes"], 2) == 3.30


def test_wrapping_spans_are_not_counted(profiled):
    found = profiled("otel_genai_spans")
    assert found["calls"] == 4
    assert (found["tokens"]["input"]["sum"], found["tokens"]["output"]["sum"]) == (142, 297)
    assert found["ttft_s"]["max"] == 0.427  # ai.response.msToFirstChunk: 426.85 ms


@pytest.mark.parametrize(
    ("file", "calls", "tokens_in", "tokens_out", "usd"),
    [
        ("agno-2025-06-11", 4, 2936, 903, 0.000982),
        ("beeai-2025-08-01", 5, 5542, 0, 0.000831),
        ("crewai-2025-07-11", 1, 190, 164, 0.000127),
        ("google-adk-2025-08-28", 2, 67, 9, 0.000010),
        ("koog-2025-08-26", 2, 215, 125, 0.001788),
        ("langgraph-python-2025-08-22", 2, 168, 66, 0.000234),
        ("microsoft-agent-2025-12-17", 2, 293, 106, 0.000285),
        ("pydantic-ai-tools-2025-06-06", 1, 31, 96, 0.001038),
        ("pydantic-ai-with-gemini-2025-12-24", 1, 40, 159, 0.000409),
        ("vertex-ai-2025-08-01", 1, 5, 845, 0.000850),
    ],
)
def test_only_generations_of_a_trace_are_calls(profiled, file, calls, tokens_in, tokens_out, usd):
    found = profiled("langfuse_traces_a", f"{file}.trace.json")
    assert found["calls"] == calls
    assert (found["tokens"]["input"]["sum"], found["tokens"]["output"]["sum"]) == (tokens_in, tokens_out)
    assert abs(found["cost_usd"] - usd) <= 6e-7
