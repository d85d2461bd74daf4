"""Is there personal data in the rows?"""

from __future__ import annotations

from collections import Counter
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult
from breakeven.evidence.training.private import PERSONAL, flagged_rows, scan_rows

__all__ = ["CHECK"]

_LIMITS: Final = "names, addresses and other things that take understanding are not looked for"


class PersonalDataCheck:
    """E-mail addresses, phone, card and account numbers, social security numbers, public IP addresses."""

    name = "personal-data"
    title = "Personal data"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """The share of rows that hold some; a model that is tuned on them may say them again."""
        n = len(given.train.rows)
        found = scan_rows(given.train.rows, PERSONAL)
        kinds = sum((Counter(one.counts) for one in found), Counter[str]())
        counted = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
        what = f"personal data in {len(found):,} of {n:,} rows" + (f" ({counted})" if found else "")
        return CheckResult(
            check=self.name, title=self.title, verdict="fail" if found else "pass", because=f"{what}; {_LIMITS}",
            value=len(found) / n if n else None, n=n, method="patterns and checksums", threshold=0.0, better="below",
            source="document 000", flagged=flagged_rows(given, found), details={"kinds": dict(kinds)},
            next_step=f"breakeven data clean {given.train.paths[0]} --mask {self.name} -o clean.jsonl" if found else "",
        )  # fmt: skip


CHECK: Final[Check] = PersonalDataCheck()
