"""Langfuse: exports of observations (JSON, JSON Lines, CSV) and of whole traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from breakeven.evidence.calls.format import LogFormat

__all__ = ["LANGFUSE", "LANGFUSE_TRACE"]

_CACHED = (
    "usageDetails.input_cached_tokens",
    "usageDetails.cache_read_input_tokens",
    "usageDetails.input_cache_read",
    "usageDetails.prompt_details.cache_read",
)
_WRITTEN = (
    "usageDetails.cache_creation_input_tokens",
    "usageDetails.input_cache_creation",
    "usageDetails.input_cache_write",
)
_REASONING = (
    "usageDetails.output_reasoning_tokens",
    "usageDetails.output_reasoning",
    "usageDetails.completion_details.reasoning",
)

LANGFUSE = LogFormat(
    name="langfuse",
    title="Langfuse observations",
    marks=(
        ("traceId", "startTime", "usageDetails"),
        ("traceId", "startTime", "type", "model"),
        ("traceId", "startTime", "model", "parentObservationId"),
    ),
    fields={
        "time": ("startTime",),
        "end_time": ("endTime",),
        "first_token_time": ("completionStartTime",),
        "ttft_s": ("timeToFirstToken",),
        "model": ("model", "providedModelName"),
        "feature": ("traceName", "name"),
        "input_tokens": ("inputUsage", "usageDetails.input", "usage.input", "promptTokens"),
        "cached_tokens": _CACHED,
        "cache_write_tokens": _WRITTEN,
        "output_tokens": ("outputUsage", "usageDetails.output", "usage.output", "completionTokens"),
        "reasoning_tokens": _REASONING,
        "cost_usd": ("totalCost", "costDetails.total", "calculatedTotalCost"),
        "status": ("level",),
        "call_id": ("id",),
        "session": ("traceId",),
        "template": ("promptName",),
        "messages": ("input",),
    },
    needs=("time", "model", "input_tokens", "output_tokens"),
    keep={"type": ("GENERATION",)},
    note="Only observations of type GENERATION are calls. `inputUsage` holds all input, cached or not.",
)


def _observations(document: Any) -> Iterator[Mapping[str, Any]]:
    """The observations of a trace, and its scores as outcomes of the trace."""
    for trace in document if isinstance(document, list) else [document]:
        if isinstance(trace, Mapping):
            yield from trace.get("observations") or ()


LANGFUSE_TRACE = LogFormat(
    name="langfuse-trace",
    title="Langfuse trace export",
    marks=(("trace", "observations"),),
    fields=LANGFUSE.fields,
    needs=LANGFUSE.needs,
    keep=LANGFUSE.keep,
    unpack=_observations,
    note=LANGFUSE.note,
)
