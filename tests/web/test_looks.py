"""What pages look like where names are long, pages small, or figures many; and the audit of claims at a glance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from breakeven.report.html import to_html
from tests.report import sample
from tests.web.conftest import Seen
from tests.web.test_access import serious

Serve = Callable[[Path], str]

LONG = "Ünbröken" + "x" * 80 + " 🧾 مرحبا بالعالم <b>bold</b> " + "W" * 70
WHO = "a_candidate_with_a_name_of_nearly_sixty_letters_in_one_word"


def runs_off(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@pytest.mark.parametrize("width", [390, 1440])
def test_long_names_stay_on_the_page(serve: Serve, study: Path, tab: Seen, width: int) -> None:
    file = study / "breakeven.yaml"
    text = file.read_text("utf-8").replace(
        "name: Ticket routing", f"name: {json.dumps(LONG, ensure_ascii=False)}"
    )
    file.write_text(text.replace("  tuned:\n", f"  {WHO}:\n"), "utf-8")
    tab.page.set_viewport_size({"width": width, "height": 844})
    tab.open(serve(study))
    tab.settle()
    assert tab.text("h1") == LONG
    assert not runs_off(tab.page)
    beyond = tab.page.evaluate(
        "[...document.querySelectorAll('.facts dd, .facts small, .key li')]"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).map((e) => e.textContent)"
    )
    assert beyond == []


def test_what_unfolds_stays_on_a_telephone(address: str, tab: Seen) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/evidence", "/claims"):
        tab.open(address + path)
        tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert not runs_off(tab.page)


def test_a_report_can_be_scrolled_by_the_keyboard(tab: Seen) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.page.set_content(to_html(sample.rich()))
    tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert serious(tab.page) == []
    assert not runs_off(tab.page)


def test_a_claim_says_at_a_glance_what_is_printed_and_what_is_right(address: str, tab: Seen) -> None:
    tab.open(address + "/claims")
    assert "2 fail, ✓ 10 hold" in tab.text(".documents li:nth-child(1)")
    claim = tab.page.locator("[id='001-e.1'] summary").inner_text()
    for words in (
        "✗ fails",
        "Break-even at 50K requests a month.",
        "292 days",
        "291.7 months",
        "months read as days",
    ):
        assert words in claim
    tab.page.locator("[id='001-e.1'] summary").press("Enter")
    assert tab.text("[id='001-e.1'] .arithmetic").strip().endswith("= 291.7 months")


def test_claims_are_chosen_by_their_verdict(address: str, tab: Seen) -> None:
    tab.open(address + "/claims?only=underdetermined")
    assert set(tab.page.locator(".claim .verdict-mark").all_inner_texts()) == {"? can not be told"}
    assert tab.page.locator(".documents li").count() == 5  # all of them, with their tallies
    assert "Not given" in tab.text(".claim >> nth=0")
    tab.page.click(".documents li:nth-child(3) a")  # none of its claims is shown: then all are
    tab.page.wait_for_url("**/claims#document-002")
    assert tab.page.locator(".claim").count() > 50


def test_a_study_that_can_not_be_opened_says_where(serve: Serve, study: Path, browser: Any) -> None:
    file = study / "breakeven.yaml"
    file.write_text(file.read_text("utf-8").replace("400K calls/month", "400K"), "utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()  # a tab of its own: the page is a refusal, which a console notes
    page.goto(serve(study))
    assert "has no unit" in page.inner_text(".slips li")
    assert "workload.volume" in page.inner_text(".slips li")
    assert not runs_off(page)
    assert serious(page) == []
    context.close()
