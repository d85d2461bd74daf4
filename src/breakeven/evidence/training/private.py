"""Personal data and secrets in training rows: what patterns and checksums find, by kind."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from breakeven.evidence.prompts.redaction import Found, find_personal
from breakeven.evidence.training.check import CheckInput, Flagged
from breakeven.evidence.training.row import TrainingRow

__all__ = ["PERSONAL", "SECRETS", "Private", "find_private", "flagged_rows", "row_texts", "scan_rows"]

PERSONAL: Final = frozenset({"CARD", "EMAIL", "IBAN", "IP", "PHONE", "SSN"})
SECRETS: Final = frozenset({"API_KEY", "SECRET"})

_WORDS: Final[Mapping[str, str]] = {
    "API_KEY": "key or token", "CARD": "card number", "EMAIL": "e-mail address", "IBAN": "account number (IBAN)",
    "IP": "IP address", "PHONE": "phone number", "SECRET": "password or private key",
    "SSN": "social security number",
}  # fmt: skip
_MADE_UP: Final = re.compile(
    r"(?i)@(?:[\w-]+\.)*(?:example\.(?:com|net|org)|example|test|invalid|localhost)$"
)
"""Domains that nobody can own (RFC 2606)."""


@dataclass(frozen=True, kw_only=True)
class Private:
    """What one row holds."""

    row: int
    counts: Mapping[str, int]
    """Kind → how many."""


def find_private(text: str, kinds: frozenset[str]) -> list[Found]:
    """What of these kinds stands in a text; addresses that can be nobody's are passed over."""
    return [one for one in find_personal(text) if one.kind in kinds and not _nobodys(text, one)]


def _nobodys(text: str, one: Found) -> bool:
    said = text[one.start : one.end]
    if one.kind == "EMAIL":
        return bool(_MADE_UP.search(said))
    return one.kind == "IP" and not ipaddress.ip_address(said).is_global


def row_texts(row: TrainingRow) -> Iterator[str]:
    """Every text of a row: its messages, and the answer that is not to be given."""
    for message in row.messages:
        yield message.content
        for call in message.tool_calls:
            yield str(dict(call))
    if row.rejected is not None:
        yield row.rejected


def scan_rows(rows: Sequence[TrainingRow], kinds: frozenset[str]) -> list[Private]:
    """The rows that hold some of these kinds. A text that many rows share, as a system prompt, is read once."""
    seen: dict[str, Counter[str]] = {}
    found = []
    for k, row in enumerate(rows):
        counts: Counter[str] = Counter()
        for text in row_texts(row):
            if text not in seen:
                seen[text] = Counter(one.kind for one in find_private(text, kinds))
            counts += seen[text]
        if counts:
            found.append(Private(row=k, counts=dict(sorted(counts.items()))))
    return found


def flagged_rows(given: CheckInput, found: Sequence[Private]) -> tuple[Flagged, ...]:
    """The rows for a sidecar: what they hold, never what it says."""
    return tuple(
        Flagged(row=one.row, place=given.train.rows[one.row].place, reason=_reason(one.counts))
        for one in found
    )


def _reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_WORDS[kind]}{f' ×{n}' if n > 1 else ''}" for kind, n in counts.items())
