"""Addresses without their secrets: a password never reaches a message, a file or a report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

__all__ = ["masked", "scrubbed", "secrets_of"]

_MASK: Final = "***"
_SECRET: Final = re.compile(r"pass|pwd|secret|token|key|credential|auth", re.IGNORECASE)
_IN_ADDRESS: Final = re.compile(r"(?<=://)([^\s/@:]*):[^\s/]*@")


def secrets_of(url: str) -> tuple[str, ...]:
    """Every secret in an address, as it is written and as it is meant."""
    parts = urlsplit(url)
    found = [value for name, value in parse_qsl(parts.query) if _SECRET.search(name)]
    written = _userinfo(parts.netloc).partition(":")[2]
    found += [written, unquote(written), unquote_plus(written)]
    return tuple(sorted({one for one in found if one}, key=len, reverse=True))


def masked(url: str) -> str:
    """The address as it may be shown: ``postgres://user:***@host/db?table=calls``."""
    parts = urlsplit(url)
    netloc = parts.netloc
    user, colon, _ = _userinfo(netloc).partition(":")
    if colon:
        netloc = f"{user}:{_MASK}@{netloc.rpartition('@')[2]}"
    pairs = [(name, _MASK if _SECRET.search(name) else value) for name, value in parse_qsl(parts.query)]
    query = urlencode(pairs, safe="*/:.,$")
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _userinfo(netloc: str) -> str:
    return netloc.rpartition("@")[0]


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """A message of someone else's without these secrets, and without those of any address in it."""
    for secret in secrets:
        text = text.replace(secret, _MASK)
    return _IN_ADDRESS.sub(rf"\1:{_MASK}@", text)
