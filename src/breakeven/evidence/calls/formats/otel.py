"""OpenTelemetry spans with GenAI attributes, new names and old, and OpenInference's; OTLP JSON or flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["OTEL"]

_USED = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.prompt",
    "llm.token_count.completion",
)


def _spans(document: Any) -> Iterator[Mapping[str, Any]]:
    """Every span of a document as a flat record; lists, OTLP's nesting and single spans come apart alike."""
    if isinstance(document, list):
        for part in document:
            yield from _spans(part)
    elif not isinstance(document, Mapping):
        yield {"broken": "a span is an object"}
    elif "resourceSpans" in document:
        for resource in document["resourceSpans"]:
            service = _attributes((resource.get("resource") or {}).get("attributes")).get("service.name")
            for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
                yield from (_flat(span, service) for span in scope.get("spans") or ())
    elif "spans" in document:
        yield from _spans(document["spans"])
    else:
        yield _flat(document, None)


def _flat(span: Any, service: Any) -> Mapping[str, Any]:
    if not isinstance(span, Mapping):
        return {"broken": "a span is an object"}
    attributes = _attributes(span.get("attributes")) or _columns(span, "attributes.")
    found = span.get("spanContext") or span.get("context") or _columns(span, "context.")
    attributes = {**_evaluation(span.get("events")), **attributes}
    status = span.get("status") or {}
    record = {
        "span_id": span.get("spanId") or span.get("span_id") or found.get("spanId") or found.get("span_id"),
        "trace_id": span.get("traceId")
        or span.get("trace_id")
        or found.get("traceId")
        or found.get("trace_id"),
        "parent_id": _parent(span),
        "name": span.get("name"),
        "start": _time(span, "startTimeUnixNano", "startTime", "start_time"),
        "end": _time(span, "endTimeUnixNano", "endTime", "end_time"),
        "status": (status.get("code") or status.get("status_code") if isinstance(status, Mapping) else status)
        or span.get("status_code"),
        "service": service,
        "used": any(name in attributes for name in _USED),
    }
    return {**{key: value for key, value in attributes.items() if key.startswith(_KEPT)}, **record}


def _evaluation(events: Any) -> dict[str, Any]:
    """The first evaluation among a span's events: what its answer was worth."""
    for event in events if isinstance(events, list) else ():
        if isinstance(event, Mapping) and str(event.get("name", "")).startswith("gen_ai.evaluation"):
            found = _attributes(event.get("attributes"))
            return {key: value for key, value in found.items() if key.startswith("gen_ai.evaluation.")}
    return {}


_KEPT = ("gen_ai.", "llm.", "ai.", "error.", "http.", "session.", "openinference.")


def _parent(span: Mapping[str, Any]) -> Any:
    within = span.get("parentSpanContext") or {}
    return (
        span.get("parentSpanId")
        or span.get("parent_id")
        or span.get("parent_span_id")
        or within.get("spanId")
    )


def _attributes(attributes: Any) -> dict[str, Any]:
    """Attributes as one flat map, whether they came as one or as OTLP's list of keys and typed values."""
    if isinstance(attributes, Mapping):
        return _dotted(attributes)
    if not isinstance(attributes, list):
        return {}
    items = (item for item in attributes if isinstance(item, Mapping) and "key" in item)
    return {item["key"]: _plain(item.get("value")) for item in items}


def _columns(span: Mapping[str, Any], before: str) -> dict[str, Any]:
    """What stands in keys or columns with dots in them, as a span in a table has it; the prefix is left out."""
    flat = {
        key.removeprefix(before): value for key, value in span.items() if "." in key and value is not None
    }
    return _dotted(flat)


def _dotted(attributes: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in attributes.items():
        if isinstance(value, Mapping):
            flat.update(_dotted(value, f"{before}{key}."))
        else:
            flat[f"{before}{key}"] = value
    return flat


def _plain(value: Any) -> Any:
    return next(iter(value.values()), None) if isinstance(value, Mapping) else value


def _time(span: Mapping[str, Any], *keys: str) -> Any:
    """A time as text: ISO, or nanoseconds since 1970; the pair [seconds, nanoseconds] is put together."""
    value = next((span[key] for key in keys if span.get(key) is not None), None)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return str(value[0] * 1_000_000_000 + value[1])
    return value


OTEL = LogFormat(
    name="otel",
    title="OpenTelemetry GenAI spans",
    marks=(
        ("resourceSpans",),
        ("spans", "data"),
        ("attributes", "name", "startTime"),
        ("attributes", "name", "start_time"),
        ("attributes", "spanContext"),
        ("attributes", "traceId", "spanId"),
        ("gen_ai.request.model",),
        ("attributes.gen_ai.request.model",),
        ("gen_ai.usage.input_tokens",),
        ("attributes.gen_ai.usage.input_tokens",),
        ("attributes.llm.token_count.prompt",),
        ("llm.token_count.prompt",),
    ),
    fields={
        "time": ("start",),
        "end_time": ("end",),
        "ttft_s": ("gen_ai.server.time_to_first_token", milliseconds("ai.response.msToFirstChunk")),
        "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
        "model": ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name"),
        "feature": ("gen_ai.agent.name", "service"),
        "input_tokens": (
            "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        ),
        "cached_tokens": (
            "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
            "llm.token_count.prompt_details.cache_read", "ai.usage.cachedInputTokens",
        ),
        "cache_write_tokens": (
            "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
            "llm.token_count.prompt_details.cache_write",
        ),
        "output_tokens": (
            "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
        ),
        "reasoning_tokens": (
            "gen_ai.usage.reasoning.output_tokens", "llm.token_count.completion_details.reasoning",
            "ai.usage.reasoningTokens",
        ),
        "cost_usd": ("gen_ai.usage.cost", "llm.cost.total"),
        "status": ("status",),
        "error": ("error.type",),
        "call_id": ("span_id",),
        "session": ("gen_ai.conversation.id", "session.id", "trace_id"),
        "template": ("gen_ai.prompt.name", "llm.prompt_template.version"),
        "messages": ("gen_ai.input.messages", "gen_ai.prompt", "ai.prompt.messages", "llm.input_messages"),
        "answer": ("gen_ai.output.messages", "gen_ai.completion", "ai.response.text"),
        "finish_reason": ("gen_ai.response.finish_reasons", "ai.response.finishReason"),
        "tier": (
            "gen_ai.openai.response.service_tier", "gen_ai.response.service_tier",
            "gen_ai.openai.request.service_tier", "gen_ai.request.service_tier",
        ),
        "outcome": ("gen_ai.evaluation.score.value", "gen_ai.evaluation.score.label"),
        "outcome_name": ("gen_ai.evaluation.name",),
    },
    needs=("input_tokens", "output_tokens"),
    unpack=_spans,
    tree=True,
    apart_providers=(),
    note="A span that wraps others repeats their tokens: only the innermost spans that used tokens are calls.",
)  # fmt: skip
