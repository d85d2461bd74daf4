"""Tokens counted offline, with a vocabulary that comes inside a package: counted, never billed."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from importlib import import_module
from typing import Any, Final, Literal

from breakeven.errors import MissingExtraError

__all__ = ["MESSAGE_TOKENS", "REPLY_TOKENS", "TokenCounter", "Vocabulary", "counter_for", "vocabulary_of"]

Vocabulary = Literal["o200k_base", "cl100k_base"]

MESSAGE_TOKENS: Final = 4
"""What OpenAI's chat format adds to each message: three marks and the role."""
REPLY_TOKENS: Final = 3
"""What it adds once, to open the answer."""

_OLDER: Final = ("gpt-4-", "gpt-4", "gpt-3.5", "text-embedding-3", "text-embedding-ada")
_NEWER: Final = ("gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "o1", "o3", "o4", "chatgpt-4o", "gpt-oss")
_REMEMBERED: Final = 8_000_000
"""Characters of texts whose counts are remembered."""


class TokenCounter:
    """Counts tokens of texts with one vocabulary; texts seen lately are not counted again."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._count = _counting(vocabulary)
        self._known: OrderedDict[str, int] = OrderedDict()
        self._chars = 0

    def count(self, text: str) -> int:
        """Tokens of a text by itself."""
        return int(self._count(text))

    def recalled(self, text: str) -> int:
        """The same, for texts that come again and again."""
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        self._known[text] = tokens = self.count(text)
        self._chars += len(text)
        while self._chars > _REMEMBERED:
            self._chars -= len(self._known.popitem(last=False)[0])
        return tokens


def counter_for(model: str | None) -> TokenCounter:
    """The counter with the vocabulary of a model; of a model that is not OpenAI's, the one of its newest models."""
    return _counter(vocabulary_of(model)[0])


def vocabulary_of(model: str | None) -> tuple[Vocabulary, bool]:
    """The vocabulary to count with, and whether it is the model's own rather than a stand-in."""
    name = (model or "").lower()
    tuned = name.rpartition("/")[2]
    name = (
        tuned.removeprefix("ft:") if tuned.startswith("ft:") else name.replace("::", "/").rpartition("/")[2]
    )
    if name.startswith(_NEWER):
        return "o200k_base", True
    if name.startswith(_OLDER):
        return "cl100k_base", True
    return "o200k_base", False


@cache
def _counter(vocabulary: Vocabulary) -> TokenCounter:
    return TokenCounter(vocabulary)


def _counting(vocabulary: Vocabulary) -> Any:
    try:
        openai: Any = import_module("rs_bpe.bpe").openai
    except ImportError as exc:
        raise MissingExtraError("rs-bpe", "logs") from exc
    made = openai.o200k_base() if vocabulary == "o200k_base" else openai.cl100k_base()
    return made.count
