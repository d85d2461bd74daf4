"""What a random audit proves of the labels: "more than 95% are right, at 95% confidence".

Two ways of looking. Planned: so many rows, read once at the end; the exact binomial bound (Clopper and Pearson, 1934)
asks for 59 rows without an error, 93 with one. Going on after an error and reading the same bound again is another
thing: whoever goes from 59 to 93 to 124 rows until it holds is wrong in up to 12.6% of cases at a nominal 5%. The
e-process may be read after every row: it bets on fewer errors than the claim allows, its stake a Beta(½, 1.5/θ) on the
error rate within (0, θ), and by Ville's inequality it ever reaches 20 with probability 1/20 at most while the claim is
false (Waudby-Smith and Ramdas, 2024). It asks for 69 rows without an error, 128 with one.

A file is drawn from without replacement, which both ways treat as endless labelling: they ask for a little too much of
a small file, and the claim is about the way the labels were made, not about these rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import check_level
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import cases_to_claim, exact_binomial

__all__ = ["AuditClaim", "audit_claim", "audit_e_value", "audit_stop", "rows_to_stop"]

_ERRORS_PRIOR = 0.5
_RIGHT_PRIOR_PER_RATE = 1.5


@dataclass(frozen=True, kw_only=True)
class AuditClaim:
    """How far an audit has come with its claim."""

    target: float
    """The share of right labels that is claimed to be exceeded."""
    confidence: float
    n: int
    errors: int
    accuracy: Estimate
    """Share of right labels with its exact two-sided interval."""
    low: float
    """One-sided exact lower bound at ``confidence``: the claim holds where it is at ``target`` or above."""
    holds: bool
    """Whether the claim holds, where the rows were planned and this is the one look at them."""
    more_rows: int
    """Rows without a further error after which ``holds`` would be true; 0: it is."""
    e_value: float
    """Evidence for the claim that may be read after every row; 1 / (1 − confidence) settles it."""
    holds_at_any_look: bool
    """Whether the claim holds however often it was looked at."""
    more_rows_at_any_look: int
    """Rows without a further error after which ``holds_at_any_look`` would be true; 0: it is."""


def audit_claim(errors: int, n: int, *, target: float = 0.95, confidence: float = 0.95) -> AuditClaim:
    """What ``errors`` wrong labels among ``n`` drawn at random say of the claim "more than ``target`` are right".

    >>> audit_claim(1, 59).more_rows
    34
    """
    _check(errors, n, target, confidence)
    if n < 1:
        raise NotEnoughEvidenceError("no audited rows: draw some at random and have them looked at")
    needed = cases_to_claim(target, errors=errors, confidence=confidence)
    evidence = audit_e_value(errors, n, target=target)
    settled = evidence >= 1 / (1 - confidence) * (1 - 1e-12)
    stop = rows_to_stop(errors, target=target, confidence=confidence, from_n=n)
    return AuditClaim(
        target=target,
        confidence=confidence,
        n=n,
        errors=errors,
        accuracy=exact_binomial(n - errors, n, level=confidence),
        low=0.0 if errors == n else float(special.betaincinv(n - errors, errors + 1, 1 - confidence)),
        holds=n >= needed,
        more_rows=max(0, needed - n),
        e_value=evidence,
        holds_at_any_look=settled,
        more_rows_at_any_look=0 if settled else stop - n,
    )


def audit_e_value(errors: int, n: int, *, target: float = 0.95) -> float:
    """Evidence that more than ``target`` of the labels are right; 20 or more settles it at 95%, whenever it is read.

    The mean over error rates below 1 − target, weighed by a Beta, of how much likelier they make the audit than an
    error rate of just 1 − target. ``inf`` where it is too large for a float.
    """
    _check(errors, n, target, 0.95)
    log_e = _log_e(errors, n - errors, 1 - target)
    return math.exp(log_e) if log_e < 700 else math.inf


def audit_stop(wrong: Sequence[bool], *, target: float = 0.95, confidence: float = 0.95) -> int | None:
    """After how many rows, in the order they were looked at, an audit could have stopped with its claim; None: not yet.

    wrong: one a row, True for a wrong label.
    """
    _check(0, len(wrong), target, confidence)
    threshold, errors = -math.log1p(-confidence) - 1e-12, 0
    for n, is_wrong in enumerate(wrong, start=1):
        errors += bool(is_wrong)
        if _log_e(errors, n - errors, 1 - target) >= threshold:
            return n
    return None


def rows_to_stop(
    errors: int, *, target: float = 0.95, confidence: float = 0.95, from_n: int | None = None
) -> int:
    """Rows in all, with ``errors`` wrong ones, at which an audit that is read after every row may stop.

    from_n: rows that were looked at already; fewer are not the answer.
    """
    low = max(errors, from_n or 0)
    _check(errors, low, target, confidence)
    threshold = -math.log1p(-confidence) - 1e-12
    if _log_e(errors, low - errors, 1 - target) >= threshold:
        return low
    high = 2 * low + 2
    while _log_e(errors, high - errors, 1 - target) < threshold:
        low, high = high, 2 * high
    while high - low > 1:  # evidence grows with every right label
        middle = (low + high) // 2
        if _log_e(errors, middle - errors, 1 - target) >= threshold:
            high = middle
        else:
            low = middle
    return high


def _log_e(errors: int, right: int, rate: float) -> float:
    a, b = _ERRORS_PRIOR, _RIGHT_PRIOR_PER_RATE / rate
    return (
        _log_beta_below(a + errors, b + right, rate)
        - _log_beta_below(a, b, rate)
        - errors * math.log(rate)
        - right * math.log1p(-rate)
    )


def _log_beta_below(a: float, b: float, x: float) -> float:
    """Log of ∫ θ^(a-1) (1-θ)^(b-1) over (0, x)."""
    part = float(special.betainc(a, b, x))
    if part > 1e-280:
        return float(special.betaln(a, b)) + math.log(part)
    # Far in the tail: the integral as a hypergeometric series (DLMF 8.17.8), whose terms are all positive.
    series = float(special.hyp2f1(a + b, 1, a + 1, x))
    return a * math.log(x) + b * math.log1p(-x) - math.log(a) + math.log(series)


def _check(errors: int, n: int, target: float, confidence: float) -> None:
    check_level(confidence)
    if not 0 < target < 1:
        raise InputError(f"target {target:g}: a share between 0 and 1 is needed, such as 0.95")
    if not 0 <= errors <= n:
        raise InputError(f"{errors} errors among {n} rows: from 0 to {n} are possible")
