"""The OpenAI wire against a real server on loopback: what is sent, what is read, and how each failure is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError
from breakeven.providers import ChatReply, ProviderError, openai_wire
from breakeven.providers.failures import status_failure
from breakeven.providers.openai_format import read_reply
from breakeven.providers.openai_wire import OpenAIWire
from tests.providers.asking import (
    KEY,
    answering,
    completion,
    endpoint,
    failure_of,
    reply_to,
    request,
    run,
    serving,
)

SCHEMA = {"title": "An answer!", "type": "object", "properties": {"n": {"type": "integer"}},
          "required": ["n"], "additionalProperties": False}  # fmt: skip


def sent(asked: Any, **at: Any) -> dict[str, Any]:
    """What reaches the server for a request: path, query, headers, body."""
    seen: dict[str, Any] = {}

    async def handler(incoming: web.BaseRequest) -> web.Response:
        seen.update(path=incoming.path, query=dict(incoming.query), headers=dict(incoming.headers))
        seen["body"] = json.loads(await incoming.read())
        return web.json_response(completion())

    reply_to(handler, asked, **at)
    return seen


def test_a_plain_question_sends_only_what_was_stated() -> None:
    seen = sent(request())
    assert seen["path"] == "/v1/chat/completions"
    assert seen["body"] == {"model": "small", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}
    assert seen["headers"]["Authorization"] == f"Bearer {KEY}"
    assert seen["headers"]["X-Client-Request-Id"] == request().key


def test_every_option_has_its_field() -> None:
    asked = request(
        temperature=0.0, top_p=0.9, max_output_tokens=20, seed=0, stop=("\n",), json_schema=SCHEMA,
        extra={"reasoning_effort": "low"},
    )  # fmt: skip
    body = sent(asked)["body"]
    shape = {"type": "json_schema", "json_schema": {"name": "An_answer", "schema": SCHEMA, "strict": True}}
    assert {name: body[name] for name in body if name not in ("model", "messages")} == {
        "temperature": 0.0, "top_p": 0.9, "max_tokens": 20, "seed": 0, "stop": ["\n"],
        "response_format": shape, "reasoning_effort": "low",
    }  # fmt: skip


def test_a_schema_that_leaves_fields_open_is_not_strict() -> None:
    body = sent(request(json_schema={**SCHEMA, "required": []}))["body"]
    assert body["response_format"]["json_schema"]["strict"] is False


def test_the_endpoint_says_how_the_limit_and_the_model_are_called() -> None:
    at = {
        "max_tokens_field": "max_completion_tokens",
        "seed_field": "random_seed",
        "models": {"small": "org/small-7b"},
    }
    body = sent(request(max_output_tokens=20, seed=3), **at)["body"]
    assert (body["max_completion_tokens"], body["random_seed"]) == (20, 3)
    assert "seed" not in body
    assert body["model"] == "org/small-7b"


def test_azure_is_addressed_by_deployment_where_there_is_a_version() -> None:
    at = {
        "azure": True,
        "key_header": "api-key",
        "api_version": "2024-10-21",
        "models": {"small": "my-deploy"},
    }

    async def check() -> dict[str, Any]:
        seen: dict[str, Any] = {}

        async def handler(incoming: web.BaseRequest) -> web.Response:
            seen.update(path=incoming.path, query=dict(incoming.query), headers=dict(incoming.headers))
            return web.json_response(completion())

        async with serving(handler) as url:
            provider = OpenAIWire(endpoint(url.removesuffix("/v1"), **at), key=KEY, environ={})
            await provider.complete(request())
            await provider.close()
        return seen

    seen = run(check())
    assert seen["path"] == "/openai/deployments/my-deploy/chat/completions"
    assert seen["query"] == {"api-version": "2024-10-21"}
    assert seen["headers"]["api-key"] == KEY
    assert "Authorization" not in seen["headers"]


def test_an_answer_is_read_whole() -> None:
    usage = {"prompt_tokens": 20, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 16}}
    reply = reply_to(answering(completion("four", usage=usage)))
    assert (reply.text, reply.finish_reason, reply.model, reply.attempts) == ("four", "stop", "small-2026", 1)
    assert (reply.usage.input_tokens, reply.usage.cached_tokens, reply.usage.output_tokens) == (20, 16, 3)
    assert reply.usage.reasoning_tokens is None
    assert reply.latency_s is not None
    assert 0 < reply.latency_s < 120  # seconds: within the time-out


def test_text_may_come_in_parts_or_not_at_all() -> None:
    parts = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "fo"},
        {"type": "text", "text": "ur"},
    ]
    assert reply_to(answering(completion(parts))).text == "four"
    assert reply_to(answering(completion(None))).text == ""


def test_a_refusal_is_an_answer() -> None:
    body = completion(None)
    body["choices"][0]["message"]["refusal"] = "I can not help with that."
    assert reply_to(answering(body)).text == "I can not help with that."


STATUSES = [
    (400, {"error": {"message": "bad"}}, "bad request"),
    (400, {"error": {"code": "context_length_exceeded", "message": "too much"}}, "too long"),
    (400, {"message": "This model's maximum context length is 8192 tokens"}, "too long"),
    (400, {"error": {"code": "content_filter", "message": "no"}}, "content filter"),
    (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}, "not allowed"),
    (402, {}, "not allowed"),
    (403, {"error": "forbidden"}, "not allowed"),
    (404, {"error": {"code": "model_not_found", "message": "no such model"}}, "not found"),
    (408, {}, "time-out"),
    (409, {}, "server error"),
    (413, {}, "too long"),
    (422, {"detail": [{"loc": ["body"], "msg": "wrong"}]}, "bad request"),
    (429, {"error": {"message": "slow down"}}, "rate limit"),
    (429, {"error": {"code": "insufficient_quota", "message": "pay first"}}, "not allowed"),
    (500, [{"error": {"message": "oops"}}], "server error"),
    (502, b"<html>Bad gateway</html>", "server error"),
    (503, b"", "server error"),
    (504, {}, "time-out"),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "server error"),
]


@pytest.mark.parametrize(("status", "body", "kind"), STATUSES)
def test_every_status_has_its_kind(status: int, body: Any, kind: str) -> None:
    error = failure_of(answering(body, status=status))
    assert (error.kind, error.status, error.attempts) == (kind, status, 1)
    assert error.may_pass == (kind in ("rate limit", "time-out", "server error"))
    assert error.maybe_billed == (kind == "time-out")
    assert "<html>" not in str(error)


def test_a_redirect_is_not_followed_with_the_key() -> None:
    error = failure_of(
        answering(b"", status=307, headers={"Location": "https://user:pw@elsewhere.example/v1"})
    )
    assert error.kind == "bad request"
    assert "elsewhere.example/v1" in str(error)
    assert "pw" not in str(error)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
        ({"Date": "Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"Date": "Sun, 22 Nov 2026 10:00:00 GMT", "Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
def test_what_the_provider_asks_to_wait(headers: dict[str, str], wait_s: float | None) -> None:
    assert failure_of(answering({}, status=429, headers=headers)).retry_after_s == wait_s


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (json.dumps(completion()).encode()[:60], "ends after 60 bytes"),
        (b"", "empty"),
        (b"<!doctype html><title>Log in</title>", "web page"),
        (b"data: {}\n\n", "stream of events"),
        (b"[]", "no object"),
        (b'{"object": "chat.completion", "choices": []}', "no choices"),
        (b'{"choices": [{"message": null}]}', "no choices"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_an_answer_that_can_not_be_read_is_malformed_and_maybe_billed(raw: bytes, why: str) -> None:
    error = failure_of(answering(raw))
    assert (error.kind, error.maybe_billed) == ("malformed", 1)
    assert why in str(error)


def test_usage_of_an_answer_without_choices_is_kept() -> None:
    error = failure_of(answering({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 0}}))
    assert error.usage is not None
    assert error.usage.input_tokens == 9


def test_an_answer_that_the_filter_withheld() -> None:
    body = completion("", usage={"prompt_tokens": 5, "completion_tokens": 1})
    body["choices"][0]["finish_reason"] = "content_filter"
    error = failure_of(answering(body))
    assert (error.kind, error.may_pass) == ("content filter", False)
    assert error.usage is not None
    assert error.usage.output_tokens == 1


def test_an_error_inside_a_good_status_is_an_error() -> None:
    error = failure_of(answering({"error": {"code": 429, "message": "upstream is busy"}}))
    assert (error.kind, error.status) == ("rate limit", 429)


def test_a_call_that_hangs_ends_in_time() -> None:
    async def hang(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    error = failure_of(hang, timeout_s=0.05)
    assert (error.kind, error.maybe_billed) == ("time-out", 1)
    assert "0.05 s" in str(error)


def test_nobody_listens_there() -> None:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]

    async def check() -> None:
        provider = OpenAIWire(endpoint(f"http://127.0.0.1:{port}/v1"), environ={})
        try:
            await provider.complete(request())
        finally:
            await provider.close()

    with pytest.raises(ProviderError, match="can not be reached") as caught:
        run(check())
    assert (caught.value.kind, caught.value.maybe_billed) == ("connection", 0)


def test_a_key_that_a_provider_echoes_is_hidden_even_where_the_text_is_cut() -> None:
    for padding in range(150, 210):
        error = failure_of(answering({"error": {"message": "x" * padding + f" key {KEY} again"}}, status=400))
        assert KEY[:12] not in str(error)


def test_control_characters_of_a_provider_stay_out() -> None:
    error = failure_of(answering({"error": {"message": "\x1b[31mred\u202e\nsecond line"}}, status=400))
    assert "red" in str(error)
    assert not set(str(error)) & set("\x1b\u202e\n")
    assert "second" not in str(error)


def test_a_header_from_the_environment_is_sent_and_a_broken_one_refused() -> None:
    async def check(value: str) -> ChatReply:
        async def handler(incoming: web.BaseRequest) -> web.Response:
            return web.json_response(completion(incoming.headers["X-Team"]))

        async with serving(handler) as url:
            provider = OpenAIWire(
                endpoint(url, headers_env={"X-Team": "TEAM", "X-Not": "UNSET"}), environ={"TEAM": value}
            )
            reply = await provider.complete(request())
            await provider.close()
            return reply

    assert run(check("blue")).text == "blue"
    with pytest.raises(InputError, match="TEAM"):
        run(check("a\nX-Evil: 1"))


def test_one_session_serves_many_calls_at_once() -> None:
    async def check() -> tuple[int, int]:
        peers: set[Any] = set()

        async def handler(incoming: web.BaseRequest) -> web.Response:
            assert incoming.transport is not None
            peers.add(incoming.transport.get_extra_info("peername"))
            return web.json_response(completion())

        async with serving(handler) as url:
            provider = OpenAIWire(endpoint(url), environ={})
            for _ in range(5):
                await asyncio.gather(*(provider.complete(request(str(n))) for n in range(8)))
            await provider.close()
            await provider.close()
        return len(peers), 40

    connections, calls = run(check())
    assert connections <= 8 < calls


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> list[str]:
        asked: list[str] = []

        async def handler(incoming: web.BaseRequest) -> web.Response:
            asked.append(incoming.headers["Host"])
            return web.json_response(completion())

        async with serving(handler) as url:
            monkeypatch.setenv("http_proxy", url.removesuffix("/v1"))
            monkeypatch.delenv("no_proxy", raising=False)
            for at in ("http://model.invalid/v1", url):
                provider = OpenAIWire(endpoint(at), environ={})
                await provider.complete(request())
                await provider.close()
            return [*asked, url]

    elsewhere, here, url = run(check())
    assert elsewhere == "model.invalid"
    assert here in url


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(incoming: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(incoming)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"x" * 10_000)
        return response

    monkeypatch.setattr(openai_wire, "_MOST_BYTES", 100_000)
    error = failure_of(endless)
    assert (error.kind, error.maybe_billed) == ("malformed", 1)
    assert "100,000 bytes" in str(error)


WORDS = st.sampled_from(
    ["choices", "message", "content", "usage", "error", "code", "type", "text", "finish_reason"]
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.just("text"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(JUNK.map(lambda junk: json.dumps(junk).encode()) | st.binary(max_size=40))
def test_whatever_comes_is_a_reply_or_an_error_of_ours(raw: bytes) -> None:
    try:
        said = read_reply(raw, where="local", key=KEY).text
    except ProviderError as error:
        said = str(error)
        assert_one_line(said)
    assert isinstance(said, str)


def assert_one_line(text: str) -> None:
    assert len(text.splitlines()) == 1


@given(
    st.integers(300, 599),
    st.dictionaries(
        st.sampled_from(["Retry-After", "retry-after-ms", "Date", "Location"]), st.text(max_size=20)
    ),
    st.binary(max_size=60) | st.text(max_size=30).map(lambda text: f"{text}{KEY}{text}".encode()),
)
def test_whatever_an_error_says_its_message_is_one_clean_line(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    error = status_failure("local", status, headers, body, key=KEY)
    assert KEY not in str(error)
    assert len(str(error)) < 300
    assert not set(str(error)) & set("\r\n\x1b\x00")
    assert error.retry_after_s is None or error.retry_after_s >= 0
