"""OpenAI's chat completions as data: the body of a request, and the reply in the body of an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from breakeven.providers.chat import ChatReply, ChatRequest, Usage
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.failures import error_words, malformed, status_failure
from breakeven.providers.provider import ProviderError
from breakeven.providers.structured import response_format
from breakeven.providers.usage import read_usage

__all__ = ["read_reply", "request_fields"]


def request_fields(request: ChatRequest, endpoint: Endpoint) -> dict[str, Any]:
    """The body of a request, as plain data; ``extra`` has the last word."""
    fields: dict[str, Any] = {
        "model": endpoint.model_at(request.model),
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
    }
    if request.temperature is not None:
        fields["temperature"] = request.temperature
    if request.top_p is not None:
        fields["top_p"] = request.top_p
    if request.max_output_tokens is not None:
        fields[endpoint.max_tokens_field] = request.max_output_tokens
    if request.seed is not None:
        fields[endpoint.seed_field] = request.seed
    if request.stop:
        fields["stop"] = list(request.stop)
    if request.json_schema is not None:
        fields["response_format"] = response_format(request.json_schema)
    fields.update(request.extra)
    return fields


def read_reply(
    raw: bytes, *, where: str, latency_s: float | None = None, key: str | None = None
) -> ChatReply:
    """A reply from the body of an answer. Raises ProviderError where there is none in it."""
    try:
        data: Any = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise malformed(where, _why_not_json(raw, exc), key=key) from exc
    if not isinstance(data, dict):
        raise malformed(where, "it is no object", key=key)
    usage = read_usage(data.get("usage"))
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise _no_choice(data, usage, where, key)
    message, finish = choice["message"], choice.get("finish_reason")
    text = _text(message.get("content")) or _text(message.get("refusal"))
    if finish == "content_filter" and not text:
        raise ProviderError(
            "content filter", f"{where} withheld the answer (content filter)", status=200, usage=usage
        )
    model = data.get("model")
    return ChatReply(
        text=text,
        usage=usage,
        finish_reason=finish if isinstance(finish, str) else None,
        model=model if isinstance(model, str) else None,
        latency_s=latency_s,
    )


def _text(content: object) -> str:
    """The shown text of a message: plain, or the text parts of a list that may also hold reasoning."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return "".join(part for part in parts if isinstance(part, str))


def _no_choice(data: Mapping[str, Any], usage: Usage, where: str, key: str | None) -> ProviderError:
    """An answer with status 200 that holds none: some gateways put an error there."""
    error = data.get("error")
    if error:
        code, words = error_words(data)
        status = int(code) if code.isdigit() and 400 <= int(code) < 600 else 502
        body = json.dumps({"error": {"code": code, "message": words}}).encode()
        return status_failure(where, status, {}, body, key=key)
    return malformed(where, "it holds no choices", usage=None if usage == Usage() else usage, key=key)


def _why_not_json(raw: bytes, exc: Exception) -> str:
    if not raw.strip():
        return "it is empty"
    if raw.lstrip()[:1] == b"<":
        return "it is a web page, not JSON"
    if raw.lstrip()[:5] == b"data:":
        return "it is a stream of events, and none was asked for"
    cut = isinstance(exc, json.JSONDecodeError) and (
        exc.pos >= len(exc.doc.rstrip()) - 1 or exc.msg.startswith("Unterminated")
    )
    return f"its JSON ends after {len(raw):,} bytes" if cut else "it is no JSON"
