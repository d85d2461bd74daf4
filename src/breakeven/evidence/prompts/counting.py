"""Token sums of prompts by template and model: billed where the log says, else counted, each known for what it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from breakeven.evidence.prompts.reading import LoggedPrompt
from breakeven.evidence.prompts.template import Template
from breakeven.evidence.prompts.tokens import MESSAGE_TOKENS, REPLY_TOKENS, counter_for, vocabulary_of
from breakeven.evidence.prompts.words import roles_of

__all__ = ["Agreement", "Inputs", "Tally", "prompt_tokens", "text_tokens"]

_ALWAYS: Final = 1_000
_EVERY: Final = 16
_FEATURES: Final = 20


@dataclass(kw_only=True)
class Agreement:
    """How counted input tokens compare with billed ones, over calls of a model where both are known."""

    n: int = 0
    billed: int = 0
    counted: int = 0
    off: float = 0.0
    """Sum of |counted ÷ billed − 1|."""
    exact: int = 0

    def add(self, billed: int, counted: int) -> None:
        """One call."""
        self.n += 1
        self.billed += billed
        self.counted += counted
        self.off += abs(counted / billed - 1)
        self.exact += billed == counted

    @property
    def ratio(self) -> float:
        """Billed tokens to one counted."""
        return self.billed / self.counted if self.counted else 1.0

    def summary(self, model: str | None) -> dict[str, Any]:
        """As a mapping."""
        vocabulary, own = vocabulary_of(model)
        return {
            "vocabulary": vocabulary, "vocabulary_is_the_models_own": own, "calls": self.n, "billed": self.billed,
            "counted": self.counted, "error": self.counted / self.billed - 1 if self.billed else None,
            "mean_absolute_error": self.off / self.n if self.n else None,
            "exact_share": self.exact / self.n if self.n else None,
        }  # fmt: skip


@dataclass(kw_only=True)
class Inputs:
    """Input of the calls of one template and model."""

    provider: str | None = None
    calls: int = 0
    tokens: int = 0
    cached: int = 0
    cached_known: int = 0
    """Calls that say what was read from a cache."""


@dataclass(kw_only=True)
class Tally:
    """Everything that is summed while prompts go by."""

    calls: int = 0
    texts: int = 0
    billed: int = 0
    """Calls whose input tokens the log states."""
    batch: int = 0
    agreement: dict[str | None, Agreement] = field(default_factory=lambda: defaultdict(Agreement))
    inputs: dict[tuple[int, str | None], Inputs] = field(default_factory=lambda: defaultdict(Inputs))
    """(template's id, model) → sums; template 0 is none."""
    stretches: dict[int, dict[tuple[int, str | None], tuple[int, int]]] = field(default_factory=dict)
    """Of a sample: stretch → (template's id, model) → (calls, input tokens)."""
    features: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def tokens_of(self, call: LoggedPrompt, text: str) -> int:
        """Input tokens of a call, billed or counted; where billed, some are counted as well, to tell the error."""
        if call.input_tokens is None:
            return prompt_tokens(text, call.model)
        self.billed += 1
        agreement = self.agreement[call.model]
        if agreement.n < _ALWAYS or self.calls % _EVERY == 0:
            agreement.add(call.input_tokens, prompt_tokens(text, call.model))
        return call.input_tokens

    def take(self, call: LoggedPrompt, template: Template | None, tokens: int) -> None:
        """One call whose template is known."""
        key = 0 if template is None else id(template)
        sums = self.inputs[key, call.model]
        sums.provider = sums.provider or call.provider
        sums.calls += 1
        sums.tokens += tokens
        sums.cached += min(call.cached_tokens or 0, tokens)
        sums.cached_known += call.cached_tokens is not None
        if call.stretch is not None:
            within = self.stretches.setdefault(call.stretch, {})
            calls, before = within.get((key, call.model), (0, 0))
            within[key, call.model] = (calls + 1, before + tokens)
        names = self.features[key]
        if call.feature is not None and (call.feature in names or len(names) < _FEATURES):
            names[call.feature] += 1

    def scale(self, model: str | None) -> float:
        """Billed tokens to one counted: 1 for a model's own vocabulary, else as the log's usage says."""
        own = vocabulary_of(model)[1]
        agreement: Mapping[str | None, Agreement] = self.agreement
        return 1.0 if own or model not in agreement else agreement[model].ratio


def prompt_tokens(text: str, model: str | None) -> int:
    """Input tokens of a whole prompt: its texts, and what the chat format adds to each message."""
    marks = roles_of(text)
    counter = counter_for(model)
    ends = [start for start, _, _ in marks[1:]] + [len(text)]
    texts = sum(counter.recalled(text[body:end]) for (_, body, _), end in zip(marks, ends, strict=True))
    return texts + MESSAGE_TOKENS * len(marks) + REPLY_TOKENS


def text_tokens(text: str, marks: int, model: str | None) -> int:
    """Tokens of a constant part: its texts, and what the chat format adds to ``marks`` messages that open in it."""
    counter = counter_for(model)
    total, at = 0, 0
    for start, end, _ in roles_of(text):
        total += counter.recalled(text[at:start])
        at = end
    return total + counter.recalled(text[at:]) + MESSAGE_TOKENS * marks
