"""The hosts that ship: one entry each."""

from __future__ import annotations

from typing import Final

from breakeven.evidence.training.hosts.host import TrainingHost
from breakeven.evidence.training.hosts.limits import limits_of
from breakeven.evidence.training.hosts.rules import (
    alternates,
    ends_with_answer,
    has_user,
    only_keys,
    part_types,
    system_first,
    weights,
)
from breakeven.evidence.training.hosts.tool_rules import (
    tool_answers,
    tool_call_ids,
    tool_calls,
    tool_calls_as_objects,
)

__all__ = ["KNOWN"]

_MESSAGES: Final = '{"messages": […]}, one object a line'
_SPOKEN: Final = (system_first, has_user, ends_with_answer)
_OPENAI: Final = (
    *_SPOKEN, weights, part_types("text", "image_url", "refusal"), tool_calls, tool_call_ids, tool_answers,
)  # fmt: skip


def _known() -> tuple[TrainingHost, ...]:
    return (
        TrainingHost(
            name="openai", title="OpenAI", formats=("chat", "preference"), wants=_MESSAGES,
            rules=_OPENAI, limits=limits_of("openai"),
        ),
        TrainingHost(
            name="azure", title="Microsoft Foundry (Azure)", formats=("chat", "preference"), wants=_MESSAGES,
            rules=_OPENAI, limits=limits_of("azure"),
        ),
        TrainingHost(
            name="vertex", title="Vertex AI (Gemini)", formats=("gemini",),
            wants='{"contents": […], "systemInstruction": …}, one object a line',
            rules=_SPOKEN, limits=limits_of("vertex"),
        ),
        TrainingHost(
            name="together", title="Together AI", formats=("chat", "preference", "completion", "text"),
            wants=_MESSAGES + ', or {"prompt", "completion"}',
            rules=(
                *_SPOKEN, weights, part_types("text"), alternates, tool_calls,
                only_keys("messages", "tools", "prompt", "completion", "text", "input", "preferred_output",
                          "non_preferred_output"),
            ),
            limits=limits_of("together"),
        ),
        TrainingHost(
            name="fireworks", title="Fireworks AI", formats=("chat",), wants=_MESSAGES,
            rules=(*_SPOKEN, weights, part_types("text", "image_url"), tool_calls, tool_answers),
            limits=limits_of("fireworks"),
        ),
        TrainingHost(
            name="trl", title="TRL, on GPUs of your own",
            formats=("chat", "completion", "chosen", "text"),
            wants=_MESSAGES + ', {"prompt", "completion"} or {"prompt", "chosen", "rejected"}',
            rules=(*_SPOKEN, part_types("text", "image"), tool_calls_as_objects),
            limits=limits_of("trl"), containers=("jsonl", "json", "csv", "parquet"),
        ),
    )  # fmt: skip


KNOWN: Final = _known()
