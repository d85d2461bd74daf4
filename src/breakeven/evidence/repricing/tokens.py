"""The same text in another model's tokens: whose tokenizer a model has, and by how much two may differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from breakeven.evidence.prompts.counting import prompt_tokens
from breakeven.evidence.prompts.reading import LoggedPrompt
from breakeven.evidence.prompts.tokens import vocabulary_of
from breakeven.evidence.prompts.words import shown
from breakeven.sources import Source

__all__ = [
    "GUESSED",
    "SAME_TOKENS",
    "Counted",
    "TokenRatio",
    "counted_ratios",
    "ratio_between",
    "tokenizer_of",
]


@dataclass(frozen=True, kw_only=True)
class TokenRatio:
    """Tokens of a text with one model to one token with another: a point in a 90% interval."""

    value: float
    low: float
    high: float
    source: Source


SAME_TOKENS: Final = TokenRatio(
    value=1.0, low=1.0, high=1.0, source=Source(kind="measured", reference="the log: one tokenizer")
)
GUESSED: Final = TokenRatio(
    value=1.0,
    low=0.8,
    high=1.35,
    source=Source(
        kind="guess",
        reference="the same text with the tokenizer of another maker; EXTRAPOLATED, as nobody counted these texts",
    ),
)

_MAKERS: Final = (
    ("gpt", r"(^|/)gpt-"),  # newer than the vocabularies that are published
    ("claude", r"claude|anthropic"),
    ("gemini", r"gemini|gemma"),
    ("llama", r"llama"),
    ("mistral", r"mistral|mixtral|ministral|codestral|magistral"),
    ("qwen", r"qwen|qwq"),
    ("deepseek", r"deepseek"),
    ("grok", r"grok"),
    ("nova", r"\bnova\b|amazon\.nova|nova-"),
    ("command", r"command-"),
)


def tokenizer_of(model: str | None) -> str | None:
    """The vocabulary of OpenAI's models, else the maker's family; None where the name does not tell."""
    vocabulary, own = vocabulary_of(model)
    if own:
        return vocabulary
    name = (model or "").lower()
    return next((family for family, pattern in _MAKERS if re.search(pattern, name)), None)


Counted = Mapping[tuple[str | None, str], TokenRatio]
"""(model as logged, vocabulary) → how many of the vocabulary's tokens one logged token is."""


def ratio_between(logged: str | None, wanted: str, counted: Counted | None = None) -> TokenRatio:
    """Tokens with ``wanted`` to one with the model that the log names: counted where texts allow it, else guessed.

    Where the name of one of them does not tell its tokenizer, the tokens are taken as logged.
    """
    one, other = tokenizer_of(logged), tokenizer_of(wanted)
    if one == other or one is None or other is None:
        return SAME_TOKENS
    return (counted or {}).get((logged, other), GUESSED)


_STANDS_FOR: Final = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}
_FEW: Final = 30
_Z: Final = 1.645
_LEAST: Final = 0.5
"""Texts that make up less than this share of the billed tokens are not the whole prompt, and tell nothing."""
_FORMAT: Final = 0.02
"""What a chat format and tool definitions add is not known to better than this share."""


def counted_ratios(
    prompts: Iterable[LoggedPrompt], models: Iterable[str]
) -> dict[tuple[str | None, str], TokenRatio]:
    """For each model of the log and each vocabulary that we have: its tokens in the texts to the billed ones.

    ``models``: those to price the calls on. A ratio of sums with its 90% interval; from 30 texts of a model on.
    Raises MissingExtraError without the token counter.
    """
    vocabularies = {name for model in models if (name := tokenizer_of(model)) in _STANDS_FOR}
    pairs: dict[tuple[str | None, str], list[tuple[int, int]]] = defaultdict(list)
    for call in prompts:
        for name in vocabularies if call.messages and call.input_tokens else ():
            if name != tokenizer_of(call.model):
                counted = prompt_tokens(shown(call.messages), _STANDS_FOR[name or ""])
                pairs[call.model, name or ""].append((call.input_tokens or 0, counted))
    ratios = {key: _ratio(found, key[1]) for key, found in pairs.items() if len(found) >= _FEW}
    return {key: ratio for key, ratio in ratios.items() if _LEAST < ratio.value < 1 / _LEAST}


def _ratio(pairs: list[tuple[int, int]], vocabulary: str) -> TokenRatio:
    """A ratio of sums; its variance by linearisation: n/(n−1) · Σ(counted − r · billed)² / (Σ billed)²."""
    n, billed = len(pairs), sum(one for one, _ in pairs)
    ratio = sum(other for _, other in pairs) / billed
    squares = sum((other - ratio * one) ** 2 for one, other in pairs)
    half = max(_Z * sqrt(n / (n - 1) * squares) / billed, _FORMAT * ratio)
    reference = f"{n:,} prompts of the log counted with {vocabulary}, against billed tokens"
    source = Source(kind="measured", reference=reference)
    return TokenRatio(value=ratio, low=ratio - half, high=ratio + half, source=source)
