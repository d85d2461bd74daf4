"""Personal data and keys masked in texts that are kept."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

__all__ = ["KINDS", "Found", "Names", "Redacted", "find_personal", "mask_names", "redact", "redact_row"]

Names: TypeAlias = Sequence[tuple[str, str]]
"""What was found by other means in texts, and its kind: ``('Ada Lovelace', 'PERSON')``."""


class Found(NamedTuple):
    """One thing to mask: where it stands, and what it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Redacted:
    """A text with masks like ``[EMAIL]`` in it, and how many of each kind."""

    text: str
    counts: Mapping[str, int]


def redact(text: str, kinds: Collection[str] | None = None) -> Redacted:
    """The text with e-mail addresses, phone, card and account numbers, keys, passwords and IP addresses masked.

    Names, addresses and other things that take understanding to find are not masked: a text redacted so is not
    anonymous. kinds: only these, of ``KINDS``.
    """
    pieces: list[str] = []
    counts: Counter[str] = Counter()
    at = 0
    for found in find_personal(text):
        if kinds is not None and found.kind not in kinds:
            continue
        pieces += [text[at : found.start], f"[{found.kind}]"]
        counts[found.kind] += 1
        at = found.end
    return Redacted(text="".join([*pieces, text[at:]]), counts=dict(sorted(counts.items())))


def mask_names(text: str, names: Names) -> str:
    """The text with these names masked wherever they stand as whole words, the longest first."""
    for name, kind in sorted(set(names), key=lambda one: (-len(one[0]), one)):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _, kind=kind: f"[{kind}]", text)  # type: ignore[misc]
    return text


def redact_row(text: str, kinds: Collection[str] | None = None, names: Names = ()) -> str:
    """A logged row, JSON or not, with everything masked that ``redact`` masks in the texts within it, and ``names``."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return redact(mask_names(_unescaped(text), names), kinds).text
    return json.dumps(_masked(row, "", kinds, names), ensure_ascii=False)


def _masked(value: Any, name: str, kinds: Collection[str] | None, names: Names = ()) -> Any:
    """A JSON value without personal data; what it is called tells as well: ``{"phone": 4917012345}``."""
    if isinstance(value, dict):
        return {redact(key, kinds).text: _masked(within, key, kinds, names) for key, within in value.items()}
    if isinstance(value, list):
        return [_masked(within, name, kinds, names) for within in value]
    if value is None or isinstance(value, bool | float):
        return value
    before = f"{name}: "
    plain = mask_names(value, names) if isinstance(value, str) else value
    text = redact(f"{before}{plain}", kinds).text.removeprefix(before)
    return value if text == str(value) else text


_ESCAPES: Final = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrtbf"/\\]))')


def _unescaped(text: str) -> str:
    r"""JSON's escapes undone, as ``\n0171 …`` hides the beginning of a number."""
    plain = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " "}
    return _ESCAPES.sub(lambda m: chr(int(m[1], 16)) if m[1] else plain.get(m[2], m[2]), text)


def find_personal(text: str) -> list[Found]:
    """What ``redact`` masks, from left to right; kinds with a checksum or a fixed beginning win over loose ones."""
    taken: list[Found] = []
    for kind, pattern, check in _RULES:
        for match in pattern.finditer(text):
            found = _checked(match, kind, check)
            if found is not None and not any(found.start < t.end and t.start < found.end for t in taken):
                taken.append(found)
    return sorted(taken)


def _checked(match: re.Match[str], kind: str, check: Callable[[str], bool]) -> Found | None:
    group = "it" if "it" in match.re.groupindex else 0
    return Found(match.start(group), match.end(group), kind) if check(match.group(group)) else None


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit() and char.isascii())


def _any(_: str) -> bool:
    return True


def _mixed(text: str) -> bool:
    """Letters and digits together, as in keys: no plain word, no plain number."""
    return any(char.isdigit() for char in text) and any(char.isalpha() for char in text)


def _dense(text: str) -> bool:
    """Letters and digits that look drawn at random: 3 bits a character and more (Shannon), as words seldom have."""
    counts = Counter(text)
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    return _mixed(text) and bits >= 3.0 and not _WORDS.fullmatch(text)


def _luhn(text: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1): every second digit doubled, the sum of digits ends in 0."""
    digits = [int(char) for char in reversed(_digits(text))]
    doubled = [sum(divmod(2 * digit, 10)) if i % 2 else digit for i, digit in enumerate(digits)]
    return 12 <= len(digits) <= 19 and len(set(digits)) > 1 and sum(doubled) % 10 == 0


def _iban(text: str) -> bool:
    """The check digits of account numbers (ISO 13616): moved to the end and read as a number, 1 modulo 97."""
    plain = re.sub(r"\s", "", text).upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ip6(text: str) -> bool:
    """No bare ``::``, which code is full of."""
    return len(text) > 3 and _ip(text)


def _phone(text: str) -> bool:
    """Seven to fifteen digits (ITU E.164), and no date, no decimal number."""
    digits = _digits(text)
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(text.strip()):
        return False
    return len(set(digits)) > 1


_WORDS: Final = re.compile(r"(?:[A-Za-z]+|\d+)(?:[-_/](?:[A-Za-z]+|\d+))+")
"""Words joined by signs, as in names of options and paths."""
_DATE: Final = re.compile(
    r"(?:(?:19|20)\d\d[-/. ][01]?\d[-/. ][0-3]?\d|[0-3]?\d[-/. ][0-3]?\d[-/. ](?:19|20)\d\d)(?:[ T].*)?"
)
_CUE: Final = (
    r"(?:phone|tel\b|call|mobile|cell|fax|desk|office|sms|text|messag|answer|reach|dial|ring|contact)"
)
_END: Final = r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w]|[.-]\d|\s?[=*])"
"""No sum: ``110-60-15=35``."""
_NUMBER: Final = r"\d(?:[ -]?\d){11,18}"
_RULES: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("SECRET", re.compile(
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ), _any),
    ("API_KEY", re.compile(
        r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{16,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}"
        r"|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abposr]-[A-Za-z0-9-]{10,}|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{20,}"
        r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}|\bya29\.[\w-]{20,}|\bnpm_[A-Za-z0-9]{30,}|\bwhsec_\w{16,}"
        r"|\bSG\.[\w-]{16,}\.[\w-]{16,}|\bdop_v1_\w{20,}|\bGOCSPX-[\w-]{20,}|\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"
        r"|\bdapi[a-f0-9]{32}\b|\bpypi-AgE[\w-]{30,}|\bdckr_pat_[\w-]{20,}|\bhvs\.[\w-]{20,}|\blin_api_\w{20,}"
        r"|\bsntry[su]_[\w=+/-]{20,}|\bnvapi-[\w-]{20,}|\bgsk_\w{20,}|\bxai-\w{20,}|\br8_\w{30,}|\bsq0[a-z]{3}-[\w-]{20,}"
        r"|\bkey-[a-f0-9]{32}\b|\b\d{8,10}:AA[\w-]{33}\b|\bSK[a-f0-9]{32}\b|\bATATT3[\w=-]{20,}|\bfigd_[\w-]{20,}"
        r"|https://hooks\.slack\.com/services/[\w/]{20,}|https://discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"
    ), _any),
    ("API_KEY", re.compile(r"(?i)(?:AccountKey|SharedAccessKey)=(?P<it>[A-Za-z0-9+/]{20,}={0,2})"), _any),
    ("API_KEY", re.compile(
        r"(?i)[?&](?:api[_-]?key|key|token|access[_-]?token|auth|sig|signature|secret|password)=(?P<it>[^\s&#\"'<>]{12,})"
    ), _dense),
    ("API_KEY", re.compile(
        r"(?i)(?:secret|token|credential|(?:api|access|private|auth|account)[_ -]?key)\b[^\n]{0,24}?"
        r"(?<![A-Za-z0-9+/_=-])(?P<it>[A-Za-z0-9+/_-]{20,}={0,2})(?![A-Za-z0-9+/_-])"
    ), _dense),
    ("API_KEY", re.compile(r"(?i)\bbearer\s+(?P<it>[A-Za-z0-9._~+/-]{16,}=*)"), _any),
    ("API_KEY", re.compile(r"(?i)\bbasic\s+(?P<it>[A-Za-z0-9+/]{16,}={0,2})"), _mixed),
    ("SECRET", re.compile(r"://[^\s/:@]*:(?P<it>[^\s/@]+)@"), _any),
    ("SECRET", re.compile(
        r"(?i)(?:password|passwd|pwd|passphrase|passcode)[\"']?\s*[:=]\s*[\"']?(?P<it>[^\s\"',;{}\[\]<>$][^\s\"',;]{3,})"
    ), _any),
    ("SECRET", re.compile(
        r"(?i)(?:password|passwd|pwd|passphrase|passcode|secret|token|(?:api|access|private|secret)[_ -]?key)[\"']?"
        r"(?:\s*[:=]\s*|\s+is\s+)[\"']?(?P<it>[^\s\"',;{}\[\]<>$][^\s\"',;]{5,})"
    ), _mixed),
    ("EMAIL", re.compile(
        r"(?<![\w.+-])[\w.+%-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])"
    ), _any),
    ("IBAN", re.compile(r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])"),
     _iban),
    ("IBAN", re.compile(r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?![A-Z0-9])"), _iban),
    ("IP", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"), _ip),
    ("IP", re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"), _ip6),
    ("CARD", re.compile(rf"(?<![\d.+-])(?:{_NUMBER})(?![\d-]|\.\d)"), _luhn),
    ("SSN", re.compile(r"(?<![\d-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _any),
    ("PHONE", re.compile(
        r"(?<![\w./$€£=-])(?:\+\d{1,3}[ .-]?|00\d{1,3}[ .-])(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}" + _END
    ), _phone),
    ("PHONE", re.compile(r"(?<![\w./$€£=-])\(\d{1,4}\)[ .-]?\d{2,5}(?:[ .-]?\d{2,5}){0,4}" + _END), _phone),
    ("PHONE", re.compile(r"(?<![\w./$€£=+-])(?:0\d{1,4}|\d{2,4})(?:[ .-]\d{2,5}){2,4}" + _END), _phone),
    ("PHONE", re.compile(r"(?i)" + _CUE + r"\D{0,25}(?P<it>\+?\d{2,5}[ .-]\d{3,8}" + _END + ")"), _phone),
    ("PHONE", re.compile(r"(?i)(?<![\w./$€£=-])(?P<it>\d{2,5}[ .-]\d{3,8})" + _END + r"\s{0,3}" + _CUE), _phone),
    ("PHONE", re.compile(r"(?i)" + _CUE + r"\D{0,25}(?P<it>\+?\d{7,15})(?!\w)"), _phone),
)  # fmt: skip

KINDS: Final = tuple(sorted({kind for kind, _, _ in _RULES}))
"""Every mask that can appear."""
