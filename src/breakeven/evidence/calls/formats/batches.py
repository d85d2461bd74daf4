"""Result files of batches, OpenAI's (and Azure's) and Anthropic's: every call in them was made at the batch price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from breakeven.evidence.calls.formats.openai import OPENAI

__all__ = ["ANTHROPIC_BATCH", "OPENAI_BATCH"]


def _openai(document: Any) -> Iterator[Mapping[str, Any]]:
    for line in document if isinstance(document, list) else [document]:
        if isinstance(line, Mapping):
            yield {**line, "service_tier": "batch"}
        else:
            yield {"broken": "a result is an object"}


def _anthropic(document: Any) -> Iterator[Mapping[str, Any]]:
    for line in document if isinstance(document, list) else [document]:
        found = line.get("result") if isinstance(line, Mapping) else None
        if not isinstance(found, Mapping):
            yield {"broken": "a result is an object"}
            continue
        error = found.get("error") or (found.get("type") if found.get("type") != "succeeded" else None)
        yield {
            "custom_id": line.get("custom_id"), "response": found.get("message"), "service_tier": "batch",
            "provider": "anthropic", "error": error,
        }  # fmt: skip


OPENAI_BATCH = replace(
    OPENAI,
    name="openai-batch",
    title="OpenAI batch results",
    marks=(("custom_id", "response.status_code", "response.request_id", "response.body", "id"),),
    fields={**OPENAI.fields, "tier": ("service_tier",)},
    unpack=_openai,
    note="Every call in the file is billed at the batch price.",
)
ANTHROPIC_BATCH = replace(
    OPENAI_BATCH,
    name="anthropic-batch",
    title="Anthropic batch results",
    marks=(("custom_id", "result.type", "result.message"),),
    unpack=_anthropic,
    needs=("model", "input_tokens", "output_tokens", "error"),
    note="Every call in the file is billed at the batch price; its results carry no times.",
)
