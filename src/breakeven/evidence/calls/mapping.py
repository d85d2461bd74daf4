"""A format from ``--map field=column``, or guessed from the names of the columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.calls.format import FIELDS, At, LogFormat

__all__ = [
    "AS_MAPPED",
    "BY_NAME",
    "GUESS",
    "chosen_format",
    "guess_mapping",
    "mapped_format",
    "parse_mapping",
    "unused_columns",
]

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
    "cached_tokens": ("cachedtokens", "cachereadtokens", "cachedinputtokens", "inputcachedtokens"),
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
    "finish_reason": ("finishreason", "stopreason"),
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
    """What columns of these names most likely hold: plain spellings of the fields, nothing far-fetched.

    Columns, or keys of an object in one: deeper down, the same name may mean something else.
    """
    by_name: dict[str, str] = {}
    near = (key for key in keys if key.count(".") <= 1)
    for key in sorted(near, key=lambda key: (key.count("."), len(key), key)):
        by_name.setdefault(re.sub(r"[^a-z0-9]", "", key.rpartition(".")[2].lower()), key)
    found: dict[str, At] = {}
    for name, spellings in _GUESSES.items():
        spelling = next((s for s in spellings if s in by_name), None)
        if spelling is not None:
            in_ms = FIELDS[name] == "number" and spelling.endswith("ms")
            found[name] = At(path=by_name[spelling], scale=1e-3 if in_ms else 1.0)
    return found


AS_MAPPED: Final = "as mapped"
BY_NAME: Final = "guessed by its name"


def mapped_format(mapping: Mapping[str, At], *, guessed: bool) -> LogFormat:
    """The format that a mapping makes."""
    return _made(mapping, dict.fromkeys(mapping, BY_NAME if guessed else AS_MAPPED))


def chosen_format(
    keys: Collection[str], *, known: LogFormat | None, mapping: Mapping[str, At] | None = None
) -> LogFormat | None:
    """How a file with these keys is read; None where nothing tells.

    ``known``: the format that was named, or told by the keys. What ``mapping`` says goes before what it says; a
    table of no known format has its other columns guessed by their names.
    """
    mapping = mapping or {}
    if known is not None and known.name != GUESS.name:
        return _overlaid(known, mapping) if mapping and known.kind in ("calls", "windows") else known
    taken = {at.path for at in mapping.values()}
    guessed = {
        name: at for name, at in guess_mapping(keys).items() if name not in mapping and at.path not in taken
    }
    found = {**mapping, **guessed}
    if not mapping and not {"input_tokens", "output_tokens", "messages"} & set(found):
        return None
    return _made(found, {**dict.fromkeys(mapping, AS_MAPPED), **dict.fromkeys(guessed, BY_NAME)})


def unused_columns(keys: Iterable[str], log_format: LogFormat) -> tuple[str, ...]:
    """The columns of a table that no field was taken from."""
    taken = {at.path for name in log_format.fields for at in log_format.places(name)}
    return tuple(sorted(key for key in keys if "." not in key and not _touched(key, taken)))


def _touched(key: str, taken: Collection[str]) -> bool:
    return key in taken or any(path.startswith(f"{key}.") for path in taken)


def _overlaid(known: LogFormat, mapping: Mapping[str, At]) -> LogFormat:
    """A known format with some of its fields read from elsewhere."""
    fields = {**known.fields, **{name: (at,) for name, at in mapping.items()}}
    needs = known.needs and tuple(dict.fromkeys((*known.needs, *mapping)))
    return replace(known, fields=fields, needs=needs, grounds=dict.fromkeys(mapping, AS_MAPPED))


def _made(fields: Mapping[str, At], grounds: Mapping[str, str]) -> LogFormat:
    guessed = BY_NAME in grounds.values()
    needs = tuple(name for name in ("input_tokens", "output_tokens", "time", "model") if name in fields)
    return LogFormat(
        name=GUESS.name,
        title="columns guessed by name" if guessed else "columns as mapped",
        marks=(),
        fields={name: (at,) for name, at in fields.items()},
        needs=needs or tuple(name for name in ("messages",) if name in fields),
        apart_providers=("anthropic", "claude"),
        grounds=grounds,
    )


GUESS: Final = LogFormat(name="map", title="columns guessed by name", marks=(), fields={})
"""What ``--format map`` names: no known format, only columns as mapped or guessed."""
