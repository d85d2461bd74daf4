"""The pages for everybody: axe-core finds nothing serious, the keyboard reaches all, nothing runs off a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Seen

Serve = Callable[[Path], str]


def serious(page: Any) -> list[str]:
    """What axe-core holds for serious or critical, with the first place of each."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(address: str, tab: Seen, scheme: str) -> None:
    tab.page.emulate_media(color_scheme=scheme)
    tab.open(address + "/#e=workload.volume:4M%20calls%2Fmonth")
    tab.settle()
    tab.page.click("#all-inputs > summary")
    tab.page.click("#more > summary")
    tab.page.click("#compare")
    tab.page.wait_for_selector("#compared .sides")
    found = serious(tab.page)
    tab.page.locator("#part-candidates a.num").first.click()
    tab.page.wait_for_selector("#panel[open]")
    found += serious(tab.page)
    for path in ("/evidence", "/claims?only=fails"):
        tab.open(address + path)
        found += serious(tab.page)
    assert found == []


def test_axe_finds_nothing_serious_at_the_start(serve: Serve, tmp_path: Path, tab: Seen) -> None:
    tab.open(serve(tmp_path / "new"))
    assert serious(tab.page) == []


def test_a_slider_moves_by_the_keyboard(address: str, tab: Seen) -> None:
    tab.open(address)
    tab.settle()
    slider = tab.page.locator('.control[data-name="workload.volume"] input[type=range]')
    slider.focus()
    tab.page.keyboard.press("ArrowRight")
    tab.settle()
    assert slider.get_attribute("aria-valuetext") == "424K calls/month"
    tab.page.keyboard.press("Control+z")
    tab.settle()
    assert slider.get_attribute("aria-valuetext") == "400K calls/month"


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_runs_off_the_side(address: str, tab: Seen, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 844})
    for path in ("/", "/evidence", "/claims"):
        tab.open(address + path)
        assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
