"""Fifty people at once: what each waits for an answer of the API, and whether anybody gets an error.

::

    python -m bench.web_load                 # minutes on a busy machine
    python -m bench.web_load --write         # and record it in docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import numpy as np

from bench.record import machine, table, write_section

STUDY = Path(__file__).resolve().parents[1] / "examples/loan-documents/breakeven.yaml"
LIGHT_PAUSE_S = 0.05


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=50, help="people who ask at once")
    parser.add_argument("--each", type=int, default=2, help="requests of each, one after the other")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--waiting", type=int, default=200, help=argparse.SUPPRESS)
    parser.add_argument("--alone", type=int, nargs=2, metavar=("DRAWS", "N"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone is not None:
        _decide_alone(*options.alone)
        return
    if options.serve is not None:
        _serve(options.serve, options.waiting)
        return
    said = machine()
    text = f"{said}. {options.users} clients, {options.each} requests each.\n\n{_measured(options.users, options.each)}"
    print(text)
    if options.write:
        write_section("bench.web_load", text)


@dataclass(kw_only=True)
class Load:
    """What was seen of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wall_s: float = 0.0
    retry_after: int = 0

    def row(self, name: str) -> list[str]:
        done = (
            [f"{np.quantile(self.seconds, q):.2f} s" for q in (0.5, 0.95, 1.0)] if self.seconds else ["–"] * 3
        )
        busy = self.statuses[503]
        errors = sum(self.statuses.values()) - self.statuses[200] - busy
        rate = f"{self.statuses[200] / self.wall_s:.1f}"
        return [name, f"{self.statuses[200]:,}", str(busy), str(errors), *done, rate]


def _measured(users: int, each: int) -> str:
    rows, rates = [], {}
    with _server(waiting=200) as address:
        asyncio.run(_many(address, users=2, each=2, draws=1_000))  # the processes start
        for draws in (2_000, 20_000):
            heavy, light = asyncio.run(_many(address, users=users, each=each, draws=draws))
            rates[draws] = heavy.statuses[200] / heavy.wall_s
            rows += [heavy.row(f"decide, {draws:,} draws"), light.row("health, meanwhile")]
        alike, _ = asyncio.run(_many(address, users=users, each=each, draws=2_000, seed=10**6))
        rows.append(alike.row("decide, 2,000 draws, all ask the same"))
    with _server(waiting=10) as address:
        asyncio.run(_many(address, users=2, each=2, draws=1_000))
        short, _ = asyncio.run(_many(address, users=users, each=1, draws=2_000))
        rows.append(short.row("decide, 2,000 draws, room for 10 in line"))
        assert short.retry_after == short.statuses[503]
    head = [
        "Request",
        "Answered",
        "Asked to come back",
        "Errors",
        "p50",
        "p95",
        "Longest",
        "Answers a second",
    ]
    return f"{table(head, rows)}\n\n{_floor(rates)}"


def _floor(rates: Mapping[int, float]) -> str:
    """The same decisions without a server, in a process for each core at once: no server answers faster than that."""
    rows, cores = [], os.cpu_count() or 1
    for draws, n in ((2_000, 12), (20_000, 5)):
        command = [sys.executable, "-m", "bench.web_load", "--alone", str(draws), str(n)]
        alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        processes = [
            subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=alone)
            for _ in range(cores)
        ]
        seconds = [float(process.communicate()[0]) for process in processes]
        most = sum(n / s for s in seconds)
        rows.append([f"{draws:,} draws", f"{most:.1f}", f"{rates[draws]:.1f}", f"{rates[draws] / most:.0%}"])
    return table([f"{cores} processes, no server", "Answers a second", "The server's", "Of the floor"], rows)


def _decide_alone(draws: int, n: int) -> None:
    """Print the seconds that ``n`` decisions take here."""
    from breakeven.advice.decide import decide
    from breakeven.cli.common import today
    from breakeven.report.as_json import to_json
    from breakeven.study import parse_study

    text = STUDY.read_text("utf-8")
    to_json(decide(parse_study(text, today=today()), draws=1_000, seed=n))
    start = time.perf_counter()
    for seed in range(n):
        to_json(decide(parse_study(text, today=today()), draws=draws, seed=seed))
    print(time.perf_counter() - start)


async def _many(
    address: str, *, users: int, each: int, draws: int, seed: int | None = None
) -> tuple[Load, Load]:
    """Everybody asks at once; one more client asks whether the server is well, all the while.

    seed: None gives every question a seed of its own, so that nothing is shared.
    """
    heavy, light = Load(), Load()
    study = STUDY.read_text("utf-8")
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=600)
    ) as session:
        watching = asyncio.create_task(_watch(session, address, light))
        start = time.perf_counter()
        asks = [
            [
                {"study": study, "draws": draws, "seed": user * each + n if seed is None else seed}
                for n in range(each)
            ]
            for user in range(users)
        ]
        await asyncio.gather(*(_ask(session, address, mine, heavy) for mine in asks))
        heavy.wall_s = light.wall_s = time.perf_counter() - start
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return heavy, light


async def _ask(
    session: aiohttp.ClientSession, address: str, asks: Sequence[dict[str, object]], load: Load
) -> None:
    for ask in asks:
        start = time.perf_counter()
        async with session.post(f"{address}/decide", json=ask) as answer:
            found = await answer.json()
        load.statuses[answer.status] += 1
        load.retry_after += "Retry-After" in answer.headers
        if answer.status == 200:
            assert found["seed"] == ask["seed"]
            load.seconds.append(time.perf_counter() - start)


async def _watch(session: aiohttp.ClientSession, address: str, load: Load) -> None:
    while True:
        start = time.perf_counter()
        async with session.get(f"{address}/health") as answer:
            await answer.read()
        load.statuses[answer.status] += 1
        load.seconds.append(time.perf_counter() - start)
        await asyncio.sleep(LIGHT_PAUSE_S)


@contextmanager
def _server(*, waiting: int) -> Iterator[str]:
    """A server in a process of its own, under uvicorn; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bench.web_load", "--serve", str(port), "--waiting", str(waiting)]
    process = subprocess.Popen(command)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the server did not start")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not answer within a minute")


def _serve(port: int, waiting: int) -> None:
    import uvicorn
    from fastapi import FastAPI

    from breakeven.cli.desk import desk
    from breakeven.web.api import router
    from breakeven.web.limits import Limits
    from breakeven.web.security import install

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.limits = Limits(waiting=waiting)
    app.include_router(router(desk()), prefix="/api/v1")
    install(app, token=None)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
