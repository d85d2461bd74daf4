"""Personal data and secrets in training rows: what patterns and checksums find, by kind."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from breakeven.evidence.prompts.redaction import Found, find_personal
from breakeven.evidence.training.check import CheckInput, Flagged
from breakeven.evidence.training.once import once
from breakeven.evidence.training.row import TrainingRow

__all__ = [
    "PERSONAL",
    "SECRETS",
    "Private",
    "find_private",
    "flagged_rows",
    "named_rows",
    "private_rows",
    "row_texts",
    "scan_rows",
    "together",
]

PERSONAL: Final = frozenset({"CARD", "EMAIL", "IBAN", "IP", "PHONE", "SSN"})
"""Kinds that patterns and checksums find; ``names.NAMES`` are those that take a model."""
SECRETS: Final = frozenset({"API_KEY", "SECRET"})

_WORDS: Final[Mapping[str, str]] = {
    "API_KEY": "key or token", "CARD": "card number", "EMAIL": "e-mail address", "IBAN": "account number (IBAN)",
    "IP": "IP address", "PHONE": "phone number", "SECRET": "password or private key",
    "SSN": "social security number", "PERSON": "name of a person", "GPE": "name of a place",
    "ORG": "name of an organisation", "ADDRESS": "address",
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
    names: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What a model found, and its kind: to be masked, never to be written anywhere."""


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


def private_rows(given: CheckInput, kinds: frozenset[str]) -> list[Private]:
    """The same of a check's input, whose texts are read once for all checks."""
    every = once(given, "private", lambda: scan_rows(given.train.rows, PERSONAL | SECRETS))
    chosen = [(one.row, {kind: n for kind, n in one.counts.items() if kind in kinds}) for one in every]
    return [Private(row=row, counts=counts) for row, counts in chosen if counts]


def named_rows(given: CheckInput, model: str) -> list[Private]:
    """The rows in which a model of the user's own finds names, places, organisations or addresses.

    Raises MissingExtraError, InputError.
    """
    return once(given, f"names {model}", lambda: _named(given.train.rows, model))


def _named(rows: Sequence[TrainingRow], model: str) -> list[Private]:
    from breakeven.evidence.training.names import find_names

    texts = list(dict.fromkeys(text for row in rows for text in row_texts(row)))
    spans = dict(zip(texts, find_names(texts, model), strict=True))
    found = []
    for k, row in enumerate(rows):
        said = [
            (text[one.start : one.end], one.kind)
            for text in row_texts(row)
            for one in spans[text]
            if not any(one.start < p.end and p.start < one.end for p in find_personal(text))
        ]
        if said:
            counts = dict(sorted(Counter(kind for _, kind in said).items()))
            found.append(Private(row=k, counts=counts, names=tuple(dict.fromkeys(said))))
    return found


def together(*parts: Sequence[Private]) -> list[Private]:
    """One entry a row, from what was found in several ways."""
    found: dict[int, Private] = {}
    for one in (one for part in parts for one in part):
        before = found.get(one.row)
        if before is not None:
            counts = dict(sorted((Counter(before.counts) + Counter(one.counts)).items()))
            one = Private(row=one.row, counts=counts, names=(*before.names, *one.names))
        found[one.row] = one
    return [found[row] for row in sorted(found)]


def flagged_rows(given: CheckInput, found: Sequence[Private]) -> tuple[Flagged, ...]:
    """The rows for a sidecar: what they hold, never what it says."""
    return tuple(
        Flagged(row=one.row, place=given.train.rows[one.row].place, reason=_reason(one.counts))
        for one in found
    )


def _reason(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_WORDS[kind]}{f' ×{n}' if n > 1 else ''}" for kind, n in counts.items())
