"""What a data check reads, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from breakeven.errors import Place
from breakeven.evidence.training.row import TrainingData

if TYPE_CHECKING:
    from breakeven.evidence.training.tokens import Tokens

__all__ = ["Check", "CheckInput", "CheckResult", "DataCheck", "Flagged", "Text", "Verdict"]

Verdict = Literal["pass", "fail", "cannot_tell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One text from outside the training data: an eval case, or a call of production."""

    text: str
    """What was asked."""
    id: str = ""
    label: str | None = None
    """What would be right, or what the topic is, where it is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flagged:
    """One offending row, for the sidecar."""

    row: int
    """Index into ``TrainingData.rows``; −1 for a row that could not be read."""
    place: Place
    reason: str
    """Why it is flagged, as a person reads it; never a whole text, never a secret."""


@dataclass(frozen=True, kw_only=True)
class CheckInput:
    """The training data, and what it is held against. What several checks need is computed once, when first asked."""

    train: TrainingData
    cases: Sequence[Text] | None = None
    """The eval's questions; None: no eval was named."""
    logs: Sequence[Text] | None = None
    """What production was asked; None: no logs were named, or they hold no texts."""
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Thresholds that the user changed, ``{'label-accuracy': 0.98}``; ``hosts`` (names) and ``model``, where stated."""

    @cached_property
    def questions(self) -> list[str]:
        """What each row asks, in order."""
        return [row.question for row in self.train.rows]

    @cached_property
    def tokens(self) -> Tokens:
        """How long the rows are, counted as ``settings['model']`` counts; raises MissingExtraError."""
        from breakeven.evidence.training.tokens import count_tokens

        return count_tokens(self.train, model=self.settings.get("model"))

    @cached_property
    def question_features(self) -> Any | None:
        """(rows, numbers) TF-IDF of the questions; None where they hold too few words, or are too many for one table.

        Raises MissingExtraError.
        """
        from breakeven.errors import EvidenceError
        from breakeven.evidence.training.auditing.predicting import question_features

        try:
            return question_features(self.questions)
        except EvidenceError:
            return None

    @cached_property
    def answers(self) -> list[str]:
        """What each row teaches, in order."""
        return [row.answer for row in self.train.rows]


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check found. A figure that can not be known is None, and the verdict ``cannot_tell``."""

    check: str
    """Its stable name: ``near-duplicates``."""
    title: str
    verdict: Verdict
    because: str
    """One sentence with the figures: what was found, and of how many."""
    value: float | None = None
    """The figure that the verdict rests on."""
    low: float | None = None
    high: float | None = None
    level: float | None = None
    """Nominal coverage of ``low``..``high``; None where the figure is counted over all rows and has no error."""
    n: int | None = None
    """Rows or pairs that the figure rests on."""
    method: str = ""
    unit: str = "share"
    """``share``, ``rows``, ``tokens``, ``p`` …"""
    threshold: float | None = None
    better: Literal["above", "below", ""] = ""
    """The side of the threshold that passes."""
    source: str = ""
    """Where the threshold comes from: ``document 003, section 4``."""
    flagged: tuple[Flagged, ...] = ()
    next_step: str = ""
    """What to do about it: a command, where there is one."""
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """More figures by name, plain numbers and texts, for the JSON and the page."""


class Check(Protocol):
    """A data check: a module of ``checks``, or an entry point in the group ``breakeven.data_checks``."""

    @property
    def name(self) -> str:
        """Its stable name: ``near-duplicates``."""
        ...

    @property
    def title(self) -> str:
        """What it looks at, in a few words for the page."""
        ...

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """What the check finds."""
        ...


@dataclass(frozen=True, kw_only=True)
class DataCheck:
    """A check made of a function: what most modules of ``checks`` name ``CHECK``."""

    name: str
    title: str
    find: Callable[[CheckInput], CheckResult]

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """What the function finds."""
        return self.find(given)
