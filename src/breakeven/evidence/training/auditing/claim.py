"""What an audit's verdicts say of all labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from breakeven.evidence.training.auditing.keys import row_keys
from breakeven.evidence.training.auditing.verdicts import Verdict
from breakeven.evidence.training.row import TrainingRow
from breakeven.statistics import AuditClaim, Estimate, audit_claim, wilson

__all__ = ["Audit", "take_stock"]


@dataclass(frozen=True, kw_only=True)
class Audit:
    """An audit as it stands."""

    claim: AuditClaim | None
    """By the random rows; None: none was judged."""
    looks: int
    """Samples that were planned one after the other; the exact bound is for one."""
    missing: int
    """Rows of the sample as planned that have no verdict yet."""
    unsure: int
    """Random rows of which nobody could say; counted as wrong."""
    changed: int
    """Verdicts on rows that were edited or taken out since; ``right`` no longer counts, ``wrong`` still does."""
    wrong_rows: tuple[int, ...]
    """Rows there now that were judged wrong, of either sample."""
    left: int
    """Rows of the file that no random sample has judged yet."""
    suspects: Estimate | None
    """Share of judged suspects that are wrong: how well doubts find errors, never part of the claim."""

    @property
    def holds(self) -> bool:
        """Whether the claim stands: by the exact bound for one sample as planned, else at any look."""
        if self.claim is None:
            return False
        return self.claim.holds if self.by_plan else self.claim.holds_at_any_look

    @property
    def by_plan(self) -> bool:
        """Whether one sample was planned, and all of it was looked at before anything was said."""
        return self.looks == 1 and self.missing == 0

    @property
    def more_rows(self) -> int:
        """Rows without a further error that the claim still lacks, read the way it is read now."""
        if self.claim is None or self.holds:
            return 0
        return self.claim.more_rows if self.by_plan else self.claim.more_rows_at_any_look

    @property
    def file_too_small(self) -> bool:
        """Whether the claim can not be shown with the rows that there are, even if all others are right."""
        return self.claim is not None and self.more_rows > self.left


def take_stock(
    rows: Sequence[TrainingRow],
    verdicts: Sequence[Verdict],
    *,
    target: float = 0.95,
    confidence: float = 0.95,
) -> Audit:
    """What verdicts say of the rows as they are now.

    A row that was found wrong and repaired counts as wrong all the same: that it was found says how many there are
    among the rows that nobody looked at.
    """
    at = {key: k for k, key in enumerate(row_keys(rows))}
    random = [one for one in verdicts if one.sample == "random"]
    counted = [one for one in random if one.row in at or one.verdict != "right"]
    errors = sum(one.verdict != "right" for one in counted)
    plans = {one.plan for one in random if one.plan is not None}
    suspects = [one for one in verdicts if one.sample == "suspect" and one.verdict != "unsure"]
    return Audit(
        claim=audit_claim(errors, len(counted), target=target, confidence=confidence) if counted else None,
        looks=max(1, len(plans)) if random else 0,
        missing=max(0, max(plans, default=0) - len(random)),
        unsure=sum(one.verdict == "unsure" for one in counted),
        changed=sum(one.row not in at for one in verdicts),
        left=len(at) - sum(one.row in at for one in random),
        wrong_rows=tuple(sorted(at[one.row] for one in verdicts if one.verdict == "wrong" and one.row in at)),
        suspects=wilson(sum(one.verdict == "wrong" for one in suspects), len(suspects)) if suspects else None,
    )
