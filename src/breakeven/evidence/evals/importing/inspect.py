"""Inspect logs: ``.eval`` archives and ``.json`` files, which hold the same and read the same.

A log is one candidate. A cancelled or failed one is read, and said to be incomplete. Inspect's ``input_tokens`` leave
out what was read from a cache or written to it; ours hold all input.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.evals.importing.collecting import About, Collector, as_text, count, number, shown_ids
from breakeven.evidence.evals.importing.imported import Imported, Importer, Wishes
from breakeven.evidence.evals.importing.source import Source
from breakeven.evidence.evals.records import dig

__all__ = ["INSPECT"]

_LETTERS: Final = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
"""Correct, incorrect, partial, no answer; as Inspect counts them."""
_LONGEST_FAILURE: Final = 120
_HEADERS: Final = ("header.json", "_journal/start.json")
"""A log that was killed has no header yet, only its start."""


def _recognises(source: Source) -> bool:
    if source.is_zip:
        return any(name in source.members for name in _HEADERS)
    document = source.document
    return isinstance(document.get("eval"), Mapping) and "status" in document


def _opened(source: Source) -> tuple[Mapping[str, Any], Iterator[tuple[Any, Place]]]:
    if not source.is_zip:
        samples = source.document.get("samples")
        listed = samples if isinstance(samples, list) else []
        return source.document, (
            (sample, Place(file=f"{source.file}!samples[{n}]")) for n, sample in enumerate(listed)
        )
    name = next(name for name in _HEADERS if name in source.members)
    header = source.member(name)
    if not isinstance(header, Mapping):
        source.fail(f"{name} is no object")
    members = source.json_members("samples/")
    return header, ((sample, Place(file=f"{source.file}!{name}")) for name, sample in members)


def _read(source: Source, wishes: Wishes) -> Imported:
    header, samples = _opened(source)
    found = header.get("eval")
    task: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    model = task.get("model") if isinstance(task.get("model"), str) else None
    name = (model or source.stem).rpartition("/")[2] or source.stem
    collector = Collector(source.file, wishes, number_repeats=False)
    scorer = _Scorer(header, task, wishes, source.file)
    runs: set[tuple[str, str]] = set()
    for sample, place in samples:
        if isinstance(sample, Mapping):
            _add(sample, place, name, model, scorer, collector, wishes)
            runs.add((str(sample.get("id")), str(sample.get("epoch"))))
        else:
            collector.reject("not a sample", place)
    complete = _completeness(header, task, runs, name, collector)
    if scorer.name.startswith("model_graded"):
        collector.notes.append(
            f"{name}: scored by a model ({scorer.name}); where it is the same model, its tokens are in these too"
        )
    about = About(model=model, scorer=scorer.name or None, date=_date(task.get("created")), complete=complete,
                  settings=_settings(task))  # fmt: skip
    return collector.done("inspect", {name: about})


def _settings(task: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"imported_from": "Inspect"}
    for entry in ("task", "task_version", "dataset"):
        value = dig(task, "dataset.name") if entry == "dataset" else task.get(entry)
        if isinstance(value, str | int):
            found[entry] = value
    return found


def _date(value: Any) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _completeness(
    header: Mapping[str, Any],
    task: Mapping[str, Any],
    runs: set[tuple[str, str]],
    name: str,
    collector: Collector,
) -> bool:
    """Whether the log is finished and whole; what is missing is listed."""
    status = header.get("status")
    place = Place(file=collector.file)
    if status != "success":
        shown = status if isinstance(status, str) else "without a status, as of a killed run"
        collector.reject(
            f"{name}: the log is {shown}: not a complete run", place, "what is missing is not wrong"
        )
    total = dig(header, "results.total_samples")
    ids = dig(task, "dataset.sample_ids")
    have = {case for case, _ in runs}
    missing = [str(case) for case in ids if str(case) not in have] if isinstance(ids, list) else []
    if missing:
        collector.reject(
            f"{name}: {len(missing):,} of {len(ids or ()):,} cases are not in the log: {shown_ids(missing)}",
            place,
        )
    elif isinstance(total, int) and total > len(runs):
        collector.reject(f"{name}: {len(runs):,} of {total:,} runs are in the log", place)
        return False
    return status == "success" and not missing


class _Scorer:
    """Which score of a sample counts, and how it is read."""

    def __init__(self, header: Mapping[str, Any], task: Mapping[str, Any], wishes: Wishes, file: str) -> None:
        self._file = file
        wanted = wishes.one("score")
        listed = dig(header, "results.scores") or task.get("scorers") or ()
        entries = listed if isinstance(listed, list) else ()
        names = [s.get("scorer") or s.get("name") for s in entries if isinstance(s, Mapping)]
        self._names = list(dict.fromkeys(name for name in names if isinstance(name, str)))
        self.name, _, self._part = (wanted or next(iter(self._names), "")).partition(".")
        self._stated = wanted is not None

    def of(self, scores: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any], dict[str, float]]:
        """The value that counts, the score that it stands in, and all other values by name."""
        if not self.name and scores:
            self.name = next(iter(scores))
        if self._stated and scores and self.name not in scores:
            raise self._unknown(scores)
        chosen = scores.get(self.name)
        chosen = chosen if isinstance(chosen, Mapping) else {}
        value = chosen.get("value")
        if isinstance(value, Mapping):
            value = self._one_of(value)
        return _value(value), chosen, self._others(scores)

    def _one_of(self, values: Mapping[str, Any]) -> Any:
        if self._part:
            return values.get(self._part)
        if len(values) == 1:
            return next(iter(values.values()))
        shown = ", ".join(f"{self.name}.{name}" for name in values)
        raise self._error(
            f"scorer {self.name!r} gives several values", f"name one: --map score=…; there are: {shown}"
        )

    def _others(self, scores: Mapping[str, Any]) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, score in scores.items():
            value = score.get("value") if isinstance(score, Mapping) else None
            parts = (
                {f"{name}.{part}": v for part, v in value.items()}
                if isinstance(value, Mapping)
                else {name: value}
            )
            for path, part in parts.items():
                if path not in (self.name, f"{self.name}.{self._part}") and isinstance(
                    v := _value(part), float
                ):
                    found[path] = v
        return found

    def _unknown(self, scores: Mapping[str, Any]) -> EvidenceError:
        return self._error(f"no scorer {self.name!r}", f"there are: {', '.join(scores)}")

    def _error(self, message: str, hint: str) -> EvidenceError:
        return EvidenceError(Problem(message=message, place=Place(file=self._file), hint=hint))


def _value(value: Any) -> Any:
    """A letter or a number as a number; anything else as it is."""
    if isinstance(value, str):
        return _LETTERS.get(value, value)
    return float(value) if isinstance(value, bool | int | float) else value


def _add(
    sample: Mapping[str, Any], place: Place, name: str, model: str | None, scorer: _Scorer, collector: Collector,
    wishes: Wishes,
) -> None:  # fmt: skip
    scores = sample.get("scores")
    value, chosen, others = scorer.of(scores if isinstance(scores, Mapping) else {})
    failure = _failure(sample) if value is None else None
    note = chosen.get("explanation")
    known = {
        "failure": failure,
        "scores": others or None,
        "cluster": as_text(dig(sample, column)) if (column := wishes.one("cluster")) else None,
        "segment": as_text(dig(sample, column)) if (column := wishes.one("segment")) else None,
        "latency_s": _latency(sample),
        **_usage(sample, model),
        "output": _output(sample),
        "input": _input(sample.get("input")),
        "note": note if isinstance(note, str) else None,
    }
    case = dig(sample, wishes.one("id") or "id")
    collector.add(name, place, case=case, score=value, repeat=sample.get("epoch", 1), **known)


def _failure(sample: Mapping[str, Any]) -> str:
    error = dig(sample, "error.message") or sample.get("error")
    if isinstance(error, str):
        return f"error: {' '.join(error.split())}"[:_LONGEST_FAILURE]
    limit = dig(sample, "limit.type")
    return f"limit: {limit}" if isinstance(limit, str) else "no score in the log"


def _latency(sample: Mapping[str, Any]) -> float | None:
    """Seconds: of the call where the answer took one, else of the sample less its waiting."""
    messages = sample.get("messages")
    answers = [m for m in messages if isinstance(m, Mapping) and m.get("role") == "assistant"] if isinstance(
        messages, list) else []  # fmt: skip
    call = number(dig(sample, "output.time"))
    return call if call is not None and len(answers) <= 1 else number(sample.get("working_time"))


def _usage(sample: Mapping[str, Any], model: str | None) -> dict[str, Any]:
    """Tokens of the candidate's model; other models in a log are its judges or tools."""
    usage = sample.get("model_usage")
    mine = usage.get(model) if isinstance(usage, Mapping) else None
    if not isinstance(mine, Mapping):
        mine = dig(sample, "output.usage")
    if not isinstance(mine, Mapping):
        return {}
    fresh, read = count(mine.get("input_tokens")), count(mine.get("input_tokens_cache_read"))
    written = count(mine.get("input_tokens_cache_write"))
    return {
        "input_tokens": None if fresh is None else fresh + (read or 0) + (written or 0),
        "cached_tokens": read,
        "output_tokens": count(mine.get("output_tokens")),
        "reasoning_tokens": count(mine.get("reasoning_tokens")),
        "cost_usd": number(mine.get("total_cost")) or None,
    }


def _output(sample: Mapping[str, Any]) -> str | None:
    choices = dig(sample, "output.choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return _content(dig(first, "message.content")) if isinstance(first, Mapping) else None


def _content(content: Any) -> str | None:
    """The text of a message, whose content is a text or a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "\n".join(part for part in parts if isinstance(part, str)) or None
    return content if isinstance(content, str) else None


def _input(value: Any) -> str | None:
    if isinstance(value, list):
        texts = [_content(message.get("content")) for message in value if isinstance(message, Mapping)]
        return "\n".join(text for text in texts if text) or None
    return value if isinstance(value, str) else None


INSPECT: Final = Importer(
    name="inspect", title="Inspect logs (.eval or .json)", recognises=_recognises, reads=_read
)
