"""Solved examples out of a training file, and how the same question is known in another file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from breakeven.evidence.evals.case import Case

__all__ = ["question_of", "read_solved"]


def read_solved(path: Path) -> list[Case]:
    """The rows of a training file that have an answer: cases, or chats whose last message is the answer."""
    from breakeven.evidence.evals.reading_cases import read_cases
    from breakeven.evidence.evals.records import read_records

    rows = read_records(path).rows
    if rows and "messages" in rows[0].values:
        found = [_of_chat(number, row.values.get("messages")) for number, row in enumerate(rows)]
        return [case for case in found if case is not None]
    return [case for case in read_cases(path, columns={}).cases if case.expected is not None]


def _of_chat(number: int, messages: Any) -> Case | None:
    """The last question and answer of a chat; None where it does not end with them."""
    if not isinstance(messages, list) or len(messages) < 2:
        return None
    *_, asked, answered = messages
    if not (isinstance(asked, dict) and isinstance(answered, dict)) or answered.get("role") != "assistant":
        return None
    question, answer = asked.get("content"), answered.get("content")
    if not isinstance(question, str) or not isinstance(answer, str):
        return None
    return Case(id=f"row {number + 1}", variables={"input": question}, expected=answer)


def question_of(case: Case) -> str:
    """What a case asks, so that the same question is known in another file."""
    question = case.variables.get("input")
    given = (
        [question] if question is not None else sorted((key, str(it)) for key, it in case.variables.items())
    )
    return " ".join(str(given).split()).casefold()
