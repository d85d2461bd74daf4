"""A page that is served, and a browser to look at it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from breakeven.cli.desk import desk
from breakeven.prices import current_book
from breakeven.web.whatif import Setting, WhatIf

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 22)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = os.environ.get("BREAKEVEN_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def setting(folder: Path, draws: int = 1500) -> Setting:
    """How a study in this folder is opened, with few draws: tests look at what happens, not at the figures."""
    return Setting(
        folder=folder, today=TODAY, book=current_book(), prices_as_of="2026-11-22, a test", draws=draws
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A copy of an example with three candidates and paired evidence beside it."""
    return copied(tmp_path)


def copied(folder: Path) -> Path:
    """The example, to be changed."""
    made = folder / "routing"
    shutil.copytree(ROOT / "examples" / "with-evals", made, ignore=shutil.ignore_patterns("report.html"))
    return made


@pytest.fixture
def whatif(study: Path) -> WhatIf:
    """What computes the study."""
    return WhatIf(setting=setting(study))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address at which the page of this folder is served."""
    pytest.importorskip("fastapi", reason="the page needs the extra `web`")
    uvicorn = pytest.importorskip("uvicorn", reason="the page needs the extra `web`")
    from breakeven.web.app import create_app

    app = create_app(folder / "breakeven.yaml", setting(folder, draws=400), desk=desk())
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        opened.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """A function from a study's folder to the address at which its page is served."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(serving(folder))


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One page for all tests that only look: what it computed is kept from one to the next."""
    folder = copied(tmp_path_factory.mktemp("looked-at"))
    with serving(folder) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    if not Path(CHROMIUM).exists():
        pytest.skip("browser tests need Chromium: set BREAKEVEN_TEST_CHROMIUM to its path")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


class Seen:
    """A tab, and what it asked for and complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on(
            "console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address: str) -> None:
        """Go there, and wait until the script has taken over."""
        self.page.goto(address)

    def settle(self) -> None:
        """Wait for the full decision."""
        self.page.wait_for_selector("main[data-state=settled]")

    def move(self, name: str, stop: int) -> None:
        """Drag an input's slider to a stop and let go."""
        slider = self.page.locator(f'.control[data-name="{name}"] input[type=range]')
        slider.evaluate(
            "(e, stop) => { e.value = stop; e.dispatchEvent(new Event('input', {bubbles: true}));"
            " e.dispatchEvent(new Event('change', {bubbles: true})); }",
            stop,
        )

    def text(self, selector: str) -> str:
        """What stands there."""
        return str(self.page.locator(selector).inner_text())


@pytest.fixture
def tab(browser: Any) -> Iterator[Seen]:
    """A new tab that saw only this machine and had nothing to complain of."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    seen = Seen(context.new_page())
    yield seen
    context.close()
    assert [url for url in seen.requests if not url.startswith(("http://127.0.0.1:", "blob:", "data:"))] == []
    assert seen.complaints == []
