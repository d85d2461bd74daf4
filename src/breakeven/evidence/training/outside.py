"""Texts from outside the training data: an eval's questions, and what production was asked."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError, Place, Problem, nearest
from breakeven.evidence.calls.format import At
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.evals.records import dig
from breakeven.evidence.prompts.messages import messages_of
from breakeven.evidence.prompts.reading import find_prompts, read_prompts
from breakeven.evidence.training.check import Text
from breakeven.evidence.training.formats.table import column_names, guessed

__all__ = ["MOST_LOGS", "Outside", "case_texts", "log_texts", "table_texts"]

MOST_LOGS: Final = 100_000
"""Texts of production that are kept; of more, a sample."""
_ASKED: Final = ("user", "tool")
_MESSAGES: Final = ("messages", "conversations", "prompt", "contents")
_SAMPLE: Final = 200
"""Cases whose columns are looked at."""
_SHOWN: Final = 12
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Outside:
    """Texts from a file, none of them blank, and what a reader should know of the others."""

    texts: tuple[Text, ...]
    notes: tuple[str, ...] = ()


def case_texts(
    path: Path, *, columns: Mapping[str, str] = _NOTHING, like: Mapping[str, str] = _NOTHING
) -> Outside:
    """What the cases of an eval ask, and what would be right. Raises EvidenceError.

    columns: ``question`` and ``label`` → column, as the user says; a column that is nowhere is an error. like: the same
    as found in the training data, taken where the cases have it. Otherwise columns are told by their names, then by
    messages; where neither is there, all texts of a case are taken together.
    """
    read = read_cases(path)
    found = _Columns(read.cases, columns, like, str(path))
    every = [found.text(case) for case in read.cases]
    texts = tuple(text for text in every if text.text.strip())
    notes = []
    if read.rejected:
        lost, first = len(read.rejected), read.rejected[0]
        notes.append(
            f"{path}: {lost:,} of {lost + len(every):,} rows {'is' if lost == 1 else 'are'} not used; the first: "
            f"{first.place}: {first.message}"
        )
    if blank := len(every) - len(texts):
        notes.append(
            f"{path}: {blank:,} of {len(every):,} cases hold no text to compare; --eval-map question=COLUMN says where "
            "it stands"
        )
    if found.together:
        notes.append(f"{path}: no column is known to be the question, so all texts of a case are compared")
    return Outside(texts=texts, notes=tuple(notes))


class _Columns:
    """Which columns of an eval's cases hold the question and what would be right."""

    def __init__(
        self, cases: Sequence[Case], columns: Mapping[str, str], like: Mapping[str, str], file: str
    ) -> None:
        sample = [case.variables for case in cases[:_SAMPLE]]
        names = column_names(sample)
        _check_columns(columns, cases, names, file)
        there = {field: column for field, column in like.items() if _anywhere(column, sample)}
        self.named = {**guessed(names, ("question", "answer", "label")), **there, **columns}
        self.together = False
        """Whether some case has neither a column that is known nor messages."""

    def text(self, case: Case) -> Text:
        expected = dig(case.variables, self.named["label"]) if "label" in self.named else None
        if expected is None:
            expected = case.expected
        if expected is None and "answer" in self.named:
            expected = dig(case.variables, self.named["answer"])
        return Text(text=self._question(case.variables), id=case.id, label=_plain(expected))

    def _question(self, variables: Mapping[str, Any]) -> str:
        """The text that is asked: the column that is named so, the user's messages, or all texts."""
        asked = None if "question" not in self.named else dig(variables, self.named["question"])
        for value in (asked, *(variables.get(name) for name in _MESSAGES)):
            if isinstance(value, str):
                return value
            texts = [m.text for m in messages_of(value) if m.role in _ASKED]
            if texts:
                return "\n".join(texts)
        if asked is not None:
            return _plain(asked) or ""
        self.together = True
        return "\n".join(_strings(variables))


def _check_columns(
    columns: Mapping[str, str], cases: Sequence[Case], names: Sequence[str], file: str
) -> None:
    for field, column in columns.items():
        if column not in names and not _anywhere(column, [case.variables for case in cases]):
            near = nearest(column, names)
            hint = f"near it: {', '.join(near)}" if near else f"there are: {', '.join(names[:_SHOWN])}"
            message = f"no column {column!r} for `{field}`"
            raise EvidenceError(Problem(message=message, place=Place(file=file), hint=hint))


def _anywhere(column: str, sample: Iterable[Mapping[str, Any]]) -> bool:
    return any(dig(values, column) is not None for values in sample)


def _strings(value: Any) -> list[str]:
    """Every text within a value, in order."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return [text for one in inner for text in _strings(one)]


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def table_texts(paths: Sequence[str], *, like: Mapping[str, str] = _NOTHING) -> Outside | None:
    """What production was asked, from plain tables of texts; None where a file is no table, or its question unknown.

    A table with a label column gives each text its label.
    """
    found: list[Outside] = []
    for path in map(Path, paths):
        if not path.is_file():
            return None
        try:
            one = _table(path, like)
        except EvidenceError:
            return None
        if one is None:
            return None
        found.append(one)
    texts = tuple(text for one in found for text in one.texts)
    return Outside(texts=texts, notes=tuple(note for one in found for note in one.notes)) if texts else None


def _table(path: Path, like: Mapping[str, str]) -> Outside | None:
    read = read_cases(path)
    columns = _Columns(read.cases, _NOTHING, like, str(path))
    if "question" not in columns.named:
        return None
    texts = tuple(text for text in map(columns.text, read.cases) if text.text.strip())
    label = f", labels from `{columns.named['label']}`" if "label" in columns.named else ""
    return Outside(texts=texts, notes=(
        f"{path}: a table of {len(texts):,} texts of production, from `{columns.named['question']}`{label}",
    ))  # fmt: skip


def log_texts(
    paths: Sequence[str],
    *,
    seed: int = 0,
    format_name: str | None = None,
    mapping: Mapping[str, At] | None = None,
) -> tuple[list[Text] | None, int]:
    """What production was asked, and how many calls there were; None where the logs keep no texts.

    Of more than ``MOST_LOGS`` texts an even sample is kept. Raises EvidenceError.
    """
    rng = np.random.default_rng(seed)
    kept: list[Text] = []
    calls = asked = 0
    with tempfile.TemporaryDirectory() as spool:
        sources = find_prompts(paths, spool=Path(spool), format_name=format_name, mapping=mapping)
        for call in read_prompts(sources):
            calls += 1
            text = "\n".join(message.text for message in call.messages if message.role in _ASKED)
            if not text.strip():
                continue
            asked += 1
            found = Text(text=text, id=call.call_id or "", label=call.feature)
            if len(kept) < MOST_LOGS:
                kept.append(found)
            elif (place := int(rng.integers(asked))) < MOST_LOGS:
                kept[place] = found
    return kept or None, calls
