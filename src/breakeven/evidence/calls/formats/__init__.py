"""Log formats, one file each, and the table of them.

To add one: write a ``LogFormat`` and put it into the table below, or name it in the entry point group
``breakeven.log_formats`` of your own package.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.formats.azure_gateway import AZURE_GATEWAY
from breakeven.evidence.calls.formats.azure_trace import AZURE_TRACE
from breakeven.evidence.calls.formats.batches import ANTHROPIC_BATCH, OPENAI_BATCH
from breakeven.evidence.calls.formats.bedrock import BEDROCK
from breakeven.evidence.calls.formats.helicone import HELICONE
from breakeven.evidence.calls.formats.langfuse import LANGFUSE, LANGFUSE_SCORES, LANGFUSE_TRACE
from breakeven.evidence.calls.formats.litellm import LITELLM
from breakeven.evidence.calls.formats.mooncake import MOONCAKE
from breakeven.evidence.calls.formats.openai import OPENAI, OPENAI_USAGE
from breakeven.evidence.calls.formats.otel import OTEL
from breakeven.evidence.calls.formats.servegen import SERVEGEN, SERVEGEN_TOTAL
from breakeven.evidence.calls.formats.tensorzero import (
    TENSORZERO,
    TENSORZERO_FEEDBACK,
    TENSORZERO_INFERENCE,
)
from breakeven.evidence.calls.mapping import GUESS

__all__ = ["find_format", "log_formats"]

_OURS = (
    OPENAI,
    OPENAI_USAGE,
    OPENAI_BATCH,
    ANTHROPIC_BATCH,
    OTEL,
    LITELLM,
    LANGFUSE,
    LANGFUSE_TRACE,
    LANGFUSE_SCORES,
    HELICONE,
    TENSORZERO,
    TENSORZERO_INFERENCE,
    TENSORZERO_FEEDBACK,
    BEDROCK,
    AZURE_GATEWAY,
    AZURE_TRACE,
    MOONCAKE,
    SERVEGEN,
    SERVEGEN_TOTAL,
)


@cache
def log_formats() -> tuple[LogFormat, ...]:
    """Every known format: those of other packages first, so that they can replace one of ours by its name."""
    found = {log_format.name: log_format for log_format in _OURS}
    for entry in entry_points(group="breakeven.log_formats"):
        loaded = entry.load()
        if not isinstance(loaded, LogFormat):
            raise EvidenceError(f"the entry point {entry.name!r} of breakeven.log_formats is no LogFormat")
        found[loaded.name] = loaded
    return tuple(found.values())


def find_format(name: str) -> LogFormat:
    """The format of this name, ``map`` for columns by mapping and guess; EvidenceError names the nearest."""
    known = {log_format.name: log_format for log_format in (*log_formats(), GUESS)}
    if name not in known:
        hint = f"nearest: {', '.join(nearest(name, known))}" if nearest(name, known) else ""
        hint = hint or f"known: {', '.join(sorted(known))}"
        raise EvidenceError(Problem(message=f"no log format is called {name!r}", hint=hint))
    return known[name]
