"""TensorZero's tables: model inferences are the calls, inferences name their function, feedback their outcome."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["TENSORZERO", "TENSORZERO_FEEDBACK", "TENSORZERO_INFERENCE"]

TENSORZERO = LogFormat(
    name="tensorzero",
    title="TensorZero model inferences",
    marks=(("inference_id", "model_name", "model_provider_name", "input_tokens"),),
    fields={
        "time": ("timestamp",),
        "latency_s": (milliseconds("response_time_ms"),),
        "ttft_s": (milliseconds("ttft_ms"),),
        "provider": ("model_provider_name",),
        "model": ("model_name",),
        "input_tokens": ("input_tokens",),
        "cached_tokens": ("provider_cache_read_input_tokens",),
        "output_tokens": ("output_tokens",),
        "cost_usd": ("cost",),
        "call_id": ("inference_id",),
        "messages": ("input_messages",),
        "answer": ("output",),
        "finish_reason": ("finish_reason",),
    },
    needs=("model", "input_tokens", "output_tokens"),
    note="Give the inference and feedback tables along with it: they name the function and the outcome.",
)

TENSORZERO_INFERENCE = LogFormat(
    name="tensorzero-inference",
    title="TensorZero inferences",
    kind="labels",
    marks=(("function_name", "variant_name", "episode_id"),),
    fields={
        "call_id": ("id",),
        "feature": ("function_name",),
        "template": ("variant_name",),
        "session": ("episode_id",),
    },
    needs=("call_id",),
)

TENSORZERO_FEEDBACK = LogFormat(
    name="tensorzero-feedback",
    title="TensorZero feedback",
    kind="outcomes",
    marks=(("target_id", "metric_name", "value"),),
    fields={
        "time": ("timestamp",),
        "call_id": ("target_id",),
        "outcome_name": ("metric_name",),
        "outcome": ("value",),
    },
    needs=("call_id",),
    note="Where a target has several values of a metric, the latest counts.",
)
