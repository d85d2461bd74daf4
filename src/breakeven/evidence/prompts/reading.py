"""Logged prompts one by one, with their texts, from the same files and formats as calls are read from."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from breakeven.evidence.calls.detect import detect, keys_of, sample
from breakeven.evidence.calls.files import LogFile, find_files
from breakeven.evidence.calls.format import FIELDS, At, LogFormat
from breakeven.evidence.calls.formats import find_format, log_formats
from breakeven.evidence.calls.lines import parquet_rows, read_lines
from breakeven.evidence.calls.mapping import AS_MAPPED, GUESS, chosen_format
from breakeven.evidence.prompts.messages import Message, messages_of
from breakeven.evidence.prompts.sampling import Stretches, plan

__all__ = [
    "LoggedPrompt",
    "PromptSource",
    "answer_of",
    "find_prompts",
    "read_names",
    "read_prompts",
    "records_of",
    "sample_prompts",
    "texts_of",
    "value_at",
    "word_of",
]


class LoggedPrompt(NamedTuple):
    """One call with the texts that went in. ``messages`` is empty where the log keeps none."""

    time_s: float | None
    """Seconds since 1970, or since the start of a trace."""
    provider: str | None
    model: str | None
    feature: str | None
    session: str | None
    call_id: str | None
    input_tokens: int | None
    """As billed; None where the log does not say."""
    cached_tokens: int | None
    """Of the input, read from the provider's cache; None where the log does not say."""
    batch: bool
    """Whether the call was already sent at the batch tariff."""
    messages: tuple[Message, ...]
    answer: str | None = None
    """The text that came back; None where it is not kept, or was not asked for."""
    stretch: int | None = None
    """Of a sample, the stretch of calls in a row that this one is of."""


@dataclass(kw_only=True)
class PromptSource:
    """A file of calls with its format; ``unreadable`` counts the records passed over so far."""

    file: LogFile
    format: LogFormat
    unreadable: int = field(default=0)


_TEXTS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "openai": (("request.body",), ("request",), ("kwargs",), ("body",), ("messages",), ("input",), ("prompt",)),
    "tensorzero": (("raw_request",), ("system", "input_messages")),
    "langfuse": (("input",),),
    "langfuse-trace": (("input",),),
    "helicone": (("request_body",), ("request",)),
    "bedrock": (("input.inputBodyJson",),),
    "litellm": (("proxy_server_request.body",), ("proxy_server_request",), ("messages",)),
    "otel": (
        ("gen_ai.system_instructions", "gen_ai.input.messages"),
        ("ai.prompt.messages",), ("gen_ai.prompt",), ("ai.prompt",), ("llm.input_messages",), ("input.value",),
    ),
}  # fmt: skip
"""Format → where its texts stand, the first that holds any wins; several paths together make one prompt."""

_ROOT: Final = (("",), ("messages",), ("prompt",), ("input",))
_SYSTEM: Final = frozenset({"system", "gen_ai.system_instructions"})
_BATCH: Final = (
    "service_tier",
    "response.service_tier",
    "request.service_tier",
    "response.body.service_tier",
)


_Places = Mapping[str, tuple[str, ...]]


def _places(log_format: LogFormat) -> _Places:
    """Where each field stands, looked up once a file rather than once a call."""
    return {name: tuple(at.path for at in log_format.places(name)) for name in FIELDS}


def read_names(sources: Iterable[PromptSource], *, most: int = 500_000) -> dict[str, str]:
    """The feature of each call that a table of labels names, by call id; of the first ``most`` of them."""
    found: dict[str, str] = {}
    for source in sources:
        places = _places(source.format)
        for record in records_of(source) if source.format.kind == "labels" else ():
            call_id, name = _word(record, places, "call_id"), _word(record, places, "feature")
            if call_id is not None and name is not None and len(found) < most:
                found[call_id] = name
    return found


def find_prompts(
    paths: Sequence[str],
    *,
    spool: Path,
    format_name: str | None = None,
    mapping: Mapping[str, At] | None = None,
) -> tuple[PromptSource, ...]:
    """The files among ``paths`` that hold calls, or labels of calls. ``spool``: a folder for standard input.

    A standard input that lies in ``spool`` already is not read again. Raises EvidenceError.
    """
    stated = find_format(format_name) if format_name is not None else None
    found = []
    for file in find_files(paths, spool=spool):
        log_format = _format_of(file, stated, mapping)
        if log_format is not None and log_format.kind in ("calls", "labels"):
            found.append(PromptSource(file=file, format=log_format))
    return tuple(found)


def _format_of(file: LogFile, stated: LogFormat | None, mapping: Mapping[str, At] | None) -> LogFormat | None:
    """None for a file of a folder that is no log."""
    records = sample(file)
    known = stated or detect(records, log_formats())
    found = chosen_format(keys_of(records), known=known, mapping=mapping)
    return GUESS if found is None and not file.found else found


def read_prompts(sources: Sequence[PromptSource], *, answers: bool = False) -> Iterator[LoggedPrompt]:
    """Every call of the files, in their order; one record is held at a time (one document, for JSON).

    answers: whether the texts that came back are read as well.
    """
    outer = _outer_spans([source for source in sources if source.format.tree])
    for source in sources:
        places = _places(source.format)
        for record in records_of(source) if source.format.kind == "calls" else ():
            if _is_call(record, source.format, outer):
                prompt = _prompt(record, source.format, places)
                yield prompt._replace(answer=_answer(record, places)) if answers else prompt


def sample_prompts(sources: Sequence[PromptSource], *, records: int, seed: int = 0) -> Iterator[LoggedPrompt]:
    """A sample of the calls: stretches of neighbours from all over the files, which hold so many ``records``.

    For files whose records stand alone; spans of a tree can not be told from those around them in a sample.
    """
    calls = [source for source in sources if source.format.kind == "calls"]
    plans = plan([source.file.path.stat().st_size for source in calls], records=records, seed=seed)
    stretches = Stretches()
    for source, how in zip(calls, plans, strict=True):
        places = _places(source.format)
        for stretch, record in stretches.records(source, how):
            if record is None:
                source.unreadable += 1
            elif _is_call(record, source.format, frozenset()):
                yield _prompt(record, source.format, places)._replace(stretch=stretch)


def records_of(source: PromptSource) -> Iterator[Mapping[str, Any]]:
    """Every record of a file that can be read."""
    if source.file.container == "parquet":
        yield from parquet_rows(source.file)
        return
    for line in read_lines(source.file, source.format):
        record = None
        if line.broken is None:
            try:
                record = json.loads(line.text)
            except (ValueError, RecursionError):
                record = None
        if isinstance(record, Mapping):
            yield record
        else:
            source.unreadable += 1


def _outer_spans(sources: Sequence[PromptSource]) -> frozenset[int]:
    """Spans with a span under them that used tokens: they repeat its prompt (hashes, to stay small)."""
    parents: dict[int, int] = {}
    used: set[int] = set()
    for source in sources:
        for record in records_of(source):
            parent, own = record.get("parent_id"), record.get("span_id")
            if parent is not None:
                parents[hash(own)] = hash(parent)
            if record.get("used"):
                used.add(hash(own))
        source.unreadable = 0
    above: set[int] = set()
    for span in used:
        while (up := parents.get(span)) is not None and up not in above:
            above.add(up)
            span = up
    return frozenset(above)


def _is_call(record: Mapping[str, Any], log_format: LogFormat, outer: frozenset[int]) -> bool:
    if log_format.tree and (not record.get("used") or hash(record.get("span_id")) in outer):
        return False
    return all(value_at(record, path) in wanted for path, wanted in log_format.keep.items() if path in record)


def _prompt(record: Mapping[str, Any], log_format: LogFormat, places: _Places) -> LoggedPrompt:
    provider, model = _word(record, places, "provider"), _word(record, places, "model")
    apart = _number(record, places, "cached_apart_tokens")
    written_apart = _number(record, places, "cache_write_apart_tokens")
    cached = _number(record, places, "cached_tokens")
    tokens = _number(record, places, "input_tokens")
    named = (provider or "", model or "")
    if cached is not None and any(
        name.lower().startswith(log_format.apart_providers) for name in named if name
    ):
        apart, cached = cached, None
    if tokens is not None:
        tokens += (apart or 0) + (written_apart or 0)
    hits = cached if apart is None else apart + (cached or 0)
    return LoggedPrompt(
        time_s=_seconds(_first(record, places, "time"), log_format),
        provider=provider,
        model=model,
        feature=_word(record, places, "feature"),
        session=_word(record, places, "session"),
        call_id=_word(record, places, "call_id"),
        input_tokens=None if not tokens else int(tokens),
        cached_tokens=None if hits is None else int(hits),
        batch=any(value_at(record, path) in ("batch", "flex") for path in _BATCH),
        messages=texts_of(record, log_format),
    )


def texts_of(record: Mapping[str, Any], log_format: LogFormat) -> tuple[Message, ...]:
    """The messages of a record's prompt; empty where it keeps none."""
    for paths in _text_places(log_format):
        found: tuple[Message, ...] = ()
        for path in paths:
            messages = messages_of(record if path == "" else value_at(record, path))
            found += tuple(Message("system", m.text) for m in messages) if path in _SYSTEM else messages
        if found:
            return found
    return _numbered(record)


_ANSWERS: Final[Mapping[str, tuple[str, ...]]] = {
    "openai": ("response.body", "response", "completion", "output", "body", "choices", "answer"),
    "tensorzero": ("raw_response", "output"),
    "langfuse": ("output",),
    "langfuse-trace": ("output",),
    "helicone": ("response_body", "response"),
    "litellm": ("response",),
}
"""Format → where the answer stands, the first that holds any wins."""


def answer_of(record: Mapping[str, Any], log_format: LogFormat) -> str:
    """The text of a record's answer, calls of tools included; empty where it keeps none."""
    places = (*_ANSWERS.get(log_format.name, ()), *(at.path for at in log_format.places("answer")))
    for path in places:
        given = value_at(record, path)
        found = _answered(_object(given))
        if isinstance(given, str) and (found is None or found == given):
            return given  # an answer may be JSON itself
        if messages := messages_of(found):
            return "\n".join(message.text for message in messages)
    return ""


def _answered(value: Any) -> Any:
    """The message within a response of a provider, or a list of choices; anything else as it is."""
    if isinstance(value, Mapping):
        for key in ("choices", "output", "content"):
            if value.get(key):
                within = value[key]
                return _answered(within) if key == "choices" else {"role": "assistant", "content": within}
        return value if "role" in value else None
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return value[0].get("message") or value[0].get("text") or value
    return value


def word_of(record: Mapping[str, Any], log_format: LogFormat, name: str) -> str | None:
    """A field of a record, as text."""
    return _word(record, {name: tuple(at.path for at in log_format.places(name))}, name)


def _answer(record: Mapping[str, Any], places: _Places) -> str | None:
    for path in places["answer"]:
        texts = [message.text for message in messages_of(value_at(record, path))]
        if texts:
            return "\n".join(texts)
    return None


def _text_places(log_format: LogFormat) -> tuple[tuple[str, ...], ...]:
    """Where the texts stand: only as mapped, else where our formats have them, else as the format says itself."""
    named = tuple((at.path,) for at in log_format.places("messages"))
    if log_format.grounds.get("messages") == AS_MAPPED:
        return named
    return _TEXTS.get(log_format.name) or (*named, *_ROOT)


def _numbered(record: Mapping[str, Any]) -> tuple[Message, ...]:
    """Messages in flat attributes: ``llm.input_messages.0.message.content``, ``gen_ai.prompt.0.content``."""
    for before, within in (("llm.input_messages", "message."), ("gen_ai.prompt", "")):
        found: list[dict[str, Any]] = []
        while (text := record.get(f"{before}.{len(found)}.{within}content")) is not None:
            found.append(
                {"role": record.get(f"{before}.{len(found)}.{within}role") or "user", "content": text}
            )
        if found:
            return messages_of(found)
    return ()


def value_at(record: Any, path: str) -> Any:
    """What stands at a dotted path; a key that holds dots itself is found, too."""
    if isinstance(record, list) and path.partition(".")[0] == "0" and record:
        _, dot, rest = path.partition(".")
        return value_at(record[0], rest) if dot else record[0]
    if not isinstance(record, dict):
        return None
    if path in record:
        return record[path]
    head, dot, rest = path.partition(".")
    while dot:
        if head in record and (value := value_at(_object(record[head]), rest)) is not None:
            return value
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _object(value: Any) -> Any:
    if isinstance(value, str) and value[:1] == "{":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _first(record: Mapping[str, Any], places: _Places, name: str) -> Any:
    for path in places[name]:
        value = value_at(record, path)
        if value is not None and value != "":
            return value
    return None


def _word(record: Mapping[str, Any], places: _Places, name: str) -> str | None:
    value = _first(record, places, name)
    return None if value is None or isinstance(value, Mapping | list) else str(value)


def _number(record: Mapping[str, Any], places: _Places, name: str) -> float | None:
    value = _first(record, places, name)
    try:
        number = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        )
    except ValueError:
        return None
    return number if number is not None and 0 <= number < 1e12 else None


def _seconds(value: Any, log_format: LogFormat) -> float | None:
    """A time as seconds: ISO, or a number whose size tells its unit."""
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).timestamp()
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _iso_seconds(str(value))
    if log_format.time_scale is not None:
        return number * log_format.time_scale
    return next((number / unit for limit, unit in _UNITS if abs(number) >= limit), number)


_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def _iso_seconds(text: str) -> float | None:
    try:
        time = dt.datetime.fromisoformat(text.strip().removesuffix(" UTC"))
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).timestamp()
