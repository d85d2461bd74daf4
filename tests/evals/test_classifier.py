"""The small classifier: trained in a moment, the same each time, and open about what it had seen before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("sklearn")

from breakeven.cli.eval_run import run
from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.classifying.leakage import find_leakage, plain_text
from breakeven.evidence.evals.classifying.linear import fit_linear
from breakeven.evidence.evals.classifying.running import run_linear
from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text, read_labelled
from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.evals.scorers import make_scorer
from breakeven.evidence.evals.suite import open_suite

DAY = dt.date(2026, 11, 2)
WORDS = {
    "billing": ["invoice", "refund", "charged", "payment", "receipt"],
    "login": ["password", "login", "locked", "account", "reset"],
    "shipping": ["parcel", "courier", "delivery", "package", "tracking"],
}


def rows(n: int, seed: int) -> list[tuple[str, str]]:
    """Texts of two words of a class and two that say nothing."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(n):
        label = list(WORDS)[k % 3]
        words = [
            *rng.choice(WORDS[label], 2, replace=False),
            *rng.choice(["please", "today", "again", "help"], 2),
        ]
        found.append((f"{' '.join(words)} {rng.integers(10_000)}", label))
    return found


def write(path: Path, data: list[tuple[str, str]], header: str = "text,label") -> Path:
    path.write_text("\n".join([header, *(f"{text},{label}" for text, label in data)]) + "\n")
    return path


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Two candidates on sixty cases: a fake model, and a classifier."""
    write(tmp_path / "train.csv", rows(120, 0))
    write(tmp_path / "cases.csv", rows(60, 1))
    (tmp_path / "route.md").write_text("Route it.\n")
    (tmp_path / "eval.yaml").write_text(
        "cases: {file: cases.csv, input: text, expected: label}\nscore: exact\ncandidates:\n"
        "  prompt: {model: 'fake/one?accuracy=0.8', prompt: route.md}\n"
        "  small: {linear: {train: train.csv, input: text, label: label, machine: $0.36/hour}}\n"
    )
    return tmp_path


def trained(suite: Path) -> EvalResult:
    opened = open_suite(suite)
    [one] = opened.linear
    return run_linear(
        one, opened.cases.cases, opened.scorer, cases_sha256=opened.cases.sha256, date=DAY, repeats=2
    )


def test_it_is_run_beside_a_prompt_and_writes_a_result_like_any_other(suite: Path) -> None:
    ran = CliRunner().invoke(run, [str(suite), "--yes"])
    assert ran.exit_code == 0, ran.output
    small, prompt = (read_result(suite / "evals" / f"{name}.json") for name in ("small", "prompt"))
    assert small.cases_sha256 == prompt.cases_sha256
    assert [one.id for one in small.runs] == [one.id for one in prompt.runs]
    assert np.mean([one.score for one in small.runs if one.score is not None]) > 0.95
    assert "Trained     small on 120 rows of 3 labels" in ran.output


def test_json_says_what_was_trained(suite: Path) -> None:
    ran = CliRunner().invoke(run, [str(suite), "--yes", "--json"])
    found = json.loads(ran.stdout)
    assert set(found["candidates"]) == {"prompt", "small"}
    assert found["complete"]
    assert any(text.startswith("Trained: small") for text in found["messages"])


def test_the_same_seed_gives_the_same_answers_and_repeats_are_not_asked_again(suite: Path) -> None:
    first, second = trained(suite), trained(suite)
    assert [(r.id, r.score, r.scores) for r in first.runs] == [(r.id, r.score, r.scores) for r in second.runs]
    assert [(r.repeat, r.output) for r in first.runs[:2]] == [
        (1, first.runs[0].output),
        (2, first.runs[0].output),
    ]


def test_a_call_costs_the_time_it_takes_or_is_not_known(suite: Path) -> None:
    found = trained(suite)
    seconds = np.median([run.latency_s for run in found.runs if run.latency_s is not None])
    # $0.36 an hour is $0.0001 a second. Two repeats stand beside each other, so the median is the same.
    assert found.runs[0].cost_usd == pytest.approx(seconds * 1e-4, rel=0.2)
    text = (suite / "eval.yaml").read_text().replace(", machine: $0.36/hour", "")
    (suite / "eval.yaml").write_text(text)
    assert {run.cost_usd for run in trained(suite).runs} == {None}
    ran = CliRunner().invoke(run, [str(suite), "--yes"])
    assert "not stated, which is not $0" in ran.output


def test_probabilities_are_calibrated_where_labels_are_noise(tmp_path: Path) -> None:
    # Three labels in ten are drawn anew from three, so 2 in 10 are wrong: nobody can be right on more than 80%.
    rng = np.random.default_rng(3)
    data = rows(1_200, 4)
    noisy = [(t, str(rng.choice(list(WORDS))) if rng.random() < 0.3 else label) for t, label in data]
    model = fit_linear([t for t, _ in noisy[:900]], [y for _, y in noisy[:900]], np.random.default_rng(0))
    found = model.probabilities([t for t, _ in noisy[900:]])
    assert found.sum(axis=1) == pytest.approx(np.ones(300))
    right = np.mean(
        [model.classes[row.argmax()] == y for row, (_, y) in zip(found, noisy[900:], strict=True)]
    )
    assert abs(found.max(axis=1).mean() - right) < 0.08


def test_two_classes_and_a_class_with_one_row(tmp_path: Path) -> None:
    two = [(t, y) for t, y in rows(60, 5) if y != "login"]
    for data in (two, [*rows(60, 5), ("a thing of its own", "other")]):
        model = fit_linear([t for t, _ in data], [y for _, y in data], np.random.default_rng(0))
        found = model.probabilities(["courier parcel", "invoice refund"])
        assert [model.classes[row.argmax()] for row in found] == ["shipping", "billing"]


LONG = (
    "I tried to change the PIN code of my new card at a machine abroad this morning, and it was refused twice"
)


def test_leaks_are_counted_and_the_clean_cases_scored_apart() -> None:
    found = find_leakage(
        ["Where is my card?", LONG],
        ["where is my CARD", f"{LONG}!!", f"{LONG}s", "Hello there"],
    )
    assert found.equal.tolist() == [True, True, False, False]
    assert found.near.tolist()[2:] == [True, False]
    assert found.clean.tolist() == [False, False, False, True]
    assert plain_text(" Don't—STOP ") == "don t stop"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (rows(6, 0), "a classifier needs 10 at least"),
        ([(t, "one") for t, _ in rows(20, 0)], "every row has the label 'one'"),
        ([(t, f"c{k}") for k, (t, _) in enumerate(rows(20, 0))], "these are no classes"),
    ],
)
def test_what_can_not_be_learned_from(tmp_path: Path, data: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        read_labelled(write(tmp_path / "train.csv", data))


def test_rows_without_a_label_are_listed(tmp_path: Path) -> None:
    found = read_labelled(write(tmp_path / "train.csv", [*rows(12, 0), ("no label here", "")]))
    assert [(str(p.message), p.place and p.place.line) for p in found.rejected] == [("no label", 14)]


def test_a_wrong_column_or_key_is_said_at_its_place(suite: Path) -> None:
    text = (suite / "eval.yaml").read_text()
    for old, new, said in [
        ("input: text, label: label, machine", "input: txt, label: label, machine", "no column 'txt'"),
        ("machine:", "mashine:", "did you mean 'machine'"),
        ("train: train.csv", "train: ../out.csv", "leads out of the suite's folder"),
        ("$0.36/hour", "$0.36", "candidates.small.linear.machine"),
    ]:
        (suite / "eval.yaml").write_text(text.replace(old, new))
        with pytest.raises(EvidenceError) as caught:
            open_suite(suite)
        assert said in str(caught.value)
        assert "eval.yaml:5" in str(caught.value) or "train.csv" in str(caught.value)


def test_what_is_read_of_a_case() -> None:
    def case(**variables: str) -> Case:
        return Case(id="a", variables=variables)

    assert case_text(case(input="x", text="y"), "text") == "x"
    assert case_text(case(text="y", more="z"), "text") == "y"
    assert case_text(case(question="q"), "text") == "q"
    with pytest.raises(EvidenceError, match="no `input`; it has more, question"):
        case_text(case(more="z", question="q"), "text")


def test_banking77(real_data: Callable[[str], Path]) -> None:
    folder = real_data("banking77")
    train = read_labelled(folder / "train.csv", label="category")
    cases = read_cases(folder / "test.csv", columns={"input": "text", "expected": "category"})
    scorer = make_scorer("exact", {}, lambda name: Path(name))
    one = LinearCandidate(name="small", train=train)
    found = run_linear(one, cases.cases, scorer, cases_sha256=cases.sha256, date=DAY)
    scores = [run.score for run in found.runs if run.score is not None]
    # The data set's page: 25 test rows equal a training row, 440 have one at 0.90 or more; a baseline gets 0.8925.
    assert found.settings["cases_equal_to_a_training_text"] == 25
    assert found.settings["cases_near_a_training_text"] == 440
    assert np.mean(scores) > 0.8925
    assert found.settings["clean_score"] < np.mean(scores)
