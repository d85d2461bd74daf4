"""What a log format is: where each field of a call stands in a record of that format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["FIELDS", "At", "FieldKind", "LogFormat", "Unpack", "milliseconds"]

FieldKind = Literal["count", "number", "text", "time", "hash", "blocks"]

FIELDS: Final[Mapping[str, FieldKind]] = {
    "time": "time",
    "end_time": "time",
    "first_token_time": "time",
    "latency_s": "number",
    "ttft_s": "number",
    "provider": "text",
    "model": "text",
    "feature": "text",
    "input_tokens": "count",
    "cached_tokens": "count",
    "cached_apart_tokens": "count",
    "cache_write_tokens": "count",
    "cache_write_apart_tokens": "count",
    "output_tokens": "count",
    "reasoning_tokens": "count",
    "cost_usd": "count",
    "status": "text",
    "error": "text",
    "call_id": "text",
    "session": "text",
    "template": "text",
    "messages": "hash",
    "answer": "hash",
    "finish_reason": "text",
    "tier": "text",
    "outcome": "text",
    "outcome_name": "text",
    "prefix_blocks": "blocks",
    "rate_per_s": "number",
}
"""Every field that a format can name, and how its value is read: a ``count`` (of tokens, of dollars) has no unit to
choose, a ``number`` may stand in seconds or in milliseconds.

``input_tokens``        the input as the provider counts it
``cached_tokens``       of the input, read from the cache: counted *inside* ``input_tokens`` (OpenAI)
``cached_apart_tokens`` read from the cache and counted *outside* ``input_tokens`` (Anthropic): added to it
``cache_write_tokens``, ``cache_write_apart_tokens``  the same for what was written to the cache
``messages``, ``answer``  only ever hashed
``tier``                the service tier that the call was made at: ``batch``, ``flex``, ``default``
``prefix_blocks``       hashes of the prompt's leading blocks; equal ids mean the same block after the same prefix
``rate_per_s``          a row that is a window of time, not a call: calls a second (see ``LogFormat.per_window``)
"""

Unpack = Callable[[Any], Iterator[Mapping[str, Any]]]
"""From one document (or one line) to the records in it."""


@dataclass(frozen=True, kw_only=True)
class At:
    """Where a field stands, and what its value is to be multiplied by to be in the field's unit."""

    path: str
    """Keys joined by dots: ``response.usage.prompt_tokens``. A key that holds dots itself is found, too; ``0`` is the
    first item of a list: ``choices.0.finish_reason``."""
    scale: float = 1.0


def milliseconds(path: str) -> At:
    """A place where milliseconds stand, for a field in seconds."""
    return At(path=path, scale=1e-3)


@dataclass(frozen=True, kw_only=True)
class LogFormat:
    """One format of logs: how it is known, and where each field of a call stands in its records."""

    name: str
    """What ``--format`` takes: ``openai``."""
    title: str
    """What a reader sees: ``OpenAI requests and responses``."""
    marks: tuple[tuple[str, ...], ...]
    """Sets of dotted keys; a file that has all keys of one set is of this format. The largest set found wins."""
    fields: Mapping[str, tuple[str | At, ...]]
    """Field (see ``FIELDS``) → where it stands, the first place that holds a value wins."""
    kind: Literal["calls", "labels", "outcomes", "windows"] = "calls"
    """calls; labels that are joined to calls by ``call_id``; outcomes joined the same way; windows of counts."""
    needs: tuple[str, ...] = ()
    """Fields of which a record must hold at least one to be counted; empty: any field."""
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Path → the values with which a record is a call (``type: GENERATION``); others are passed over."""
    unpack: Unpack | None = None
    """How nested documents come apart into flat records; None: each record stands alone."""
    tree: bool = False
    """Whether records are spans of a tree, of which only the leaves that used tokens are calls."""
    clock: Literal["absolute", "relative"] = "absolute"
    """relative: time stamps count from an unknown start."""
    time_scale: float | None = None
    """Seconds in one unit of a numeric time stamp; None: told by its size (s, ms, µs or ns since 1970)."""
    window_s: float = 600.0
    """Width of a window, for the kind ``windows``; where rows name their ends, it is taken from them."""
    per_window: bool = False
    """Whether ``rate_per_s`` holds the calls of a whole window, not those of a second."""
    apart_providers: tuple[str, ...] = ()
    """Providers (or beginnings of model names) for which ``cached_tokens`` stand outside ``input_tokens`` here."""
    grounds: Mapping[str, str] = field(default_factory=dict)
    """Field → why its column was taken (``as mapped``, ``by its name``), where a user may want to correct it."""
    also: tuple[LogFormat, ...] = ()
    """Other records that stand in the same files: the scores beside a trace's observations."""
    note: str = ""
    """What a user of this format should know; printed in its description."""

    def places(self, name: str) -> tuple[At, ...]:
        """Where a field stands; empty where the format does not have it."""
        return tuple(At(path=p) if isinstance(p, str) else p for p in self.fields.get(name, ()))

    def paths(self) -> dict[str, FieldKind]:
        """Every path that the format reads, and how its value is read."""
        found: dict[str, FieldKind] = dict.fromkeys(self.keep, "text")
        for name in self.fields:
            for at in self.places(name):
                found.setdefault(at.path, FIELDS[name])
        return found
