"""OpenAI's requests and responses, chat and Responses API, with Anthropic's, which are logged the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["OPENAI", "OPENAI_USAGE"]

_BODIES = ("response", "response.body", "body", "completion")
_REQUESTS = ("request", "request.body", "body", "kwargs")


def _in(bodies: tuple[str, ...], *keys: str) -> tuple[str, ...]:
    """The keys within each of the bodies, then at the top."""
    return tuple(f"{body}.{key}" for body in bodies for key in keys) + keys


OPENAI = LogFormat(
    name="openai",
    title="OpenAI requests and responses",
    marks=(
        ("response.usage.prompt_tokens",),
        ("response.usage.completion_tokens",),
        ("response.usage.input_tokens",),
        ("response.body.usage.prompt_tokens",),
        ("response.body.usage.input_tokens",),
        ("request.model", "request.messages", "response"),
        ("request.model", "request.input", "response"),
        ("usage.prompt_tokens", "model"),
        ("usage.input_tokens", "model"),
        ("prompt_tokens", "completion_tokens", "model"),
    ),
    fields={
        "time": (
            "timestamp", "time", "created_at", "request_time", "start_time", "ts",
            *_in(("response", "response.body", "body"), "created", "created_at"),
        ),
        "end_time": ("end_time", "response_time"),
        "latency_s": (
            "latency_s", "duration_s", "latency_seconds",
            milliseconds("latency_ms"), milliseconds("duration_ms"), milliseconds("response_ms"),
        ),
        "ttft_s": ("ttft_s", milliseconds("ttft_ms"), milliseconds("time_to_first_token_ms")),
        "provider": ("provider",),
        "model": (*_in(("response", "response.body"), "model"), "request.model", "request.body.model"),
        "feature": (
            "feature", "task", "function_name", "metadata.feature", "metadata.task", "request.metadata.feature",
        ),
        "input_tokens": (*_in(_BODIES, "usage.prompt_tokens", "usage.input_tokens"), "prompt_tokens", "input_tokens"),
        "cached_tokens": (
            *_in(_BODIES, "usage.prompt_tokens_details.cached_tokens", "usage.input_tokens_details.cached_tokens"),
            "prompt_tokens_details.cached_tokens", "cached_tokens",
        ),
        "cached_apart_tokens": _in(_BODIES, "usage.cache_read_input_tokens"),
        "cache_write_tokens": _in(_BODIES, "usage.prompt_tokens_details.cache_write_tokens"),
        "cache_write_apart_tokens": _in(_BODIES, "usage.cache_creation_input_tokens"),
        "output_tokens": (
            *_in(_BODIES, "usage.completion_tokens", "usage.output_tokens"), "completion_tokens", "output_tokens",
        ),
        "reasoning_tokens": (
            *_in(_BODIES, "usage.completion_tokens_details.reasoning_tokens"),
            *_in(_BODIES, "usage.output_tokens_details.reasoning_tokens"), "reasoning_tokens",
        ),
        "cost_usd": ("cost_usd", "cost"),
        "status": ("status_code", "response.status_code", "status"),
        "error": ("error", "response.error", "response.body.error"),
        "call_id": ("call_id", *_in(("response", "response.body"), "id"), "custom_id"),
        "session": ("session_id", "conversation_id", "trace_id"),
        "template": ("prompt_id", "template", "prompt_name", "request.prompt.id", "metadata.prompt_id"),
        "messages": _in(_REQUESTS, "messages", "input"),
        "answer": _in(_BODIES, "choices.0.message.content", "output.0.content.0.text", "content.0.text"),
        "finish_reason": (
            *_in(_BODIES, "choices.0.finish_reason", "incomplete_details.reason", "stop_reason"), "finish_reason",
        ),
        "tier": _in((*_BODIES, "request"), "service_tier"),
        "outcome": ("outcome",),
    },
    needs=("time", "model", "input_tokens", "output_tokens"),
    note="Cached tokens stand inside OpenAI's input count and outside Anthropic's; each is read as its own.",
)  # fmt: skip


def _usage_rows(document: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a page of the organization's usage: each bucket's times stand in each of its results."""
    if isinstance(document, list):
        for part in document:
            yield from _usage_rows(part)
    elif not isinstance(document, Mapping):
        yield {"broken": "a usage row is an object"}
    elif isinstance(document.get("data"), list):
        yield from _usage_rows(document["data"])
    elif isinstance(document.get("results"), list):
        times = {key: document.get(key) for key in ("start_time", "end_time", "start_time_iso")}
        for result in document["results"]:
            yield _usage_row({**times, **result}) if isinstance(result, Mapping) else {"broken": "no object"}
    else:
        yield _usage_row(document)


def _usage_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    flat = {key: value for key, value in row.items() if key != "broken"}
    return {**flat, "tier": "batch"} if flat.get("batch") is True else flat


OPENAI_USAGE = LogFormat(
    name="openai-usage",
    title="OpenAI usage export",
    kind="windows",
    marks=(
        ("num_model_requests", "input_tokens", "output_tokens"),
        ("n_requests", "n_context_tokens_total", "n_generated_tokens_total"),
        ("start_time", "end_time", "results"),
        ("data", "has_more", "next_page"),
    ),
    fields={
        "time": ("start_time", "aggregation_timestamp", "start_time_iso"),
        "end_time": ("end_time",),
        "model": ("model", "snapshot_id"),
        "feature": ("project_id", "project_name", "operation"),
        "rate_per_s": ("num_model_requests", "n_requests"),
        "input_tokens": ("input_tokens", "n_context_tokens_total"),
        "cached_tokens": ("input_cached_tokens", "n_cached_context_tokens_total"),
        "cache_write_tokens": ("input_cache_write_tokens",),
        "output_tokens": ("output_tokens", "n_generated_tokens_total"),
        "tier": ("tier", "service_tier"),
    },
    needs=("rate_per_s",),
    unpack=_usage_rows,
    window_s=60.0,
    per_window=True,
    note="A row sums many calls: sums and means are exact, percentiles of single calls can not be known.",
)
