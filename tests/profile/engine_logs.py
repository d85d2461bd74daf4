"""Logs that every engine must read alike, and the comparison of what it makes of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.evidence.repricing.compute import reprice
from breakeven.evidence.repricing.terms import Terms, Wanted
from breakeven.prices import load_book
from tests.profile.corruption import KINDS, good_row

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "logs" / "calls.jsonl"


def profiled(engine, *paths, **options) -> dict[str, Any]:
    log = read_logs([str(path) for path in paths], engine=engine, **options)
    return build_profile(log, book=load_book())


def repriced(engine, *paths, **terms) -> dict[str, Any]:
    log = read_logs([str(path) for path in paths], engine=engine)
    wanted = Wanted(models=("openai/gpt-4.1-mini", "same"))
    return reprice(log, book=load_book(), wanted=wanted, terms=Terms(**terms)).as_dict()


def bad_lines(n: int = 150) -> Iterator[bytes]:
    """Good rows, and between them every kind of bad one."""
    kinds = list(KINDS.values())
    for i in range(n):
        yield json.dumps(good_row(i)).encode()
        spoil, _ = kinds[i % len(kinds)]
        yield spoil(good_row(i))


def odd_lines() -> Iterator[bytes]:
    """Numbers and times as somebody might write them: read alike or refused alike."""
    for text in ("2026-03-02 05:06:07", "2026-03-02T05:06:07.123456Z", "1772409600", "1772409600123", "2026-02-30",
                 "2024-02-29T00:00:00Z", "2026-03-02T05:06:07+05:30", "12:30", "2026", "Mar 2, 2026"):  # fmt: skip
        yield json.dumps({**good_row(1), "timestamp": text, "end_time": None}).encode()
    for text in ("1d", "2f", "nan", "inf", "-inf", "1e3", " 7 ", "0x10", "", "1e19", "1e400"):
        row = good_row(1)
        row["response"]["usage"]["completion_tokens"] = text
        yield json.dumps(row).encode()


def differences(a: Any, b: Any, at: str = "") -> list[str]:
    """Where two results differ; sums of dollars may, in their last digits, by the order in which they are added."""
    if isinstance(a, dict) and isinstance(b, dict):
        return [
            d for key in sorted({*a, *b}, key=str) for d in differences(a.get(key), b.get(key), f"{at}/{key}")
        ]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, pair in enumerate(zip(a, b, strict=True)) for d in differences(*pair, f"{at}/{i}")]
    if (
        isinstance(a, float)
        and isinstance(b, float | int)
        and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    ):
        return []
    return [] if a == b else [f"{at}: {a!r} | {b!r}"]
