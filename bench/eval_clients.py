"""Requests a second of three clients against the same endpoint on this machine: bare aiohttp, ours, the openai SDK.

::

    python -m bench.eval_clients                  # about half a minute
    python -m bench.eval_clients --write          # and record it in docs/benchmarks.md

The fake server runs in a process of its own. Ours is the whole stack that an eval asks through: routing, retries,
limits, the request's key, usage read. The openai SDK is no dependency of Breakeven; where it is absent it is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import aiohttp
import numpy as np

from bench.record import machine, table, write_section
from bench.timing import medians
from breakeven.providers import ChatRequest, EndpointSetting, Limits, Message, open_provider

PROMPT = (
    "Classify the message into one of: billing, login, other. Answer with the label only.\n\n"
    + 40 * "a word or two "
)
MODEL = "local/good"


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2000, help="requests of each run")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    options = parser.parse_args()
    with serving() as url:
        runs: dict[str, Callable[[], object]] = {
            name: partial(_run, client, url, options.requests, options.concurrency)
            for name, client in clients().items()
        }
        for run in runs.values():
            run()  # imports and the server's first connections do not count
        found = medians(runs, options.repeat)
        cpu_s = {name: _cpu_s(run) for name, run in runs.items()}
    rates = {name: options.requests / seconds for name, seconds in found.items()}
    cpu_us = {name: 1e6 * seconds / options.requests for name, seconds in cpu_s.items()}
    text = (
        f"{machine()}. {options.requests:,} requests at concurrency {options.concurrency}, medians of {options.repeat}."
        f"\n\n{_table(rates, cpu_us)}"
    )
    print(text)
    if options.write:
        write_section("bench.eval_clients", text)


def _table(rates: dict[str, float], cpu_us: dict[str, float]) -> str:
    """Rates are bounded by the server, which has one core; the client's own processor time is not."""
    bare, bare_us = rates["bare aiohttp"], cpu_us["bare aiohttp"]
    rows = [
        [
            name,
            f"{rate:,.0f}",
            f"{rate / bare:.0%}",
            f"{cpu_us[name]:,.0f} µs",
            f"{bare_us / cpu_us[name]:.0%}",
        ]
        for name, rate in rates.items()
    ]
    head = [
        "Client",
        "Requests/s",
        "of bare aiohttp",
        "Processor time a request",
        "speed of bare aiohttp by that",
    ]
    return table(head, rows)


def _cpu_s(run: Callable[[], object]) -> float:
    """Seconds of processor time that one run takes in this process: the client's share."""
    start = time.process_time()
    run()
    return time.process_time() - start


@contextmanager
def serving() -> Iterator[str]:
    """The fake server in its own process; its address."""
    command = [sys.executable, "-m", "breakeven.providers.fake_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


Client = Callable[[str, int, int], Awaitable[None]]


def clients() -> dict[str, Client]:
    """The clients that are there, by name."""
    found: dict[str, Client] = {"bare aiohttp": bare_aiohttp, "Breakeven": ours}
    if find_spec("openai") is not None:
        found["openai SDK"] = openai_sdk
    return found


def _run(client: Client, url: str, requests: int, concurrency: int) -> None:
    async def work() -> None:
        await client(url, requests, concurrency)

    asyncio.run(work())


async def bare_aiohttp(url: str, requests: int, concurrency: int) -> None:
    """The least that a client does: post, read the JSON, take the text."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(n: int) -> str:
            async with session.post(f"{url}/chat/completions", json=_body(n)) as response:
                answer = await response.json()
                return str(answer["choices"][0]["message"]["content"])

        await _all(ask, requests, concurrency)


async def ours(url: str, requests: int, concurrency: int) -> None:
    """Through ``open_provider``."""
    provider = open_provider(
        [MODEL],
        endpoints={"local": EndpointSetting(url=url)},
        limits=Limits(concurrency=concurrency),
        rng=np.random.default_rng(0),
    )

    async def ask(n: int) -> str:
        message = Message(role="user", content=f"{PROMPT}{n}")
        reply = await provider.complete(ChatRequest(model=MODEL, messages=(message,), temperature=0.0))
        return reply.text

    await _all(ask, requests, concurrency)
    await provider.close()


async def openai_sdk(url: str, requests: int, concurrency: int) -> None:
    """The SDK's own asynchronous client, its retries off."""
    client: Any = import_module("openai").AsyncOpenAI(base_url=url, api_key="none", max_retries=0)

    async def ask(n: int) -> str:
        answer = await client.chat.completions.create(**_body(n))
        return str(answer.choices[0].message.content)

    await _all(ask, requests, concurrency)
    await client.close()


def _body(n: int) -> dict[str, Any]:
    return {"model": "good", "temperature": 0.0, "messages": [{"role": "user", "content": f"{PROMPT}{n}"}]}


async def _all(ask: Callable[[int], Awaitable[str]], requests: int, concurrency: int) -> None:
    """So many requests, so many at once."""
    left = iter(range(requests))

    async def worker() -> None:
        for n in left:
            text = await ask(n)
            assert text.endswith(str(n)), text

    await asyncio.gather(*(worker() for _ in range(concurrency)))


if __name__ == "__main__":
    main()
