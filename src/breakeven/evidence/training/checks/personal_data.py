"""Is there personal data in the rows?"""

from __future__ import annotations

from collections import Counter
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult
from breakeven.evidence.training.commands import clean_command
from breakeven.evidence.training.private import (
    PERSONAL,
    Private,
    flagged_rows,
    named_rows,
    private_rows,
    together,
)

__all__ = ["CHECK", "personal_rows"]

_MOST: Final = 0.0


class PersonalDataCheck:
    """E-mail addresses, phone, card and account numbers, social security numbers, public IP addresses.

    Setting ``ner``: a spaCy model, which finds names, places, organisations and addresses as well.
    """

    name = "personal-data"
    title = "Personal data"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """The share of rows that hold some; a model that is tuned on them may say them again."""
        n, most = len(given.train.rows), float(given.settings.get(self.name, _MOST))
        found, model = personal_rows(given), given.settings.get("ner")
        kinds = sum((Counter(one.counts) for one in found), Counter[str]())
        counted = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
        what = f"personal data in {len(found):,} of {n:,} rows" + (f" ({counted})" if found else "")
        step = clean_command(given, mask=self.name) if found else ""
        return CheckResult(
            check=self.name, title=self.title, verdict="fail" if found and len(found) / n > most else "pass",
            because=f"{what}; {_limits(model)}", value=len(found) / n if n else None, n=n, threshold=most,
            method="patterns and checksums" + (f", names by {model}" if model else ""), better="below",
            source="document 000", flagged=flagged_rows(given, found), next_step=step,
            details={"kinds": dict(kinds), "ner": model},
        )  # fmt: skip


CHECK: Final[Check] = PersonalDataCheck()


def personal_rows(given: CheckInput) -> list[Private]:
    """What patterns find, and a model where the setting ``ner`` names one."""
    model = given.settings.get("ner")
    names = named_rows(given, str(model)) if model else []
    return together(private_rows(given, PERSONAL), names)


def _limits(model: object) -> str:
    if model:
        return f"names, places, organisations and addresses as {model} finds them, which misses some"
    return "names and addresses are not looked for: --ner MODEL does"
