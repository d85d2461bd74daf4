"""Helicone's request export."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["HELICONE"]

HELICONE = LogFormat(
    name="helicone",
    title="Helicone requests",
    marks=(
        ("request_id", "request_created_at", "request_model"),
        ("request_created_at", "response_status", "delay_ms"),
    ),
    fields={
        "time": ("request_created_at",),
        "end_time": ("response_created_at",),
        "latency_s": (milliseconds("delay_ms"),),
        "ttft_s": (milliseconds("time_to_first_token"),),
        "provider": ("provider",),
        "model": ("response_model", "request_model", "model_override"),
        "feature": ("request_properties.feature", "request_properties.Feature", "request_properties.Task"),
        "input_tokens": ("prompt_tokens",),
        "cached_tokens": ("prompt_cache_read_tokens",),
        "cache_write_tokens": ("prompt_cache_write_tokens",),
        "output_tokens": ("completion_tokens",),
        "reasoning_tokens": ("reasoning_tokens",),
        "cost_usd": ("cost_usd", "costUSD"),
        "status": ("response_status",),
        "call_id": ("request_id",),
        "session": ("request_properties.Helicone-Session-Id",),
        "template": ("prompt_id", "request_properties.Helicone-Prompt-Id"),
        "messages": ("request_body.messages", "request_body.input"),
        "answer": ("response_body.choices.0.message.content", "response_body.content.0.text"),
        "finish_reason": ("response_body.choices.0.finish_reason", "response_body.stop_reason"),
        "tier": ("response_body.service_tier", "request_body.service_tier"),
        "outcome": ("feedback_rating",),
    },
    needs=("time", "model", "input_tokens", "output_tokens"),
    apart_providers=("anthropic", "claude"),
    note="Cached tokens are inside the prompt count for OpenAI's models, outside for Anthropic's.",
)
