"""Calls a second of an eval run with its journal on, against bare clients and promptfoo, on one local server.

::

    python -m bench.eval_run                          # about a minute
    python -m bench.eval_run --promptfoo FOLDER       # as well: a folder in which `npm i promptfoo` was run
    python -m bench.eval_run --kills 50               # kill the whole command 50 times, and count what is repeated
    python -m bench.eval_run --write                  # record the result in docs/benchmarks.md

The server is the shipped fake one, in a process of its own; all ask it the same questions, 64 at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.record import machine, table, write_section
from breakeven.evidence.evals.executing import execute, opened
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.planning import Plan, make_plan
from breakeven.evidence.evals.running import results
from breakeven.evidence.evals.suite import open_suite
from breakeven.prices import load_book
from breakeven.providers import ChatRequest
from tests.evals.killing import fake_server, killed_and_resumed, moments, write_suite

AT_ONCE = 64


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=3_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, which take turns")
    parser.add_argument("--promptfoo", type=Path, help="a folder in which promptfoo is installed")
    parser.add_argument("--kills", type=int, default=0, help="kill the command so often instead")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        text = kills(Path(name), options.kills) if options.kills else speed(Path(name), options)
    print(text)
    if options.write:
        write_section("bench.eval_run.kills" if options.kills else "bench.eval_run", text)


# ------------------------------------------------------------------------------------------------ speed


def speed(folder: Path, options: argparse.Namespace) -> str:
    """Calls a second of each way to ask."""
    n = options.calls
    write_suite(folder, "http://127.0.0.1:1/v1", n=n, concurrency=AT_ONCE)
    with fake_server(folder / "cases.jsonl") as url:
        write_suite(folder, url, n=n, concurrency=AT_ONCE)
        plan = make_plan(open_suite(folder), book=load_book())
        requests = [asked.request for asked in plan.calls]
        ways: dict[str, Callable[[], float]] = {
            "`breakeven eval run`, journal on": lambda: timed(lambda: ours(plan)),
            "a bare aiohttp client": lambda: timed(lambda: bare_aiohttp(requests, url)),
            "the openai SDK": lambda: timed(lambda: openai_sdk(requests, url)),
        }
        rates: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(options.repeat):
            for way, measure in ways.items():
                rates[way].append(n / measure())
        if options.promptfoo:
            few = min(n, 500)
            rates[f"promptfoo, {few} calls"] = [few / promptfoo(options.promptfoo, folder, url, few)]
    return report(rates, n)


def report(rates: dict[str, list[float]], n: int) -> str:
    found = {way: statistics.median(runs) for way, runs in rates.items()}
    own = next(iter(found.values()))
    rows = [[way, f"{rate:,.0f}", f"{own / rate:.2f}×"] for way, rate in found.items()]
    head = f"{machine()}. {n:,} calls, {AT_ONCE} at once, the server on the same machine. Medians.\n\n"
    return head + table(["", "calls a second", "ours over it"], rows)


def timed(go: Callable[[], Awaitable[None]]) -> float:
    async def run() -> float:
        start = time.perf_counter()
        await go()
        return time.perf_counter() - start

    return asyncio.run(run())


async def ours(plan: Plan) -> None:
    """From opened connections to scored results; every answer forced to the disk."""
    import datetime as dt

    with tempfile.TemporaryDirectory() as name:
        rng = np.random.default_rng(0)
        with Journal(Path(name) / "journal.jsonl", now=lambda: "2026-11-22T00:00:00Z") as journal:
            run = await execute(plan, journal, provider=opened(plan, rng=rng), rng=rng)
        [result] = results(plan, run, date=dt.date(2026, 11, 22))
        assert result.complete
        assert len(result.runs) == len(plan.calls)


def body(request: ChatRequest) -> dict[str, Any]:
    messages = [{"role": message.role, "content": message.content} for message in request.messages]
    return {"model": "m", "messages": messages, "max_tokens": request.max_output_tokens}


async def in_parallel(requests: list[ChatRequest], ask: Callable[[ChatRequest], Awaitable[str]]) -> None:
    left = iter(requests)

    async def work() -> None:
        for request in left:
            assert await ask(request)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def bare_aiohttp(requests: list[ChatRequest], url: str) -> None:
    """Nothing but the request and its JSON."""
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(request: ChatRequest) -> str:
            async with session.post(f"{url}/chat/completions", json=body(request)) as response:
                text: str = (await response.json())["choices"][0]["message"]["content"]
                return text

        await in_parallel(requests, ask)


async def openai_sdk(requests: list[ChatRequest], url: str) -> None:
    """The SDK as it comes, without retries."""
    from openai import AsyncOpenAI

    async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:

        async def ask(request: ChatRequest) -> str:
            reply = await client.chat.completions.create(**body(request))
            return reply.choices[0].message.content or ""

        await in_parallel(requests, ask)


def promptfoo(installed: Path, folder: Path, url: str, n: int) -> float:
    """Seconds that `promptfoo eval` says it took on the same cases, its start apart."""
    rows = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()[:n]]
    config = {
        "prompts": ["Which queue?\n\n{{input}}"],
        "providers": [
            {"id": "openai:chat:m", "config": {"apiBaseUrl": url, "apiKey": "none", "max_tokens": 5, "temperature": 0}}
        ],
        "tests": [
            {"vars": {"input": row["input"]}, "assert": [{"type": "equals", "value": row["expected"]}]} for row in rows
        ],
    }  # fmt: skip
    (folder / "promptfooconfig.json").write_text(json.dumps(config))
    environment = {
        **os.environ, "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo"), "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1", "PROMPTFOO_DISABLE_DEBUG_LOG": "1", "PROMPTFOO_DISABLE_ERROR_LOG": "1",
        "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
    }  # fmt: skip
    out = folder / "promptfoo.json"
    program = [
        str(installed / "node_modules" / ".bin" / "promptfoo"),
        "eval",
        "-c",
        str(folder / "promptfooconfig.json"),
    ]
    flags = [
        "--no-cache",
        "--no-table",
        "--no-progress-bar",
        "--no-share",
        "-j",
        str(AT_ONCE),
        "-o",
        str(out),
    ]
    done = subprocess.run([*program, *flags], env=environment, capture_output=True, text=True, check=False)
    if not out.exists():
        raise SystemExit(f"promptfoo brought no result:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    stats = json.loads(out.read_text())["results"]["stats"]
    assert stats["successes"] == n, stats
    return float(stats["durationMs"]) / 1000


# ------------------------------------------------------------------------------------------------ kills


def kills(folder: Path, n: int) -> str:
    """SIGKILL of the whole command at random moments, and what the server says of it."""
    cases = 24 * n
    write_suite(folder, "http://127.0.0.1:1/v1", n=cases)
    with fake_server(folder / "cases.jsonl", "--latency", "20ms") as url:
        write_suite(folder, url, n=cases)
        told = killed_and_resumed(folder, url, moments_s=moments(n, seed=0, longest_s=0.06))
    counted = told["counts"]
    assert told["exit"] == 0, told["error"]
    rows = [
        ["kills in the middle of a run", f"{told['kills']:,}"],
        ["cases, all scored in the end", f"{told['result']['candidates']['a']['n']:,}"],
        ["answers in the journal that were asked again", f"{len(told['repeated']):,}"],
        ["requests that the server answered", f"{counted['answered']:,}"],
        ["of them, under way at a kill and answered twice", f"{counted['answered_again']:,}"],
    ]
    return f"{machine()}.\n\n" + table(["Killed and resumed", ""], rows)


if __name__ == "__main__":
    main()
