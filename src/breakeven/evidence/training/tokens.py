"""How long training rows are, in tokens: counted offline, as hosts bill them, and what of it is learned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from breakeven.evidence.prompts.tokens import (
    MESSAGE_TOKENS,
    REPLY_TOKENS,
    TokenCounter,
    counter_for,
    vocabulary_of,
)
from breakeven.evidence.training.row import Message, TrainingData, TrainingRow

__all__ = ["TokenSummary", "Tokens", "count_tokens"]


@dataclass(frozen=True, kw_only=True)
class TokenSummary:
    """The lengths of all rows in a few figures."""

    vocabulary: str
    own: bool
    """Whether the vocabulary is the model's own, rather than a stand-in."""
    sum: int
    """Of all rows, once: an epoch is billed so much."""
    answers: int
    """Of it, what assistants say: what is learned."""
    mean: float
    p50: float
    p95: float
    max: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Tokens:
    """Tokens of each row, in order."""

    rows: NDArray[np.int64]
    """The whole example: messages, what the chat format adds, tool definitions, the answer not to give."""
    answers: NDArray[np.int64]
    """What assistants say in it."""
    vocabulary: str
    own: bool

    @cached_property
    def summary(self) -> TokenSummary:
        """In a few figures."""
        return TokenSummary(
            vocabulary=self.vocabulary, own=self.own, sum=int(self.rows.sum()), answers=int(self.answers.sum()),
            mean=float(self.rows.mean()), p50=float(np.quantile(self.rows, 0.5)),
            p95=float(np.quantile(self.rows, 0.95)), max=int(self.rows.max()),
        )  # fmt: skip


def count_tokens(train: TrainingData, *, model: str | None = None) -> Tokens:
    """Tokens of every row with the model's vocabulary; raises MissingExtraError where no counter is installed.

    Texts that come again and again (instructions, tool definitions) are counted once.
    """
    counter = counter_for(model)
    pairs = [_row(row, counter) for row in train.rows]
    vocabulary, own = vocabulary_of(model)
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Tokens(rows=both[:, 0], answers=both[:, 1], vocabulary=vocabulary, own=own and model is not None)


def _row(row: TrainingRow, counter: TokenCounter) -> tuple[int, int]:
    total, answers = REPLY_TOKENS + _definitions(row.tools, counter), 0
    for message in row.messages:
        tokens = _message(message, counter)
        total += tokens + MESSAGE_TOKENS
        if message.role == "assistant":
            answers += tokens
    if row.rejected is not None:
        total += counter.count(row.rejected) + MESSAGE_TOKENS
    return total, answers


def _message(message: Message, counter: TokenCounter) -> int:
    count = counter.count if message.role == "assistant" else counter.recalled
    return count(message.content) + sum(counter.count(_json(call)) for call in message.tool_calls)


def _definitions(tools: Sequence[Mapping[str, Any]], counter: TokenCounter) -> int:
    return counter.recalled(_json(tools)) if tools else 0


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
