"""Amazon Bedrock's log of model invocations."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat, milliseconds

__all__ = ["BEDROCK"]

BEDROCK = LogFormat(
    name="bedrock",
    title="Amazon Bedrock model invocations",
    marks=(
        ("modelId", "requestId", "input.inputTokenCount", "output.outputTokenCount"),
        ("schemaType", "modelId", "operation", "requestId", "timestamp"),
    ),
    fields={
        "time": ("timestamp",),
        "latency_s": (milliseconds("output.outputBodyJson.metrics.latencyMs"),),
        "model": ("modelId",),
        "feature": ("requestMetadata.feature", "requestMetadata.task", "requestMetadata.application"),
        "input_tokens": ("input.inputTokenCount",),
        "cached_apart_tokens": ("input.cacheReadInputTokenCount",),
        "cache_write_apart_tokens": ("input.cacheWriteInputTokenCount",),
        "output_tokens": ("output.outputTokenCount",),
        "error": ("errorCode",),
        "call_id": ("requestId",),
        "session": ("requestMetadata.sessionId", "requestMetadata.traceId"),
        "messages": ("input.inputBodyJson.messages",),
        "answer": (
            "output.outputBodyJson.output.message.content.0.text",
            "output.outputBodyJson.content.0.text",
        ),
        "finish_reason": ("output.outputBodyJson.stopReason", "output.outputBodyJson.stop_reason"),
    },
    needs=("input_tokens", "output_tokens", "error"),
    note="Cached tokens stand outside the input count.",
)
