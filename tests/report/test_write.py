"""Files are written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import breakeven.report
from breakeven.errors import InputError
from breakeven.report.html import to_html
from breakeven.report.markdown import to_markdown
from breakeven.report.write import SUFFIXES, write, write_text
from tests.report import sample


def test_the_suffix_names_the_format(tmp_path: Path) -> None:
    decision = sample.rich()
    for suffix in SUFFIXES:
        assert write(decision, tmp_path / f"report{suffix}") == tmp_path / f"report{suffix}"
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "report.html").read_text("utf-8") == to_html(decision)
    assert (tmp_path / "report.md").read_text("utf-8") == to_markdown(decision)
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["study"] == "Loan documents"
    assert write(decision, tmp_path / "CAPITALS.HTML").exists()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("report.txt", "no report format is called '.txt'"),
        ("report", "the file has no suffix"),
    ],
)
def test_another_suffix_is_refused_with_the_known_ones(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        write(sample.bare(), tmp_path / name)
    assert says in str(caught.value)
    assert ".html, .pdf, .xlsx, .md or .json" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can not be written") as caught:
        write_text(tmp_path / "absent" / "report.md", "text")
    assert isinstance(caught.value.__cause__, OSError)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "half \ud800")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    write_text(target, "first and longer\n")
    write_text(target, "second\n")
    assert target.read_bytes() == b"second\n"
    assert list(tmp_path.iterdir()) == [target]


def test_the_front_of_the_room_leads_to_its_functions() -> None:
    assert breakeven.report.to_html is to_html
    assert breakeven.report.to_markdown is to_markdown
    with pytest.raises(AttributeError, match="no attribute 'to_pdf'"):
        breakeven.report.to_pdf  # type: ignore[attr-defined]  # noqa: B018
