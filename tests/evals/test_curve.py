"""The learning curve of a classifier and of a table of runs: what is forecast, how surely, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from breakeven.cli.eval_curve import curve
from breakeven.errors import EvidenceError, InputError, NotEnoughEvidenceError
from breakeven.evidence.evals.classifying.curves import default_sizes, linear_runs, read_runs
from breakeven.evidence.evals.records import read_records
from breakeven.evidence.evals.suite import open_suite
from breakeven.statistics.learning_curve import fit_learning_curve

ROOT = Path(__file__).resolve().parents[2]


def table(path: Path, sizes: tuple[int, ...] = (100, 200, 400, 800), scale: float = 1.0) -> Path:
    """Two runs a size of 0.95 - 4/√n, a point apart."""
    rows = [f"{n},{k},{(0.95 - 4 / n**0.5 + 0.01 * k) * scale}" for n in sizes for k in (0, 1)]
    path.write_text("\n".join(["examples,seed,accuracy", *rows]) + "\n")
    return path


def invoke(*words: str) -> dict[str, Any]:
    ran = CliRunner().invoke(curve, [*words, "--json"], catch_exceptions=False)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


MAPS = ("--map", "size=examples", "--map", "score=accuracy")


def test_a_table_is_forecast_and_said_to_be_extrapolated(tmp_path: Path) -> None:
    found = invoke("--table", str(table(tmp_path / "runs.csv")), *MAPS, "--at", "800,1600")
    near, far = found["forecasts"]
    assert (near["extrapolated"], far["extrapolated"]) == (False, True)
    # The curve at 1,600 is 0.95 - 4/40 = 0.85, and runs lie half a point above on average.
    assert far["low"] < 0.855 < far["high"]
    assert far["high"] - far["low"] > near["high"] - near["low"]
    page = CliRunner().invoke(curve, ["--table", str(tmp_path / "runs.csv"), *MAPS, "--target", "86%"])
    assert "EXTRAPOLATED 2×" in page.output
    assert "a score of 86.0% within 3,200 examples: probability" in page.output


def test_a_condition_that_no_row_meets_is_told_with_what_there_is(tmp_path: Path) -> None:
    words = ["--table", str(table(tmp_path / "runs.csv")), *MAPS, "--where", "seed=7"]
    with pytest.raises(EvidenceError, match=r"no row has seed '7'(.|\n)*there are: 0, 1"):
        CliRunner().invoke(curve, words, catch_exceptions=False)


def test_beyond_four_times_is_refused(tmp_path: Path) -> None:
    words = ["--table", str(table(tmp_path / "runs.csv")), *MAPS, "--at", "3300"]
    with pytest.raises(NotEnoughEvidenceError, match="nothing is told beyond 4 times"):
        CliRunner().invoke(curve, words, catch_exceptions=False)


def test_too_few_sizes_are_refused(tmp_path: Path) -> None:
    words = ["--table", str(table(tmp_path / "runs.csv", (100, 200, 400))), *MAPS]
    with pytest.raises(NotEnoughEvidenceError, match="runs at 3 sizes"):
        CliRunner().invoke(curve, words, catch_exceptions=False)


def test_percentages_need_a_word_and_columns_a_name(tmp_path: Path) -> None:
    path = table(tmp_path / "runs.csv", scale=100)
    columns = {"size": "examples", "score": "accuracy"}
    with pytest.raises(EvidenceError, match="--percent"):
        read_runs(path, columns=columns, where={})
    runs, _ = read_runs(path, columns=columns, where={"seed": "0"}, percent=True)
    assert [run.size for run in runs] == [100, 200, 400, 800]
    with pytest.raises(EvidenceError, match="no column 'size'"):
        read_runs(path, columns={}, where={})


def test_a_row_that_is_no_run_is_listed(tmp_path: Path) -> None:
    path = table(tmp_path / "runs.csv")
    path.write_text(path.read_text() + "many,0,0.9\n")
    runs, problems = read_runs(path, columns={"size": "examples", "score": "accuracy"}, where={})
    assert len(runs) == 8
    assert [problem.place and problem.place.line for problem in problems] == [10]


def test_the_classifier_of_a_suite_is_trained_on_parts() -> None:
    pytest.importorskip("sklearn")
    suite = open_suite(ROOT / "examples" / "small-classifier")
    [one] = suite.linear
    runs = [linear_runs(one, suite.cases.cases, suite.scorer, (25, 100), 2) for _ in range(2)]
    assert runs[0] == runs[1]
    small, large = (np.mean([run.score for run in runs[0] if run.size == size]) for size in (25, 100))
    assert small < large
    with pytest.raises(InputError, match="between 10 and 400 rows here"):
        linear_runs(one, suite.cases.cases, suite.scorer, (4_000,), 2)
    assert default_sizes(400) == (25, 50, 100, 200, 400)


def test_64_shots_are_forecast_from_32(real_data: Callable[[str], Path]) -> None:
    path = real_data("setfit_curves_a") / "curves.csv"
    rows = [row.values for row in read_records(path).rows if row.values["measure"] == "accuracy"]
    names = sorted({(str(row["dataset"]), str(row["method"])) for row in rows})
    inside = []
    for dataset, method in names:
        where = {"dataset": dataset, "method": method, "measure": "accuracy"}
        runs, _ = read_runs(path, columns={"size": "shots_per_class"}, where=where, percent=True)
        known, later = [r for r in runs if r.size <= 32], [r.score for r in runs if r.size == 64]
        if len({run.size for run in known}) < 4 or len(later) < 10:
            continue
        fitted = fit_learning_curve([r.size for r in known], [r.score for r in known])
        found = fitted.at(64, np.random.default_rng(0), draws=4_000)
        assert found.low is not None
        assert found.high is not None
        inside += [found.low <= score <= found.high for score in later]
    assert len(inside) >= 60
    # Each interval is to hold 90% of the runs; runs of one curve stand or fall together, so the share scatters.
    assert np.mean(inside) > 0.8
