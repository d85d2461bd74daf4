"""A study is opened from a folder, a file or a text; what is not there names the command that makes one."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from breakeven.errors import StudyError
from breakeven.study import FILE_NAME, open_study, parse_study
from breakeven.study.model import Study
from tests.study.studies import BOOK, EVERYTHING, SMALLEST, TODAY, write_evidence

LOANS = """\
name: Loan documents
workload:
  task: multi-label-classification        # picks the published quality prior when nothing is measured
  volume: 8M calls/month
  growth: 0%..3%/month
  tokens: {static: 2600, input: 400, output: 60}     # or  profile: evidence/profile.json
  retries: 1%..4%
  errors: {cost: $0.40, target: 93%}
horizon: 36 months
discount: 10%/year
wage: $80..$140/hour
today: prompt
candidates:
  prompt:  {kind: prompt, model: openai/gpt-4.1, upkeep: 4..10 hours/month, quality: {eval: evidence/evals/v14.json}}
  small:   {kind: prompt, model: openai/gpt-4.1-mini, build: 40..80 hours}
  tuned:
    kind: tuned
    base: azure/gpt-4.1-mini
    examples: 6000
    label_cost: $0.50..$4
    runs: 3..10
    retrain: every 3 months
  hybrid:  {kind: hybrid, small: tuned, large: prompt, escalate: 10%..20%}
"""


def opened(path: Path) -> Study:
    return open_study(path, today=TODAY, book=BOOK)


def said(path: Path) -> str:
    with pytest.raises(StudyError) as caught:
        opened(path)
    return str(caught.value)


def test_a_folder_or_its_file_opens_the_same_study(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(SMALLEST)
    assert opened(tmp_path) == opened(tmp_path / FILE_NAME)
    (tmp_path / "other.yaml").write_text(SMALLEST)
    assert opened(tmp_path / "other.yaml").workload.volume.source.reference == "other.yaml:4"


def test_a_study_as_people_write_it(tmp_path: Path) -> None:
    scored = [{"id": str(case), "score": int(case % 10 > 0)} for case in range(60)]
    evals = tmp_path / "evidence" / "evals"
    evals.mkdir(parents=True)
    (evals / "v14.json").write_text(json.dumps(scored))
    (tmp_path / FILE_NAME).write_text(LOANS)
    found = opened(tmp_path)
    assert list(found.candidates) == ["prompt", "small", "tuned", "hybrid"]
    assert found.candidates["prompt"].quality.n_cases == 60
    assert found.workload.volume.centre == 8_000_000
    assert found.candidates["tuned"].prices is not None
    assert found.candidates["tuned"].prices.key == "azure/gpt-4.1-mini:tuned"


def test_files_are_found_from_the_studys_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_evidence(tmp_path / "deep" / "study")
    (folder / FILE_NAME).write_text(EVERYTHING)
    monkeypatch.chdir(tmp_path)
    assert opened(Path("deep/study")).candidates["prompt"].quality.n_cases == 80
    monkeypatch.chdir(folder)
    assert opened(Path()).candidates["prompt"].quality.n_cases == 80


def test_a_problem_names_the_path_that_was_given(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("nme: x\n")
    assert said(tmp_path).startswith(f"{tmp_path}/breakeven.yaml:1:1: nme: unknown key `nme`")


def test_where_no_study_is_the_command_that_writes_one_is_named(tmp_path: Path) -> None:
    assert said(tmp_path) == (
        f"{tmp_path}/breakeven.yaml: there is no study here\n    `breakeven new {tmp_path}` writes one to start from"
    )
    missing = tmp_path / "nowhere"
    assert said(missing).startswith(f"{missing}: there is no study here\n")


def test_what_is_not_a_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE_NAME)
    assert said(tmp_path) == f"{tmp_path}/breakeven.yaml: this is not a regular file"


def test_a_name_that_no_system_knows(tmp_path: Path) -> None:
    assert "no study" in said(tmp_path / ("x" * 5000)) or "can not be read" in said(tmp_path / ("x" * 5000))
    assert "study" in said(Path("a\0b"))


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / FILE_NAME).open("wb") as file:
        file.truncate(5_000_000_000)  # sparse: no bytes on the disk
    started = time.perf_counter()
    assert "a study has at most 1,000,000" in said(tmp_path)
    assert time.perf_counter() - started < 2


def test_without_a_book_the_packaged_one_is_used() -> None:
    text = SMALLEST.replace("openai/test-large", "openai/gpt-4.1").replace("today:", "start: 2026-12\ntoday:")
    assert parse_study(text, today=TODAY).candidates["prompt"].prices is not None


def test_opening_twice_gives_equal_studies(tmp_path: Path) -> None:
    folder = write_evidence(tmp_path)
    first, second = (parse_study(EVERYTHING, today=TODAY, book=BOOK, folder=folder) for _ in range(2))
    assert first.beliefs == second.beliefs
    assert (
        first.sample(50, 3).named("workload.errors.kinds")
        == second.sample(50, 3).named("workload.errors.kinds")
    ).all()
