"""What stands before every request: whose it is, where it comes from, and what a browser may do with the answer.

``install`` adds one layer to an application. It checks, in this order:

``Host``
    A page of another site can be made to resolve to this machine; its requests name another host.
``Origin``
    On methods that change something, a browser says which page sent them; only our own may.
the token
    Where one is set: ``Authorization: Bearer TOKEN``. A browser opens ``/?token=TOKEN`` once and keeps a cookie, which
    scripts can not read and other sites can not send.

Every answer, errors too, carries headers that forbid framing, foreign content and guessing of types.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["COOKIE", "HEADERS", "Guard", "QuietAccessLog", "install", "is_loopback"]

COOKIE: Final = "breakeven_session"
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: object, *, token: str | None, hosts: Iterable[str] = ()) -> None:
    """Guard a Starlette or FastAPI application. Call it last, so that the guard stands before all else.

    token: None asks for none, right only on loopback. hosts: names under which it may be asked, with or without a port;
    none: those of this machine.
    """
    app.add_middleware(Guard, token=token, hosts=tuple(hosts) or _LOOPBACK)  # type: ignore[attr-defined]  # as Starlette has it


def is_loopback(host: str) -> bool:
    """Whether a server bound to this host is reached from this machine alone: then it needs no token."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """An ASGI layer; see the module."""

    def __init__(self, app: ASGIApp, *, token: str | None, hosts: Iterable[str]) -> None:
        if token is not None and not token.strip():
            raise ValueError("an empty token would let everybody in")
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)
        self._token = None if token is None else token.encode()
        self._session = secrets.token_urlsafe(32)
        """What the cookie holds: not the token, and another one after each start."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})  # none is served
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(*refusal, _with_headers(send))
        elif self._shows_token(scope):
            await self._let_in(scope, _with_headers(send))
        else:
            await self.app(scope, receive, _with_headers(send))

    # ------------------------------------------------------------------------------------------- checks

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, str] | None:
        """(status, message, hint), or None where the request may go on."""
        host = headers.get("host", "").lower()
        if not self._is_ours(host):
            hint = "open it by the address that it printed, or name this host when it is started"
            return 421, "this server does not answer to this host", hint
        if scope["method"] not in _SAFE and not _is_from_here(headers, host):
            return (
                403,
                "this request comes from a page of another site",
                "send it from this server's own page",
            )
        if not (self._has_token(headers) or self._shows_token(scope)):
            return (
                401,
                "a token is needed",
                "send `Authorization: Bearer TOKEN`; in a browser, open /?token=TOKEN once",
            )
        return None

    def _is_ours(self, host: str) -> bool:
        name, colon, port = host.rpartition(":")
        bare = name if colon and port.isdecimal() else host
        return host in self.hosts or bare in self.hosts

    def _has_token(self, headers: Headers) -> bool:
        if self._token is None:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and hmac.compare_digest(_bytes(given.strip()), self._token):
            return True
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        return hmac.compare_digest(_bytes(cookie), self._session.encode())

    def _shows_token(self, scope: Scope) -> bool:
        if self._token is None or scope["method"] != "GET" or not scope["query_string"]:
            return False
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        return hmac.compare_digest(_bytes(given), self._token)

    async def _let_in(self, scope: Scope, send: Send) -> None:
        """Send a browser on to the same address without the token, which then stands in no history or log."""
        path = "/" + quote(scope["path"].lstrip("/\\"))
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        headers = [
            (b"location", path.encode()),
            (b"set-cookie", f"{COOKIE}={self._session}; Path=/; HttpOnly; SameSite=Strict{secure}".encode()),
            (b"cache-control", b"no-store"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_from_here(headers: Headers, host: str) -> bool:
    """Whether no browser sent this, or one did from our own page."""
    origin = headers.get("origin")
    if origin is not None:
        scheme, separator, rest = origin.lower().partition("://")
        return bool(separator) and scheme in ("http", "https") and rest == host
    return headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


async def _refuse(status: int, message: str, hint: str, send: Send) -> None:
    problem = {"message": message, "place": None, "field": None, "hint": hint}
    body = json.dumps({"problems": [problem]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="breakeven"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class QuietAccessLog(logging.Filter):
    """For uvicorn's access log: addresses without their query, which may hold a token or what a person typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, its address cut at the question mark."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                part.partition("?")[0] if isinstance(part, str) and part.startswith("/") else part
                for part in record.args
            )
        return True
