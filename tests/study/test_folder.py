"""No path leaves a study's folder unless the user says so; what is not a file is one problem."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from breakeven.study import parse_study
from breakeven.study.folder import Folder
from breakeven.study.given import MisreadError
from tests.study.studies import BOOK, SMALLEST, TODAY, problems, scores


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    (tmp_path / "outside.csv").write_text(scores(20, wrong=2))
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "a.csv").write_text(scores(20, wrong=2))
    return folder


def said(folder: Path | None, text: str) -> str:
    with pytest.raises(MisreadError) as caught:
        Folder(root=folder).find(text)
    return caught.value.message


@pytest.mark.parametrize("name", ["a.csv", "./a.csv", "x/../a.csv"])
def test_a_file_inside_is_found(inside: Path, name: str) -> None:
    (inside / "x").mkdir()
    assert Folder(root=inside).read(name).startswith("id,score")


@pytest.mark.parametrize(
    "name", ["../outside.csv", "x/../../outside.csv", "/etc/passwd", "..", "../study/../outside.csv"]
)
def test_a_path_that_leads_outside_is_refused(inside: Path, name: str) -> None:
    assert said(inside, name) == f"{name!r} leads out of the study's folder"


def test_a_link_that_leads_outside_is_refused(inside: Path) -> None:
    (inside / "link.csv").symlink_to(inside.parent / "outside.csv")
    (inside / "up").symlink_to(inside.parent)
    assert said(inside, "link.csv") == "'link.csv' leads out of the study's folder"
    assert said(inside, "up/outside.csv") == "'up/outside.csv' leads out of the study's folder"


def test_a_link_that_stays_inside_is_followed(inside: Path) -> None:
    (inside / "link.csv").symlink_to("a.csv")
    assert Folder(root=inside).find("link.csv").read_text().startswith("id,score")


def test_the_folder_itself_may_be_a_link(inside: Path) -> None:
    link = inside.parent / "link"
    link.symlink_to(inside)
    assert Folder(root=link).read("a.csv")


def test_the_user_can_allow_files_outside(inside: Path) -> None:
    assert Folder(root=inside, allow_outside=True).read("../outside.csv")
    text = SMALLEST.replace("test-large}", "test-large, quality: {eval: ../outside.csv}}")
    assert parse_study(text, today=TODAY, book=BOOK, folder=inside, allow_outside=True).joints
    assert problems(text, inside) == [
        "breakeven.yaml:8:68: candidates.prompt.quality.eval: '../outside.csv' leads out of the study's folder\n"
        "    move the file inside, or open the study with --allow-outside"
    ]


def test_draws_and_profiles_stay_inside_too(inside: Path) -> None:
    draws = SMALLEST.replace("volume: 10K/day", "volume: {draws: ../outside.csv}")
    assert ": workload.volume.draws: '../outside.csv' leads out" in problems(draws, inside)[0]
    profile = SMALLEST.replace("  task: ner", "  task: ner\n  profile: /etc/passwd")
    assert ": workload.profile: '/etc/passwd' leads out" in problems(profile, inside)[0]


@pytest.mark.parametrize("name", ["missing.csv", ".", "a.csv/b.csv"])
def test_what_is_not_a_file_is_refused(inside: Path, name: str) -> None:
    assert said(inside, name) == f"{name!r} is not a file in the study's folder"


@pytest.mark.parametrize("name", ["a\0.csv", "a/" * 4000])
def test_a_name_that_no_system_knows_is_refused(inside: Path, name: str) -> None:
    assert "can not be opened" in said(inside, name) or "is not a file" in said(inside, name)


def test_a_loop_of_links_is_refused(inside: Path) -> None:
    (inside / "one").symlink_to("two")
    (inside / "two").symlink_to("one")
    assert said(inside, "one").startswith("'one' ")


def test_a_pipe_is_not_waited_for(inside: Path) -> None:
    os.mkfifo(inside / "pipe")
    assert said(inside, "pipe") == "'pipe' is not a file in the study's folder"


def test_what_is_not_text_is_refused(inside: Path) -> None:
    (inside / "image.csv").write_bytes(b"\x89PNG\xff")
    with pytest.raises(MisreadError, match=r"'image\.csv' can not be read as UTF-8 text"):
        Folder(root=inside).read("image.csv")


def test_a_study_that_came_as_text_names_no_file() -> None:
    assert said(None, "a.csv") == "a study without a folder can name no file"
