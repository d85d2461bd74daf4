"""promptfoo results: ``promptfoo eval -o results.json`` (version 3 and 2), or ``-o results.jsonl``.

A candidate is a prompt with a provider (``promptIdx``). A test has no id, and its ``testIdx`` moves when tests are
added or repeated; so it gets that of its metadata or variables, or one made of its content, and equal tests are
repeats.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.errors import Place
from breakeven.evidence.evals.identity import derived_id
from breakeven.evidence.evals.importing.collecting import About, Collector, as_text, count, number
from breakeven.evidence.evals.importing.imported import Imported, Importer, Wishes
from breakeven.evidence.evals.importing.source import Source
from breakeven.evidence.evals.promptfoo_tests import expected_of, id_of
from breakeven.evidence.evals.records import dig

__all__ = ["PROMPTFOO"]

_ERROR: Final = 2
"""``failureReason`` of a result whose provider failed: there is no answer to score."""
_LONGEST_FAILURE: Final = 120


def _summary(source: Source) -> Mapping[str, Any]:
    """The object that holds the list of results: of a file, or of a summary alone."""
    outer = source.document.get("results")
    return outer if isinstance(outer, Mapping) else source.document


def _rows(source: Source) -> Iterator[tuple[Any, Place]]:
    listed = _summary(source).get("results")
    if isinstance(listed, list):
        for number_of_row, row in enumerate(listed):
            yield row, Place(file=f"{source.file}!results[{number_of_row}]")
    else:
        for record in source.records.rows:
            yield record.values, record.place


def _recognises(source: Source) -> bool:
    listed = _summary(source).get("results")
    if isinstance(listed, list) and listed:
        return isinstance(listed[0], Mapping) and {"promptIdx", "testIdx"} <= set(listed[0])
    return not source.document and {"promptIdx", "testIdx", "success"} <= source.columns


def _read(source: Source, wishes: Wishes) -> Imported:
    collector = Collector(source.file, wishes, number_repeats=True)
    rows = [(row, place) for row, place in _rows(source) if _usable(row, place, collector)]
    names = _names([row for row, _ in rows])
    derived = 0
    for row, place in rows:
        derived += _add(row, place, names[_column(row)], collector, wishes)
    if derived:
        collector.notes.append(
            f"{derived:,} of {len(rows):,} results are of tests without an id; it is made of their content (h-…)"
        )
    when = _date(_summary(source).get("timestamp"))
    about = {
        names[_column(row)]: About(
            model=_provider(row), scorer="promptfoo assertions", date=when, settings=_settings(row)
        )
        for row, _ in rows
    }
    return collector.done("promptfoo", about)


def _usable(row: Any, place: Place, collector: Collector) -> bool:
    if isinstance(row, Mapping) and isinstance(row.get("promptIdx"), int):
        return True
    collector.reject("not a result: no `promptIdx`", place)
    return False


def _column(row: Mapping[str, Any]) -> int:
    found = row["promptIdx"]
    assert isinstance(found, int)
    return found


def _names(rows: list[Mapping[str, Any]]) -> dict[int, str]:
    """Prompt index → a name: the provider's, with the prompt's label where a provider ran several prompts."""
    first: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        first.setdefault(_column(row), row)
    providers = {index: _label(row) for index, row in first.items()}
    prompts = {index: _prompt_label(row) for index, row in first.items()}
    several = len(set(prompts.values())) > 1
    names = {
        index: (provider if not several else f"{provider} {prompts[index]}")
        for index, provider in providers.items()
    }
    if len(set(names.values())) < len(names):
        return {index: f"{name} #{index + 1}" for index, name in names.items()}
    return names


def _provider(row: Mapping[str, Any]) -> str | None:
    found = row.get("provider")
    name = found.get("id") if isinstance(found, Mapping) else found
    return name.replace(":", "/") if isinstance(name, str) else None


def _label(row: Mapping[str, Any]) -> str:
    found = row.get("provider")
    label = found.get("label") if isinstance(found, Mapping) else None
    name = label if isinstance(label, str) and label else _provider(row)
    return name or "candidate"


def _prompt_label(row: Mapping[str, Any]) -> str:
    label = dig(row, "prompt.label") or dig(row, "prompt.raw")
    text = " ".join(label.split()) if isinstance(label, str) else ""
    return text if len(text) <= 40 else f"prompt {_column(row) + 1}"


def _settings(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"imported_from": "promptfoo"}
    if isinstance(label := dig(row, "prompt.label"), str):
        found["prompt_label"] = label[:200]
    return found


def _date(value: Any) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _add(row: Mapping[str, Any], place: Place, name: str, collector: Collector, wishes: Wishes) -> bool:
    """Collect one result; whether its id was made of its content."""
    variables = _object(row, "vars") or _object(row, "testCase.vars")
    metadata = _object(row, "testCase.metadata")
    expected = expected_of(dig(row, "testCase.assert"), variables)
    stated = dig(row, column) if (column := wishes.one("id")) else id_of(variables, metadata)
    failure = _failure(row)
    cached = dig(row, "response.cached") is True
    known = {
        "failure": failure,
        "scores": _numbers(row.get("namedScores")),
        "cluster": as_text(dig(row, wishes.one("cluster") or "testCase.metadata.cluster")),
        "segment": as_text(dig(row, wishes.one("segment") or "testCase.metadata.segment")),
        # An answer from promptfoo's own cache tells neither what a call takes nor what it costs.
        "latency_s": None if cached else _seconds(row.get("latencyMs")),
        "cost_usd": None if cached else _cost(row),
        **({} if cached else _tokens(row)),
        "output": as_text(dig(row, "response.output")),
        "input": as_text(variables),
        "note": dig(row, "gradingResult.reason")
        if isinstance(dig(row, "gradingResult.reason"), str)
        else None,
    }
    score = None if failure else _score(row, wishes)
    collector.add(name, place, case=stated or derived_id(variables, expected), score=score, **known)
    return stated is None


def _object(row: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    found = dig(row, path)
    return found if isinstance(found, Mapping) else {}


def _score(row: Mapping[str, Any], wishes: Wishes) -> Any:
    """The test's score; or a named one, or ``success``, where asked for."""
    wanted = wishes.one("score")
    if wanted is None:
        return row.get("score")
    return found if (found := dig(row, wanted)) is not None else _object(row, "namedScores").get(wanted)


def _failure(row: Mapping[str, Any]) -> str | None:
    if row.get("failureReason") != _ERROR and row.get("score") is not None:
        return None
    error = row.get("error") or dig(row, "response.error")
    text = " ".join(error.split()) if isinstance(error, str) else ""
    return f"error: {text}"[:_LONGEST_FAILURE] if text else "error"


def _seconds(milliseconds: Any) -> float | None:
    found = number(milliseconds)
    return found / 1000 if found else None


def _cost(row: Mapping[str, Any]) -> float | None:
    """What the answer cost. promptfoo writes 0 for a provider whose prices it does not know."""
    return number(row.get("cost")) or number(dig(row, "response.cost")) or None


def _tokens(row: Mapping[str, Any]) -> dict[str, int | None]:
    """The answer's own tokens: a grader's are counted apart from them, under ``assertions``."""
    usage = _object(row, "response.tokenUsage") or _object(row, "tokenUsage")
    return {
        "input_tokens": count(usage.get("prompt")) or None,
        "output_tokens": count(usage.get("completion")) or None,
        "reasoning_tokens": count(dig(usage, "completionDetails.reasoning")),
    }


def _numbers(values: Any) -> dict[str, float] | None:
    if not isinstance(values, Mapping):
        return None
    return {
        str(name): found for name, value in values.items() if (found := number(value)) is not None
    } or None


PROMPTFOO: Final = Importer(
    name="promptfoo", title="promptfoo results (JSON or JSON Lines)", recognises=_recognises, reads=_read
)
