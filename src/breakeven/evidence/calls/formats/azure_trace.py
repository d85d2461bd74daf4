"""The Azure inference traces: time stamp and token counts of each call."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat

__all__ = ["AZURE_TRACE"]

AZURE_TRACE = LogFormat(
    name="azure-trace",
    title="Azure LLM inference trace",
    marks=(("TIMESTAMP", "ContextTokens", "GeneratedTokens"),),
    fields={
        "time": ("TIMESTAMP",),
        "input_tokens": ("ContextTokens",),
        "output_tokens": ("GeneratedTokens",),
    },
    needs=("input_tokens", "output_tokens"),
)
