"""What notebooks ask a decision for."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from pathlib import Path

import breakeven
from breakeven.report.html import to_html
from breakeven.report.notebook import to_bundle, to_frame
from breakeven.report.terminal import to_text
from tests.report import sample

STUDY = Path(__file__).resolve().parents[2] / "examples/support-chatbot"


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_a_decision_from_the_front_door_shows_itself() -> None:
    study = breakeven.open_study(STUDY, today=dt.date(2026, 11, 22))
    decision = breakeven.decide(study, draws=50)
    bundle = decision._repr_mimebundle_(include=None, exclude=None)  # type: ignore[attr-defined]
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/html"] == decision._repr_html_()  # type: ignore[attr-defined]
    assert decision.recommendation.headline[:30] in bundle["text/plain"]


def test_the_page_stays_in_a_frame_that_runs_nothing() -> None:
    decision = sample.hostile()
    tags = Tags(to_frame(decision)).found
    assert [tag for tag, _ in tags] == ["iframe"]
    attributes = tags[0][1]
    assert attributes["sandbox"] == ""
    page = attributes["srcdoc"] or ""
    inside = Tags(page).found
    names = {tag for tag, _ in inside}
    assert "script" not in names
    assert "nav" not in names
    assert not any("href" in attrs for _, attrs in inside)
    answer = to_html(decision).partition('<section id="answer"')[2]
    assert answer in page


def test_programs_that_show_text_get_the_terminals_page() -> None:
    decision = sample.rich()
    assert to_bundle(decision)["text/plain"] == to_text(decision)
