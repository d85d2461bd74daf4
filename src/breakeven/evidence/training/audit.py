"""What one look at training data found: its facts, its lengths, its price, and what every check says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from breakeven.evidence.training.check import CheckResult
from breakeven.evidence.training.costs import HostCost
from breakeven.evidence.training.row import TrainingFile
from breakeven.evidence.training.tokens import TokenSummary

__all__ = ["DataAudit", "Readiness"]

Readiness = Literal["ready", "not ready", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class DataAudit:
    """Training data as it was found."""

    paths: tuple[str, ...]
    sha256: str
    """Hash over the files' bytes: another one, and the audit is of other data."""
    rows: int
    """Usable rows."""
    rejected: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Why rows could not be read → how many."""
    files: tuple[TrainingFile, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    tokens: TokenSummary | None = None
    """None: no counter is installed."""
    costs: tuple[HostCost, ...] = ()
    epochs: tuple[int, int]
    runs: tuple[int, int]
    hosts: tuple[str, ...] = ()
    """Those that were named."""
    model: str | None = None
    cases: int | None = None
    """Eval cases that the rows were held against; None: no eval was named."""
    logs: int | None = None
    """Texts of production that they were held against."""
    seed: int = 0
    checks: tuple[CheckResult, ...]
    flagged: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Check → rows that it flags; kept apart, since an audit that is read back has no flagged rows in its checks."""
    rows_files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Check → the file of its flagged rows, beside the audit."""

    @property
    def readiness(self) -> Readiness:
        """Not ready where a check fails; else, whether every check could tell."""
        verdicts = {check.verdict for check in self.checks}
        if "fail" in verdicts:
            return "not ready"
        return "cannot tell" if "cannot_tell" in verdicts else "ready"
