"""A prompt that was picked from several versions, sealed cases, cut runs: what a study makes of eval files."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from breakeven.advice.decide import decide
from breakeven.evidence.evals.files import write_result
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.study.model import Study
from tests.study.studies import SMALLEST, problems, study

N = 200


def result(folder: Path, name: str, scores: list[int], **more: object) -> None:
    tokens: int | None = more.pop("tokens", None)  # type: ignore[assignment]
    runs = tuple(
        CaseRun(id=f"c{k}", score=float(score), input_tokens=tokens, output_tokens=None)
        for k, score in enumerate(scores)
    )
    made = EvalResult(candidate=name, runs=runs, date=dt.date(2026, 11, 2), **more)  # type: ignore[arg-type]
    write_result(folder / f"{name}.json", made)


def versions(folder: Path, k: int) -> None:
    """k versions that are equally good: each right on its own 160 to 168 of 200 cases; v1 is the luckiest."""
    rng = np.random.default_rng(5)
    right = [168, *rng.integers(160, 166, k - 1)]
    for number, n_right in enumerate(right):
        scores = np.zeros(N, dtype=int)
        scores[rng.permutation(N)[:n_right]] = 1
        result(folder, f"v{number + 1}", scores.tolist())


def opened(folder: Path, quality: str) -> Study:
    return study(with_quality(quality), folder)


def with_quality(quality: str) -> str:
    return SMALLEST.replace("test-large}", f"test-large, quality: {quality}}}")


def draws(found: Study, n: int = 4_000) -> np.ndarray:
    return found.joints[0].draw(np.random.default_rng(1), n)


def test_the_picked_version_counts_for_less_than_it_scored(tmp_path: Path) -> None:
    versions(tmp_path, 8)
    plain = opened(tmp_path, "{eval: v1.json}")
    listed = ", ".join(f"v{k}.json" for k in range(1, 9))
    corrected = opened(tmp_path, f"{{eval: v1.json, versions: [{listed}]}}")
    assert draws(plain)[:, 0].mean() == pytest.approx(0.84, abs=0.005)
    # All eight lie within what chance gives on 200 cases, so the truth is near their mean of about 0.815.
    assert 0.80 < draws(corrected)[:, 0].mean() < 0.832
    assert corrected.facts.prompt_iterations == 8
    assert any("picked from 8 versions" in note and "84.0%" in note for note in corrected.notes)
    assert not any("picked from" in note for note in plain.notes)


def test_two_families_are_both_corrected_and_stay_paired(tmp_path: Path) -> None:
    from breakeven.evidence import align, read_scores
    from breakeven.study.families import draw_qualities

    versions(tmp_path, 6)
    paired = align({f"v{k}": read_scores(tmp_path / f"v{k}.json") for k in range(1, 7)})
    found = draw_qualities(
        paired, {0: (2, 3), 1: (4, 5)}, 2, [(0, 1), (0, 1)], np.random.default_rng(0), 4_000
    )
    assert found.shape == (4_000, 2)
    assert found[:, 0].mean() < paired.scores[:, 0].mean()


def test_openings_widen_and_are_said(tmp_path: Path) -> None:
    versions(tmp_path, 1)
    scores = [int(k % 5 > 0) for k in range(N)]
    spread = {}
    for times in (1, 3):
        result(tmp_path, "v1", scores, hold_out_openings=times)
        found = opened(tmp_path, "{eval: v1.json}")
        spread[times] = draws(found)[:, 0].std()
        assert any("sealed cases had been opened" in note for note in found.notes)
    assert spread[3] > 1.1 * spread[1]


def test_a_run_cut_short_is_said_and_rows_without_score_are_left_out(tmp_path: Path) -> None:
    runs = tuple(
        CaseRun(id=f"c{k}", score=None if k < 5 else 1.0, failure="time-out" if k < 5 else None)
        for k in range(50)
    )
    write_result(tmp_path / "v1.json", EvalResult(candidate="v1", runs=runs, complete=False))
    found = opened(tmp_path, "{eval: v1.json}")
    said = "\n".join(found.notes)
    assert "cut short after 50 cases" in said
    assert "5 rows of its scores were not used" in said
    assert next(iter(found.candidates.values())).quality.n_cases == 45


def test_other_tokens_than_the_study_counts_are_said(tmp_path: Path) -> None:
    result(tmp_path, "v1", [1, 0] * 30, tokens=40)
    found = opened(tmp_path, "{eval: v1.json}")
    assert any("its eval used 40 input tokens a call" in note for note in found.notes)
    counted = next(iter(found.candidates.values())).tokens
    assert counted is not None
    result(tmp_path, "v1", [1, 0] * 30, tokens=round(counted.static.centre + counted.input.centre))
    assert not any("its eval used" in note for note in opened(tmp_path, "{eval: v1.json}").notes)


def test_versions_without_eval_and_unreadable_versions_are_problems(tmp_path: Path) -> None:
    versions(tmp_path, 2)
    assert "`versions` without `eval`" in str(problems(with_quality("{versions: [v2.json]}"), tmp_path))
    assert "none.json" in str(problems(with_quality("{eval: v1.json, versions: [none.json]}"), tmp_path))


def test_a_study_on_eval_files_decides_and_is_not_extrapolated(tmp_path: Path) -> None:
    versions(tmp_path, 3)
    found = decide(opened(tmp_path, "{eval: v1.json, versions: [v2.json, v3.json]}"), draws=500, seed=0)
    assert not found.candidates["prompt"].extrapolated


def test_a_judge_that_people_corrected_is_moved_and_drawn_wider(tmp_path: Path) -> None:
    # The judge says right on 160 of 200. Of 80 labelled answers it passed 64, and people agree on 48 of these;
    # of the 16 it failed, people pass none: about 0.8 · 48/64 = 0.6 are right.
    runs = []
    for k in range(N):
        passed = k % 5 > 0
        human = None if k >= 80 else float(passed and k % 4 > 0)
        runs.append(CaseRun(id=f"c{k}", score=float(passed), scores={"judge": float(passed)}, human=human))
    settings = {"judge": {"scale": "pass"}}
    plain = tuple(replace(run, human=None) for run in runs)
    spread, mean = [], []
    for made in (plain, tuple(runs)):
        result_ = EvalResult(candidate="v1", runs=made, scorer="judged by x", settings=settings)
        write_result(tmp_path / "v1.json", result_)
        found = opened(tmp_path, "{eval: v1.json}")
        mean.append(draws(found)[:, 0].mean())
        spread.append(draws(found)[:, 0].std())
    assert mean[0] == pytest.approx(0.8, abs=0.01)
    assert mean[1] == pytest.approx(0.6, abs=0.03)
    assert spread[1] > 1.2 * spread[0]
    assert any("corrected by 80 labels of people" in note for note in found.notes)
