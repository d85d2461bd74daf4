"""Do 10 to 20% of the rows teach edge cases?"""

from __future__ import annotations

import shlex
from collections import Counter
from typing import Any, Final

from breakeven.evidence.evals.records import dig
from breakeven.evidence.training.auditing.keys import row_keys
from breakeven.evidence.training.auditing.verdicts import read_audit
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict
from breakeven.evidence.training.checks.labels import audit_path
from breakeven.evidence.training.commands import mapped, named
from breakeven.evidence.training.unusual import FEWEST, SIGNS, unusual_rows
from breakeven.statistics import Estimate, exact_binomial, wilson

__all__ = ["CHECK"]

_LOW, _HIGH = 0.10, 0.20
_SOURCE: Final = "document 003, section 4"
_ROWS: Final = 140
"""Audited rows by which a share of 15% is known to lie between 9% and 22%."""
_COLUMNS: Final = (
    "edge_case",
    "edge",
    "is_edge_case",
    "metadata.edge_case",
    "metadata.edge",
    "meta.edge_case",
)
_TAGS: Final = ("tags", "difficulty", "kind", "metadata.tags", "metadata.difficulty")
_WORDS: Final = frozenset(
    {"edge", "edge-case", "edge case", "edge_case", "corner case", "hard", "rare", "adversarial"}
)
_YES: Final = frozenset({"1", "1.0", "true", "yes", "y"}) | _WORDS


class EdgeCasesCheck:
    """The share of rows that are edge cases: by a column that says so, else by the random audit of labels.

    Whoever audits rows marks the edge cases among them, so that their share is known with its interval. Without either,
    rows that are unlike most are listed by four signs. What is unusual need not be an edge case, and the other way
    round, so that gives a figure and no verdict. Setting ``edge-column``: the column.
    """

    name = "edge-cases"
    title = "Edge cases"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """A verdict by tags or by the audit; by signs only a figure."""
        tagged = _tagged(given)
        if tagged is not None:
            return self._counted(given, len(tagged), "are tagged")
        audited = _audited(given)
        unusual = self._unusual(given)
        return unusual if audited is None else self._judged(given, *audited, unusual)

    def _unusual(self, given: CheckInput) -> CheckResult:
        """What is unlike the other rows, for want of something better."""
        n = len(given.train.rows)
        words = [
            "breakeven data audit",
            named(given),
            shlex.join(mapped(given)),
            f"--n {min(_ROWS, n)} -o sheet.csv",
        ]
        step = " ".join(filter(None, words))
        if n < FEWEST:
            return self._result(
                f"no row is tagged or marked in an audit, and {n:,} are too few to tell what is unusual",
                step=step,
            )
        drawn, signs = unusual_rows(given)
        counts = Counter(sign for told in signs.values() for sign in told)
        share = wilson(len(signs), int(drawn.size))
        parts = ", ".join(f"{sign} {counts[sign]:,}" for sign in SIGNS if counts[sign])
        said = f"{share.value:.1%} [{share.low:.1%}, {share.high:.1%}] of {drawn.size:,} rows are unlike most"
        return self._result(
            f"no row is tagged or marked in an audit; {said}{f' ({parts})' if parts else ''}, which may or may not be "
            "edge cases",
            step=step,
            flagged=tuple(
                Flagged(row=k, place=given.train.rows[k].place, reason="; ".join(told.values()))
                for k, told in signs.items()
            ),
            details={"unusual_share": share.value, "unusual_low": share.low, "unusual_high": share.high,
                     "looked_at": int(drawn.size), "signs": dict(counts)},
        )  # fmt: skip

    def _judged(self, given: CheckInput, edge: int, n: int, unusual: CheckResult) -> CheckResult:
        share = exact_binomial(edge, n)
        low, high = share.interval
        if n == len(given.train.rows):
            return self._counted(given, edge, "were marked in the audit")
        verdict: Verdict = "fail" if high < _LOW or low > _HIGH else "cannot_tell"
        verdict = "pass" if low >= _LOW and high <= _HIGH else verdict
        said = f"{edge:,} of {n:,} rows audited at random are edge cases; {_LOW:.0%} to {_HIGH:.0%} are asked for"
        if verdict == "cannot_tell":
            said += ", and the interval reaches beyond"
        step = "" if verdict == "pass" else _step(share.value) if verdict == "fail" else unusual.next_step
        return self._result(
            said, step=step, verdict=verdict, share=share, n=n, flagged=unusual.flagged,
            details={"edge_cases": edge, "audited": n, **unusual.details},
        )  # fmt: skip

    def _counted(self, given: CheckInput, edge: int, how: str) -> CheckResult:
        n = len(given.train.rows)
        share = edge / n
        verdict: Verdict = "pass" if _LOW <= share <= _HIGH else "fail"
        return self._result(
            f"{edge:,} of {n:,} rows {how} as edge cases; {_LOW:.0%} to {_HIGH:.0%} are asked for",
            step="" if verdict == "pass" else _step(share), verdict=verdict, value=share, n=n, details={"tagged": edge},
        )  # fmt: skip

    def _result(
        self, because: str, *, step: str, verdict: Verdict = "cannot_tell", share: Estimate | None = None,
        value: float | None = None, n: int | None = None, flagged: tuple[Flagged, ...] = (),
        details: dict[str, Any] | None = None,
    ) -> CheckResult:  # fmt: skip
        known = share.value if share is not None else value
        above = known is not None and known > _HIGH
        return CheckResult(
            check=self.name, title=self.title, verdict=verdict, because=because, value=known,
            low=None if share is None else share.low, high=None if share is None else share.high,
            level=None if share is None else share.level, n=n,
            method="" if known is None else "counted by their marks" if share is None
            else f"random audit, {share.method}",
            threshold=_HIGH if above else _LOW, better="below" if above else "above", source=_SOURCE,
            flagged=flagged, details=details or {}, next_step=step,
        )  # fmt: skip


CHECK: Final[Check] = EdgeCasesCheck()


def _step(share: float) -> str:
    return "add edge cases" if share < _LOW else "add everyday cases"


def _audited(given: CheckInput) -> tuple[int, int] | None:
    """Edge cases among the rows audited at random, and those rows; None where nobody has marked any.

    A judged row without a mark is none, once some row has one.
    """
    path = audit_path(given)
    if path is None:
        return None
    here = set(row_keys(given.train.rows)) if path.exists() else set()
    judged = [one for one in read_audit(path) if one.sample == "random" and one.row in here]
    if all(one.edge is None for one in judged):
        return None
    return sum(one.edge is True for one in judged), len(judged)


def _tagged(given: CheckInput) -> list[int] | None:
    """Rows that a column calls edge cases; None: there is no such column."""
    named = given.settings.get("edge-column")
    for column in (str(named),) if named else _COLUMNS:
        values = [dig(row.raw, column) for row in given.train.rows]
        if any(value is not None for value in values):
            return [k for k, value in enumerate(values) if str(value).strip().lower() in _YES]
    for column in _TAGS:
        words = [_words(dig(row.raw, column)) for row in given.train.rows]
        found = [k for k, said in enumerate(words) if said & _WORDS]
        if found:
            return found
    return None


def _words(value: Any) -> set[str]:
    parts = value if isinstance(value, list | tuple) else str(value or "").split(",")
    return {str(part).strip().lower() for part in parts}
