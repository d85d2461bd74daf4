"""A prompt cache replayed over the calls of a log: what it would have held, at a provider's minimum and life time."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import numpy as np

__all__ = ["ASSUMPTIONS", "BLOCK_CHARS", "CacheTrace", "Replay", "replay"]

BLOCK_CHARS: Final = 512
"""About 128 tokens of English, the step in which providers match prefixes."""
_FINE_BLOCKS: Final = 16
_GROWTH: Final = 1.25
_MOST_BLOCKS: Final = 1_500_000

ASSUMPTIONS: Final = (
    "one cache for all calls of a model: no routing between machines, no calls outside this log",
    "each use of an entry prolongs its life; nothing is dropped before its time",
    "what a call brings can be read by the next one, however soon it comes",
    "prefixes match in blocks of 512 characters (about 128 tokens), longer ones past 8,192 characters",
    "tool definitions, system texts and messages stand in the order of the request",
)


@dataclass(kw_only=True)
class CacheTrace:
    """What a replay needs of each call: when, and the hashes of ever longer beginnings of its prompt."""

    times_s: array[float] = field(default_factory=lambda: array("d"))
    tokens: array[float] = field(default_factory=lambda: array("d"))
    chars: array[float] = field(default_factory=lambda: array("d"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    hashes: array[int] = field(default_factory=lambda: array("Q"))
    left_out: int = 0
    """Calls without a time, or past the memory kept for this."""

    def add(self, time_s: float | None, model: str | None, text: str, tokens: float) -> None:
        """One call: its whole prompt as text, and its input tokens."""
        if time_s is None or not text or len(self.hashes) >= _MOST_BLOCKS:
            self.left_out += 1
            return
        self.hashes.extend(_beginnings(model, text))
        self.ends.append(len(self.hashes))
        self.times_s.append(time_s)
        self.tokens.append(tokens)
        self.chars.append(len(text))

    def __len__(self) -> int:
        return len(self.times_s)


def block_ends(length: int) -> Iterator[int]:
    """Where the blocks of a prompt of so many characters end; a last part that fills no block has none."""
    end, size = 0, float(BLOCK_CHARS)
    for n in range(length):
        if n >= _FINE_BLOCKS:
            size *= _GROWTH
        end += int(size)
        if end > length:
            return
        yield end


def _beginnings(model: str | None, text: str) -> Iterator[int]:
    running = blake2b((model or "").encode(), digest_size=8)
    at = 0
    for end in block_ends(len(text)):
        running.update(text[at:end].encode("utf-8", "replace"))
        yield int.from_bytes(running.copy().digest(), "big")
        at = end


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a cache would have held."""

    calls: int
    hits: int
    """Calls that would have read something from the cache."""
    tokens: float
    hit_tokens: float

    def shares(self) -> dict[str, Any]:
        """As a mapping, with shares of calls and tokens."""
        return {
            "calls": self.calls,
            "hit_share_of_calls": self.hits / self.calls if self.calls else None,
            "hit_share_of_tokens": self.hit_tokens / self.tokens if self.tokens else None,
        }


def replay(
    trace: CacheTrace, *, min_prefix_tokens: int, ttl_s: float, capacity_blocks: int | None = None
) -> Replay:
    """Serve the calls in the order of their times from an LRU cache whose entries live ``ttl_s`` after each use.

    A prefix shorter than ``min_prefix_tokens`` is neither written nor read. ``capacity_blocks``: how many blocks the
    cache holds; None: endless.
    """
    last_use: OrderedDict[int, float] = OrderedDict()
    hits, hit_tokens = 0, 0.0
    for i in np.argsort(np.frombuffer(trace.times_s), kind="stable") if len(trace) else ():
        start, end = trace.ends[i - 1] if i else 0, trace.ends[i]
        now, per_char = trace.times_s[i], trace.tokens[i] / trace.chars[i]
        chain = trace.hashes[start:end]
        held = _held(chain, last_use, now, ttl_s)
        sizes = list(block_ends(int(trace.chars[i])))
        if held and sizes[held - 1] * per_char >= min_prefix_tokens:
            hits += 1
            hit_tokens += sizes[held - 1] * per_char
        if sizes and sizes[-1] * per_char >= min_prefix_tokens:
            _write(chain, last_use, now, capacity_blocks)
    return Replay(calls=len(trace), hits=hits, tokens=float(sum(trace.tokens)), hit_tokens=hit_tokens)


def _held(chain: array[int], last_use: OrderedDict[int, float], now: float, ttl_s: float) -> int:
    held = 0
    for key in chain:
        used = last_use.get(key)
        if used is None or now - used > ttl_s:
            break
        held += 1
    return held


def _write(chain: array[int], last_use: OrderedDict[int, float], now: float, capacity: int | None) -> None:
    """Longest beginnings first, so that the shortest ones are dropped last."""
    for key in reversed(chain):
        last_use[key] = now
        last_use.move_to_end(key)
    while capacity is not None and len(last_use) > capacity:
        last_use.popitem(last=False)
