"""Public results of real models, imported and compared: the figures are those of the data sets' own descriptions."""

from __future__ import annotations

import csv
import gzip
import math

import pytest

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.comparing import compare
from breakeven.evidence.evals.files import open_result
from breakeven.evidence.evals.importing import Wishes, import_results
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.evals.summarising import summarise_result


def imported(path, **columns):
    wishes = Wishes(columns={name: tuple(value.split(",")) for name, value in columns.items()}, texts=False)
    return import_results(path, wishes=wishes)


def mean(result):
    """Its mean score, to four places."""
    score = summarise_result(result.candidate, result).score
    assert score is not None
    return round(score.value, 4)


def by_name(found):
    return {result.candidate: result for result in found.results}


# ----------------------------------------------------------------------------------------------- Inspect


@pytest.mark.parametrize(
    ("file", "model", "complete", "samples", "tokens"),
    [
        ("2025-05-12T20-28-13-04-00_popularity.json", "openai/gpt-4o-mini", False, 3, (192, 6)),
        ("2025-05-12T20-28-26-04-00_security-guide.json", "openai/gpt-4o-mini", True, 3, (959, 1033)),
        ("log_formats.json", "ollama/llama3.1", True, 1, (66, 2)),
        ("log_formats.eval", "ollama/llama3.1", True, 1, (66, 2)),
    ],
)
def test_inspect_logs(file, model, complete, samples, tokens, real_data):
    [result] = import_results(real_data("inspect_logs_a") / file).results
    assert (result.model, result.complete, len(result.runs)) == (model, complete, samples)
    assert sum(run.input_tokens or 0 for run in result.runs) == tokens[0]
    assert sum(run.output_tokens or 0 for run in result.runs) == tokens[1]


def test_both_forms_of_an_inspect_log_are_equal(real_data):
    folder = real_data("inspect_logs_a")
    document, archive = (import_results(folder / f"log_formats.{form}") for form in ("json", "eval"))
    assert document.results == archive.results


def test_inspect_scores(real_data):
    [result] = import_results(
        real_data("inspect_logs_a") / "2025-05-12T20-28-13-04-00_popularity.json"
    ).results
    assert [(run.id, run.score, run.output) for run in result.runs] == [
        ("1", 1.0, "Yes"), ("2", 1.0, "No"), ("3", 0.0, "No"),
    ]  # fmt: skip
    assert result.runs[0].latency_s == pytest.approx(0.538, abs=0.001)


def test_a_log_without_scores_says_so(real_data):
    found = import_results(real_data("inspect_logs_a") / "log_tool_call_error.json")
    [run] = found.results[0].runs
    assert (run.repeat, run.score, run.failure) == (4, None, "no score in the log")
    assert "1 of 4 runs are in the log" in found.problems[0].message


# ------------------------------------------------------------------------------------------------ tables


def test_a_wide_table_of_many_models(real_data):
    found = imported(real_data("zeroeval_gsm8k") / "correct.csv.gz", score="*")
    results = by_name(found)
    assert len(results) == 44
    assert sum(result.complete for result in results.values()) == 43
    [gap] = found.problems
    assert gap.message.startswith(
        "gemini-1.5-flash-exp-0827: 638 of 1,319 cases were not run: gsm8k-main-test-#681"
    )
    pair = compare({name: results[name] for name in ("gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18")}).pairs[0]
    assert (pair.n, pair.comparison.only_a, pair.comparison.only_b) == (1319, 40, 14)
    assert pair.comparison.p_value == pytest.approx(0.0005354, rel=1e-3)
    assert [mean(results[name]) for name in (pair.a, pair.b)] == [0.9621, 0.9424]
    claude = ("claude-3-5-sonnet-20241022", "claude-3-haiku-20240307")
    pair = compare({name: results[name] for name in claude}).pairs[0]
    assert (pair.comparison.only_a, pair.comparison.only_b) == (116, 12)
    assert pair.comparison.p_value == pytest.approx(1.552e-22, rel=1e-3)


def test_many_models_at_once(real_data):
    results = by_name(imported(real_data("zeroeval_gsm8k") / "correct.csv.gz", score="*"))
    several = dict(list(results.items())[:7])
    found = compare(several, worst=0)
    assert len(found.pairs) == 6
    for pair in found.pairs:
        assert pair.adjusted is not None
        assert pair.adjusted.interval[0] < pair.comparison.difference.interval[0]
    assert found.unpaired == ()


@pytest.mark.parametrize(
    ("a", "b", "means", "only", "p"),
    [
        ("6b_finetuning", "6b_verification", (0.2168, 0.3904), (64, 293), 3.93e-36),
        ("175b_finetuning", "175b_verification", (0.3472, 0.5625), (76, 360), 2.89e-45),
        ("6b_verification", "175b_finetuning", (0.3904, 0.3472), (209, 152), 0.00315),
        ("6b_finetuning", "175b_finetuning", (0.2168, 0.3472), (88, 260), 7.47e-21),
        ("6b_verification", "175b_verification", (0.3904, 0.5625), (79, 306), 1.24e-32),
    ],
)
def test_nested_columns(a, b, means, only, p, real_data):
    path = real_data("openai_gsm8k_finetuned") / "example_model_solutions.jsonl"
    results = by_name(imported(path, input="question", score=f"{a}.is_correct,{b}.is_correct"))
    found = compare(results, worst=0).pairs[0].comparison
    assert (found.only_a, found.only_b) == only
    assert found.p_value == pytest.approx(p, rel=2e-3)
    assert (mean(results[a]), mean(results[b])) == means


def test_segments_and_duplicates(real_data):
    path = real_data("routellm_mmlu") / "mmlu_outcomes.csv.gz"
    names = "mistralai/Mixtral-8x7B-Instruct-v0.1,gpt-4-1106-preview"
    found = imported(path, id="#row", segment="subject", score=names)
    assert found.problems == ()
    comparison = compare(by_name(found), worst=0)
    [pair] = comparison.pairs
    assert (pair.n, pair.comparison.only_a, pair.comparison.only_b) == (14042, 742, 2497)
    assert pair.comparison.p_value == pytest.approx(4.65e-220, rel=1e-2)
    segments = comparison.segments["gpt-4-1106-preview"].segments
    assert len(segments) == 57
    at_least_as_good = {s.name for s in segments if s.raw.value <= 0}
    assert at_least_as_good == {"college_chemistry", "high_school_mathematics", "world_religions"}
    # The subjects on which the small model looked better are drawn towards the whole.
    assert all(s.shrunk.value > s.raw.value for s in segments if s.name in at_least_as_good)
    by_prompt = imported(path, input="prompt", score=names)
    assert len(by_prompt.problems) == 105
    assert all("stands at line" in problem.message for problem in by_prompt.problems)


def test_repeats_in_one_cell(real_data):
    path = real_data("cruxeval_repeats") / "repeats.csv"
    results = by_name(imported(path, candidate="mode", id="item", repeats="outcomes"))
    for name, rate, error in (("input", 0.3595, 0.0155), ("output", 0.3421, 0.0158)):
        found = summarise_result(name, results[name])
        assert (found.n_cases, found.n_runs) == (800, 8000)
        assert mean(results[name]) == rate
        # Cases as the unit: both parts together are the standard error over case means.
        parts = found.variance
        assert parts is not None
        assert round(math.hypot(parts.error_from_cases, parts.error_from_runs or 0), 4) == error


def test_plain_gzip_scores_compare(real_data, tmp_path):
    with gzip.open(real_data("zeroeval_gsm8k") / "correct.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    opened = {}
    for name in ("gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"):
        path = tmp_path / f"{name}.csv.gz"
        path.write_bytes(
            gzip.compress("".join(["id,score\n", *(f"{r['id']},{r[name]}\n" for r in rows)]).encode())
        )
        opened[name] = open_result(path).result
    found = compare(opened).pairs[0].comparison
    assert (found.only_a, found.only_b) == (40, 14)


def test_case_files_without_a_header(real_data):
    cases = read_cases(
        real_data("frugalgpt_headlines") / "headlines_test.csv",
        columns={"input": "#1", "expected": "#2", "id": "#3"},
    )
    assert len(cases.cases) + len(cases.rejected) == 5000
    assert {case.expected for case in cases.cases} == {"up", "down", "neutral", "none"}


def test_summaries_are_no_case_scores(real_data):
    with pytest.raises(EvidenceError, match="no column `score`"):
        import_results(real_data("frugalgpt_headlines") / "summary_HEADLINES_e8_full_2024.csv")
