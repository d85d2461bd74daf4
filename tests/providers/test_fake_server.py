"""The fake on the wire: each fault reaches the client as what it is, and nothing that was answered is asked again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest

from breakeven.errors import InputError
from breakeven.providers import (
    ChatReply,
    EndpointSetting,
    FakeProvider,
    FakeServer,
    Limits,
    Patience,
    ProviderError,
    open_provider,
)
from breakeven.providers.fake import FAULTS
from breakeven.providers.fake_server import read_answers
from breakeven.providers.openai_wire import OpenAIWire
from tests.providers.asking import KEY, endpoint, request, run

SEEN = {
    "429": ("rate limit", 429),
    "500": ("server error", 500),
    "hang": ("time-out", None),
    "truncated": ("malformed", 200),
    "cut": ("connection", None),
    "reset": ("connection", None),
    "empty": ("malformed", 200),
}


async def through_wire(model: str, *, text: str = "q", **server: Any) -> ChatReply:
    async with FakeServer(FakeProvider({"q": "a"}), **server) as listening:
        # Only what hangs may time out: a busy machine is slow to tell the other faults.
        timeout_s = 0.2 if model.endswith("kinds=hang") else 120.0
        provider = OpenAIWire(endpoint(listening.url), key=KEY, timeout_s=timeout_s, environ={})
        try:
            return await provider.complete(request(text, model=model))
        finally:
            await provider.close()


def test_the_server_says_what_the_fake_says() -> None:
    over_wire = run(through_wire("local/m"))
    direct = FakeProvider({"q": "a"}).answer(request("q", model="fake/m"))
    assert (over_wire.text, over_wire.usage, over_wire.model) == (direct.text, direct.usage, direct.model)


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_seen_as_what_it_is(kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        run(through_wire(f"local/m?faults=100%&kinds={kind}", retry_after_s=0.25))
    assert (caught.value.kind, caught.value.status) == SEEN[kind]
    assert caught.value.maybe_billed == (kind not in ("429", "500"))
    assert caught.value.retry_after_s == (0.25 if kind == "429" else None)


def test_a_key_is_asked_for_where_one_is_stated() -> None:
    with pytest.raises(ProviderError, match="401"):
        run(through_wire("local/m", api_key="another"))
    assert run(through_wire("local/m", api_key=KEY)).text == "a"


def test_every_question_is_answered_once_through_all_faults() -> None:
    cases = {f"case {n}": f"answer {n}" for n in range(120)}

    async def check() -> tuple[list[ChatReply], dict[str, Any]]:
        async with FakeServer(FakeProvider(cases, seed=3), retry_after_s=0.01, hang_s=0.01) as server:
            provider = open_provider(
                ["local/m?faults=30%"],
                endpoints={"local": EndpointSetting(url=server.url)},
                limits=Limits(concurrency=32),
                timeout_s=120,  # the server lets go of what hangs; a busy machine must not
                patience=Patience(attempts=20, first_wait_s=0.005),
                rng=np.random.default_rng(0),
            )
            replies = await asyncio.gather(
                *(provider.complete(request(text, model="local/m?faults=30%")) for text in cases)
            )
            await provider.close()
            return replies, server.counts.as_json()

    replies, counts = run(check())
    assert [reply.text for reply in replies] == list(cases.values())
    assert counts["answered"] == counts["questions"] == 120
    assert counts["answered_again"] == 0
    assert (
        counts["requests"] == sum(reply.attempts for reply in replies) == 120 + sum(counts["faults"].values())
    )
    billed = sum(n for kind, n in counts["faults"].items() if kind not in ("429", "500"))
    assert sum(reply.maybe_billed for reply in replies) == billed > 0


def test_repeats_of_a_question_are_told_apart() -> None:
    async def check() -> dict[str, Any]:
        async with FakeServer(FakeProvider()) as server:
            provider = OpenAIWire(endpoint(server.url), environ={})
            for repeat in (1, 2, 2):
                await provider.complete(request(repeat=repeat))
            await provider.close()
            return server.counts.as_json(keys=True)

    counts = run(check())
    assert (counts["requests"], counts["questions"], counts["answered_again"]) == (3, 2, 1)
    assert counts["keys"][request(repeat=2).key] == {"asked": 2, "answered": 2}


def test_a_stream_brings_the_same_text_and_usage() -> None:
    async def check() -> list[str]:
        async with (
            FakeServer(FakeProvider({"q": "one two three"})) as server,
            aiohttp.ClientSession() as session,
        ):
            body = {"model": "m", "messages": [{"role": "user", "content": "q"}], "stream": True}
            async with session.post(f"{server.url}/chat/completions", json=body) as response:
                return (await response.text()).split("\n\n")

    *events, done, end = run(check())
    chunks = [json.loads(event.removeprefix("data: ")) for event in events]
    assert (done, end) == ("data: [DONE]", "")
    assert (
        "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
        == "one two three"
    )
    assert chunks[-1]["usage"]["completion_tokens"] == 4


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model": "m"}', b'{"model": "m", "messages": [1]}'])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    async def check() -> int:
        async with (
            FakeServer(FakeProvider()) as server,
            aiohttp.ClientSession() as session,
            session.post(f"{server.url}/chat/completions", data=body) as response,
        ):
            return response.status

    assert run(check()) == 400


def test_other_addresses() -> None:
    async def check() -> tuple[Any, int]:
        async with FakeServer(FakeProvider()) as server, aiohttp.ClientSession() as session:
            async with session.get(f"{server.url}/models") as response:
                models = await response.json()
            async with session.get(f"{server.url}/nothing") as response:
                return models, response.status

    models, status = run(check())
    assert models["data"][0]["object"] == "model"
    assert status == 404


@contextlib.contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    start = [sys.executable, "-W", "error", "-m", "breakeven.providers.fake_server", *arguments]
    with subprocess.Popen(
        start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as done:
        try:
            yield done
        finally:
            done.terminate()


def test_the_command_prints_its_address_and_serves(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(
        '{"input": "Is it?", "expected": "yes"}\n\n{"input": "How many?", "expected": 3}\n', "utf-8"
    )
    with command("--cases", str(cases), "--latency", "1ms", "--accuracy", "100%", "--seed", "1") as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "How many?"}]}).encode()
        with urllib.request.urlopen(f"{url}/chat/completions", body, timeout=120) as response:
            assert json.loads(response.read())["choices"][0]["message"]["content"] == "3"
        with urllib.request.urlopen(url.replace("/v1", "/counts"), timeout=120) as response:
            assert json.loads(response.read())["answered"] == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--host", "0.0.0.0"], "--api-key"), (["--faults", "2"], "faults"), (["--kinds", "flood"], "flood"),
        (["--cases", "absent.jsonl"], "absent.jsonl"),
    ],
)  # fmt: skip
def test_the_command_refuses_what_makes_no_sense(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from breakeven.providers.fake_server import main

    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert word in capsys.readouterr().err


def test_a_bad_line_of_cases_has_its_place(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"input": "a", "expected": "b"}\n{"input": "c"}\n', "utf-8")
    with pytest.raises(InputError, match=r"cases\.jsonl:2"):
        read_answers(cases)
