"""A judge checked by people: the sheet, the labels back, the corrected figure, and what show and compare say of it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.errors import BreakevenError, EvidenceError, NotEnoughEvidenceError
from breakeven.evidence.evals.calibrating import (
    calibration_of,
    labelled_as_before,
    read_sheet,
    sample_runs,
    with_labels,
    write_sheet,
)
from breakeven.evidence.evals.files import read_result, write_result
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.evals.summarising import summarise_result


def judged(verdicts: list[float], *, scale: str = "pass", outputs: list[str] | None = None) -> EvalResult:
    runs = tuple(
        CaseRun(
            id=f"c{k}",
            score=v,
            output=outputs[k] if outputs else f"answer {k}",
            input=f"question {k}",
            cost_usd=0.1,
        )
        for k, v in enumerate(verdicts)
    )
    settings = {"judge": {"model": "y/j", "scale": scale, "score": "judge"}}
    return EvalResult(candidate="a", runs=runs, scorer="judged by y/j, pass or fail", settings=settings)


def labelled(result: EvalResult, human: list[float | None]) -> EvalResult:
    pairs = zip(result.runs, human, strict=True)
    return replace(result, runs=tuple(replace(run, human=label) for run, label in pairs))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, verdicts: dict[str, str]) -> None:
    rows = rows_of(path)
    for row in rows:
        row["verdict"] = verdicts.get(row["case"], "")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


# ------------------------------------------------------------------------------------------------ the sheet


def test_the_sheet_is_a_random_sample_and_hides_the_verdict(tmp_path: Path) -> None:
    result = judged([1.0] * 50 + [0.0] * 50)
    runs = sample_runs(result, 30, np.random.default_rng(1))
    assert runs == sample_runs(result, 30, np.random.default_rng(1))
    assert len({run.id for run in runs}) == 30
    assert runs[:10] == sample_runs(result, 10, np.random.default_rng(1))
    assert 5 < sum(run.score or 0 for run in runs) < 25
    write_sheet(tmp_path / "s.csv", runs)
    rows = rows_of(tmp_path / "s.csv")
    assert list(rows[0]) == ["case", "repeat", "fingerprint", "input", "answer", "verdict", "remark"]
    assert {row["verdict"] for row in rows} == {""}
    fill(tmp_path / "s.csv", {run.id: "pass" for run in runs})
    found = read_sheet(tmp_path / "s.csv", result)
    assert found.labels == {(run.id, 1): 1.0 for run in runs}
    assert not found.problems


def test_an_answer_that_is_a_formula_is_none_on_the_sheet(tmp_path: Path) -> None:
    result = judged([1.0, 0.0], outputs=["=HYPERLINK(1)", "fine"])
    write_sheet(tmp_path / "s.csv", result.runs)
    rows = rows_of(tmp_path / "s.csv")
    assert rows[0]["answer"] == "'=HYPERLINK(1)"


def test_rows_that_do_not_fit_are_listed(tmp_path: Path) -> None:
    result = judged([1.0] * 5)
    path = tmp_path / "s.csv"
    write_sheet(path, result.runs)
    fill(path, {"c0": "pass", "c1": "perhaps", "c2": "no"})
    with path.open("a", encoding="utf-8") as file:
        file.write("c9,1,,,,pass,\nc0,1,,,,fail,\n")
    changed = replace(
        result, runs=(*result.runs[:2], replace(result.runs[2], output="new"), *result.runs[3:])
    )
    found = read_sheet(path, changed)
    assert found.labels == {("c0", 1): 1.0}
    assert found.blank == 2
    said = "; ".join(map(str, found.problems))
    for text in ("write pass or fail", "another answer", "'c9'", "two different verdicts"):
        assert text in said
    assert [problem.place.line for problem in found.problems if problem.place] == [3, 4, 7, 8]


def test_marks_are_read_on_their_scale(tmp_path: Path) -> None:
    result = judged([0.5, 0.5, 0.5], scale="1-5")
    write_sheet(tmp_path / "s.csv", result.runs)
    fill(tmp_path / "s.csv", {"c0": "1", "c1": "4", "c2": "6"})
    found = read_sheet(tmp_path / "s.csv", result)
    assert found.labels == {("c0", 1): 0.0, ("c1", 1): 0.75}
    assert "from 1 to 5" in str(found.problems[0])


# ------------------------------------------------------------------------------------------------ the figure


def test_the_corrected_figure_by_hand() -> None:
    # 80 of 100 pass, 60 labelled: 45 of 50 passed ones are right, 2 of 10 failed ones.
    result = judged([1.0] * 80 + [0.0] * 20)
    human: list[float | None] = [1.0] * 45 + [0.0] * 5 + [None] * 30 + [1.0] * 2 + [0.0] * 8 + [None] * 10
    found = calibration_of(labelled(result, human), level=0.9)
    assert found is not None
    # .8·(45.5/51) + .2·(2.5/11) = .7592; weights are drawn as well, around the same mean to the half case added
    assert found.corrected.value == pytest.approx(0.759, abs=0.006)
    assert found.raw is not None
    assert found.raw.value == 0.8
    assert found.agreement.value == pytest.approx(53 / 60)
    assert (found.too_kind, found.too_strict) == (5, 2)
    low, high = found.corrected.interval
    raw_low, raw_high = found.raw.interval
    assert high - low > raw_high - raw_low


def test_too_few_labels_state_nothing() -> None:
    result = judged([1.0] * 80 + [0.0] * 20)
    assert calibration_of(result, level=0.9) is None
    with pytest.raises(NotEnoughEvidenceError, match="label 10 more"):
        calibration_of(labelled(result, [1.0] * 40 + [None] * 60), level=0.9)
    with pytest.raises(NotEnoughEvidenceError, match="judge failed has a label"):
        calibration_of(labelled(result, [1.0] * 60 + [None] * 40), level=0.9)
    marks = judged([0.5, 0.75] * 60, scale="1-5")
    with pytest.raises(NotEnoughEvidenceError, match="at least 100"):
        calibration_of(labelled(marks, [0.5] * 60 + [None] * 60), level=0.9)
    with pytest.raises(EvidenceError, match="not scored by a judge"):
        calibration_of(labelled(replace(result, settings={}), [1.0] * 100), level=0.9)


def test_marks_are_corrected_by_their_difference() -> None:
    rng = np.random.default_rng(3)
    truth = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], 400)
    kind = np.minimum(truth + 0.25, 1.0)  # a judge that gives a mark too much
    human = [float(t) if k < 120 else None for k, t in enumerate(truth)]
    found = calibration_of(labelled(judged(kind.tolist(), scale="1-5"), human), level=0.9)
    assert found is not None
    assert found.corrected.value == pytest.approx(float(truth.mean()), abs=0.03)
    assert found.raw is not None
    assert found.raw.value > found.corrected.interval[1]
    assert found.too_strict == 0


def test_a_summary_states_the_corrected_score_and_a_file_keeps_it(tmp_path: Path) -> None:
    result = judged([1.0] * 80 + [0.0] * 20)
    human = [1.0] * 45 + [0.0] * 5 + [None] * 30 + [1.0] * 2 + [0.0] * 8 + [None] * 10
    kept = labelled(result, human)
    write_result(tmp_path / "a.json", kept)
    assert read_result(tmp_path / "a.json") == kept
    summary = summarise_result("a", kept)
    assert summary.score is not None
    assert summary.score.method == "post-stratified by verdict, 60 human labels"
    few = summarise_result("a", labelled(result, [1.0] * 10 + [None] * 90))
    assert few.score is not None
    assert few.calibration is None
    assert few.score.value == 0.8


def test_labels_outlive_another_run_where_the_answer_is_the_same(tmp_path: Path) -> None:
    result = judged([1.0, 0.0, 1.0])
    write_result(tmp_path / "a.json", labelled(result, [1.0, 0.0, None]))
    again = replace(result, runs=(replace(result.runs[0], output="new"), *result.runs[1:]))
    kept = labelled_as_before(tmp_path / "a.json", again)
    assert [run.human for run in kept.runs] == [None, 0.0, None]
    assert labelled_as_before(tmp_path / "none.json", again) == again


# ------------------------------------------------------------------------------------------------ the commands


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "evals").mkdir()
    write_result(tmp_path / "evals" / "a.json", judged([1.0] * 80 + [0.0] * 20))
    other = replace(judged([1.0] * 70 + [0.0] * 30), candidate="b")
    write_result(tmp_path / "evals" / "b.json", other)

    def call(*words: str) -> Result:
        return CliRunner().invoke(root, ["eval", *words])

    return call


def test_label_calibrate_show_compare(go: Any, tmp_path: Path) -> None:
    done = go("label", "a", "--n", "100", "-o", "l.csv")
    assert "100 answers in random order" in done.output
    assert isinstance(go("label", "a", "-o", "l.csv").exception, BreakevenError)
    fill(tmp_path / "l.csv", {f"c{k}": "pass" if k % 10 else "fail" for k in range(100)} | {"c5": ""})
    done = go("calibrate", "a", "l.csv")
    assert done.exit_code == 0, done.output
    assert "90 labelled by" not in done.output
    assert "99 of them labelled by people" in " ".join(done.output.split())
    assert max(map(len, done.output.splitlines())) <= 80
    found = json.loads(go("calibrate", "a", "l.csv", "--json").output)
    assert (found["labels"], found["blank"]) == (99, 1)
    assert "CALIBRATED" in go("show", "a").output
    assert "no human labels" in " ".join(go("show", "b").output.split())
    page = " ".join(go("compare", "a", "b").output.split())
    assert "calibrated by 99 human labels" in page
    assert "people have not checked" in page


def test_too_few_labels_change_no_file(go: Any, tmp_path: Path) -> None:
    go("label", "a", "--n", "40", "-o", "l.csv")
    before = (tmp_path / "evals" / "a.json").read_bytes()
    assert isinstance(go("calibrate", "a", "l.csv").exception, NotEnoughEvidenceError)
    fill(tmp_path / "l.csv", {f"c{k}": "pass" for k in range(100)})
    assert isinstance(go("calibrate", "a", "l.csv").exception, NotEnoughEvidenceError)
    assert (tmp_path / "evals" / "a.json").read_bytes() == before


def test_labels_add_up_over_sheets() -> None:
    result = judged([1.0, 0.0])
    one = labelled(result, [1.0, None])
    from breakeven.evidence.evals.calibrating import HumanLabels

    two = with_labels(one, HumanLabels(labels={("c1", 1): 0.0}, blank=0, problems=()))
    assert [run.human for run in two.runs] == [1.0, 0.0]
