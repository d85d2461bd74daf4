"""The decision page in a browser: what a person sees, moves, unfolds, saves and takes away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.web.conftest import Seen

Serve = Callable[[Path], str]


def test_it_opens_on_the_decision(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    assert tab.page.title() == "Ticket routing – Breakeven"
    assert tab.text("#part-answer .headline")
    assert tab.page.locator("#part-fan svg.chart").count() == 2  # for wide and for narrow pages
    assert tab.page.locator("#part-candidates tbody tr").count() == 2
    assert tab.page.locator("#part-flips, #part-buy").count() == 2
    assert "prompt" in tab.text('.control[data-name="candidates.prompt.quality"]')


def test_without_scripts_it_still_is_the_decision(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.locator("#part-answer .headline").inner_text()
    page.locator("#part-candidates td[data-label^=Cost] a.num").first.click()
    assert "/unfold?figure=" in page.url
    assert page.locator(".unfolded .formula").count() > 0
    page.goto(address)
    page.locator('#part-buy a[data-figure="buy.0.value"]').click()
    assert "net value" in page.inner_text(".unfolded")
    context.close()


def test_a_slider_redraws_chart_and_table_and_undo_brings_them_back(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    before = tab.page.locator("#part-fan").inner_html(), tab.text("#part-candidates")
    tab.move("workload.volume", 80)  # 4M calls a month
    tab.settle()
    assert tab.page.locator("#part-fan").inner_html() != before[0]
    assert (
        tab.page.evaluate("performance.getEntriesByName('slider-to-chart').length") > 0
    )  # it followed at once
    assert tab.text("#part-candidates") != before[1]
    assert "#e=workload.volume:4M%20calls%2Fmonth" in tab.page.url
    tab.page.click("#undo")
    tab.settle()
    assert tab.page.locator("#part-fan").inner_html() == before[0]
    assert tab.page.locator("#undo").is_disabled()
    tab.page.click("#redo")
    tab.settle()
    assert "4M" in tab.page.input_value('.control[data-name="workload.volume"] .field')


def test_moves_never_pile_up(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    tab.requests.clear()
    tab.page.locator('.control[data-name="workload.volume"] input[type=range]').evaluate(
        "(e) => { for (let k = 20; k < 60; k++)"
        " { e.value = k; e.dispatchEvent(new Event('input', {bubbles: true})); } }"
    )
    tab.settle()
    looks = [url for url in tab.requests if url.endswith("/look")]
    assert len(looks) <= 3  # the one under way, the newest, and the full decision: not forty
    assert tab.page.input_value('.control[data-name="workload.volume"] .field') == "1.19M calls/month"
    # A decade each way in 80 steps: stop 59 is 40K·10^(2·59/80) = 40K·29.85.


def test_an_address_with_changes_opens_on_them(address: str, tab: Seen) -> None:
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    assert tab.page.input_value('.control[data-name="workload.volume"] .field') == "4M calls/month"
    assert tab.page.locator("#save").is_enabled()


def test_what_can_not_be_read_is_said_at_its_field(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    field = tab.page.locator('.control[data-name="workload.volume"] .field')
    field.fill("400K")
    field.press("Enter")
    tab.page.wait_for_selector("main[data-state=refused]")
    assert "400K calls/month or 400K calls/day" in tab.text('.control[data-name="workload.volume"] .wrong')
    assert field.get_attribute("aria-invalid") == "true"
    field.fill("10K/day")
    field.press("Enter")
    tab.settle()
    assert field.get_attribute("aria-invalid") is None


def test_every_figure_unfolds_to_its_formula_and_sources(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    tab.page.locator('#part-candidates td a[data-figure="candidates.tuned.cost_usd"]').click()
    tab.page.wait_for_selector("#panel[open] .tree")
    assert "Input tokens" in tab.text("#panel")
    tab.page.locator("#panel summary").first.click()
    assert "quoted" in tab.text("#panel")  # a price list
    tab.page.keyboard.press("Escape")
    assert not tab.page.locator("#panel").is_visible()
    tab.page.locator('#part-candidates a[data-figure="candidates.tuned.p_best"]').click()
    tab.page.wait_for_selector("#panel[open] .inwords")
    assert "Share of draws" in tab.text("#panel")
    tab.page.locator('#panel .made a[data-figure="candidates.tuned.net_benefit_vs_today_usd"]').click()
    tab.page.wait_for_selector("#panel-back:visible")  # made of other figures, which unfold in their turn
    assert "Net benefit of tuned" in tab.text("#panel-title")
    tab.page.click("#panel-back")
    tab.page.wait_for_selector('#panel-title:text("tuned is best")')


def test_two_scenarios_stand_side_by_side(address: str, tab: Seen) -> None:
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    tab.page.click("#compare")
    tab.page.wait_for_selector("#compared .sides")
    assert tab.page.locator("#compared .side svg.chart").count() == 4  # two kinds, each on both sides
    assert "400K calls/month → 4M calls/month" in " ".join(tab.text("#compared .changes").split())
    tab.page.click("#compare-close")
    assert not tab.page.locator("#compared").is_visible()


_AXES = """(side) => [...document.querySelectorAll(`#compared .side[data-side=${side}] svg.chart`)].map((svg) =>
  [...svg.querySelectorAll('text.tick')].map((t) => [t.textContent, t.getAttribute('x'), t.getAttribute('y')]))"""
_COLOURS = """(side) => Object.fromEntries(
  [...document.querySelectorAll(`#compared .side[data-side=${side}] .side-chart:first-of-type svg.chart g`)]
  .filter((g) => g.querySelector('.line')).map((g) => [g.getAttribute('class'), getComputedStyle(g).color]))"""


def test_both_scenarios_are_drawn_on_the_same_scales(address: str, tab: Seen) -> None:
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")  # ten times the volume: ten times the cost
    tab.settle()
    tab.page.click("#compare")
    tab.page.wait_for_selector("#compared .sides")
    saved, edited = tab.page.evaluate(_AXES, "A"), tab.page.evaluate(_AXES, "B")
    assert len(saved) == 2
    assert all(len(ticks) >= 3 for ticks in saved)
    assert saved == edited  # the same labels at the same places
    assert tab.page.evaluate(_COLOURS, "A") == tab.page.evaluate(_COLOURS, "B") != {}


def test_what_differs_between_two_scenarios_is_marked_and_unfolds(address: str, tab: Seen) -> None:
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    tab.page.click("#compare")
    tab.page.wait_for_selector("#compared .sides")
    cost = 'a[data-figure="difference.candidates.tuned.cost_usd"]'
    assert tab.text(cost).startswith("+$")
    row = tab.page.locator("#compared tr").filter(has=tab.page.locator(cost))
    assert "differs" in str(row.get_attribute("class"))
    quality = tab.page.locator("#compared tr.same").filter(has_text="Quality").first
    assert "same" in quality.inner_text()
    assert "differs" not in str(quality.get_attribute("class"))
    tab.page.click(cost)
    tab.page.wait_for_selector("#panel[open]")
    assert "400K calls/month → 4M calls/month" in tab.text("#panel .sources li:first-child")
    tab.page.click('#panel .made a[data-side="A"]')
    tab.page.wait_for_selector("#panel-back:visible")
    assert "400K calls/month" in tab.text("#panel")  # the saved scenario's own arithmetic
    assert "4M calls/month" not in tab.text("#panel")


def test_saving_shows_the_lines_and_keeps_the_rest(serve: Serve, study: Path, tab: Seen) -> None:
    file = study / "breakeven.yaml"
    before = file.read_text("utf-8")
    tab.open(serve(study) + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    tab.page.click("#save")
    tab.page.wait_for_selector("#panel[open] .difference")
    assert file.read_text("utf-8") == before
    tab.page.click("#panel .primary")
    tab.page.wait_for_url(lambda url: "#" not in url)
    tab.settle()
    after = file.read_text("utf-8")
    assert after == before.replace("volume: 400K calls/month", "volume: 4M calls/month")


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(
    serve: Serve, study: Path, browser: Any
) -> None:
    context = browser.new_context()
    page = context.new_page()  # a tab of its own: the refusal is a failed request, which a console notes
    page.goto(serve(study) + "/#e=workload.volume:4M%20calls%2Fmonth")
    page.wait_for_selector("main[data-state=settled]")
    file = study / "breakeven.yaml"
    file.write_text("# by hand\n" + file.read_text("utf-8"), "utf-8")
    page.click("#save")
    page.wait_for_selector("#problems li")
    assert "changed on disk" in page.inner_text("#problems")
    assert file.read_text("utf-8").startswith("# by hand\n")
    context.close()


def test_the_decision_is_taken_away_as_a_file(address: str, tab: Seen) -> None:
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    with tab.page.expect_download() as waited:
        tab.page.click('a[href^="/export/json"]')
    assert waited.value.suggested_filename == "ticket-routing.json"
    found = json.loads(Path(waited.value.path()).read_text("utf-8"))
    [volume] = [a for a in found["assumptions"] if a["input"] == "workload.volume"]
    assert volume["value"] == "4M calls/month"


HOSTILE = "<img src=x onerror=alert(1)>'\"{{7*7}}"


def test_a_hostile_study_stays_text(serve: Serve, study: Path, tab: Seen) -> None:
    file = study / "breakeven.yaml"
    text = file.read_text("utf-8").replace("name: Ticket routing", f"name: {json.dumps(HOSTILE)}")
    price = f"{{value: $0.10..$0.40, source: guess, reference: {json.dumps(HOSTILE)}}}"
    file.write_text(text.replace("cost: $0.10..$0.40", f"cost: {price}"), "utf-8")
    tab.page.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
    tab.open(serve(study))
    tab.settle()
    assert tab.text("h1") == HOSTILE
    tab.move("workload.volume", 70)
    tab.settle()
    tab.page.click("#more > summary")
    assert HOSTILE in tab.text("#part-more")
    tab.page.locator('#inputs [data-figure="workload.errors.cost"]').click()
    tab.page.wait_for_selector("#panel[open]")
    assert HOSTILE in tab.text("#panel")
    assert tab.page.locator("main img").count() == 0
    assert tab.page.locator("#panel img").count() == 0


def test_inputs_are_found_by_words(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    tab.page.click("#all-inputs > summary")
    tab.page.fill("#search", "price output")
    shown = tab.page.locator("#all-inputs .control:visible").all_inner_texts()
    assert shown
    assert all("output" in text.lower() for text in shown)
