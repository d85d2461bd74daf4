"""An audit of labels for the terminal and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from breakeven.evidence.training.auditing.claim import Audit
from breakeven.report.eval_figures import interval, percent
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean
from breakeven.statistics import AuditClaim, Estimate

__all__ = ["audit_as_dict", "audit_text"]

_GUTTER = 12


def audit_text(audit: Audit, train: str, n_rows: int, notes: Sequence[str] = (), *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters. train: the training files as the user named them."""
    lines: list[str] = []
    for label, text in _entries(audit, clean(train), n_rows):
        lines += wrapped(text, width, indent=f"{label:<{_GUTTER}}", hanging=" " * _GUTTER)
    for note in notes:
        lines += wrapped(f"! {clean(note)}", width, hanging="  ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _entries(audit: Audit, train: str, n_rows: int) -> Iterator[tuple[str, str]]:
    claim = audit.claim
    if claim is None:
        yield (
            "AUDIT",
            f"{train}: none of {n_rows:,} rows was judged at random, so nothing is known of the labels",
        )
    else:
        yield "AUDIT", _counts(audit, claim, train, n_rows)
        accuracy = claim.accuracy
        level = f"{accuracy.level:.0%}, {accuracy.method}"
        yield "ACCURACY", f"{percent(accuracy.value)} {interval(accuracy)} of the labels are right ({level})"
        yield (
            "CLAIM",
            f"“more than {claim.target:.4g} right”".replace(f"{claim.target:.4g}", _pct(claim.target))
            + (_verdict(audit, claim)),
        )
    if audit.suspects is not None:
        wrong = f"{percent(audit.suspects.value)} {interval(audit.suspects)}"
        yield (
            "SUSPECTS",
            f"{wrong} of {audit.suspects.n:,} judged suspects are wrong; they are no part of the claim",
        )
    if audit.changed:
        rows = "1 judged row was" if audit.changed == 1 else f"{audit.changed:,} judged rows were"
        yield "CHANGED", f"{rows} edited or taken out since: `right` no longer counts, `wrong` still does"
    if audit.wrong_rows:
        n = len(audit.wrong_rows)
        yield (
            "REPAIR",
            f"{n:,} row{'s' * (n != 1)} judged wrong {'is' if n == 1 else 'are'} still in the file",
        )
    if not audit.holds:
        yield "NEXT", _next(audit, train)


def _counts(audit: Audit, claim: AuditClaim, train: str, n_rows: int) -> str:
    unsure = f", {audit.unsure:,} of them unsure, which counts as wrong" if audit.unsure else ""
    text = f"{train}: {claim.n:,} of {n_rows:,} rows judged at random, {claim.errors:,} wrong{unsure}"
    return text + (f"; {audit.missing:,} of the sample have no verdict yet" if audit.missing else "")


def _verdict(audit: Audit, claim: AuditClaim) -> str:
    confidence = f"at {_pct(claim.confidence)} confidence"
    if audit.holds:
        how = (
            "one planned sample"
            if audit.by_plan
            else f"however often it was looked at (e = {claim.e_value:.3g})"
        )
        return f" holds {confidence}, {how}: at least {_floor(claim.low)} by the exact bound"
    if claim.accuracy.high is not None and claim.accuracy.high < claim.target:
        return f" does not hold: the whole interval lies below {_pct(claim.target)}. Repair labels, then audit anew"
    if audit.file_too_small:
        floor = f"; these rows show more than {_floor(claim.low)}" if audit.by_plan else ""
        return (
            f" can not be shown: {claim.n + audit.left:,} rows are too few, even if all of them are right "
            f"({claim.n + audit.more_rows:,} are needed){floor}"
        )
    if audit.missing:
        return f" does not hold yet: the sample is not complete; {claim.more_rows:,} more rows, all right, would do"
    exact = f"{claim.more_rows:,} more rows without a further error ({claim.n + claim.more_rows:,} in all)"
    anytime = claim.n + claim.more_rows_at_any_look
    later = f"{claim.more_rows_at_any_look:,} more ({anytime:,} in all)"
    if claim.more_rows == 0:
        return f" does not hold yet: the exact bound is there, but was looked at more than once; {later} make up for it"
    return (
        f" does not hold yet: {exact} bring the exact bound there; this was a look already, so "
        f"{later} make it hold {confidence}"
    )


def _next(audit: Audit, train: str) -> str:
    claim = audit.claim
    if claim is None:
        return f"breakeven data audit {train} -o sheet.csv"
    if claim.accuracy.high is not None and claim.accuracy.high < claim.target:
        return f"breakeven data audit {train} --suspects -o suspects.csv"
    if audit.file_too_small:
        return f"label {audit.more_rows - audit.left:,} more rows at least, and audit them too"
    if audit.missing:
        return f"breakeven data audit {train} --review, or fill the sheet in"
    return f"breakeven data audit {train} --n {claim.n + claim.more_rows_at_any_look} -o sheet.csv"


def _pct(share: float) -> str:
    return f"{share * 100:.4g}%"


def _floor(share: float) -> str:
    """A lower bound, never rounded up over what was proven."""
    return f"{int(share * 1000) / 10:.1f}%"


def audit_as_dict(audit: Audit) -> dict[str, Any]:
    """The same as plain numbers and words."""
    claim = audit.claim
    found: dict[str, Any] = {
        "holds": audit.holds, "by_plan": audit.by_plan, "looks": audit.looks, "missing": audit.missing,
        "left": audit.left, "file_too_small": audit.file_too_small,
        "unsure": audit.unsure, "changed": audit.changed, "wrong_rows": len(audit.wrong_rows),
        "claim": None, "suspects": None,
    }  # fmt: skip
    if claim is not None:
        a = claim.accuracy
        found["claim"] = {
            "target": claim.target, "confidence": claim.confidence, "n": claim.n, "errors": claim.errors,
            "accuracy": _estimate(a),
            "lower_bound": claim.low, "more_rows": claim.more_rows, "e_value": min(claim.e_value, 1e300),
            "more_rows_at_any_look": claim.more_rows_at_any_look,
        }  # fmt: skip
    if (s := audit.suspects) is not None:
        found["suspects"] = _estimate(s)
    return found


def _estimate(one: Estimate) -> dict[str, Any]:
    return {
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "level": one.level,
        "n": one.n,
        "method": one.method,
    }
