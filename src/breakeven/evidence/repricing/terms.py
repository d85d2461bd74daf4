"""What is asked of a repricing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from breakeven.evidence.repricing.batch import AS_LOGGED, Batch
from breakeven.evidence.repricing.tokens import Counted
from breakeven.sources import Source

__all__ = ["OUTPUT_LENGTH", "SAME", "Cut", "OutputLength", "Terms", "Wanted"]

SAME: Final = "same"
"""Names the models that the calls were made with."""


@dataclass(frozen=True, kw_only=True)
class OutputLength:
    """How long another model's answers are, as a multiple of the logged ones: a 90% interval around 1."""

    low: float
    high: float
    source: Source


OUTPUT_LENGTH: Final = OutputLength(
    low=0.7,
    high=1.4,
    source=Source(
        kind="guess", reference="answers of another model to the same prompt, against the logged ones"
    ),
)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What is cut from the prompt of each call: a number of tokens, or a share of the input. Exactly one is given."""

    tokens: float | None = None
    share: float | None = None

    def __str__(self) -> str:
        if self.tokens is not None:
            return f"prompt {self.tokens:,.0f} tokens shorter"
        return f"prompt {100 * (self.share or 0):.3g}% shorter"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How the calls would be made. The default: as they were."""

    batch: float | Batch = AS_LOGGED
    """Share of calls that can wait for a batch; the default: as they were made."""
    cached: float | Literal["logged", "replay"] = "logged"
    """Share of the input read from a cache; ``logged``: what the log says; ``replay``: from block hashes and times."""
    cut: Cut | None = None
    """With a cut, every alternative is priced with the whole prompt and with the shorter one."""
    region: str | None = None
    output_length: OutputLength = field(default=OUTPUT_LENGTH)
    counted: Counted = field(default_factory=dict)
    """What the log's texts tell of its tokens in another model's; see ``counted_ratios``."""
    sampling: float = 1.0
    """The share of all calls that the log holds."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The alternatives: models by their key in the price book, or ``same``; and bases of tuned models."""

    models: tuple[str, ...] = ()
    tuned: tuple[str, ...] = ()
