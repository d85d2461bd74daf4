"""Who may ask: Host, Origin and the token; and the headers of every answer."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from breakeven.web.security import COOKIE, HEADERS, QuietAccessLog, install, is_loopback
from tests.web.api.serving import problems

TOKEN = "a-token-that-nobody-guesses"


def guarded(token: str | None = None, hosts: tuple[str, ...] = ()) -> TestClient:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/")
    @app.get("/page/{name}")
    def page() -> dict[str, str]:
        return {"shown": "yes"}

    @app.post("/change")
    def change() -> dict[str, str]:
        return {"changed": "yes"}

    install(app, token=token, hosts=hosts)
    return TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.1"])
def test_this_machine_is_answered(host: str) -> None:
    assert guarded().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example:8000",
        "localhost.evil.example",
        "",
        "evil.example:80@localhost",
    ],
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    problems(guarded().get("/", headers={"Host": host}), 421)


def test_a_host_can_be_named_with_its_port() -> None:
    client = guarded(hosts=("box.lan:8000",))
    assert client.get("/", headers={"Host": "box.lan:8000"}).status_code == 200
    problems(client.get("/", headers={"Host": "box.lan:9000"}), 421)
    problems(client.get("/", headers={"Host": "127.0.0.1:8000"}), 421)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "http://127.0.0.1:8000.evil.example"},
        {"Origin": "file://127.0.0.1:8000"},
        {"Origin": "http://[127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_changes_nothing(headers: dict[str, str]) -> None:
    problems(guarded().post("/change", headers=headers), 403)
    assert guarded().get("/", headers=headers).status_code == 200  # it may ask, and can not read the answer


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
)
def test_our_own_page_and_programs_do(headers: dict[str, str]) -> None:
    assert guarded().post("/change", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer ünï",
    ],
)
def test_without_the_token_nobody_is_answered(given: str) -> None:
    refused = guarded(TOKEN).get("/", headers={b"Authorization": given.encode()})
    problems(refused, 401)
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert TOKEN not in refused.text


def test_with_the_token_one_is() -> None:
    client = guarded(TOKEN)
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.post("/change", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200
    assert client.cookies == {}


def test_a_browser_trades_the_token_for_a_cookie() -> None:
    client = guarded(TOKEN)
    sent_on = client.get("/page/one", params={"token": TOKEN})
    assert (sent_on.status_code, sent_on.headers["location"]) == (303, "/page/one")
    cookie = sent_on.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/page/one").status_code == 200
    client.cookies.clear()
    problems(client.get("/", headers={"Cookie": f"{COOKIE}=made-up"}), 401)
    problems(client.get("/", params={"token": "wrong"}), 401)
    problems(client.post("/change", params={"token": TOKEN}), 401)


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "/%0d%0aSet-Cookie:x=1"])
def test_a_browser_is_never_sent_elsewhere(path: str) -> None:
    location = guarded(TOKEN).get(f"{path}?token={TOKEN}").headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\r" not in location


def test_an_empty_token_is_no_token() -> None:
    with pytest.raises(ValueError, match="empty token"):
        guarded(" ").get("/")


def test_no_websocket_is_opened() -> None:
    client = guarded()
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/"):
        pass


def test_every_answer_has_the_headers() -> None:
    client = guarded(TOKEN)
    with_token = {"Authorization": f"Bearer {TOKEN}"}
    answers = [
        client.get("/"), client.get("/", headers=with_token), client.get("/none", headers=with_token),
        client.get("/", params={"token": TOKEN}), client.get("/", headers={"Host": "evil.example"}),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [401, 200, 404, 303, 421]
    for one in answers:
        assert {name: one.headers.get(name) for name in HEADERS} == dict(HEADERS)
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_what_only_this_machine_reaches() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "::1", "[::1]", "localhost", "127.8.8.8"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.1.4", "box.lan", ""]))


def test_the_access_log_leaves_queries_out() -> None:
    args = ("127.0.0.1:5000", "GET", f"/page?token={TOKEN}", "1.1", 200)
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', args, None)
    assert QuietAccessLog().filter(record)
    assert record.getMessage() == '127.0.0.1:5000 - "GET /page HTTP/1.1" 200'
