"""What the tests of the wires share: requests, an endpoint on loopback, and a server that says what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from breakeven.providers import ChatReply, ChatRequest, Endpoint, Message, ProviderError
from breakeven.providers.openai_wire import OpenAIWire

KEY = "sk-proj-PLANTEDplanted0123456789"


def request(text: str = "What is 2 + 2?", **options: Any) -> ChatRequest:
    options.setdefault("model", "local/small")
    return ChatRequest(messages=(Message(role="user", content=text),), **options)


def endpoint(url: str, **options: Any) -> Endpoint:
    return Endpoint(name="local", url=url, **options)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


Handler = Callable[[web.BaseRequest], Coroutine[Any, Any, web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server on loopback with one handler; its base address."""
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def answering(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    """A handler that always says this: bytes as they are, anything else as JSON."""

    async def handler(_: web.BaseRequest) -> web.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status, headers=headers, content_type="application/json")

    return handler


def completion(content: Any = "4", **fields: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    return {"object": "chat.completion", "model": "small-2026", "choices": [choice], **fields}


async def ask(
    handler: Handler, asked: ChatRequest | None = None, *, timeout_s: float = 120.0, **at: Any
) -> ChatReply:
    """What the wire makes of what the handler says."""
    async with serving(handler) as url:
        provider = OpenAIWire(endpoint(url, **at), key=KEY, timeout_s=timeout_s, environ={})
        try:
            return await provider.complete(asked or request())
        finally:
            await provider.close()


def reply_to(handler: Handler, asked: ChatRequest | None = None, **options: Any) -> ChatReply:
    return asyncio.run(ask(handler, asked, **options))


def failure_of(handler: Handler, asked: ChatRequest | None = None, **options: Any) -> ProviderError:
    """The error that the wire raises, in whose text no key may stand."""
    with pytest.raises(ProviderError) as caught:
        asyncio.run(ask(handler, asked, **options))
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


class Scripted:
    """A provider that gives what it is told, in turn: replies, or errors that it raises."""

    def __init__(self, *turns: ChatReply | ProviderError) -> None:
        self.turns = list(turns)
        self.calls = 0
        self.closed = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.calls += 1
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        if isinstance(turn, ProviderError):
            raise ProviderError(
                turn.kind, str(turn), retry_after_s=turn.retry_after_s, maybe_billed=turn.maybe_billed
            )
        return turn

    async def close(self) -> None:
        self.closed += 1


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)
