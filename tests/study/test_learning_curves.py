"""``curve`` of a trained candidate: read, checked, placed where it is wrong, and no figure of the decision moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breakeven.advice.decide import decide
from breakeven.study import open_study
from tests.study.studies import problems, smallest, study

ROOT = Path(__file__).parents[2]
CLASSIFIER = (
    "small: {kind: classifier, quality: 90%, examples: 2000, label_cost: $1, per_call: $0.0001/call, training: $1,"
    " curve: evidence/curve.json}"
)
TUNED = "tuned: {kind: tuned, base: azure/test-base, examples: 2000, retires_on: never, curve: evidence/curve.json}"
RUNS = [
    {"size": n, "seed": str(k), "score": 0.95 - 4 / n**0.5 + 0.01 * k}
    for n in (100, 200, 400, 800)
    for k in (0, 1)
]


def write(folder: Path, document: Any) -> Path:
    (folder / "evidence").mkdir(exist_ok=True)
    text = document if isinstance(document, str) else json.dumps(document)
    (folder / "evidence/curve.json").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("candidate", [CLASSIFIER, TUNED])
def test_runs_are_read_and_what_else_stands_there_is_passed_over(tmp_path: Path, candidate: str) -> None:
    # A later version may print more, of a curve and of a run.
    document = {"runs": [run | {"loss": 0.1} for run in RUNS], "farthest": 3200.0, "new": {"key": [1]}}
    made = study(smallest(candidate), write(tmp_path, document))
    curve = next(c.curve for c in made.candidates.values() if c.curve is not None)
    assert curve.file == "evidence/curve.json"
    assert curve.runs == tuple((run["size"], run["score"]) for run in RUNS)


def test_no_figure_moves_by_it(tmp_path: Path) -> None:
    write(tmp_path, {"runs": RUNS})
    shown, plain = (
        decide(study(smallest(text), tmp_path), draws=500)
        for text in (CLASSIFIER, CLASSIFIER.replace(", curve: evidence/curve.json", ""))
    )
    assert [fan.candidate for fan in shown.learning_curves] == ["small"]
    assert plain.learning_curves == ()
    for ours, theirs in zip(shown.candidates.values(), plain.candidates.values(), strict=True):
        assert (ours.quality, ours.cost, ours.p_best) == (theirs.quality, theirs.cost, theirs.p_best)
        assert np.array_equal(ours.net_benefit_draws, theirs.net_benefit_draws)
    assert shown.assumptions == plain.assumptions


def test_the_planned_size_is_told_within_four_times_the_largest(tmp_path: Path) -> None:
    # 0.95 - 4/√2000 is 86.1%; runs scatter by half a point around 0.5 points more.
    write(tmp_path, {"runs": RUNS})
    [fan] = decide(study(smallest(CLASSIFIER), tmp_path), draws=200).learning_curves
    assert (fan.planned, fan.largest, fan.farthest) == (2000, 800, 3200)
    assert fan.expected is not None
    assert fan.expected.extrapolated
    assert fan.expected.low < 0.866 < fan.expected.high
    assert fan.expected.value == pytest.approx(0.866, abs=0.02)
    assert [p.size for p in fan.marked] == [100, 200, 400, 800, 1600, 2000, 3200]
    assert [p.extrapolated for p in fan.marked] == [False] * 4 + [True] * 3
    assert fan.band[-1].size == pytest.approx(3200)
    far = study(smallest(CLASSIFIER.replace("examples: 2000", "examples: 3300")), tmp_path)
    [fan] = decide(far, draws=200).learning_curves
    assert (fan.planned, fan.expected) == (3300, None)
    assert 3300 not in [p.size for p in fan.marked]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "evidence/curve.json: candidates.small.curve: not JSON: "),
        ([1], "evidence/curve.json: candidates.small.curve: no learning curve: `runs` is missing\n    `breakeven eval"),
        ({"cases": []}, "evidence/curve.json: candidates.small.curve: no learning curve: `runs` is missing"),
        ({"runs": 3}, "runs: input should be a valid tuple"),
        ({"runs": [*RUNS, {"size": 5}]}, "run 9: without a size and a score\n    sizes are above 0, scores from 0"),
        ({"runs": [*RUNS, {"size": 5, "score": 93}]}, "run 9: score: input should be less than or equal to 1"),
        ({"runs": [*RUNS, {"size": 0, "score": 0.9}]}, "run 9: size: input should be greater than 0"),
        ('{"runs": [{"size": 5, "score": NaN}]}', "candidates.small.curve: run 1: score: input should be"),
        ({"runs": []}, "candidates.small.curve: evidence/curve.json: "),
        ({"runs": RUNS[:6]}, "evidence/curve.json: runs at 3 sizes; a learning curve needs at least 4"),
        ({"runs": RUNS[::2]}, "evidence/curve.json: each size was run once; run one of them again"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, document: Any, said: str) -> None:
    found = problems(smallest(CLASSIFIER), write(tmp_path, document))
    assert len(found) == 1
    assert said in found[0]


def test_a_file_that_is_not_there_is_placed_with_the_command_that_writes_it(tmp_path: Path) -> None:
    [problem] = problems(smallest(CLASSIFIER), tmp_path)
    assert "candidates.small.curve: 'evidence/curve.json' is not a file in the study's folder" in problem
    assert "`breakeven eval curve … --json > evidence/curve.json` writes it" in problem
    assert problem.startswith("breakeven.yaml:")
    [problem] = problems(smallest(CLASSIFIER.replace("evidence/", "../")), write(tmp_path, {"runs": RUNS}))
    assert "leads out of the study's folder" in problem


def test_a_prompt_has_no_curve() -> None:
    found = problems(smallest("other: {kind: prompt, model: openai/test-large, curve: evidence/curve.json}"))
    assert any("candidates.other.curve" in problem for problem in found)


def test_the_example_holds_what_the_command_prints() -> None:
    pytest.importorskip("sklearn")
    from tools.make_example_curve import FILE, printed

    again = "write it again: python -m tools.make_example_curve"
    assert json.loads(printed())["runs"] == json.loads(FILE.read_text("utf-8"))["runs"], again
    [fan] = decide(open_study(ROOT / "examples/small-classifier"), draws=200).learning_curves
    assert (fan.candidate, fan.planned, len(fan.runs)) == ("small", 400, 10)
