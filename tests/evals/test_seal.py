"""The sealed hold-out: whole clusters, every opening counted, and what the ledger can and can not show."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.holdout import ledger_of, open_sealed, read_ledger, seal_cases, split_by_cluster
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.evals.summarising import summarise_result

EXAMPLE = Path(__file__).parents[2] / "examples" / "evals-run"


def sealed(path: Path, *, planned: int | None = None) -> Path:
    shutil.copy(EXAMPLE / "cases.jsonl", path / "cases.jsonl")
    cases = read_cases(path / "cases.jsonl", columns={})
    seal_cases(cases, folder=path, stem="cases", share=0.3, seed=0, on="2026-03-01", planned=planned)
    return path / "cases.sealed.jsonl"


def opened(file: Path, *keys: str) -> int | None:
    found = open_sealed(read_cases(file, columns={}), keys=keys, candidates=["a"], on="2026-03-02")
    return None if found is None else found.number


@given(
    sizes=st.lists(st.integers(1, 9), min_size=2, max_size=40),
    share=st.floats(0.1, 0.9),
    seed=st.integers(0, 999),
)
def test_no_cluster_is_on_both_sides_and_no_case_is_lost(sizes: list[int], share: float, seed: int) -> None:
    cases = [
        Case(id=f"{c}-{k}", variables={}, cluster=f"{c}") for c, size in enumerate(sizes) for k in range(size)
    ]
    try:
        rest, aside = split_by_cluster(cases, share, np.random.default_rng(seed))
    except EvidenceError:
        return  # no split of whole clusters comes closer to the share than none
    assert not {case.cluster for case in rest} & {case.cluster for case in aside}
    assert sorted(case.id for case in (*rest, *aside)) == sorted(case.id for case in cases)
    assert abs(len(aside) - share * len(cases)) <= max(sizes)


def test_sealing_keeps_every_case_as_it_was(tmp_path: Path) -> None:
    file = sealed(tmp_path)
    both = [*read_cases(tmp_path / "cases.open.jsonl", columns={}).cases, *read_cases(file, columns={}).cases]
    before = read_cases(tmp_path / "cases.jsonl", columns={}).cases
    assert {case.id: case for case in both} == {case.id: case for case in before}


def test_each_opening_counts_once(tmp_path: Path) -> None:
    file = sealed(tmp_path)
    assert [
        opened(file, "k1", "k2"),
        opened(file, "k2", "k1"),
        opened(file, "k3"),
        opened(file, "k1", "k2"),
    ] == [1, 1, 2, 1]
    assert len(read_ledger(ledger_of(file)).openings) == 2


def test_a_file_that_is_not_sealed_is_not_counted(tmp_path: Path) -> None:
    sealed(tmp_path)
    assert opened(tmp_path / "cases.open.jsonl", "k") is None


def test_more_openings_than_planned_are_refused(tmp_path: Path) -> None:
    file = sealed(tmp_path, planned=1)
    assert opened(file, "k1") == 1
    with pytest.raises(EvidenceError, match="spent"):
        opened(file, "k2")
    assert opened(file, "k1") == 1


def test_changed_cases_are_noticed(tmp_path: Path) -> None:
    file = sealed(tmp_path)
    file.write_text("\n".join(file.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(EvidenceError, match="not the cases that were sealed"):
        opened(file, "k")


@pytest.mark.parametrize(
    "edit", ["drop the first opening", "drop the seal", "change a date", "swap", "empty"]
)
def test_an_edited_ledger_is_noticed(tmp_path: Path, edit: str) -> None:
    file = sealed(tmp_path)
    for key in ("k1", "k2", "k3"):
        opened(file, key)
    ledger = ledger_of(file)
    lines = ledger.read_text().splitlines(keepends=True)
    edited = {
        "drop the first opening": [lines[0], *lines[2:]],
        "drop the seal": lines[1:],
        "change a date": [*lines[:2], lines[2].replace("2026-03-02", "2026-03-09"), lines[3]],
        "swap": [lines[0], lines[2], lines[1], lines[3]],
        "empty": [],
    }[edit]
    ledger.write_text("".join(edited))
    with pytest.raises(EvidenceError):
        opened(file, "k4")


def test_what_the_ledger_can_not_show_is_said_and_true(tmp_path: Path) -> None:
    """Dropping the last line, or the whole ledger, leaves no trace in it: the page says so."""
    file = sealed(tmp_path)
    for key in ("k1", "k2"):
        opened(file, key)
    lines = ledger_of(file).read_text().splitlines(keepends=True)
    ledger_of(file).write_text("".join(lines[:-1]))
    assert opened(file, "k3") == 2
    page = CliRunner().invoke(root, ["eval", "seal", str(file)]).stdout
    assert "can not show" in page


def test_the_commands_from_sealing_to_a_wider_interval(tmp_path: Path) -> None:
    path = tmp_path / "run"
    shutil.copytree(EXAMPLE, path)

    def run(*arguments: str) -> str:
        found = CliRunner().invoke(root, ["eval", *arguments], env={"COLUMNS": "80"})
        assert found.exit_code == 0, found.output
        return found.stdout

    run("seal", str(path / "cases.jsonl"), "--share", "30%", "--planned", "2")
    suite = path / "eval.yaml"
    text = (
        suite.read_text()
        .replace("cases: cases.jsonl", "cases: cases.sealed.jsonl")
        .replace("latency=60ms", "latency=0ms")
    )
    suite.write_text(text.replace("latency=20ms", "latency=0ms").replace("faults=4%", "faults=0%"))
    run("run", str(path), "--dry-run")
    assert len(read_ledger(path / "cases.sealed.ledger.jsonl").openings) == 0
    assert "set opened 1× of 2 planned" in run("run", str(path), "--yes")
    assert "set opened 1× of 2 planned" in run("run", str(path), "--yes")
    result = read_result(path / "evals" / "small.json")
    assert result.hold_out_openings == 1
    score = summarise_result("small", result).score
    assert score is not None
    assert "opening 1 of 2" in score.method
    prompt = path / "prompts" / "route.md"
    prompt.write_text(prompt.read_text().replace("one word", "a single word"))
    assert "set opened 2× of 2 planned" in run("run", str(path), "--yes")
    shown = json.loads(run("seal", str(path / "cases.sealed.jsonl"), "--json"))
    assert len(shown["openings"]) == 2
