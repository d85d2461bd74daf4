"""Two judged candidates compared by what people say: the difference, what is shown beside it, and what would decide."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.evidence.evals.calibrating import sample_runs
from breakeven.evidence.evals.comparing import compare
from breakeven.evidence.evals.comparing_judged import PICKED_BY_JUDGE
from breakeven.evidence.evals.files import write_result
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.report.comparison import answers, title
from breakeven.report.comparison_html import comparison_html
from breakeven.report.comparison_text import comparison_text


def judged(
    name: str, verdicts: list[float], human: list[float | None], *, scale: str = "pass", **known: Any
) -> EvalResult:
    runs = tuple(
        CaseRun(id=f"c{k}", score=verdict, human=label, output=f"answer {k}", **known)
        for k, (verdict, label) in enumerate(zip(verdicts, human, strict=True))
    )
    settings = {"judge": {"model": "y/j", "scale": scale, "score": "judge"}}
    return EvalResult(candidate=name, runs=runs, scorer="judged by y/j", settings=settings)


def world(n: int = 400, labels: int = 150, *, seed: int = 0) -> dict[str, EvalResult]:
    """Two candidates that are right alike (85%), and a judge that passes most of what b gets wrong."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, kind in (("a", 0.1), ("b", 0.8)):
        right = rng.random(n) < 0.85
        verdict = rng.random(n) < np.where(right, 0.97, kind)
        human = [float(r) if k < labels else None for k, r in enumerate(right)]
        found[name] = judged(name, verdict.astype(float).tolist(), human)
    return found


def test_a_difference_that_is_the_judges_taste_goes_away() -> None:
    found = compare(world(), margin=0.05, level=0.95)
    [pair] = found.pairs
    assert pair.comparison.difference.interval[0] > 0.02  # the judge alone is sure that b is better
    low, high = pair.difference.interval
    assert low < 0 < high
    assert pair.judged is not None
    assert pair.judged.n_labels == (150, 150)
    assert pair.judged.n_both == 150
    assert pair.inferiority is pair.judged.inferiority
    assert "post-stratified by verdict, 150 and 150 human labels" in pair.difference.method
    assert "can not be told" in title(found) or "No difference" in title(found)
    page = comparison_text(found, width=80)
    assert "judge alone" in page
    assert max(map(len, page.splitlines())) <= 80
    assert "judge alone" in comparison_html(found)


def test_labels_that_would_decide_are_named_with_their_range() -> None:
    found = compare(world(2000, 60), margin=0.04, level=0.95)
    [pair] = found.pairs
    assert pair.inferiority.verdict == "cannot tell"
    assert pair.to_show is not None
    assert pair.to_show.unit == "labelled answers of each"
    said = " ".join(answers(found))
    assert f"about {pair.to_show.more:,} more human labels of each candidate" in said
    few = compare(world(100, 60), margin=0.001, level=0.9)
    assert "no number of human labels on these cases" in " ".join(answers(few))


def test_without_labels_of_both_it_is_the_judges_and_says_so() -> None:
    results = world()
    results["b"] = replace(results["b"], runs=tuple(replace(r, human=None) for r in results["b"].runs))
    found = compare(results)
    assert found.pairs[0].judged is None
    assert found.pairs[0].difference == found.pairs[0].comparison.difference
    notes = " ".join(found.notes)
    assert "differences of b are between the judge's verdicts: label 50 or more answers of both" in notes
    assert "b is scored by a judge that people have not checked (0 human labels, 50 are needed)" in notes


def test_the_best_of_versions_is_said_to_be_the_judges() -> None:
    both = world(labels=0)
    assert PICKED_BY_JUDGE in compare(both, versions_of_one=True).notes
    assert PICKED_BY_JUDGE not in compare(both).notes
    unjudged = {name: replace(result, settings={}) for name, result in both.items()}
    assert PICKED_BY_JUDGE not in compare(unjudged, versions_of_one=True).notes


def test_marks_are_compared_on_cases_that_people_marked_for_both() -> None:
    rng = np.random.default_rng(5)
    truth = rng.choice([0.25, 0.5, 0.75], (2, 400))
    kind = np.clip(truth + np.array([[0.0], [0.25]]), 0, 1)  # a mark too much, for b alone
    human = [[float(t) if k < 160 else None for k, t in enumerate(row)] for row in truth]
    results = {
        name: judged(name, kind[k].tolist(), human[k], scale="1-5") for k, name in enumerate(("a", "b"))
    }
    [pair] = compare(results).pairs
    assert pair.comparison.difference.interval[0] > 0.15
    assert pair.difference.interval[0] < truth[1].mean() - truth[0].mean() < pair.difference.interval[1]
    assert pair.difference.method.startswith("PPI++ on differences with weight")
    assert pair.to_show is None
    other = [None if k < 160 else float(t) for k, t in enumerate(truth[1])]
    results["b"] = judged("b", kind[1].tolist(), other, scale="1-5")
    assert compare(results).pairs[0].judged is None


def test_of_several_all_intervals_are_wider_and_no_best_is_claimed() -> None:
    results = world()
    results["c"] = replace(world(seed=3)["b"], candidate="c")
    found = compare(results)
    pair = found.pairs[0]
    assert pair.adjusted is not None
    assert "Bonferroni" in pair.adjusted.method
    assert pair.adjusted.interval[0] < pair.difference.interval[0]
    assert pair.adjusted.interval[1] > pair.difference.interval[1]
    assert found.p_best == {}


def test_runs_of_one_case_are_kept_together() -> None:
    results = world(200, 100)
    for name, one in list(results.items()):
        results[name] = replace(one, runs=tuple(
            replace(run, repeat=k) for run in one.runs for k in (1, 2)
        ))  # fmt: skip
    once, twice = compare(world(200, 100)).pairs[0], compare(results).pairs[0]
    assert twice.difference.n_clusters == 200
    assert "over clusters" in twice.difference.method
    widths = [high - low for low, high in (p.difference.interval for p in (once, twice))]
    assert widths[1] == pytest.approx(widths[0], rel=0.12)


def test_sheets_of_one_seed_hold_the_same_cases() -> None:
    results = world()
    fewer = replace(results["b"], runs=results["b"].runs[:-20])
    sheets = [sample_runs(one, 60, np.random.default_rng(4)) for one in (results["a"], fewer)]
    ids = [{run.id for run in sheet} for sheet in sheets]
    assert len(ids[0] & ids[1]) >= 50


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, result in world().items():
        write_result(tmp_path / f"{name}.json", result)

    def call(*words: str) -> Result:
        return CliRunner().invoke(root, ["eval", *words])

    return call


def test_compare_and_assert_use_the_corrected_difference(go: Any) -> None:
    found = json.loads(go("compare", "a.json", "b.json", "--margin", "8pt", "--json").output)
    [pair] = found["pairs"]
    assert pair["judged"]["human_labels"] == {"a": 150, "b": 150, "both": 150}
    assert pair["judged"]["judge_alone"]["low"] > 0 > pair["low"]
    assert pair["cases_to_show_margin"] is None
    shown = {"shown": 0, "cannot tell": 3, "not shown": 4}[pair["non_inferiority"]["verdict"]]
    assert go("assert", "a.json", "b.json", "--margin", "8pt").exit_code == shown
