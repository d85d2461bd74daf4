"""Equal work is done once, and work that nobody waits for any more ends or never starts."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from breakeven.advice.decide import decide
from breakeven.cli.desk import desk
from breakeven.web import whatif as whatif_module
from breakeven.web.serving import Served
from breakeven.web.sharing import Shared
from tests.web.conftest import Seen, copied, setting
from tests.web.test_routes import SEEN

# ------------------------------------------------------------------------------------------------- by itself


def run(work: Any) -> None:
    """In a thread of its own: a browser's driver keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(work, 20)).result()


class Work:
    """Work that takes as long as it is told to, and notes what becomes of it."""

    def __init__(self) -> None:
        self.begun = self.ended = self.given_up = 0
        self.go = asyncio.Event()

    async def __call__(self, given_up: threading.Event) -> int:
        self.begun += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            assert given_up.is_set()
            self.given_up += 1
            raise
        self.ended += 1
        return self.ended


def test_who_asks_the_same_meanwhile_waits_for_the_same() -> None:
    async def ask() -> None:
        shared: Shared[int] = Shared(most=10)
        work = Work()
        askers = [asyncio.create_task(shared.get("a", work)) for _ in range(50)]
        await asyncio.sleep(0)
        work.go.set()
        assert await asyncio.gather(*askers) == [1] * 50
        assert work.begun == 1
        assert await shared.get("a", work) == 1  # and later, too
        assert work.begun == 1
        shared.forget()
        assert await shared.get("a", work) == 2

    run(ask())


def test_it_ends_when_the_last_has_left_and_not_before() -> None:
    async def ask() -> None:
        shared: Shared[int] = Shared(most=10)
        work = Work()
        one, two = (asyncio.create_task(shared.get("a", work)) for _ in range(2))
        await asyncio.sleep(0.01)
        one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        assert (work.given_up, shared.under_way) == (0, 1)
        two.cancel()
        await asyncio.gather(two, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert (work.begun, work.given_up, shared.under_way) == (1, 1, 0)
        work.go.set()
        assert await shared.get("a", work) == 1  # who asks anew is answered anew

    run(ask())


def test_an_error_reaches_all_and_is_not_kept() -> None:
    async def ask() -> None:
        shared: Shared[int] = Shared(most=10)

        async def fail(_: threading.Event) -> int:
            await asyncio.sleep(0)
            raise ValueError("no")

        found = await asyncio.gather(*(shared.get("a", fail) for _ in range(3)), return_exceptions=True)
        assert [str(error) for error in found] == ["no"] * 3

        async def succeed(_: threading.Event) -> int:
            return 7

        assert await shared.get("a", succeed) == 7

    run(ask())


def test_the_oldest_goes_first_where_room_ends_and_what_is_too_large_is_not_kept() -> None:
    async def ask() -> None:
        shared: Shared[str] = Shared(most=10, size=len, keeps=lambda made: made != "no")

        async def make(text: str) -> str:
            return await shared.get(text, lambda _: asyncio.sleep(0, text))

        for text in ("aaaa", "bbbb", "aaaa", "cccc", "d" * 11, "no"):
            await make(text)
        assert [text for text in ("aaaa", "bbbb", "cccc", "d" * 11, "no") if shared.known(text)] == [
            "aaaa",
            "cccc",
        ]

    run(ask())


def test_what_was_begun_before_a_file_changed_is_not_kept_for_later() -> None:
    async def ask() -> None:
        shared: Shared[int] = Shared(most=10)
        work = Work()
        early = asyncio.create_task(shared.get("a", work))
        await asyncio.sleep(0.01)
        shared.forget()
        work.go.set()
        assert await early == 1
        assert shared.known("a") is None

    run(ask())


# ------------------------------------------------------------------------------- the page, with real requests


class Slow:
    """Stands in for ``decide``: it takes a minute, looking every moment whether it is to go on."""

    def __init__(self, decide: Callable[..., Any]) -> None:
        self.decide = decide
        self.begun = self.given_up = self.done = 0
        self.slow = threading.Event()

    def has_begun(self, times: int) -> bool:
        return self.begun == times

    def __call__(self, study: Any, *, between: Callable[[], None], **options: Any) -> Any:
        self.begun += 1
        ends = time.monotonic() + 60
        try:
            while self.slow.is_set() and time.monotonic() < ends:
                between()
                time.sleep(0.005)
        except BaseException:
            self.given_up += 1
            raise
        self.done += 1
        return self.decide(study, between=between, **options)


@contextmanager
def page_of(folder: Path) -> Iterator[tuple[int, Served]]:
    """(port, what it serves) of a page of its own."""
    import socket

    uvicorn = pytest.importorskip("uvicorn", reason="the page needs the extra `web`")
    from breakeven.web.app import create_app

    app = create_app(folder / "breakeven.yaml", setting(folder, draws=300), desk=desk())
    opened = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield opened.getsockname()[1], app.state.served
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        opened.close()


def until(holds: Callable[[], object]) -> None:
    """Wait for it, within reason."""
    ends = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.005)


def asked(port: int, volume: str) -> http.client.HTTPConnection:
    """A full decision asked for, on a connection that is still open."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = {"seen": SEEN, "changes": [["workload.volume", volume]], "full": True}
    connection.request("POST", "/look", json.dumps(body), {"Content-Type": "application/json"})
    return connection


def answer_of(connection: http.client.HTTPConnection) -> Any:
    """What came, and the connection is closed."""
    with closing(connection):
        return json.loads(connection.getresponse().read())


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow(decide)
    monkeypatch.setattr(whatif_module, "decide", made)
    return made


def test_a_browser_that_leaves_ends_its_decision_and_those_in_line(tmp_path: Path, slow: Slow) -> None:
    with page_of(copied(tmp_path)) as (port, its):
        slow.slow.set()
        first = asked(port, "1M calls/month")
        until(lambda: slow.begun == 1)
        others = [asked(port, f"{k}M calls/month") for k in (2, 3, 4)]
        until(lambda: its.under_way == 4)
        for connection in (*others, first):
            connection.close()
        until(lambda: its.under_way == 0 and slow.given_up == 1)
        slow.slow.clear()
        assert answer_of(asked(port, "5M calls/month"))["parts"]
        assert (slow.begun, slow.given_up, slow.done) == (2, 1, 1)  # those in line never began


def test_who_asks_the_same_is_not_left_alone_by_who_leaves(tmp_path: Path, slow: Slow) -> None:
    with page_of(copied(tmp_path)) as (port, its):
        slow.slow.set()
        leaves, stays = asked(port, "1M calls/month"), asked(port, "1M calls/month")
        until(lambda: slow.begun == 1)
        leaves.close()
        time.sleep(0.2)
        assert its.under_way == 1
        slow.slow.clear()
        assert answer_of(stays)["parts"]
        assert (slow.begun, slow.given_up) == (1, 0)


def test_a_slider_that_moves_on_ends_the_decision_before(tmp_path: Path, slow: Slow, tab: Seen) -> None:
    with page_of(copied(tmp_path)) as (port, its):
        tab.open(f"http://127.0.0.1:{port}")
        tab.settle()
        slow.slow.set()
        for k, stop in enumerate((70, 60, 50), start=2):
            tab.move("workload.volume", stop)
            until(partial(slow.has_begun, k))
        until(lambda: slow.given_up == 2)
        slow.slow.clear()
        tab.settle()
        assert (slow.begun, slow.given_up, its.under_way) == (4, 2, 0)
