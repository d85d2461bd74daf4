"""The same question with different answers: at least one of them is wrong."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.neighbours.rows import normalised
from breakeven.evidence.training.row import TrainingRow

__all__ = ["CHECK"]

_NAME: Final = "conflicts"
_TITLE: Final = "One question, one answer"
_MOST: Final = 0.01
_SOURCE: Final = "ours: a fifth of the 5% wrong labels that document 003, section 4, allows"


def _find(given: CheckInput) -> CheckResult:
    most = float(given.settings.get(_NAME, _MOST))
    groups = _groups(given)
    n = sum(map(len, groups.values()))
    if not n:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because="no row has both a question and an answer",
            threshold=most, better="below", source=_SOURCE,
        )  # fmt: skip
    rows = given.train.rows
    answers = {
        key: Counter(_answer(rows[k]) for k in found) for key, found in groups.items() if len(found) > 1
    }
    torn = {key: counts for key, counts in answers.items() if len(counts) > 1}
    wrong = sum(counts.total() - max(counts.values()) for counts in torn.values())
    asked = "1 question has" if len(torn) == 1 else f"{len(torn):,} questions have"
    because = f"{asked} more than one answer; at least {wrong:,} of {n:,} rows must be wrong"
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if wrong / n <= most else "fail",
        because=because if torn else f"no question of {n:,} rows has two answers", value=wrong / n, n=n,
        method="counted: equal instructions and question but for case and punctuation; a lower bound on wrong rows",
        threshold=most, better="below", source=_SOURCE,
        flagged=tuple(_flag(given, k, groups[key]) for key in torn for k in groups[key]),
        next_step="decide which answer is right, and drop the others" if torn else "",
        details={"questions": len(torn), "rows": sum(c.total() for c in torn.values()), "wrong_at_least": wrong,
                 "answers": "labels" if any(row.label is not None for row in rows) else "texts"},
    )  # fmt: skip


def _groups(given: CheckInput) -> dict[str, list[int]]:
    """Instructions and question → its rows, of rows that ask and answer."""
    found: dict[str, list[int]] = {}
    for k, (row, question) in enumerate(zip(given.train.rows, given.questions, strict=True)):
        if question.strip() and _answer(row):
            key = json.dumps([normalised(row.system), normalised(question)])
            found.setdefault(key, []).append(k)
    return found


def _answer(row: TrainingRow) -> str:
    """What is taught, so that two ways to write the same are the same; empty where nothing is."""
    if row.label is not None:
        return f"label {row.label.strip()}"
    calls = row.messages[-1].tool_calls if row.messages else ()
    if calls:
        return json.dumps([[dict(call) for call in calls], row.answer], sort_keys=True, default=str)
    try:
        return json.dumps(json.loads(row.answer), sort_keys=True)
    except ValueError:
        return normalised(row.answer)


def _flag(given: CheckInput, k: int, group: list[int]) -> Flagged:
    rows = given.train.rows
    other = next(j for j in group if _answer(rows[j]) != _answer(rows[k]))
    return Flagged(row=k, place=rows[k].place, reason=f"same question as {rows[other].place}, another answer")


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
