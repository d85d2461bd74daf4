"""Where a figure comes from: measured, quoted, published, guessed or stated, with its reference and date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

__all__ = ["Source", "SourceKind"]

SourceKind = Literal["measured", "quoted", "published", "guess", "stated"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a belief comes from: measured, quoted (a price list), published, a guess, or stated by the study."""

    kind: SourceKind
    reference: str
    date: dt.date | None = None

    def __str__(self) -> str:
        date = f", {self.date.isoformat()}" if self.date else ""
        reference = f", {self.reference}" if self.reference else ""
        return f"{self.kind}{reference}{date}"
