"""The pictures of the documentation are current, and so are the made-up scores of an example."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bench import calibration_page
from tests import docs_runner
from tools import draw_pictures, make_example_evals, photograph_page
from tools.draw_pictures import PICTURES, Picture, is_current, picture

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("its", PICTURES, ids=lambda its: its.path.stem)
def test_a_picture_is_what_the_program_draws(its: Picture) -> None:
    assert is_current(its.path, picture(its)), "draw it again: python -m tools.draw_pictures"


@pytest.mark.parametrize("its", PICTURES, ids=lambda its: its.path.stem)
def test_a_picture_stands_alone_and_runs_nothing(its: Picture) -> None:
    text = its.path.read_text("utf-8")
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"<script|\son\w+=|href=|url\(|@import", text)
    names = set(re.findall(r"var\((--[\w-]+)\)", text))
    undefined = {name for name in names if f"{name}:" not in text}
    assert undefined == set()
    assert "prefers-color-scheme:dark" in text


@pytest.mark.parametrize("its", PICTURES, ids=lambda its: its.path.stem)
def test_a_picture_says_in_words_what_there_is_to_see(its: Picture) -> None:
    space = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(its.path.read_text("utf-8"))
    [description] = root.iter(f"{space}desc")
    assert len(description.text or "") > 40


def test_every_picture_is_shown_and_no_other_lies_about() -> None:
    shown = {
        (page.parent / path).resolve()
        for page in docs_runner.pages(ROOT)
        for path in re.findall(r'(?:!\[[^\]]+\]\(|src(?:set)?=")([^)"]+)', page.read_text("utf-8"))
    }
    drawn = (
        {its.path for its in PICTURES} | {calibration_page.PICTURE} | set(photograph_page.PICTURES.values())
    )
    assert shown == drawn
    assert set(draw_pictures.FOLDER.iterdir()) == drawn


def test_a_changed_picture_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text('<text x="10.4">$95K</text>')
    assert is_current(path, '<text x="10.5">$95K</text>')  # another processor rounds otherwise
    assert not is_current(path, '<text x="11">$95K</text>')
    assert not is_current(path, '<text x="10.4">$96K</text>')
    assert not is_current(path, '<text x="10.4">$95M</text>')
    assert not is_current(tmp_path / "absent.svg", "")


def test_the_scores_of_the_example_are_what_their_tool_writes() -> None:
    for path, text in make_example_evals.wanted().items():
        assert path.read_text("utf-8") == text, "write them again: python -m tools.make_example_evals"
