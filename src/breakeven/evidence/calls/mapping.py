"""A format from ``--map field=column``, or guessed from the names of the columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.calls.format import FIELDS, At, LogFormat

__all__ = ["guess_mapping", "mapped_format", "parse_mapping"]

_UNITS: Final = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("timestamp", "time", "createdat", "created", "starttime", "startedat", "datetime", "date", "ts"),
    "end_time": ("endtime", "finishedat", "completedat"),
    "latency_s": ("latencys", "latencyseconds", "durations", "latencyms", "durationms", "responsetimems"),
    "ttft_s": ("ttfts", "ttftms", "timetofirsttokenms"),
    "provider": ("provider", "vendor"),
    "model": ("model", "modelname", "modelid", "deployment"),
    "feature": ("feature", "task", "function", "functionname", "endpoint", "usecase"),
    "input_tokens": (
        "inputtokens", "prompttokens", "tokensin", "tokensinput", "contexttokens", "promptlength", "inputlength",
    ),
    "cached_tokens": ("cachedtokens", "cachereadtokens", "cachedinputtokens"),
    "output_tokens": (
        "outputtokens", "completiontokens", "tokensout", "tokensoutput", "generatedtokens", "outputlength",
    ),
    "reasoning_tokens": ("reasoningtokens",),
    "cost_usd": ("costusd", "cost", "spend", "price"),
    "status": ("statuscode", "status"),
    "error": ("error", "errortype", "errorclass"),
    "call_id": ("callid", "requestid", "id"),
    "session": ("sessionid", "session", "traceid", "conversationid"),
    "template": ("templateid", "promptid", "template", "promptname"),
    "messages": ("messages", "prompt"),
    "outcome": ("outcome", "correct", "accepted", "feedback", "score"),
}  # fmt: skip


def parse_mapping(pairs: Iterable[str]) -> dict[str, At]:
    """``field=column`` or ``field=column:ms`` pairs; raises EvidenceError."""
    found: dict[str, At] = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        name, column = name.strip(), column.strip()
        if not equals or not column:
            raise EvidenceError(
                Problem(message=f"--map {pair!r} names no column", hint="write it as input_tokens=my_column")
            )
        if name not in FIELDS:
            near = nearest(name, FIELDS) or sorted(FIELDS)
            raise EvidenceError(
                Problem(
                    message=f"--map {pair!r}: no field is called {name!r}", hint=f"fields: {', '.join(near)}"
                )
            )
        path, colon, unit = column.rpartition(":")
        known = bool(colon) and unit in _UNITS and FIELDS[name] == "number"
        found[name] = At(path=path, scale=_UNITS[unit]) if known else At(path=column)
    return found


def guess_mapping(keys: Iterable[str]) -> dict[str, At]:
    """What columns of these names most likely hold: plain spellings of the fields, nothing far-fetched."""
    by_name: dict[str, str] = {}
    for key in sorted(keys, key=lambda key: (key.count("."), len(key))):
        by_name.setdefault(re.sub(r"[^a-z0-9]", "", key.rpartition(".")[2].lower()), key)
    found: dict[str, At] = {}
    for name, spellings in _GUESSES.items():
        spelling = next((s for s in spellings if s in by_name), None)
        if spelling is not None:
            in_ms = FIELDS[name] == "number" and spelling.endswith("ms")
            found[name] = At(path=by_name[spelling], scale=1e-3 if in_ms else 1.0)
    return found


def mapped_format(mapping: Mapping[str, At], *, guessed: bool) -> LogFormat:
    """The format that a mapping makes."""
    title = "columns guessed by name" if guessed else "columns as mapped"
    needs = tuple(name for name in ("input_tokens", "output_tokens", "time", "model") if name in mapping)
    return LogFormat(
        name="map",
        title=title,
        marks=(),
        fields={name: (at,) for name, at in mapping.items()},
        needs=needs,
        apart_providers=("anthropic", "claude"),
    )
