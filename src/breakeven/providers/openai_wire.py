"""The wire of OpenAI's chat completions and embeddings, spoken by most providers and servers.

One session for each endpoint, one request for each call: retries, pace and concurrency are laid over it.
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from yarl import URL

from breakeven.errors import InputError
from breakeven.providers.chat import ChatReply, ChatRequest
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest
from breakeven.providers.embedding_format import embedding_fields, read_embeddings
from breakeven.providers.endpoint import Endpoint, chat_url, embeddings_url
from breakeven.providers.failures import connection_failure, malformed, status_failure
from breakeven.providers.openai_format import read_reply, request_fields

__all__ = ["OpenAIWire"]

_CONNECT_S: Final = 15.0
_compact: Final = json.JSONEncoder(separators=(",", ":"), default=dict).encode
_MOST_BYTES: Final = 64 * 1024 * 1024
"""The longest answer that is taken in: no chat answer is near it."""


class OpenAIWire:
    """Asks one OpenAI-compatible endpoint. Raises ProviderError; never retries."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: str | None = None,
        timeout_s: float = 120.0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._key = key
        self._timeout_s = timeout_s
        self._headers = _headers(endpoint, key, os.environ if environ is None else environ)
        self._urls: dict[str, URL] = {}
        self._proxy = _proxy(endpoint.url or "")
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"OpenAIWire({self.endpoint.name!r})"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer to one request."""
        url = self._urls.get(request.model) or self._url(request.model)
        raw, latency_s = await self._posted(url, request_fields(request, self.endpoint), request.key)
        return read_reply(raw, where=self.endpoint.name, latency_s=latency_s, key=self._key)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of one request's texts."""
        url = URL(embeddings_url(self.endpoint, request.model))
        raw, latency_s = await self._posted(url, embedding_fields(request, self.endpoint), request.key)
        return read_embeddings(
            raw, len(request.texts), where=self.endpoint.name, latency_s=latency_s, key=self._key
        )

    async def _posted(self, url: URL, fields: Mapping[str, Any], request_key: str) -> tuple[bytes, float]:
        """The body of a good answer, and how long it took."""
        name = self.endpoint.name
        body = json.dumps(fields, separators=(",", ":"), default=dict).encode()
        headers = {"X-Client-Request-Id": request_key}
        start = time.perf_counter()
        try:
            async with self._opened().post(
                url, data=body, headers=headers, proxy=self._proxy, allow_redirects=False
            ) as response:
                status = response.status
                raw = await self._read(response)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as exc:
            raise connection_failure(name, exc, sent=False, timeout_s=_CONNECT_S, key=self._key) from exc
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise connection_failure(name, exc, sent=True, timeout_s=self._timeout_s, key=self._key) from exc
        latency_s = time.perf_counter() - start
        if status != 200:
            raise status_failure(name, status, response.headers, raw, key=self._key)
        return raw, latency_s

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if (response.content_length or 0) <= _MOST_BYTES and response.content_length is not None:
            return await response.read()
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > _MOST_BYTES:
                raise malformed(self.endpoint.name, f"it is longer than {_MOST_BYTES:,} bytes")
            chunks.append(chunk)
        return b"".join(chunks)

    def _url(self, model: str) -> URL:
        url = self._urls[model] = URL(chat_url(self.endpoint, model))
        return url

    def _opened(self) -> aiohttp.ClientSession:
        """The one session, made in the loop that uses it."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(
                    total=self._timeout_s, sock_connect=min(_CONNECT_S, self._timeout_s)
                ),
                # How many are under way is the business of limits.py.
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _headers(endpoint: Endpoint, key: str | None, environ: Mapping[str, str]) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "breakeven"}
    if key:
        headers[endpoint.key_header] = f"Bearer {key}" if endpoint.key_header == "Authorization" else key
    for header, variable in endpoint.headers_env.items():
        value = environ.get(variable, "").strip()
        if not value.isprintable():
            raise InputError(f"the value of {variable} holds a character that no header can carry")
        if value:
            headers[header] = value
    return headers


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for this address. Looked up once: aiohttp would do it at every request."""
    parts = URL(url)
    if (
        not parts.host
        or urllib.request.proxy_bypass(parts.host)
        or parts.host in ("127.0.0.1", "::1", "localhost")
    ):
        return None
    return urllib.request.getproxies().get(parts.scheme)
