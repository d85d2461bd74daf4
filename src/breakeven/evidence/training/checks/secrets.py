"""Are there keys, tokens or passwords in the rows?"""

from __future__ import annotations

from collections import Counter
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult
from breakeven.evidence.training.commands import clean_command
from breakeven.evidence.training.private import SECRETS, flagged_rows, private_rows

__all__ = ["CHECK"]


class SecretsCheck:
    """Keys of known providers, private keys, signed tokens, passwords in addresses, random strings beside key words."""

    name = "secrets"
    title = "Keys and passwords"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """The rows that hold some; what it finds is never printed."""
        n, most = len(given.train.rows), float(given.settings.get(self.name, 0.0))
        found = private_rows(given, SECRETS)
        kinds = sum((Counter(one.counts) for one in found), Counter[str]())
        what = f"keys, tokens or passwords in {len(found):,} of {n:,} rows"
        what += "; revoke them first: masking a copy makes no key secret again" if found else ""
        return CheckResult(
            check=self.name, title=self.title, verdict="fail" if len(found) > most else "pass", because=what,
            value=float(len(found)), n=n, method="patterns, and entropy beside key words", unit="rows", threshold=most,
            better="below", source="a key that is trained on is published", flagged=flagged_rows(given, found),
            details={"kinds": dict(kinds)}, next_step=clean_command(given, mask=self.name) if found else "",
        )  # fmt: skip


CHECK: Final[Check] = SecretsCheck()
