"""Names that a profile keeps: those that are texts in truth are left out, and personal data in them is masked.

A profile keeps what a model, a feature, an outcome, a column or a file is called. That is all of a log that it keeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

from breakeven.evidence.prompts.redaction import redact

__all__ = ["LONGEST", "kept_names"]

LONGEST: Final = 100
"""Characters of a name; what is longer, or has several lines, is a text."""
_NAMED: Final = frozenset({"name", "feature", "model", "provider", "template"})
"""Keys whose value is a name."""
_NO_NAMES: Final = frozenset({"id", "hash", "for_30_percent", "first", "last"})
"""Times and hashes, which look like numbers of somebody now and then."""


def kept_names(found: Mapping[str, Any], *, redacted: bool) -> dict[str, Any]:
    """A profile whose every name is one: a long one becomes its length and a hash; ``redacted``: masked besides."""
    new: dict[str, str] = {}
    for name in sorted(set(_names(found))):
        shown = _shown(name, redacted)
        if shown != name:
            new[name] = _unlike(shown, new)
    made = _renamed(found, new, redacted)
    assert isinstance(made, dict)
    return made


def _shown(name: str, redacted: bool) -> str:
    if len(name) > LONGEST or "\n" in name:
        digest = blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
        return f"(text of {len(name):,} characters, {digest})"
    return redact(name).text if redacted else name


def _unlike(shown: str, new: Mapping[str, str]) -> str:
    """Two names with one mask stay two."""
    taken, n, unlike = set(new.values()), 1, shown
    while unlike in taken:
        n += 1
        unlike = f"{shown} {n}"
    return unlike


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, within in value.items():
            yield str(key)
            if key in _NAMED and isinstance(within, str):
                yield within
            yield from () if key in _NO_NAMES else _names(within)
    elif isinstance(value, list):
        for within in value:
            yield from _names(within)


def _renamed(value: Any, new: Mapping[str, str], redacted: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            new.get(key, key): within if key in _NO_NAMES else _renamed(within, new, redacted)
            for key, within in value.items()
        }
    if isinstance(value, list):
        return [_renamed(within, new, redacted) for within in value]
    if not isinstance(value, str):
        return value
    for name in sorted(new, key=len, reverse=True):
        value = value.replace(name, new[name]).replace(repr(name)[1:-1], new[name])
    return redact(value).text if redacted else value
