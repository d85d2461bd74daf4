"""How much is held out to score on, without the cases that training has seen."""

from __future__ import annotations

from typing import Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck
from breakeven.evidence.training.commands import split_command
from breakeven.evidence.training.leaking import leaks_of

__all__ = ["CHECK"]

_NAME: Final = "holdout"
_TITLE: Final = "Held out to score on"
_LEAST: Final = 0.20
_SOURCE: Final = "document 003, section 4"


def _nothing(given: CheckInput) -> str:
    if given.cases is None:
        return "no eval cases were named: --eval FILE, or hold rows out"
    return "there are no rows" if given.cases else "no eval case holds a text"


def _find(given: CheckInput) -> CheckResult:
    least = float(given.settings.get(_NAME, _LEAST))
    rows = len(given.train.rows)
    if not given.cases or not rows:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because=_nothing(given), threshold=least,
            better="above", source=_SOURCE, next_step=split_command(given, least),
        )  # fmt: skip
    clean = len(given.cases) - int(leaks_of(given).leaked.sum())
    share = clean / (clean + rows)
    wanted = round(least * (clean + rows))
    said = f"{clean:,} eval cases that are not in the training data, beside {rows:,} rows to train on"
    if share < least:
        said += f"; about {max(wanted - clean, 1):,} more are to be held out"
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if share >= least else "fail", because=said, value=share,
        n=clean + rows, method="counted: clean cases over clean cases and rows", threshold=least, better="above",
        source=_SOURCE, details={"cases": len(given.cases), "clean": clean, "rows": rows},
        next_step="" if share >= least
        else split_command(given, least),
    )  # fmt: skip


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
