"""Are at least half of the rows written or checked by people?"""

from __future__ import annotations

from collections import Counter
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict

__all__ = ["CHECK"]

_LEAST: Final = 0.5


class OriginCheck:
    """The share of rows that a person wrote or verified, by the file's own word.

    Setting ``origin``: the share wanted.
    """

    name = "origin"
    title = "Human-made or verified"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """A verdict where the rows that say nothing can not change it."""
        least = float(given.settings.get("origin", _LEAST))
        counts = Counter[str](row.origin for row in given.train.rows)
        n = len(given.train.rows)
        human, silent = counts["human"] + counts["verified"], counts["unknown"]
        low, high = (human / n, (human + silent) / n) if n else (0.0, 1.0)
        verdict: Verdict = "pass" if low >= least else "fail" if high < least else "cannot_tell"
        return CheckResult(
            check=self.name, title=self.title, verdict=verdict, because=_said(counts, n),
            value=low if not silent else None, low=low if silent < n else None, high=high if silent < n else None,
            n=n - silent, method="counted; the ends are what the silent rows could make of it" if silent else "counted",
            threshold=least, better="above", source="document 003, section 4",
            flagged=tuple(
                Flagged(row=k, place=row.place, reason="synthetic: no person checked it")
                for k, row in enumerate(given.train.rows)
                if row.origin == "synthetic"
            ),
            next_step="" if verdict == "pass" else _step(verdict),
            details=dict(counts),
        )  # fmt: skip


CHECK: Final[Check] = OriginCheck()


def _said(counts: Counter[str], n: int) -> str:
    if counts["unknown"] == n:
        return "the file does not say who wrote the answers"
    parts = [f"{counts[name]:,} {word}" for name, word in (
        ("human", "human-made"), ("verified", "verified by a person"), ("synthetic", "synthetic"),
        ("unknown", "of unknown origin"),
    ) if counts[name]]  # fmt: skip
    return f"of {n:,} rows: {', '.join(parts)}"


def _step(verdict: Verdict) -> str:
    if verdict == "fail":
        return "have people check synthetic rows, and mark them `verified`"
    return "a column `origin` with human, verified or synthetic, or --map origin=COLUMN"
