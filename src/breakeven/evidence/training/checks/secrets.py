"""Are there keys, tokens or passwords in the rows?"""

from __future__ import annotations

from collections import Counter
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult
from breakeven.evidence.training.private import SECRETS, flagged_rows, scan_rows

__all__ = ["CHECK"]


class SecretsCheck:
    """Keys of known providers, private keys, signed tokens, passwords in addresses, random strings beside key words."""

    name = "secrets"
    title = "Keys and passwords"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """The rows that hold some; what it finds is never printed."""
        n = len(given.train.rows)
        found = scan_rows(given.train.rows, SECRETS)
        kinds = sum((Counter(one.counts) for one in found), Counter[str]())
        what = f"keys, tokens or passwords in {len(found):,} of {n:,} rows"
        step = (
            f"revoke them; then breakeven data clean {given.train.paths[0]} --mask {self.name} -o clean.jsonl"
        )
        return CheckResult(
            check=self.name, title=self.title, verdict="fail" if found else "pass", because=what,
            value=float(len(found)), n=n, method="patterns, and entropy beside key words", unit="rows", threshold=0.0,
            better="below", source="a key that is trained on is published", flagged=flagged_rows(given, found),
            details={"kinds": dict(kinds)}, next_step=step if found else "",
        )  # fmt: skip


CHECK: Final[Check] = SecretsCheck()
