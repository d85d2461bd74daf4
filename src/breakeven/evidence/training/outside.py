"""Texts from outside the training data: an eval's questions, and what production was asked."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.evidence.calls.format import At
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.reading_cases import read_cases
from breakeven.evidence.prompts.messages import messages_of
from breakeven.evidence.prompts.reading import find_prompts, read_prompts
from breakeven.evidence.training.check import Text
from breakeven.evidence.training.formats.table import guessed

__all__ = ["MOST_LOGS", "case_texts", "log_texts"]

MOST_LOGS: Final = 100_000
"""Texts of production that are kept; of more, a sample."""
_ASKED: Final = ("user", "tool")


def case_texts(path: Path, *, columns: Mapping[str, str] | None = None) -> list[Text]:
    """What the cases of an eval ask, and what would be right. columns: field → column. Raises EvidenceError."""
    return [_of_case(case, "input" in (columns or {})) for case in read_cases(path, columns=columns).cases]


def _of_case(case: Case, named: bool) -> Text:
    columns = guessed([str(name) for name in case.variables], ("question", "answer", "label"))
    asked = "input" if named else columns.pop("question", None)
    expected = case.expected
    if expected is None and asked is not None:
        expected = next(
            (case.variables[columns[name]] for name in ("label", "answer") if name in columns), None
        )
    return Text(text=_question(case.variables, asked), id=case.id, label=_plain(expected))


def _question(variables: Mapping[str, Any], asked: str | None) -> str:
    """The text that is asked: the column that is named so, the user's messages, or all texts."""
    if asked is not None:
        return _plain(variables[asked]) or ""
    for name in ("messages", "conversations", "prompt", "contents"):
        texts = [m.text for m in messages_of(variables.get(name)) if m.role in _ASKED]
        if texts:
            return "\n".join(texts)
    return "\n".join(value for value in variables.values() if isinstance(value, str))


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


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
