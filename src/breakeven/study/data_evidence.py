"""What a data check found of the rows that a candidate is trained on, as facts of the study: no file, no row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["DataEvidence", "DataFinding"]


@dataclass(frozen=True, kw_only=True)
class DataFinding:
    """What one check found."""

    check: str
    """Its stable name: ``duplicates``."""
    verdict: Literal["pass", "fail", "cannot_tell"]
    because: str
    """One sentence with the figures."""
    value: float | None = None
    """None: the check can not tell."""
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    source: str = ""
    """Where the threshold comes from."""


@dataclass(frozen=True, kw_only=True)
class DataEvidence:
    """The audit of one set of training rows."""

    file: str
    """The audit, as the study names it: ``evidence/data.json``."""
    rows: int
    """Rows that could be read."""
    usable: int
    """Without those that a failed check would leave out: repeats, and rows that hold eval cases."""
    tokens_per_example: float | None
    """Mean; None: they were not counted."""
    findings: Sequence[DataFinding]
    audited: int = 0
    """Rows that people judged at random."""
    wrong: int = 0
    """Of them, those whose label is wrong."""
    audited_cases: int = 0
    """Eval cases that the rows were held against."""
    leaked: int = 0
    """Of them, those that stand in the rows."""
    leaked_cases: frozenset[str] = frozenset()
    """Their ids; empty where the audit does not name them."""
    clean_cases: frozenset[str] = frozenset()
    """The ids of the others."""
    changed: bool | None = None
    """Whether the rows changed since the audit; None: they do not stand in the study's folder."""

    def finding(self, check: str) -> DataFinding | None:
        """What a check found; None where it was not run."""
        return next((one for one in self.findings if one.check == check), None)
