"""Langfuse: exports of observations (JSON, JSON Lines, CSV) and of whole traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from breakeven.evidence.calls.format import LogFormat

__all__ = ["LANGFUSE", "LANGFUSE_SCORES", "LANGFUSE_TRACE"]

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
        "answer": ("output",),
        "tier": ("modelParameters.service_tier",),
    },
    needs=("time", "model", "input_tokens", "output_tokens"),
    keep={"type": ("GENERATION",)},
    note="Only observations of type GENERATION are calls. `inputUsage` holds all input, cached or not.",
)


def _observations(document: Any) -> Iterator[Mapping[str, Any]]:
    """The observations of a trace."""
    for trace in document if isinstance(document, list) else [document]:
        if isinstance(trace, Mapping):
            for one in trace.get("observations") or ():
                yield {key: value for key, value in one.items() if key != "broken"}


def _scores(document: Any) -> Iterator[Mapping[str, Any]]:
    """The scores of a trace and of its observations."""
    for trace in document if isinstance(document, list) else [document]:
        if isinstance(trace, Mapping):
            within = trace.get("trace")
            found = {id(part): part.get("scores") for part in (trace, within) if isinstance(part, Mapping)}
            for scores in found.values():
                yield from (one for one in scores or () if isinstance(one, Mapping))


LANGFUSE_SCORES = LogFormat(
    name="langfuse-scores",
    title="Langfuse scores",
    kind="outcomes",
    marks=(
        ("traceId", "name", "value", "dataType"),
        ("traceId", "observationId", "name", "value"),
    ),
    fields={
        "time": ("updatedAt", "timestamp", "createdAt"),
        "call_id": ("observationId", "traceId"),
        "outcome_name": ("name",),
        "outcome": ("value", "stringValue"),
    },
    needs=("call_id",),
    note="A score belongs to an observation where it names one, else to its whole trace.",
)

LANGFUSE_TRACE = LogFormat(
    name="langfuse-trace",
    title="Langfuse trace export",
    # larger than any set of the observations within: a trace's own keys tell it
    marks=(
        ("trace", "observations"),
        ("trace", "observations", "trace.id", "trace.scores", "trace.timestamp"),
        ("id", "observations", "scores", "timestamp", "htmlPath"),
    ),
    fields=LANGFUSE.fields,
    needs=LANGFUSE.needs,
    keep=LANGFUSE.keep,
    unpack=_observations,
    also=(replace(LANGFUSE_SCORES, unpack=_scores),),
    note=LANGFUSE.note,
)
