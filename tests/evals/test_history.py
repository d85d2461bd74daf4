"""A prompt's history: right cases, right order, honest about picking, and no badge."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, NotEnoughEvidenceError
from breakeven.evidence.evals.history import Worth, group_results, tell_history
from breakeven.evidence.evals.kept import keep_result
from breakeven.evidence.evals.result import CaseRun, EvalResult, PromptReference
from breakeven.report.history_text import history_text
from breakeven.statistics.arrays import FloatArray


def results(scores: FloatArray, *, clusters: int | None = None) -> list[EvalResult]:
    """One result a column."""
    return [
        EvalResult(
            candidate="small", model="fake/small", cases_sha256="c", scorer="exact match",
            date=dt.date(2026, 3, 1) + dt.timedelta(days=k),
            prompt=PromptReference(name="route", version=f"1.{k}.0", sha256=hashlib.sha256(b"%d" % k).hexdigest()),
            runs=tuple(
                CaseRun(id=f"case {i}", score=float(s), cluster=None if clusters is None else f"owner {i % clusters}")
                for i, s in enumerate(column)
            ),
        )
        for k, column in enumerate(scores.T)
    ]  # fmt: skip


def right_or_wrong(rng: np.random.Generator, qualities: FloatArray, n: int) -> FloatArray:
    """Scores on the same cases: a case's ease is shared, each version's luck is its own."""
    ease = rng.normal(0, 0.8, (n, 1))
    shift = np.log(qualities / (1 - qualities)) * np.sqrt(
        1 + 0.346 * 0.64
    )  # about the marginal share that is wanted
    right: FloatArray = (rng.random((n, qualities.size)) < 1 / (1 + np.exp(-(shift + ease)))).astype(float)
    return right


def test_the_corrected_best_is_not_too_high_where_the_seen_one_is() -> None:
    """Over 60 made-up histories of 12 equally good versions on 150 cases."""
    seen, corrected = [], []
    for world in range(60):
        rng = np.random.default_rng(world)
        scores = right_or_wrong(rng, np.full(12, 0.8), 150)
        told = tell_history(results(scores), rng, draws=1_000)
        seen.append(told.best.raw.value - 0.8)
        corrected.append(told.best.corrected.value - 0.8)
    error = np.std(corrected) / np.sqrt(60)
    assert np.mean(seen) > 0.02
    assert abs(np.mean(corrected)) < 0.006 + 2 * error
    assert abs(np.mean(corrected)) < np.mean(seen) / 3


def test_only_cases_that_all_versions_scored_count() -> None:
    found = results(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]))
    shorter = EvalResult(**{**vars(found[1]), "runs": found[1].runs[:3]})
    told = tell_history([found[0], shorter], np.random.default_rng(0), draws=500)
    assert (told.n_cases, told.dropped) == (3, 1)
    assert told.points[0].raw.value == pytest.approx(2 / 3)


def test_versions_stand_in_their_order_whatever_the_order_of_the_files() -> None:
    scores = right_or_wrong(np.random.default_rng(1), np.full(11, 0.7), 30)
    told = tell_history(results(scores)[::-1], np.random.default_rng(0), draws=500)
    assert [point.label for point in told.points] == [f"1.{k}.0" for k in range(11)]


def test_the_gate_is_a_fact_with_its_source() -> None:
    rng = np.random.default_rng(2)
    few = tell_history(results(right_or_wrong(rng, np.full(9, 0.7), 120)), rng, draws=500)
    enough = tell_history(results(right_or_wrong(rng, np.full(10, 0.7), 100)), rng, draws=500)
    assert not few.gate["met"]
    assert enough.gate["met"]
    assert enough.gate["source"] == "document 000"
    assert "plateau" not in history_text(enough).lower()


def test_worth_and_cost_decide_whether_the_next_pays() -> None:
    rng = np.random.default_rng(3)
    found = results(right_or_wrong(rng, np.linspace(0.6, 0.8, 6), 100))
    dear, cheap = (
        tell_history(
            found, np.random.default_rng(0), worth=Worth(usd_per_point=100, cost_usd=cost, source="stated")
        )
        for cost in (1e6, 1.0)
    )
    assert dear.next is not None
    assert cheap.next is not None
    assert (dear.next.pays, cheap.next.pays) == (False, True)
    assert dear.next.p_pays == 0


def test_other_models_cases_and_scorers_are_other_histories() -> None:
    one = results(np.ones((4, 3)))
    other = [EvalResult(**{**vars(result), "model": "fake/large"}) for result in one[:2]]
    assert [len(group) for group in group_results([*other, *one])] == [3, 2]


def test_no_common_case_is_no_evidence() -> None:
    first, second = results(np.ones((3, 2)))
    moved = tuple(CaseRun(id=f"other {k}", score=1.0) for k in range(3))
    with pytest.raises(NotEnoughEvidenceError, match="scored by all 2 versions"):
        tell_history([first, EvalResult(**{**vars(second), "runs": moved})], np.random.default_rng(0))


@pytest.mark.parametrize("width", [80, 120])
def test_the_command(tmp_path: Path, width: int) -> None:
    for result in results(
        right_or_wrong(np.random.default_rng(5), np.linspace(0.6, 0.8, 4), 60), clusters=20
    ):
        keep_result(tmp_path, result)
    arguments = ["eval", "history", str(tmp_path), "--point", "400", "--cost", "1.2K"]
    page = CliRunner().invoke(root, arguments, env={"COLUMNS": str(width)})
    assert page.exit_code == 0, page.output
    assert all(len(line) <= width for line in page.stdout.splitlines())
    for label in ("BEST", "NEXT", "WORTH", "GATE"):
        assert f"\n{label} " in page.stdout
    found = json.loads(CliRunner().invoke(root, [*arguments, "--json"]).stdout)["histories"][0]
    assert [one["version"] for one in found["versions"]] == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]
    assert found["gate"] == {
        "source": "document 000", "met": False,
        "iterations": {"have": 4, "need": 10}, "cases": {"have": 60, "need": 100}
    }  # fmt: skip
    assert found["worth"]["cost_usd"] == 1200
    assert sum(one["p_best"] for one in found["versions"]) == pytest.approx(1)


def test_one_version_says_that_there_is_no_step_yet(tmp_path: Path) -> None:
    keep_result(tmp_path, results(right_or_wrong(np.random.default_rng(5), np.array([0.7]), 40))[0])
    page = CliRunner().invoke(root, ["eval", "history", str(tmp_path)])
    assert page.exit_code == 0, page.output
    assert "one version shows no step" in page.stdout
    # Nothing was picked, so that nothing is corrected for it.
    assert "corrected" not in page.stdout
    assert "BEST" not in page.stdout


def test_a_folder_without_prompts_is_no_evidence(tmp_path: Path) -> None:
    for folder, error in ((tmp_path, NotEnoughEvidenceError), (tmp_path / "none", EvidenceError)):
        assert isinstance(CliRunner().invoke(root, ["eval", "history", str(folder)]).exception, error)
