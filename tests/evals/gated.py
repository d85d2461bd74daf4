"""A server that answers as many requests as it is let, so that a kill falls where the test wants it at any speed."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from breakeven.providers import ChatRequest, EmbeddingRequest, FakeProvider, FakeServer
from breakeven.providers.fake import FaultKind
from breakeven.providers.fake_server import read_answers
from tests.evals.killing import command

PATIENCE_S = 300.0
"""After which a test gives up; nothing depends on how long a machine takes below that."""


class GatedServer(FakeServer):
    """The shipped fake server; what exceeds ``let`` is held until more is let through."""

    let: float = 0
    given: int = 0
    """Requests that were let through."""

    async def _met(self, asked: ChatRequest | EmbeddingRequest, key: str) -> FaultKind | None:
        fault = await super()._met(asked, key)
        while self.given >= self.let:
            await asyncio.sleep(0.002)
        self.given += 1
        return fault


@contextmanager
def gated_server(cases: Path) -> Iterator[GatedServer]:
    """A gated server in a thread of this process; it lets nothing through yet."""
    server = GatedServer(FakeProvider(read_answers(cases)))
    listening, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with server:
            listening.set()
            while not over.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert listening.wait(PATIENCE_S)
        yield server
    finally:
        server.let = float("inf")
        over.set()
        thread.join()


def until(what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for a condition that comes while a process runs, however slow it is."""
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def killed_after(folder: Path, server: GatedServer, *, more: int, at: int) -> None:
    """Let ``more`` requests through to the command, and SIGKILL it when ``at`` of them have been."""
    assert at <= more
    before = server.given
    server.let = before + more
    process = subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: server.given >= before + at, process)
    process.kill()
    process.communicate()
