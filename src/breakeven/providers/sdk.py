"""Wires that are not OpenAI's (Anthropic, Google, Bedrock), spoken through any-llm.

any-llm counts tokens as OpenAI does: input with what the cache read and wrote, also for Anthropic and Bedrock, whose
own counts leave it out. Its retries are switched off: retrying.py does that, and counts.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable
from importlib import import_module
from typing import Any, Final

from breakeven.errors import InputError, MissingExtraError, Problem
from breakeven.providers.chat import ChatReply, ChatRequest, Usage
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest
from breakeven.providers.embedding_format import read_embeddings
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.failures import connection_failure, malformed, said, status_failure
from breakeven.providers.openai_format import read_reply
from breakeven.providers.provider import FailureKind, ProviderError
from breakeven.providers.structured import response_format

__all__ = ["SdkWire"]

# any-llm's exceptions that tell more than their status, with the code that OpenAI gives the same failure.
_CODES: Final[dict[str, str]] = {
    "ContextLengthExceededError": "context_length_exceeded",
    "ContentFilterError": "content_filter",
    "ContentFilterFinishReasonError": "content_filter",
}
# Those that may come without a status.
_OF_CLASS: Final[dict[str, FailureKind]] = {
    "RateLimitError": "rate limit",
    "AuthenticationError": "not allowed",
    "MissingApiKeyError": "not allowed",
    "InsufficientFundsError": "not allowed",
    "ModelNotFoundError": "not found",
    "ContextLengthExceededError": "too long",
    "ContentFilterError": "content filter",
    "ContentFilterFinishReasonError": "content filter",
    "UnsupportedParameterError": "bad request",
    "InvalidRequestError": "bad request",
    "JSONDecodeError": "malformed",
    "ValidationError": "malformed",
    "APIResponseValidationError": "malformed",
}
_TIMEOUTS: Final = ("APITimeoutError", "ReadTimeout", "ConnectTimeout", "ReadTimeoutError", "TimeoutError")
_CONNECTIONS: Final = ("APIConnectionError", "ConnectError", "RemoteProtocolError", "ReadError",
                       "EndpointConnectionError", "ConnectionClosedError", "ConnectionError")  # fmt: skip


class SdkWire:
    """Asks one provider through any-llm, whose client object is kept. Raises ProviderError; never retries."""

    def __init__(self, endpoint: Endpoint, *, key: str | None = None, timeout_s: float = 120.0) -> None:
        self.endpoint = endpoint
        self._key = key
        self._timeout_s = timeout_s
        self._client: Any = self._create()

    def __repr__(self) -> str:
        return f"SdkWire({self.endpoint.name!r})"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer to one request."""
        start = time.perf_counter()
        answer = await self._asked(self._client.acompletion(**self._arguments(request)))
        raw = answer.model_dump_json(exclude_none=True).encode()
        latency_s = time.perf_counter() - start
        reply = read_reply(raw, where=self.endpoint.name, latency_s=latency_s, key=self._key)
        return _without_zeros(reply)

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of one request's texts, where the provider has any."""
        start = time.perf_counter()
        model = self.endpoint.model_at(request.model)
        answer = await self._asked(self._client.aembedding(model=model, inputs=list(request.texts)))
        raw = answer.model_dump_json(exclude_none=True).encode()
        latency_s = time.perf_counter() - start
        return read_embeddings(
            raw, len(request.texts), where=self.endpoint.name, latency_s=latency_s, key=self._key
        )

    async def _asked(self, call: Awaitable[Any]) -> Any:
        """What the SDK gives, its failures in our words."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await call
        except TimeoutError as exc:
            raise connection_failure(
                self.endpoint.name, exc, sent=True, timeout_s=self._timeout_s, key=self._key
            ) from exc
        except NotImplementedError as exc:
            raise ProviderError("bad request", f"{self.endpoint.name}: {said(str(exc), self._key)}") from exc
        except Exception as exc:  # each SDK has its own tree of errors
            raise self._failure(exc) from exc

    async def close(self) -> None:
        """Give back the connections, where the provider's SDK lets go of them."""
        inner = getattr(self._client, "client", None)
        for name in ("aclose", "close"):
            closing = getattr(inner, name, None)
            if callable(closing):
                done = closing()
                if inspect.isawaitable(done):
                    await done
                return

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        given: dict[str, Any] = {
            "temperature": request.temperature,
            "top_p": request.top_p,
            "max_tokens": request.max_output_tokens,
            "seed": request.seed,
            "stop": list(request.stop) or None,
            "response_format": None if request.json_schema is None else response_format(request.json_schema),
        }
        return {
            "model": self.endpoint.model_at(request.model),
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            **{name: value for name, value in given.items() if value is not None},
            **request.extra,
        }

    def _create(self) -> Any:
        any_llm = _module().AnyLLM
        name = self.endpoint.sdk_name or self.endpoint.name
        options: dict[str, Any] = {"api_key": self._key, "api_base": self.endpoint.url}
        try:
            kind = any_llm.get_provider_class(name)
            if getattr(kind, "MAX_RETRIES_SUPPORT", "unsupported") != "unsupported":
                options["max_retries"] = 0
            elif name in ("bedrock", "sagemaker"):
                config = import_module("botocore.config").Config
                options["config"] = config(retries={"total_max_attempts": 1, "mode": "standard"})
            return any_llm.create(name, unified_exceptions=True, **options)
        except ImportError as exc:
            extra = "bedrock" if name in ("bedrock", "sagemaker") else "providers"
            raise MissingExtraError(f"any-llm-sdk[{name}]", extra) from exc
        except Exception as exc:  # each SDK checks its credentials in its own way
            problem = Problem(
                message=f"{self.endpoint.name} can not be opened: {said(str(exc), self._key)}",
                field=f"endpoints.{self.endpoint.name}",
            )
            raise InputError(problem) from exc

    def _failure(self, exc: Exception) -> ProviderError:
        """Our words for what an SDK raised."""
        where = self.endpoint.name
        cause = getattr(exc, "original_exception", None) or exc
        status = getattr(exc, "status_code", None) or _status_at_aws(cause)
        names = [kind.__name__ for kind in (*type(exc).__mro__, *type(cause).__mro__)]
        words = str(getattr(exc, "message", None) or exc)
        if status is not None and status >= 400:
            code = next((_CODES[name] for name in names if name in _CODES), getattr(exc, "code", None))
            body = json.dumps({"error": {"code": code, "message": words}}).encode()
            retry_after = getattr(exc, "retry_after", None)
            headers = {"Retry-After": retry_after} if retry_after else {}
            return status_failure(where, status, headers, body, key=self._key)
        if any(name in _TIMEOUTS for name in names):
            return connection_failure(where, TimeoutError(), sent=True, timeout_s=self._timeout_s)
        if any(name in _CONNECTIONS for name in names):
            return connection_failure(where, cause, sent=True, key=self._key)
        kind = next((_OF_CLASS[name] for name in names if name in _OF_CLASS), None)
        if kind in (None, "malformed"):
            return malformed(where, words, key=self._key)
        assert kind is not None
        return ProviderError(kind, f"{where} ({kind}): {said(words, self._key)}", status=status)


def _module() -> Any:
    try:
        return import_module("any_llm")
    except ImportError as exc:
        raise MissingExtraError("any-llm-sdk", "providers") from exc


def _status_at_aws(cause: object) -> int | None:
    """The HTTP status that AWS's SDK keeps in its own place."""
    response = getattr(cause, "response", None)
    about = response.get("ResponseMetadata") if isinstance(response, dict) else None
    status = about.get("HTTPStatusCode") if isinstance(about, dict) else None
    return status if isinstance(status, int) else None


def _without_zeros(reply: ChatReply) -> ChatReply:
    """No usage where the SDK filled in zeros for a provider that said nothing: no prompt is empty."""
    if reply.usage.input_tokens == 0 and not reply.usage.output_tokens:
        return ChatReply(
            text=reply.text, usage=Usage(), finish_reason=reply.finish_reason,
            model=reply.model, latency_s=reply.latency_s,
        )  # fmt: skip
    return reply
