"""The Mooncake traces: relative time stamps, token counts, and hashes of the prompt's blocks."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat

__all__ = ["MOONCAKE"]

MOONCAKE = LogFormat(
    name="mooncake",
    title="Mooncake trace",
    marks=(("timestamp", "input_length", "output_length", "hash_ids"),),
    fields={
        "time": ("timestamp",),
        "input_tokens": ("input_length",),
        "output_tokens": ("output_length",),
        "prefix_blocks": ("hash_ids",),
    },
    needs=("input_tokens", "output_tokens"),
    clock="relative",
    time_scale=1e-3,
    note="Time stamps count from the start of the trace; block hashes tell what a prompt cache could reuse.",
)
