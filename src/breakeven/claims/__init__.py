"""Printed claims worked out again from their own inputs: they hold, fail with the right figure, or lack an input.

``audit(path)`` audits a claims file, ``audit()`` the figures of five published documents. In this room::

    spans      a value or a range with its unit, and arithmetic on it
    formulas   arithmetic read from a file, checked, worked out by simpleeval; no code is run
    figures    what is printed: its value, its unit, what its digits allow
    model      a claim, its working, what the audit says of it
    reader     claims files, every problem with its line
    slips      the catalogue of slips: where to add one
    finding    which slips give what is printed, ranked
    auditing   the verdicts, claims seen together
    unfolding  the arithmetic of one claim, line by line
    data/      the published claims

No slip is ever stated beside a claim: it is found, or it is said that none was.
"""

from __future__ import annotations

from breakeven.claims.auditing import audit, audit_claims, published
from breakeven.claims.model import AuditedClaim, Claim, Verdict
from breakeven.claims.reader import read_claims, read_file

__all__ = [
    "AuditedClaim",
    "Claim",
    "Verdict",
    "audit",
    "audit_claims",
    "published",
    "read_claims",
    "read_file",
]
