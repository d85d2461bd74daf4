"""Thirty ways in which a row of a log can be wrong, and the reason that each must be counted under."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


def good_row(i: int) -> Row:
    """A call as an application would log it."""
    return {
        "timestamp": f"2026-03-{2 + i % 20:02d}T{i % 24:02d}:{i % 60:02d}:00Z",
        "end_time": f"2026-03-{2 + i % 20:02d}T{i % 24:02d}:{i % 60:02d}:01Z",
        "feature": "triage",
        "cost": 0.001,
        "request": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"mail {i}"}]},
        "response": {
            "id": f"c-{i}",
            "model": "gpt-4o-mini",
            "usage": {
                "prompt_tokens": 200 + i % 7,
                "completion_tokens": 10 + i % 5,
                "prompt_tokens_details": {"cached_tokens": 128},
                "completion_tokens_details": {"reasoning_tokens": 0},
            },
        },
    }


def _text(row: Row) -> bytes:
    return json.dumps(row).encode()


def _usage(key: str, value: Any) -> Callable[[Row], bytes]:
    def change(row: Row) -> bytes:
        row["response"]["usage"][key] = value
        return _text(row)

    return change


def _detail(key: str, value: Any) -> Callable[[Row], bytes]:
    def change(row: Row) -> bytes:
        within = "prompt_tokens_details" if key == "cached_tokens" else "completion_tokens_details"
        row["response"]["usage"][within][key] = value
        return _text(row)

    return change


def _top(key: str, value: Any) -> Callable[[Row], bytes]:
    return lambda row: _text({**row, key: value})


def _nothing(row: Row) -> bytes:
    return b'{"level": "info", "message": "started"}'


KINDS: dict[str, tuple[Callable[[Row], bytes], str]] = {
    "cut off": (lambda row: _text(row)[:-20], "not JSON"),
    "cut in front": (lambda row: _text(row)[5:], "not JSON"),
    "two on a line": (lambda row: _text(row) * 2, "not JSON"),
    "single quotes": (lambda row: repr(row).encode(), "not JSON"),
    "plain text": (lambda row: b"Traceback (most recent call last):", "not JSON"),
    "a list": (lambda row: b"[" + _text(row) + b"]", "not a JSON object"),
    "a number": (lambda row: b"42", "not a JSON object"),
    "a string": (lambda row: b'"a call"', "not a JSON object"),
    "null": (lambda row: b"null", "not a JSON object"),
    "no call": (_nothing, "not a record of OpenAI requests and responses"),
    "empty object": (lambda row: b"{}", "not a record of OpenAI requests and responses"),
    "latin-1": (lambda row: _text(row).replace(b"mail", b"m\xe4il"), "not UTF-8"),
    "cut UTF-8": (lambda row: _text(row).replace(b"mail", b"m\xe2\x82il"), "not UTF-8"),
    "NUL byte": (lambda row: _text(row) + b"\0", "holds a NUL byte"),
    "tokens in words": (_usage("prompt_tokens", "many"), "input_tokens is not a number"),
    "tokens true": (_usage("prompt_tokens", True), "input_tokens is not a number"),
    "tokens a list": (_usage("prompt_tokens", [200]), "input_tokens is not a number"),
    "tokens negative": (_usage("prompt_tokens", -200), "input_tokens is negative"),
    "tokens in part": (_usage("prompt_tokens", 200.5), "input_tokens is not a whole number"),
    "tokens endless": (_usage("prompt_tokens", 1e12), "input_tokens is over 100,000,000"),
    "output in words": (_usage("completion_tokens", "n/a"), "output_tokens is not a number"),
    "output negative": (_usage("completion_tokens", -1), "output_tokens is negative"),
    "more cached": (_detail("cached_tokens", 5000), "more cached tokens than input tokens"),
    "cached negative": (_detail("cached_tokens", -128), "cached_tokens is negative"),
    "reasoning in words": (_detail("reasoning_tokens", "none"), "reasoning_tokens is not a number"),
    "no such day": (_top("timestamp", "2026-13-45T00:00:00Z"), "time can not be read"),
    "time in words": (_top("timestamp", "yesterday"), "time can not be read"),
    "time long ago": (_top("timestamp", "1970-01-01T00:00:00Z"), "time is outside 2015..2100"),
    "ends before start": (_top("end_time", "2026-01-01T00:00:00Z"), "end_time is before time"),
    "cost negative": (_top("cost", -0.5), "cost_usd is negative"),
}
