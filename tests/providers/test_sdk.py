"""Anthropic's own wire through any-llm, against a server on loopback that speaks it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any

import pytest
from aiohttp import web

from breakeven.errors import InputError, MissingExtraError
from breakeven.providers import ChatReply, ChatRequest, Endpoint, Message, ProviderError, Usage
from breakeven.providers.sdk import SdkWire
from tests.providers.asking import KEY, Handler, completion, run, serving

pytest.importorskip("any_llm")

ASKED = ChatRequest(
    model="anthropic/claude-haiku-4-5",
    messages=(Message(role="system", content="Be brief."), Message(role="user", content="What is 2 + 2?")),
    max_output_tokens=50,
    temperature=0.0,
    stop=("\n",),
)
ANSWER = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5-20251001",
    "content": [{"type": "text", "text": "four"}], "stop_reason": "end_turn", "stop_sequence": None,
    "usage": {"input_tokens": 16, "cache_read_input_tokens": 64, "cache_creation_input_tokens": 20, "output_tokens": 3},
}  # fmt: skip


def anthropic_at(url: str, **options: Any) -> SdkWire:
    at = Endpoint(name="anthropic", wire="any-llm", sdk_name="anthropic", url=url.removesuffix("/v1"))
    return SdkWire(at, key=KEY, **options)


async def ask(handler: Handler, asked: ChatRequest = ASKED, **options: Any) -> ChatReply:
    async with serving(handler) as url:
        provider = anthropic_at(url, **options)
        try:
            return await provider.complete(asked)
        finally:
            await provider.close()


def saying(body: Any, status: int = 200, **headers: str) -> tuple[Handler, list[Any]]:
    seen: list[Any] = []

    async def handler(incoming: web.BaseRequest) -> web.Response:
        seen.append((incoming.path, dict(incoming.headers), json.loads(await incoming.read())))
        return web.json_response(body, status=status, headers=headers)

    return handler, seen


def test_all_input_is_counted_though_anthropic_leaves_out_the_cached() -> None:
    handler, [*_] = saying(ANSWER)
    reply = run(ask(handler))
    assert (reply.text, reply.finish_reason, reply.model) == ("four", "stop", "claude-haiku-4-5-20251001")
    # 16 fresh + 64 read + 20 written.
    assert reply.usage == Usage(input_tokens=100, cached_tokens=64, cache_write_tokens=20, output_tokens=3)


def test_the_question_reaches_it_in_its_own_words() -> None:
    handler, seen = saying(ANSWER)
    run(ask(handler))
    [(path, headers, body)] = seen
    assert path == "/v1/messages"
    assert headers["X-Api-Key"] == KEY
    assert (body["model"], body["system"], body["max_tokens"]) == ("claude-haiku-4-5", "Be brief.", 50)
    assert body["messages"] == [{"role": "user", "content": "What is 2 + 2?"}]
    assert (body["temperature"], body["stop_sequences"]) == (0.0, ["\n"])


@pytest.mark.parametrize(
    ("status", "kind_of_error", "message", "kind"),
    [
        (400, "invalid_request_error", "prompt is too long: 250000 tokens > 200000 maximum", "too long"),
        (400, "invalid_request_error", "temperature: range: 0..1", "bad request"),
        (401, "authentication_error", f"invalid x-api-key {KEY}", "not allowed"),
        (404, "not_found_error", "model: claude-0", "not found"),
        (429, "rate_limit_error", "slow down", "rate limit"),
        (500, "api_error", "oops", "server error"),
        (529, "overloaded_error", "Overloaded", "server error"),
    ],
)
def test_each_status_has_its_kind_and_is_asked_once(
    status: int, kind_of_error: str, message: str, kind: str
) -> None:
    body = {"type": "error", "error": {"type": kind_of_error, "message": message}}
    handler, seen = saying(body, status, **{"retry-after": "3"})
    with pytest.raises(ProviderError) as caught:
        run(ask(handler))
    assert (caught.value.kind, caught.value.status, len(seen)) == (kind, status, 1)
    assert KEY not in str(caught.value)
    if kind == "rate limit":
        assert caught.value.retry_after_s == 3.0


def test_a_call_that_hangs_ends_in_time_and_is_sent_once() -> None:
    calls: list[int] = []

    async def hang(_: web.BaseRequest) -> web.Response:
        calls.append(1)
        await asyncio.sleep(60)
        return web.Response()

    with pytest.raises(ProviderError) as caught:
        run(ask(hang, timeout_s=0.2))
    assert (caught.value.kind, caught.value.maybe_billed) == ("time-out", 1)
    assert len(calls) <= 1  # on a very busy machine the time is over before the server reads it


def test_a_broken_connection() -> None:
    async def drop(incoming: web.BaseRequest) -> web.Response:
        assert incoming.transport is not None
        incoming.transport.abort()
        return web.Response()

    with pytest.raises(ProviderError) as caught:
        run(ask(drop))
    assert (caught.value.kind, caught.value.maybe_billed) == ("connection", 1)


def test_an_answer_cut_short_is_malformed() -> None:
    async def half(_: web.BaseRequest) -> web.Response:
        return web.Response(body=json.dumps(ANSWER).encode()[:80], content_type="application/json")

    with pytest.raises(ProviderError) as caught:
        run(ask(half))
    assert (caught.value.kind, caught.value.maybe_billed) == ("malformed", 1)


def test_a_missing_sdk_names_what_to_install() -> None:
    if find_spec("google") is not None and find_spec("google.genai") is not None:
        pytest.skip("Google's SDK is installed")
    with pytest.raises(MissingExtraError, match=r"any-llm-sdk\[gemini\]"):
        SdkWire(Endpoint(name="gemini", wire="any-llm", sdk_name="gemini"), key=KEY)


def test_an_sdk_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(InputError, match="can not be opened"):
        SdkWire(Endpoint(name="acme", wire="any-llm", sdk_name="acme"), key=KEY)


class Silent:
    """A client whose provider says nothing of tokens, which the SDK turns into zeros."""

    def __init__(self) -> None:
        self.acompletion: Callable[..., Awaitable[Any]] = self._answer

    async def _answer(self, **_: Any) -> Any:
        from any_llm.types.completion import ChatCompletion

        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        fields = {"id": "1", "created": 0, "object": "chat.completion", **completion("4", usage=usage)}
        return ChatCompletion.model_validate(fields)


def test_unknown_usage_is_not_zero() -> None:
    provider = anthropic_at("http://127.0.0.1:1/v1")
    inner, provider._client = provider._client, Silent()
    assert run(provider.complete(ASKED)).usage == Usage()
    provider._client = inner
    run(provider.close())


GEMINI = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "four"}]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 100, "cachedContentTokenCount": 64, "candidatesTokenCount": 3,
                      "thoughtsTokenCount": 20, "totalTokenCount": 123},
    "modelVersion": "gemini-2.5-flash",
}  # fmt: skip
BEDROCK = {
    "output": {"message": {"role": "assistant", "content": [{"text": "four"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 16, "cacheReadInputTokens": 64, "cacheWriteInputTokens": 20, "outputTokens": 3,
              "totalTokens": 103},
    "metrics": {"latencyMs": 5},
}  # fmt: skip


async def ask_at(name: str, handler: Handler, model: str) -> ChatReply:
    async with serving(handler) as url:
        at = Endpoint(name=name, wire="any-llm", sdk_name=name, url=url.removesuffix("/v1"))
        provider = SdkWire(at, key=None if name == "bedrock" else KEY, timeout_s=120)
        try:
            return await provider.complete(dataclasses.replace(ASKED, model=model))
        finally:
            await provider.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Google's SDK inherits from aiohttp's session
def test_gemini_counts_its_thoughts_as_output() -> None:
    pytest.importorskip("google.genai")
    handler, seen = saying(GEMINI)
    reply = run(ask_at("gemini", handler, "gemini/gemini-2.5-flash"))
    assert (reply.text, len(seen)) == ("four", 1)
    assert reply.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=23, reasoning_tokens=20)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials as the cloud's own tools find them."""
    for name, value in {
        "ACCESS_KEY_ID": "a",
        "SECRET_ACCESS_KEY": "b",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.mark.usefixtures("cloud")
def test_bedrock_counts_the_cached_as_input() -> None:
    pytest.importorskip("boto3")
    handler, seen = saying(BEDROCK)
    reply = run(ask_at("bedrock", handler, "bedrock/amazon.nova-lite-v1:0"))
    assert (reply.text, len(seen)) == ("four", 1)
    # 16 fresh + 64 read + 20 written; any-llm does not pass on how many were written.
    assert reply.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(("name", "needs"), [("gemini", "google.genai"), ("bedrock", "boto3")])
def test_the_other_sdks_are_asked_once_too(name: str, needs: str) -> None:
    pytest.importorskip(needs)
    handler, seen = saying({"error": {"code": 503, "message": "busy"}, "message": "busy"}, 503)
    with pytest.raises(ProviderError) as caught:
        run(ask_at(name, handler, f"{name}/some-model"))
    assert (caught.value.kind, len(seen)) == ("server error", 1)
