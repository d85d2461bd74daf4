"""What is refused, with which words; and that no answer tells where the server keeps its files."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from breakeven.web.api import jobs
from breakeven.web.api.pool import BusyError, Pool, TooLongError
from breakeven.web.api.services import services_of
from breakeven.web.limits import Limits
from tests.web.api.serving import SMALL, application, problems, sent


def decide(client: TestClient, study: str, **ask: Any) -> Any:
    answer = client.post("/api/v1/decide", json={"study": study, "draws": 50, **ask})
    assert tempfile.gettempdir() not in answer.text
    assert "Traceback" not in answer.text
    return answer


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (("openai/gpt-4.1-mini", "openai/gpt-4.1-minny"), "candidates.mini.model", "gpt-4.1-minny"),
        (("100K calls/month", "100K"), "workload.volume", "100K"),
        (("today: prompt", "today: promt"), "today", "promt"),
    ],
)
def test_a_slip_in_a_study_keeps_its_place(
    change: tuple[str, str], field: str, words: str, client: TestClient
) -> None:
    [found] = problems(decide(client, SMALL.replace(*change)), 422)
    assert found["field"] == field
    assert found["place"].startswith("breakeven.yaml:")
    assert words in found["message"]
    assert found["hint"]


def test_every_slip_is_told_at_once(client: TestClient) -> None:
    text = SMALL.replace("100K calls/month", "100K").replace(
        "kind: prompt, model: openai/gpt-4.1,", "kind: promt,"
    )
    assert len(problems(decide(client, text.replace("today: prompt", "today: nobody")), 422)) >= 2


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../../../../etc/passwd",
        "evidence/none.json",
        "~/.ssh/id_rsa",
        "file:///etc/passwd",
        ".",
    ],
)
def test_a_study_names_no_file_but_uploads(name: str, client: TestClient) -> None:
    text = SMALL.replace("model: openai/gpt-4.1}", f"model: openai/gpt-4.1, quality: {{eval: '{name}'}}}}")
    [found] = problems(decide(client, text), 422)
    assert found["place"].startswith("breakeven.yaml:")
    assert "this request's uploads" in found["message"] or "can not be opened" in found["message"]
    assert "--" not in (found["hint"] or "")
    assert "root:" not in str(found)


def test_evidence_that_can_not_be_read_is_named_as_it_was_given(client: TestClient) -> None:
    broken = sent(client, b"id,score\n1,\xff\xfe\n", "evidence/broken.csv")
    text = SMALL.replace(
        "model: openai/gpt-4.1}", "model: openai/gpt-4.1, quality: {eval: evidence/broken.csv}}"
    )
    found = problems(decide(client, text, uploads=[broken]), 422)
    assert "broken.csv" in str(found)
    logs = sent(client, b"not a log", "calls.jsonl")
    answer = client.post("/api/v1/profile", json={"uploads": [logs]})
    assert "calls.jsonl" in str(problems(answer, 422))
    assert tempfile.gettempdir() not in answer.text


def test_a_path_in_logs_reads_nothing(client: TestClient) -> None:
    logs = sent(client, b'{"file": "/etc/passwd", "path": "../../secret"}\n', "calls.jsonl")
    answer = client.post("/api/v1/profile", json={"uploads": [logs], "format": "/etc/passwd"})
    assert "root:" not in answer.text
    problems(answer, 422)


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        ({"draws": 200_001}, "draws"),
        ({"draws": 1}, "draws"),
        ({"seed": -1}, "seed"),
        ({"dras": 5}, "dras"),
        ({"uploads": ["../../etc/passwd-"]}, "uploads.0"),
        ({"uploads": "all"}, "uploads"),
        ({"study": None}, "study"),
        ({"study": 5}, "study"),
    ],
)
def test_a_field_that_can_not_be(ask: dict[str, Any], field: str, client: TestClient) -> None:
    answer = client.post("/api/v1/decide", json={"study": SMALL, **ask})
    assert [one["field"] for one in problems(answer, 422)] == [field]


def test_what_is_no_json(client: TestClient) -> None:
    for body in (b"{", b"", b"\xff", b'{"study": "a", "seed": NaN}', b"[" * 50_000):
        headers = {"content-type": "application/json"}
        answer = client.post("/api/v1/decide", content=body, headers=headers)
        assert answer.status_code in (400, 422)
        problems(answer, answer.status_code)


def test_yaml_that_grows(client: TestClient) -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join(["l0: &l0 [x, x, x]", *levels, SMALL])
    assert len(problems(decide(client, bomb), 422)) < 100
    for text in (
        "!!python/object/apply:os.system ['id']",
        "[" * 3_000,
        "a: " * 3_000,
        "\0",
        "%YAML 9.9\n---\n",
    ):
        problems(decide(client, text), 422)


def test_uploads_that_are_not_there(client: TestClient) -> None:
    [found] = problems(decide(client, SMALL, uploads=["nobody-sent-this-one"]), 404)
    assert "/uploads" in found["hint"]


def test_too_many_candidates_and_too_much_work() -> None:
    most = {"candidates": 2, "cells": 50 * 2 * 36}
    common: dict[str, Any] = {
        "today": "2026-11-22",
        "seed": 0,
        "rules": "builtins:list",
        "purchases": "builtins:list",
    }
    jobs.decided(SMALL, draws=50, most=most, **common)
    with pytest.raises(Exception, match="51 draws of 2 candidates over 36 months"):
        jobs.decided(SMALL, draws=51, most=most, **common)
    with pytest.raises(Exception, match="2 candidates; this server takes 1"):
        jobs.decided(SMALL, draws=50, most={**most, "candidates": 1}, **common)


def test_limits_are_the_applications() -> None:
    with TestClient(application(limits=Limits(candidates=1))) as client:
        [found] = problems(decide(client, SMALL), 422)
    assert found["field"] == "candidates"
    assert "own machine" in found["hint"]


def test_busy_and_too_long_are_said(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> None:
        raise BusyError(200, 7)

    async def slow(*_: object) -> None:
        raise TooLongError("this takes longer than 120 s of computing")

    monkeypatch.setattr(Pool, "run", busy)
    answer = decide(client, SMALL)
    problems(answer, 503)
    assert answer.headers["retry-after"] == "7"
    monkeypatch.setattr(Pool, "run", slow)
    [found] = problems(decide(client, SMALL), 422)
    assert "draws" in found["hint"]


def test_a_fault_of_ours_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("secret in /srv/breakeven")

    monkeypatch.setattr(Pool, "run", broken)
    answer = decide(client, SMALL)
    [found] = problems(answer, 500)
    assert "our fault" in found["message"]
    assert "secret" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


def test_names_of_uploads_that_a_request_does_not_have(client: TestClient) -> None:
    upload = sent(client, b"id,score\n1,1\n", "a.csv")
    for path, ask in (("evals/compare", {"cases": "b.csv"}), ("data/check", {"logs": ["b.csv"]})):
        [found] = problems(client.post(f"/api/v1/{path}", json={"uploads": [upload], **ask}), 422)
        assert "b.csv" in found["message"]
    problems(client.post("/api/v1/evals/compare", json={"uploads": [upload], "cases": "a.csv"}), 422)
    problems(client.post("/api/v1/reprice", json={"uploads": [upload]}), 422)


def test_addresses_that_are_none(client: TestClient) -> None:
    problems(client.get("/api/v1/nothing/here"), 404)
    answer = client.put("/api/v1/decide", json={})
    problems(answer, 405)
    assert answer.headers["allow"] == "POST"
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.1")


async def told(path: str, messages: list[dict[str, Any]], limits: Limits) -> list[dict[str, Any]]:
    """What the application sends to a client that sends these messages, then nothing more."""
    app, sent_back = application(limits=limits), []
    rest = iter(messages)

    async def receive() -> dict[str, Any]:
        for message in rest:
            return message
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent_back.append(message)

    scope = {
        "type": "http", "method": "POST", "path": f"/api/v1/{path}", "raw_path": path.encode(), "root_path": "",
        "query_string": b"name=a.csv", "scheme": "http", "http_version": "1.1", "server": ("testserver", 80),
        "headers": [(b"host", b"testserver"), (b"content-type", b"application/json"), (b"content-length", b"900")],
    }  # fmt: skip
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)  # type: ignore[arg-type]
        assert services_of(app).uploads.held() == (0, 0)
        assert [path for path in services_of(app).uploads.root.iterdir() if path.is_file()] == []
    return sent_back


PIECE: dict[str, Any] = {"type": "http.request", "body": b"x", "more_body": True}
GONE: dict[str, Any] = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("path", "messages", "status", "words"),
    [
        ("decide", [PIECE], 408, "did not arrive within"),
        ("uploads", [PIECE], 408, "nothing arrived for"),
        ("decide", [PIECE, GONE], 400, "cut off"),
        ("uploads", [PIECE, GONE], 400, "cut off"),
        ("uploads", [{**PIECE, "more_body": False}], 400, "cut off: 1 of 900 bytes"),
    ],
)
def test_slow_and_cut_requests(path: str, messages: list[dict[str, Any]], status: int, words: str) -> None:
    start, body = asyncio.run(told(path, messages, Limits(body_s=0.05, upload_idle_s=0.05)))
    assert start["status"] == status
    assert words in json.loads(body["body"])["problems"][0]["message"]


def test_a_client_that_leaves_is_not_computed_for() -> None:
    body = json.dumps({"study": SMALL, "draws": 200_000}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}, GONE]
    begun = time.monotonic()
    start, _ = asyncio.run(told("decide", messages, Limits()))
    assert start["status"] == 400
    assert time.monotonic() - begun < 50
