"""Azure API Management's log of calls to language models, as Log Analytics exports it."""

from __future__ import annotations

from breakeven.evidence.calls.format import LogFormat

__all__ = ["AZURE_GATEWAY"]

AZURE_GATEWAY = LogFormat(
    name="azure-gateway",
    title="Azure API Management LLM log",
    marks=(
        ("TimeGenerated", "CorrelationId", "PromptTokens", "CompletionTokens"),
        ("TimeGenerated [UTC]", "CorrelationId", "PromptTokens", "CompletionTokens"),
    ),
    fields={
        "time": ("TimeGenerated", "TimeGenerated [UTC]"),
        "model": ("ModelName", "DeploymentName"),
        "feature": ("DeploymentName",),
        "input_tokens": ("PromptTokens",),
        "output_tokens": ("CompletionTokens",),
        "call_id": ("CorrelationId",),
    },
    needs=("input_tokens", "output_tokens"),
    keep={"SequenceNumber": ("0",)},
    note="Rows with a sequence number from 1 on hold parts of messages; those with 0 are the calls.",
)
