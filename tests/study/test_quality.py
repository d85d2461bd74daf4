"""How often answers are right: measured on shared cases, stated, or published and called extrapolated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from breakeven.statistics.prior import GAIN_SD_POINTS, PUBLISHED_BANDS
from breakeven.study.model import Quality, Study
from breakeven.study.tasks import OTHER, PUBLISHED_AS, TASKS
from tests.study.studies import SMALLEST, problems, scores, smallest, study

TUNED = "tuned: {kind: tuned, base: azure/test-base}"
ANOTHER = "another: {kind: prompt, model: openai/test-small}"
MEASURED = SMALLEST.replace("test-large}", "test-large, quality: {eval: a.csv}}")


def quality(text: str, name: str, folder: Path | None = None) -> Quality:
    return study(text, folder).candidates[name].quality


def named(found: Study, name: str) -> float:
    return next(its for its in found.beliefs if its.name == name).centre


def tuned_today(more: str = "") -> str:
    tokens = "tokens: {static: 0, input: 9, output: 9}"
    workload = f"workload: {{task: ner, volume: 1K/day, {tokens}}}"
    return f"name: T\n{workload}\ntoday: tuned\ncandidates:\n  {TUNED}\n{more}"


# --------------------------------------------------------------------------------------------- unmeasured


@pytest.mark.parametrize("task", [task for task in TASKS if task != OTHER])
def test_the_first_prompt_gets_the_published_band_twice_as_wide(task: str) -> None:
    its = quality(SMALLEST.replace("task: ner", f"task: {task}"), "prompt")
    low, high = PUBLISHED_BANDS[str(PUBLISHED_AS[task])].prompt
    middle, half = (low + high) / 200, (high - low) / 100
    assert its.level is not None
    assert (its.level.low, its.level.high) == pytest.approx((middle - half, middle + half))
    assert its.extrapolated
    assert its.level.source.reference == f"document 003: {task} by prompt, widened"


@pytest.mark.parametrize("task", [task for task in TASKS if task != OTHER])
def test_a_tuned_model_gains_what_was_published_with_the_calibrated_spread(task: str) -> None:
    its = quality(smallest(TUNED).replace("task: ner", f"task: {task}"), "tuned")
    assert its.relative_to == "prompt"
    assert its.gain is not None
    assert its.gain.centre == pytest.approx(PUBLISHED_BANDS[str(PUBLISHED_AS[task])].gain_points / 100)
    assert its.gain.parameters[1] == GAIN_SD_POINTS / 100
    assert its.extrapolated


def test_the_page_must_say_what_is_extrapolated() -> None:
    notes = study(smallest(f"{TUNED}\n{ANOTHER}")).notes
    assert notes[:3] == (
        "prompt: quality is EXTRAPOLATED (published, document 003: ner by prompt, widened); nobody scored this "
        "prompt on your cases",
        "tuned: quality is EXTRAPOLATED (published, document 003: ner +6.5 points; spread over 31 public tasks); "
        "no fine-tune was scored on your cases",
        "another: quality is EXTRAPOLATED (guess, another model than today's prompt); its gain over prompt was "
        "not measured",
    )


def test_another_prompt_is_compared_with_todays() -> None:
    other = quality(smallest(ANOTHER), "another")
    assert other.relative_to == "prompt"
    assert other.gain is not None
    assert (other.gain.low, other.gain.high) == pytest.approx((-0.08, 0.04))
    same = quality(smallest("better: {kind: prompt, model: openai/test-large}"), "better")
    assert same.gain is not None
    assert (same.gain.low, same.gain.high) == pytest.approx((-0.02, 0.04))


def test_the_prompt_that_is_known_best_is_what_gains_are_added_to() -> None:
    known = f"{TUNED}\nx: {{kind: prompt, model: openai/test-small, quality: 70%}}\n" \
            "y: {kind: prompt, model: openai/test-small, quality: 80%}"  # fmt: skip
    assert quality(smallest(known), "tuned").relative_to == "y"
    assert quality(smallest(known), "prompt").level is not None  # today's: the published band
    stated = smallest(known).replace("test-large}", "test-large, quality: 60%}")
    assert quality(stated, "tuned").relative_to == "prompt"


def test_a_study_without_a_prompt_gets_the_published_level() -> None:
    its = quality(tuned_today(), "tuned")
    assert its.level is not None
    assert its.level.centre == pytest.approx(0.94)  # the middle of 92–96
    assert its.extrapolated


def test_a_tuned_model_in_production_is_compared_with_the_first_prompt() -> None:
    text = tuned_today("  prompt: {kind: prompt, model: openai/test-large}\n")
    assert quality(text, "prompt").level is not None
    assert quality(text, "tuned").relative_to == "prompt"


def test_a_task_of_which_nothing_is_published_needs_a_level() -> None:
    text = SMALLEST.replace("task: ner", "task: other")
    [problem] = problems(text)
    assert problem == (
        "breakeven.yaml:8:3: candidates.prompt.quality: the quality of 'prompt' is neither stated nor measured, and "
        "nothing is published for this task\n    `quality: {eval: scores.csv}` or `quality: 86%..90%`"
    )
    stated = (
        smallest(TUNED)
        .replace("task: ner", "task: other")
        .replace("test-large}", "test-large, quality: 85%}")
    )
    gain = quality(stated, "tuned").gain
    assert gain is not None
    assert gain.parameters == (0.0, GAIN_SD_POINTS / 100)
    assert gain.source.kind == "guess"


def test_a_hybrid_is_computed_from_its_parts_and_a_wait_from_its_phases() -> None:
    parts = f"{TUNED}\nmix: {{kind: hybrid, small: tuned, large: prompt, escalate: 10%}}\n" \
            "later: {kind: wait, now: prompt, later: tuned, at: 7}"  # fmt: skip
    assert quality(smallest(parts), "mix") == Quality()
    assert quality(smallest(parts), "later") == Quality()


@pytest.mark.parametrize(
    "written", ["91%", "88%..93%", "{level: 88%..93%}", "{normal: 88%..93%, source: guess}"]
)
def test_a_stated_level_is_not_extrapolated(written: str) -> None:
    its = quality(SMALLEST.replace("test-large}", f"test-large, quality: {written}}}"), "prompt")
    assert its.level is not None
    assert (its.level.name, its.extrapolated, its.n_cases) == ("candidates.prompt.quality", False, None)


# ----------------------------------------------------------------------------------------------- measured


def test_a_measured_quality_has_its_interval_and_source(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(100, wrong=10))
    found = study(MEASURED.replace("a.csv}", "a.csv, date: 2026-10-12}"), tmp_path)
    its = found.candidates["prompt"].quality
    assert its.level is not None
    assert its.n_cases == 100
    assert not its.extrapolated
    assert str(its.level.source) == "measured, a.csv, 100 cases, 2026-10-12"
    # Beta(91, 11): mean .892, 90% interval .838 to .938
    assert its.level.centre == pytest.approx(0.895, abs=0.004)
    assert (its.level.low, its.level.high) == pytest.approx((0.838, 0.938), abs=0.008)


def test_candidates_on_the_same_cases_are_drawn_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(100, wrong=10))
    (tmp_path / "b.csv").write_text(scores(100, wrong=15))
    (tmp_path / "elsewhere.csv").write_text(scores(50, wrong=5, first=900))
    text = MEASURED + "  b: {kind: prompt, model: openai/test-small, quality: {eval: b.csv}}\n" \
                      "  c: {kind: prompt, model: openai/test-small, quality: {eval: elsewhere.csv}}\n"  # fmt: skip
    found = study(text, tmp_path)
    assert [joint.names for joint in found.joints] == [
        ("candidates.prompt.quality", "candidates.b.quality"), ("candidates.c.quality",),
    ]  # fmt: skip
    draws = found.sample(4000, 0)
    a, b, c = (draws.named(f"candidates.{name}.quality") for name in ("prompt", "b", "c"))
    # b is wrong wherever a is: what they share cancels in the difference.
    assert np.std(a - b) < 0.75 * np.hypot(np.std(a), np.std(b))
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.06
    assert np.mean(a - b) == pytest.approx(0.05, abs=0.005)


def test_the_shown_interval_is_that_of_the_simulation(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(60, wrong=6))
    found = study(MEASURED, tmp_path)
    its = found.candidates["prompt"].quality.level
    assert its is not None
    drawn = found.sample(20_000, 1).named(its.name)
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([its.low, its.centre, its.high], abs=0.008)


def test_cases_that_not_all_ran_are_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(100, wrong=10))
    (tmp_path / "b.csv").write_text(scores(96, wrong=10, first=10))
    text = MEASURED + "  b: {kind: prompt, model: openai/test-small, quality: {eval: b.csv}}\n"
    found = study(text, tmp_path)
    assert found.candidates["prompt"].quality.n_cases == 90
    assert (
        "prompt: 10 of 100 scored cases are left out, since b did not run them: case-0, case-1, case-2, …"
        in found.notes
    )
    assert (
        "b: 6 of 96 scored cases are left out, since prompt did not run them: case-100, case-101, case-102, …"
        in found.notes
    )


def test_a_chain_without_a_common_case_falls_apart(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(20, wrong=2))
    (tmp_path / "b.csv").write_text(scores(20, wrong=2, first=10))
    (tmp_path / "c.csv").write_text(scores(20, wrong=2, first=25))
    text = MEASURED + "".join(
        f"  {name}: {{kind: prompt, model: openai/test-small, quality: {{eval: {name}.csv}}}}\n"
        for name in "bc"
    )
    found = study(text, tmp_path)
    assert [joint.names for joint in found.joints] == [
        ("candidates.prompt.quality",), ("candidates.b.quality",), ("candidates.c.quality",),
    ]  # fmt: skip
    assert found.candidates["b"].quality.n_cases == 20


def test_clusters_widen_what_is_known(tmp_path: Path) -> None:
    def width(clusters: bool) -> float:
        head = "id,score,cluster" if clusters else "id,score"
        rows = [f"{n},{int(n // 10 != 3)}" + (f",{n // 10}" if clusters else "") for n in range(100)]
        (tmp_path / "a.csv").write_text("\n".join([head, *rows]))
        level = quality(MEASURED, "prompt", tmp_path).level
        assert level is not None
        return level.high - level.low

    assert width(clusters=True) > 2 * width(clusters=False)


def test_scores_that_can_not_be_used_are_problems_at_their_own_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,score\n1,97\n2,88\n")
    found = problems(MEASURED, tmp_path)
    assert found[0].startswith(
        f"{tmp_path / 'a.csv'}:2: candidates.prompt.quality.eval: score 97 is outside 0..1"
    )


def test_a_bad_row_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(scores(20, wrong=2) + "case-x,maybe\n")
    [said] = [note for note in study(MEASURED, tmp_path).notes if "not used" in note]
    assert said.startswith("prompt: 1 row of its scores was not used; line 22: ")


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(scores(20, wrong=2))
    assert problems(MEASURED, tmp_path) == [
        "breakeven.yaml:8:68: candidates.prompt.quality.eval: 'a.csv' is not a file in the study's folder\n"
        "    near it: b.csv"
    ]
