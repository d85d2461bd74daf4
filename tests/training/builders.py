"""Training data made up in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from breakeven.errors import Place
from breakeven.evidence.training.check import CheckInput, CheckResult, Text
from breakeven.evidence.training.checks import named_checks
from breakeven.evidence.training.row import Message, TrainingData, TrainingRow


def row(question: str, answer: str = "yes", *, number: int = 1, **fields: Any) -> TrainingRow:
    """A row of one turn."""
    raw = {"id": fields.get("id"), "question": question, "answer": answer}
    messages = (Message(role="user", content=question), Message(role="assistant", content=answer))
    place = Place(file="train.jsonl", line=number)
    return TrainingRow(place=place, format="chat", raw=raw, **{"messages": messages, **fields})


def data(rows: Sequence[TrainingRow]) -> TrainingData:
    return TrainingData(paths=("train.jsonl",), sha256="0" * 64, rows=tuple(rows))


def asked(questions: Sequence[str], labels: Sequence[str] | None = None) -> TrainingData:
    """One row a question."""
    return data([
        row(text, number=k + 1, label=labels[k] if labels else None) for k, text in enumerate(questions)
    ])  # fmt: skip


def checked(
    name: str,
    train: TrainingData,
    cases: Sequence[str] | None = None,
    logs: Sequence[str] | None = None,
    **settings: Any,
) -> CheckResult:
    (check,) = named_checks((name,))
    return check(CheckInput(
        train=train, settings={key.replace("_", "-"): value for key, value in settings.items()},
        cases=None if cases is None else [Text(text=text, id=f"c{k}") for k, text in enumerate(cases)],
        logs=None if logs is None else [Text(text=text) for text in logs],
    ))  # fmt: skip
