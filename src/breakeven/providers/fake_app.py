"""An OpenAI-compatible server over the fake provider, on this machine, with faults and a count of all it did.

    python -m breakeven.providers.fake_server --port 0 --latency 5ms --faults 20% --seed 1 --cases cases.jsonl

It prints its address when it listens. ``POST /v1/chat/completions`` (also streamed), ``POST /v1/embeddings`` and
``GET /v1/models`` are OpenAI's; ``GET /counts`` tells how many questions came, were answered, failed, and were answered
more than once; ``?keys=1`` lists each; ``POST /counts`` starts anew.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from breakeven.providers.chat import ChatReply, ChatRequest, Message
from breakeven.providers.embedding import EmbeddingRequest, text_key
from breakeven.providers.fake import FakeProvider, FaultKind
from breakeven.providers.fake_embedding import embedding_answer, embedding_asked

__all__ = ["Counts", "FakeServer"]

_KEY_HEADER: Final = "X-Client-Request-Id"
_HANG_S: Final = 3600.0
_NOT_OF_MODEL: Final = ("model", "messages", "temperature", "top_p", "seed", "stop", "stream", "stream_options",
                        "max_tokens", "max_completion_tokens", "response_format")  # fmt: skip


@dataclass(kw_only=True)
class Counts:
    """What a server was asked, and what it did."""

    asked: Counter[str] = field(default_factory=Counter)
    """Requests by key."""
    answered: Counter[str] = field(default_factory=Counter)
    """Good answers by key: what a provider would surely bill."""
    faults: Counter[str] = field(default_factory=Counter)
    """Failures by kind."""
    embedded: Counter[str] = field(default_factory=Counter)
    """Texts by their model and content, each time that their vector was given."""

    def as_json(self, *, keys: bool = False) -> dict[str, Any]:
        """The counts, summed; each key where asked."""
        found: dict[str, Any] = {
            "requests": self.asked.total(),
            "questions": len(self.asked),
            "answered": self.answered.total(),
            "answered_again": sum(n - 1 for n in self.answered.values()),
            "faults": dict(self.faults),
        }
        if self.embedded:
            again = sum(n - 1 for n in self.embedded.values())
            found |= {"texts_embedded": self.embedded.total(), "texts_embedded_again": again}
        if keys:
            found["keys"] = {
                key: {"asked": n, "answered": self.answered[key]} for key, n in self.asked.items()
            }
        return found


class FakeServer:
    """The server. ``async with FakeServer(provider) as server`` listens until the block ends, at ``server.url``.

    ``api_key``: refuse those who do not bring it. ``retry_after_s``: what a 429 asks to wait. ``hang_s``: how long a
    call without answer is held open.
    """

    def __init__(
        self,
        provider: FakeProvider,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        retry_after_s: float = 0.05,
        hang_s: float = _HANG_S,
    ) -> None:
        self.provider = provider
        self.counts = Counts()
        self.url = ""
        self._host, self._port = host, port
        self._api_key = api_key
        self._retry_after_s = retry_after_s
        self._hang_s = hang_s
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> FakeServer:
        """Listen."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop listening, and let go of calls that hang."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.endswith("/chat/completions") and request.method == "POST":
            return await self._chat(request)
        if path.endswith("/embeddings") and request.method == "POST":
            return await self._embed(request)
        if path.endswith("/models"):
            models = [{"id": name, "object": "model", "owned_by": "breakeven"} for name in ("good", "fair")]
            return web.json_response({"object": "list", "data": models})
        if path == "/counts":
            if request.method == "POST":
                self.counts = Counts()
            return web.json_response(self.counts.as_json(keys="keys" in request.query))
        return _error(404, "not_found", f"there is nothing at {path}")

    async def _chat(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._allowed(request):
            return _error(401, "invalid_api_key", "Incorrect API key provided")
        try:
            body = json.loads(await request.read())
            asked = _asked(body)
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            return _error(400, "invalid_request_error", f"this is no chat request: {type(exc).__name__}")
        key = request.headers.get(_KEY_HEADER) or asked.key
        fault = await self._met(asked, key)
        if fault is not None:
            return await self._fail(request, fault, _answer(self.provider.answer(asked), asked.key))
        self.counts.answered[key] += 1
        reply = self.provider.answer(asked)
        if body.get("stream"):
            return await _streamed(request, reply)
        return web.Response(body=_answer(reply, key), content_type="application/json")

    async def _met(self, asked: ChatRequest | EmbeddingRequest, key: str) -> FaultKind | None:
        """Count a request and take its time; the fault that it meets."""
        self.counts.asked[key] += 1
        fault = self.provider.fault(asked)
        if latency_s := self.provider.model(asked.model).latency_s:
            await asyncio.sleep(latency_s)
        if fault is not None:
            self.counts.faults[fault] += 1
        return fault

    async def _embed(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self._allowed(request):
            return _error(401, "invalid_api_key", "Incorrect API key provided")
        try:
            asked = embedding_asked(json.loads(await request.read()))
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            return _error(400, "invalid_request_error", f"this is no request for embeddings: {exc}"[:200])
        key = request.headers.get(_KEY_HEADER) or asked.key
        fault = await self._met(asked, key)
        whole = embedding_answer(self.provider.vectors(asked))
        if fault is not None:
            return await self._fail(request, fault, whole)
        self.counts.answered[key] += 1
        self.counts.embedded.update(text_key(asked.model, text) for text in asked.texts)
        return web.Response(body=whole, content_type="application/json")

    def _allowed(self, request: web.BaseRequest) -> bool:
        given = (
            request.headers.get("Authorization", "").removeprefix("Bearer "),
            request.headers.get("api-key"),
        )
        return self._api_key is None or self._api_key in given

    async def _fail(self, request: web.BaseRequest, fault: FaultKind, whole: bytes) -> web.StreamResponse:
        if fault == "429":
            wait = {
                "Retry-After": str(int(self._retry_after_s)),
                "retry-after-ms": f"{self._retry_after_s * 1000:.0f}",
            }
            return _error(429, "rate_limit_exceeded", "Rate limit reached for requests", wait)
        if fault == "500":
            return _error(500, "server_error", "The server had an error while processing your request")
        if fault == "truncated":
            return web.Response(body=whole[: len(whole) // 2], content_type="application/json")
        if fault == "empty":
            return web.json_response(
                {"object": "chat.completion", "choices": [], "usage": json.loads(whole)["usage"]}
            )
        if fault == "hang":
            await asyncio.sleep(self._hang_s)
        elif fault == "cut":
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            response.content_length = len(whole)
            await response.prepare(request)
            await response.write(whole[: len(whole) // 2])
        _reset(request)
        return web.Response(status=500)  # goes nowhere: the connection is gone


def _asked(body: dict[str, Any]) -> ChatRequest:
    """The request behind an OpenAI body."""
    shape = body.get("response_format") or {}
    stop = body.get("stop") or ()
    return ChatRequest(
        model=f"fake/{str(body['model']).removeprefix('fake/')}",
        messages=tuple(Message(role=m["role"], content=_text(m["content"])) for m in body["messages"]),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        max_output_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        seed=body.get("seed"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        json_schema=shape.get("json_schema", {}).get("schema"),
        extra={name: value for name, value in body.items() if name not in _NOT_OF_MODEL},
    )


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())


def _answer(reply: ChatReply, key: str) -> bytes:
    body = {
        "id": f"chatcmpl-{key[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": reply.model,
        "choices": [
            {"index": 0, "finish_reason": reply.finish_reason,
             "message": {"role": "assistant", "content": reply.text}}
        ],
        "usage": _usage(reply),
    }  # fmt: skip
    return json.dumps(body).encode()


def _usage(reply: ChatReply) -> dict[str, Any]:
    given, out = reply.usage.input_tokens or 0, reply.usage.output_tokens or 0
    return {
        "prompt_tokens": given,
        "completion_tokens": out,
        "total_tokens": given + out,
        "prompt_tokens_details": {"cached_tokens": reply.usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": reply.usage.reasoning_tokens},
    }


async def _streamed(request: web.BaseRequest, reply: ChatReply) -> web.StreamResponse:
    """The reply word by word, as events; the last but one carries the usage."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": part}, "finish_reason": None}]}
        for part in reply.text.replace(" ", " \0").split("\0")
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reply.finish_reason}]})
    events.append({"choices": [], "usage": _usage(reply)})
    for event in events:
        chunk = {"object": "chat.completion.chunk", "model": reply.model, **event}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"message": message, "type": code, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)


def _reset(request: web.BaseRequest) -> None:
    """Tear the connection down so that the other side gets a reset, not a goodbye."""
    transport = request.transport
    if transport is None:
        return
    plug = transport.get_extra_info("socket")
    if plug is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
