"""What went wrong, in our words: HTTP statuses, error bodies and broken connections become ``ProviderError``.

A message names the endpoint and gives the first line of what the provider said, without control characters, keys or
long bodies.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from breakeven.providers.chat import Usage
from breakeven.providers.provider import FailureKind, ProviderError

__all__ = [
    "connection_failure",
    "error_words",
    "malformed",
    "retry_after_s",
    "said",
    "status_failure",
    "without_secrets",
]

LONGEST: Final = 200
"""Characters of a provider's own words that are shown."""

_SECRETS: Final = re.compile(
    r"(?i)(bearer\s+)\S+|\b(?:sk|pk|rk|gsk|xai|key|hf|r8|pplx|AKIA|AIza)[-_]?[A-Za-z0-9*][A-Za-z0-9*_-]{11,}"
)
_USER_INFO: Final = re.compile(r"(?<=://)[^/@\s]+@")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")

_OF_STATUS: Final[Mapping[int, FailureKind]] = {
    401: "not allowed", 402: "not allowed", 403: "not allowed", 404: "not found", 408: "time-out", 409: "server error",
    413: "too long", 425: "server error", 429: "rate limit", 451: "content filter", 504: "time-out", 524: "time-out",
}  # fmt: skip
_OF_CODE: Final[Mapping[str, FailureKind]] = {
    "context_length_exceeded": "too long",
    "string_above_max_length": "too long",
    "content_filter": "content filter",
    "content_policy_violation": "content filter",
    "moderation_blocked": "content filter",
    "insufficient_quota": "not allowed",
    "billing_hard_limit_reached": "not allowed",
    "invalid_api_key": "not allowed",
    "model_not_found": "not found",
    "DeploymentNotFound": "not found",
    "rate_limit_exceeded": "rate limit",
}
_TOO_LONG: Final = re.compile(
    r"(?i)context (length|window)|maximum (context|sequence|model) length|prompt is too long|too many (input )?tokens"
    r"|max_model_len|input is too long"
)


def without_secrets(text: str, key: str | None = None) -> str:
    """Text without the key, anything that looks like one, or the credentials of an address."""
    if key and len(key) >= 4:
        text = text.replace(key, "***")
    return _USER_INFO.sub("***@", _SECRETS.sub(lambda m: f"{m[1] or ''}***", text))


def said(text: str, key: str | None = None) -> str:
    """The first line of a provider's words, clean and short; empty where there are none."""
    # Long enough to hold a key that the cut would else break in two.
    line = next((line for line in text[:4000].splitlines() if line.strip()), "")
    line = _CONTROL.sub(" ", without_secrets(line, key)).strip()
    return line if len(line) <= LONGEST else line[:LONGEST].rstrip() + " …"


def status_failure(
    where: str, status: int, headers: Mapping[str, str], body: bytes, *, key: str | None = None
) -> ProviderError:
    """The failure that an HTTP status and its body tell."""
    code, message = _error_of(body)
    kind = _kind(status, code, message)
    words = said(message, key)
    text = f"{where} answered {status} ({kind})" + (f": {words}" if words else "")
    if 300 <= status < 400:
        target = said(headers.get("Location", ""), key)
        elsewhere = f"{status}, {target}" if target else f"{status}"
        text = f"{where} sends elsewhere ({elsewhere}): state that address as the endpoint's url"
    return ProviderError(
        kind,
        text,
        status=status,
        retry_after_s=retry_after_s(headers),
        maybe_billed=int(kind == "time-out"),
    )


def malformed(
    where: str, why: str, *, status: int = 200, usage: Usage | None = None, key: str | None = None
) -> ProviderError:
    """An answer that can not be read; it was most likely billed."""
    text = f"{where} gave an answer that can not be read: {said(why, key)}"
    return ProviderError("malformed", text, status=status, maybe_billed=1, usage=usage)


def connection_failure(
    where: str, exc: BaseException, *, sent: bool, timeout_s: float | None = None, key: str | None = None
) -> ProviderError:
    """A connection that failed. ``sent``: the question may have reached the provider, which may have billed it."""
    if isinstance(exc, (TimeoutError, asyncio.TimeoutError)):
        within = f" within {timeout_s:g} s" if timeout_s else ""
        return ProviderError("time-out", f"{where} gave no answer{within}", maybe_billed=int(sent))
    why = said(str(exc), key) or type(exc).__name__
    text = f"the connection to {where} broke: {why}" if sent else f"{where} can not be reached: {why}"
    return ProviderError("connection", text, maybe_billed=int(sent))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait; a date is taken against the answer's own ``Date``, not a clock."""
    for name, per_second in (("retry-after-ms", 1000.0), ("Retry-After", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            wait = float(value) / per_second
        except ValueError:
            wait = _seconds_until(value, headers.get("Date"))
        if 0 <= wait < 1e9:
            return wait
    return None


def _seconds_until(date: str, now: str | None) -> float:
    """Seconds between two HTTP dates, 0 where the first is past; -1 where one is no date."""
    try:
        return max(0.0, (parsedate_to_datetime(date) - parsedate_to_datetime(now or "")).total_seconds())
    except (TypeError, ValueError):
        return -1.0


def _kind(status: int, code: str, message: str) -> FailureKind:
    if code in _OF_CODE and status < 500:
        return _OF_CODE[code]
    if status in (400, 413, 422) and _TOO_LONG.search(message):
        return "too long"
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    return "server error" if status >= 500 else "bad request"


def _error_of(body: bytes) -> tuple[str, str]:
    """Code and message of an error body, in OpenAI's form or one of its relatives."""
    text = body[:20_000].decode("utf-8", "replace")
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        return "", "" if text.lstrip().startswith("<") else text
    if isinstance(data, list) and data:  # Google wraps the object into a list
        data = data[0]
    if not isinstance(data, Mapping):
        return "", str(data)
    return error_words(data)


def error_words(data: Mapping[str, Any]) -> tuple[str, str]:
    """Code and message of ``{error: {code, message}}``, ``{error: text}``, ``{message}`` or ``{detail}``."""
    error = data.get("error", data)
    if isinstance(error, str):
        return "", error
    if not isinstance(error, Mapping):
        return "", ""
    code = error.get("code") or error.get("type") or ""
    message = error.get("message") or error.get("detail") or ""
    return str(code), message if isinstance(message, str) else json.dumps(message)
