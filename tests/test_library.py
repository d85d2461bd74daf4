"""What a program that uses the library relies on, beside what the documentation shows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import breakeven
from breakeven import COST_LINES, load_book, open_study, parse_study
from breakeven.errors import StudyError

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "examples/support-chatbot"
TEXT = (STUDY / "breakeven.yaml").read_text("utf-8")


def test_a_path_may_be_text() -> None:
    assert open_study(str(STUDY)) == open_study(STUDY)


def test_a_study_that_states_its_start_needs_no_clock() -> None:
    assert open_study(STUDY).start == dt.date(2026, 12, 1)


def test_one_that_does_not_asks_for_today_with_all_else_that_is_wrong() -> None:
    without = TEXT.replace("start: 2026-12\n", "")
    assert parse_study(without, today=dt.date(2027, 3, 31)).start == dt.date(2027, 4, 1)
    with pytest.raises(StudyError) as raised:
        parse_study(without.replace("kind: tuned", "kind: tunde"))
    assert [problem.field for problem in raised.value.problems] == ["start", "candidates.tuned.kind"]


@pytest.mark.parametrize(
    ("path", "named"),
    [("nowhere", "nowhere"), ("some/breakeven.yaml", "some"), ("breakeven.yaml", ".")],
)
def test_a_study_that_is_not_there_is_offered_where_it_was_looked_for(path: str, named: str) -> None:
    with pytest.raises(StudyError, match=f"`breakeven new {named}` writes one"):
        open_study(path)


def test_the_readme_counts_right() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"\n  {len(COST_LINES)} cost lines" in readme
    assert "some 3,300 models" in readme
    assert 3250 <= len(load_book().keys()) < 3350
    figures = breakeven.audit()
    assert sum(claim.verdict == "fails" for claim in figures) > len(figures) / 2  # "more than half fail"
