"""Photographs the page of ``breakeven ui`` for the documentation, in a light and a dark scheme: real pictures of it.

Run it after a change to the page's looks: ``python -m tools.photograph_page``. It needs Playwright and Chromium
(``tools/install_test_programs.sh``). Fonts differ from one machine to the next, so no test compares the pixels.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "docs/images"
STUDY: Final = ROOT / "examples/self-hosted"
CHANGES: Final = "#e=workload.volume:40M%20calls%2Fmonth"
"""One input is moved, so that the picture shows what the page is for."""
PICTURES: Final = {scheme: FOLDER / f"page-{scheme}.png" for scheme in ("light", "dark")}
SIZE: Final = {"width": 1280, "height": 1040}


@contextmanager
def served(study: Path) -> Iterator[str]:
    """The address at which the page of a study is served."""
    command = [sys.executable, "-m", "breakeven", "ui", str(study), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def photograph(browser: Any, address: str, scheme: str, path: Path) -> None:
    """The upper part of the decision page, as it stands once the whole decision is computed."""
    context = browser.new_context(viewport=SIZE, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address + CHANGES)
    page.wait_for_selector("main[data-state=settled]")
    page.screenshot(path=path)
    context.close()


def main() -> int:
    """Photograph both schemes."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("BREAKEVEN_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as driver, served(STUDY) as address:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme, path in PICTURES.items():
            photograph(browser, address, scheme, path)
            print(f"took {path.relative_to(ROOT)}, {path.stat().st_size / 1e3:.0f} KB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
