"""Writes ``examples/logs/calls.jsonl``: 300 calls over 16 days, made up, in the shape of OpenAI's responses.

A feature that sorts support tickets: instructions of 1,900 tokens, a ticket, a short answer; one call in five sums a
ticket up on a smaller model. Days have a rhythm, Sundays are quiet, two calls in a hundred are refused by a rate limit
and made again. Texts are left out but for a number. Run as ``python -m tools.make_example_logs``; ``--check`` only
says what is out of date (exit code 1).
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT: Final = Path(__file__).parents[1]
FILE: Final = ROOT / "examples/logs/calls.jsonl"
SEED: Final = 20261102
CALLS: Final = 300
START: Final = dt.datetime(2026, 11, 2, 6, 12, tzinfo=dt.UTC)  # a Monday
DAYS: Final = 16
HOURS: Final = np.array(
    [1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 9, 10, 11, 11, 10, 8, 6, 4, 3, 2, 2, 1], dtype=float
)
WEEKDAYS: Final = (1.1, 1.15, 1.1, 1.05, 1.0, 0.9, 0.7)
STATIC: Final = 1_900
BLOCK: Final = 128
"""Cached tokens come in whole blocks."""


def text() -> str:
    """The file's text."""
    rng = np.random.default_rng(SEED)
    last: dict[str, dt.datetime] = {}
    lines = []
    for n, time in enumerate(_times(rng), start=1):
        feature = "summary" if rng.random() < 0.2 else "triage"
        warm = feature in last and time - last[feature] < dt.timedelta(minutes=10)
        last[feature] = time
        if rng.random() < 0.02:
            lines.append(_call(n, time - dt.timedelta(seconds=20), feature, error="rate_limit_exceeded"))
        lines.append(_call(n, time, feature, usage=_usage(rng, feature, warm=warm), latency_s=_latency(rng)))
    return "".join(json.dumps(line) + "\n" for line in lines)


def _times(rng: np.random.Generator) -> list[dt.datetime]:
    """Arrival times, by hour of the day and day of the week; a burst now and then, so that a cache has some use."""
    slots = [START + dt.timedelta(minutes=10 * k) for k in range(DAYS * 144)]
    weights = np.array([HOURS[slot.hour] * WEEKDAYS[slot.weekday()] for slot in slots])
    chosen = rng.choice(len(slots), size=CALLS, p=weights / weights.sum())
    times = [slots[k] + dt.timedelta(seconds=float(rng.integers(0, 600))) for k in chosen]
    for k in range(0, CALLS, 3):
        times[k] = times[k - 1] + dt.timedelta(seconds=float(rng.integers(5, 240)))
    return sorted(times)


def _usage(rng: np.random.Generator, feature: str, *, warm: bool) -> dict[str, Any]:
    ticket = int(np.clip(rng.lognormal(5.6, 0.7), 20, 6_000))
    static = STATIC if feature == "triage" else 240
    out = int(np.clip(rng.lognormal(3.9 if feature == "triage" else 5.0, 0.4), 8, 900))
    block = static // BLOCK * BLOCK if static >= 1_024 else 0
    cached, written = (block, 0) if warm else (0, block)
    return {
        "prompt_tokens": static + ticket, "completion_tokens": out, "total_tokens": static + ticket + out,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
    }  # fmt: skip


def _latency(rng: np.random.Generator) -> float:
    return round(float(rng.lognormal(0.0, 0.4)), 3)


def _call(n: int, time: dt.datetime, feature: str, **more: Any) -> dict[str, Any]:
    model = "gpt-6.1-terra" if feature == "triage" else "gpt-6-luna"
    call = {
        "timestamp": time.isoformat(timespec="seconds"), "feature": feature, "provider": "openai",
        "request": {"model": model, "messages": [{"role": "user", "content": f"ticket {n}"}]},
    }  # fmt: skip
    if "error" in more:
        return call | {"status_code": 429, "error": {"code": more["error"]}}
    return call | {
        "latency_s": more["latency_s"],
        "status_code": 200,
        "response": {"model": model, "usage": more["usage"]},
    }


def main() -> int:
    """Write, or check."""
    wanted: Mapping[Path, str] = {FILE: text()}
    stale = {
        path: made for path, made in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != made
    }  # fmt: skip
    for path, made in stale.items():
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
