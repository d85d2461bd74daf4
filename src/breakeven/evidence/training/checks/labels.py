"""Are the labels right? What a random audit proves; without one, which rows to look at."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.training.auditing.claim import Audit, take_stock
from breakeven.evidence.training.auditing.confident import Doubts
from breakeven.evidence.training.auditing.drawing import find_doubts
from breakeven.evidence.training.auditing.predicting import Predicted, row_labels
from breakeven.evidence.training.auditing.verdicts import audit_file, read_audit
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict
from breakeven.evidence.training.commands import mapped, named
from breakeven.statistics import cases_to_claim

__all__ = ["CHECK", "audit_path"]

_TARGET: Final = 0.95
_SOURCE: Final = "document 003, section 4"
_SHOWN: Final = 24
_MOST: Final = 1e300
"""No infinity goes into JSON."""


class LabelsCheck:
    """Are more than 95% of the labels right, at 95% confidence?

    Settings: ``label-accuracy``, the share that is wanted; ``audit``, the file of verdicts (otherwise the one beside
    the training file).
    """

    name = "labels"
    title = "Label accuracy"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """The verdict by the random audit; suspects are flagged, and never counted."""
        target = float(given.settings.get("label-accuracy", _TARGET))
        path = audit_path(given)
        verdicts = read_audit(path) if path is not None else []
        audit = take_stock(given.train.rows, verdicts, target=target)
        doubts, told, details = _doubted(given)
        flagged = (*_wrong(given, audit), *_suspects(given, doubts))
        plan = cases_to_claim(target)
        if audit.claim is None:
            return CheckResult(
                check=self.name, title=self.title, verdict="cannot_tell", flagged=flagged, threshold=target,
                because=f"no row was audited at random; {told}", better="above", source=_SOURCE, details=details,
                next_step=f"breakeven data audit {_named(given)} --n {plan} -o sheet.csv",
            )  # fmt: skip
        return self._judged(given, audit, flagged, told, details)

    def _judged(
        self, given: CheckInput, audit: Audit, flagged: tuple[Flagged, ...], told: str, details: dict[str, Any]
    ) -> CheckResult:  # fmt: skip
        claim = audit.claim
        assert claim is not None
        accuracy = claim.accuracy
        fails = accuracy.high is not None and accuracy.high < claim.target
        verdict: Verdict = "pass" if audit.holds else "fail" if fails else "cannot_tell"
        step = f"breakeven data audit {_named(given)} --n {claim.n + audit.more_rows} -o sheet.csv"
        if audit.holds:
            step = ""
        elif audit.file_too_small:
            step = f"label {audit.more_rows - audit.left:,} more rows at least, and audit them too"
        if fails:
            step = f"breakeven data audit {_named(given)} --suspects -o suspects.csv"
        return CheckResult(
            check=self.name, title=self.title, verdict=verdict, because=f"{_said(audit)}; {told}",
            value=accuracy.value, low=accuracy.low, high=accuracy.high, level=accuracy.level, n=claim.n,
            method=f"random audit, {accuracy.method}", threshold=claim.target, better="above", source=_SOURCE,
            flagged=flagged, next_step=step,
            details={
                **details, "errors": claim.errors, "unsure": audit.unsure, "missing": audit.missing,
                "changed": audit.changed, "e_value": min(claim.e_value, _MOST), "lower_bound": claim.low,
                "more_rows": audit.more_rows, "by_plan": audit.by_plan,
            },
        )  # fmt: skip


CHECK: Final[Check] = LabelsCheck()


def audit_path(given: CheckInput) -> Path | None:
    """Where the verdicts on these rows are kept; None where they come from no file."""
    if (named := given.settings.get("audit")) is not None:
        return Path(str(named))
    return audit_file(given.train.paths[0]) if given.train.paths else None


def _named(given: CheckInput) -> str:
    return " ".join([named(given), *map(shlex.quote, mapped(given))])


def _said(audit: Audit) -> str:
    claim = audit.claim
    assert claim is not None
    wrong = (
        f"{claim.errors:,} of {claim.n:,} rows audited at random {'is' if claim.errors == 1 else 'are'} wrong"
    )
    if audit.unsure:
        wrong += f" ({audit.unsure:,} unsure, counted as wrong)"
    if audit.holds:
        return f"{wrong}: more than {claim.target:.0%} are right at {claim.confidence:.0%} confidence"
    if claim.accuracy.high is not None and claim.accuracy.high < claim.target:
        return f"{wrong}: {claim.target:.0%} is out of reach"
    if audit.file_too_small:
        return (
            f"{wrong}: {claim.n + audit.left:,} rows are too few to prove {claim.target:.0%}, even if all are right "
            f"({claim.n + audit.more_rows:,} are needed)"
        )
    more = f"{audit.more_rows:,} more rows without a further error would prove {claim.target:.0%}"
    return f"{wrong}; {more}"


def _wrong(given: CheckInput, audit: Audit) -> Iterator[Flagged]:
    for row in audit.wrong_rows:
        yield Flagged(row=row, place=given.train.rows[row].place, reason="judged wrong in the audit")


def _doubted(given: CheckInput) -> tuple[tuple[Predicted, Doubts] | None, str, dict[str, Any]]:
    """What a classifier doubts, that in words, and its figures."""
    try:
        predicted, doubts = find_doubts(given.train.rows, seed=given.seed, features=_features(given))
    except NotEnoughEvidenceError as exc:
        return None, f"doubtful labels can not be told ({exc})", {}
    n = len(doubts.suspects)
    pairs = [f"{_cut(a)} that look like {_cut(b)}: {k}" for a, b, k in doubts.confusions(3)]
    often = f", most often {pairs[0].rpartition(':')[0]}" if pairs and n > 2 else ""
    told = f"{n:,} {'looks' if n == 1 else 'look'} doubtful to {predicted.source}{often}"
    details = {
        "suspects": n, "estimated_error_share": round(doubts.estimated_error_share, 4), "confused": pairs,
        "model": predicted.source, "model_accuracy": round(predicted.accuracy, 4),
    }  # fmt: skip
    return (predicted, doubts), told, details


def _features(given: CheckInput) -> Any | None:
    """Those that other checks use too; None where there is nothing to learn, and no text is to be read for it."""
    return given.question_features if row_labels(given.train.rows) else None


def _suspects(given: CheckInput, found: tuple[Predicted, Doubts] | None) -> Iterable[Flagged]:
    if found is None:
        return
    predicted, doubts = found
    for one in doubts.suspects:
        row = predicted.rows[one.row]
        reason = (
            f"suspect: labelled {_cut(one.label)} ({one.p_label:.2f}), looks like "
            f"{_cut(one.guess)} ({one.p_guess:.2f})"
        )
        yield Flagged(row=row, place=given.train.rows[row].place, reason=reason)


def _cut(label: str) -> str:
    return label if len(label) <= _SHOWN else label[: _SHOWN - 1] + "…"
