"""LiteLLM's spend logs."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["LITELLM"]

LITELLM = LogFormat(
    name="litellm",
    title="LiteLLM spend logs",
    marks=(
        ("request_id", "call_type", "spend", "startTime"),
        ("spend", "prompt_tokens", "completion_tokens", "startTime", "endTime"),
    ),
    fields={
        "time": ("startTime",),
        "end_time": ("endTime",),
        "first_token_time": ("completionStartTime",),
        "latency_s": (milliseconds("request_duration_ms"),),
        "provider": ("custom_llm_provider",),
        "model": ("model",),
        "feature": ("model_group",),
        "input_tokens": ("prompt_tokens",),
        "cached_tokens": (
            "metadata.usage_object.prompt_tokens_details.cached_tokens",
            "metadata.additional_usage_values.prompt_tokens_details.cached_tokens",
            "metadata.usage_object.cache_read_input_tokens",
            "metadata.additional_usage_values.cache_read_input_tokens",
        ),
        "cache_write_tokens": (
            "metadata.usage_object.cache_creation_input_tokens",
            "metadata.additional_usage_values.cache_creation_input_tokens",
        ),
        "output_tokens": ("completion_tokens",),
        "reasoning_tokens": (
            "metadata.usage_object.completion_tokens_details.reasoning_tokens",
            "metadata.additional_usage_values.completion_tokens_details.reasoning_tokens",
        ),
        "cost_usd": ("spend",),
        "status": ("status", "metadata.status"),
        "error": ("metadata.error_information.error_class",),
        "call_id": ("request_id",),
        "session": ("session_id",),
        "messages": ("messages",),
        "answer": ("response.choices.0.message.content",),
        "finish_reason": ("response.choices.0.finish_reason",),
        "tier": ("response.service_tier",),
    },
    needs=("time", "model", "input_tokens", "output_tokens"),
    note="LiteLLM counts cached tokens inside `prompt_tokens` for every provider, Anthropic's too.",
)
