"""Processes that compute for the server, and the line in front of them.

A server's event loop must stay free, and a job that runs too long must be ended, which no thread can be. So jobs run in
a few processes of their own; one that takes too long, or takes its process down, is answered, and a new process starts.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from breakeven.errors import BreakevenError
from breakeven.threads import ONE_THREAD

__all__ = ["Answer", "BusyError", "Pool", "TooLongError", "named"]

_log = logging.getLogger("breakeven.web")

_KEPT: Final = (
    "HOME",
    "LANG",
    "LOCALAPPDATA",
    "LOGNAME",
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
)
"""Variables of the environment that a worker gets, besides those of ``LC_``, ``XDG_`` and Java."""
_KEPT_BEGINNINGS: Final = ("LC_", "XDG_", "JAVA_")


class BusyError(BreakevenError):
    """The line is full; come back in ``retry_s`` seconds."""

    def __init__(self, waiting: int, retry_s: int) -> None:
        self.retry_s = retry_s
        super().__init__(f"{waiting} requests are waiting already; try again in {retry_s} s")


class TooLongError(BreakevenError):
    """A job was ended at its time limit."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a job gave: ``done`` with JSON, ``refused`` with problems, or ``fault``: ours."""

    status: Literal["done", "refused", "fault"]
    body: bytes


def named(function: Callable[..., object]) -> str:
    """``module:function``, by which another process imports it."""
    return f"{function.__module__}:{function.__qualname__}"


class Pool:
    """``workers`` processes, and room for ``waiting`` jobs in line. Processes start with the first jobs."""

    def __init__(self, *, workers: int, waiting: int, work_s: float) -> None:
        self.workers = workers
        self.waiting = waiting
        self.work_s = work_s
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="breakeven-web")
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()  # the last one used has most loaded already
        for _ in range(workers):
            self._idle.put(_Worker())
        self._lock = threading.Lock()
        self._taken = 0
        self._mean_s = 1.0
        self._under_way: set[threading.Event] = set()
        self._closing = False
        self.done = 0
        """Jobs that came to their end."""
        self.in_work = 0
        """Jobs that a worker computes now."""

    @property
    def in_line(self) -> int:
        """Jobs that wait for a worker."""
        return max(0, self._taken - self.workers)

    async def run(
        self, function: Callable[..., object], arguments: Mapping[str, Any], folder: Path
    ) -> Answer:
        """The function's answer, computed in ``folder``. A caller that is cancelled ends the job.

        Raises BusyError where the line is full, TooLongError at the time limit.
        """
        with self._lock:
            if self._taken >= self.workers + self.waiting:
                raise BusyError(self.in_line, self._retry_s())
            self._taken += 1
        job = {"function": named(function), "arguments": dict(arguments), "folder": str(folder)}
        future, given_up = self._begin(job)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:  # who asked has left
            if not future.cancel():
                given_up.set()
                await asyncio.to_thread(wait, [future])
            raise

    def _begin(self, job: dict[str, Any]) -> tuple[Future[Answer], threading.Event]:
        given_up = threading.Event()

        def leave(_: object) -> None:
            with self._lock:
                self._taken -= 1
                self._under_way.discard(given_up)

        future = self._threads.submit(self._do, job, given_up)
        with self._lock:
            self._under_way.add(given_up)
        future.add_done_callback(leave)
        return future, given_up

    def _retry_s(self) -> int:
        return max(1, round(self._mean_s * self.waiting / self.workers / 2))

    def _do(self, job: dict[str, Any], given_up: threading.Event) -> Answer:
        worker = self._idle.get()
        begun = time.monotonic()
        self._count(in_work=1)
        try:
            answer = worker.ask(job, self.work_s, given_up)
            self._count(done=int(answer.status != "fault"))
            return answer
        finally:
            self._count(in_work=-1)
            self._mean_s = 0.9 * self._mean_s + 0.1 * (time.monotonic() - begun)
            if given_up.is_set() and not self._closing:
                worker.start()  # its process was ended: the next one loads while nobody waits for it yet
            self._idle.put(worker)

    def _count(self, *, done: int = 0, in_work: int = 0) -> None:
        with self._lock:
            self.done += done
            self.in_work += in_work

    def close(self) -> None:
        """End the processes; a job that is under way is ended with them."""
        self._closing = True
        with self._lock:
            for given_up in self._under_way:
                given_up.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().stop()


class _Worker:
    """One process, started when it is first needed and again after it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "breakeven.web.api.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env=_environment(),
            )  # fmt: skip
        return self._process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._process = None

    def ask(self, job: dict[str, Any], limit_s: float, given_up: threading.Event) -> Answer:
        process, late, done = self.start(), threading.Event(), threading.Event()
        watch = threading.Thread(target=_watch, args=(process, limit_s, late, done, given_up), daemon=True)
        watch.start()
        try:
            return _exchanged(process, job)
        except (OSError, ValueError) as exc:
            self.stop()
            if late.is_set():
                raise TooLongError(f"this takes longer than {limit_s:g} s of computing") from exc
            if not given_up.is_set():
                _log.error("a worker ended during %s", job["function"])
            return Answer(status="fault", body=b"{}")
        finally:
            done.set()
            watch.join()


_LOOK_S: Final = 0.05
"""How often is looked whether somebody still waits for a job."""


def _watch(
    process: subprocess.Popen[bytes],
    limit_s: float,
    late: threading.Event,
    done: threading.Event,
    given_up: threading.Event,
) -> None:
    """End the process at the time limit, or when nobody waits for its answer any more."""
    ends = time.monotonic() + limit_s
    while not done.wait(_LOOK_S):
        if time.monotonic() >= ends:
            late.set()
        if late.is_set() or given_up.is_set():
            process.kill()
            return


def _exchanged(process: subprocess.Popen[bytes], job: dict[str, Any]) -> Answer:
    """The worker's answer; ValueError or OSError where it ended before it gave one."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    head = json.loads(process.stdout.readline())
    body = process.stdout.read(head["bytes"])
    if len(body) < head["bytes"]:
        raise ValueError("cut off")
    if head["status"] == "fault":
        _log.error("%s: %s", job["function"], json.loads(body)["where"])
    return Answer(status=head["status"], body=body)


def _environment() -> dict[str, str]:
    """Our environment without what is no worker's business: keys, passwords, tokens."""
    kept = {
        k: v for k, v in os.environ.items() if k.upper() in _KEPT or k.upper().startswith(_KEPT_BEGINNINGS)
    }
    # Absolute, so that nothing is ever imported from a request's folder, in which a job runs.
    path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)  # noqa: PTH100  an entry may be a zip
    return {**kept, **ONE_THREAD, "PYTHONPATH": path, "PYTHONUTF8": "1"}
