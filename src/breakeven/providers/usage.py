"""Billed tokens read from a provider's answer, whatever its dialect; what it does not say stays None.

OpenAI counts cached input inside ``prompt_tokens`` and reasoning inside ``completion_tokens``. Not all who speak its
format do: some count reasoning apart and show it only in the total; Anthropic counts cached input apart. ``Usage``
holds all input and all output.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from breakeven.providers.chat import Usage

__all__ = ["read_usage"]


def read_usage(usage: object) -> Usage:
    """Usage from the ``usage`` object of a chat completion, of a Responses answer, or of Anthropic's own."""
    if not isinstance(usage, Mapping):
        return Usage()
    into = _part(usage, "prompt_tokens_details", "input_tokens_details")
    out = _part(usage, "completion_tokens_details", "output_tokens_details")
    reasoning = _first(out, "reasoning_tokens")
    cached = _first(into, "cached_tokens")
    if cached is None:
        cached = _first(usage, "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")
    written = _first(into, "cache_write_tokens", "cache_creation_tokens")
    if written is None:
        written = _first(usage, "cache_creation_input_tokens")
    given = _all_input(usage)
    output, reasoning = _all_output(usage, given, reasoning)
    return Usage(
        input_tokens=given,
        cached_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
    )


def _all_input(usage: Mapping[str, Any]) -> int | None:
    """Input with what the cache read and wrote; Anthropic's ``input_tokens`` leave that out."""
    given = _first(usage, "prompt_tokens")
    if given is not None:
        return given
    given = _first(usage, "input_tokens")
    if given is None:
        return None
    beside = (_first(usage, name) for name in ("cache_read_input_tokens", "cache_creation_input_tokens"))
    return given + sum(tokens or 0 for tokens in beside)


def _all_output(
    usage: Mapping[str, Any], given: int | None, reasoning: int | None
) -> tuple[int | None, int | None]:
    """Output with its reasoning, also where a provider counts reasoning beside the shown part."""
    shown = _first(usage, "completion_tokens", "output_tokens")
    total = _first(usage, "total_tokens")
    if shown is None or given is None or total is None:
        return shown, reasoning
    beside = total - given - shown
    if beside > 0 and beside == (reasoning or beside):
        return shown + beside, beside
    return shown, reasoning


def _part(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = usage.get(name)
        if isinstance(found, Mapping):
            return found
    return {}


def _first(source: Mapping[str, Any], *names: str) -> int | None:
    """The first of these that holds a whole number of tokens."""
    for name in names:
        value = source.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
