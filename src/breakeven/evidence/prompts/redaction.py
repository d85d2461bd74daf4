"""Personal data and keys masked in texts that are kept."""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from breakeven.evidence.prompts.key_formats import find_keys

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
    low, digits = text.casefold(), len(_DIGIT.findall(text))
    for found in _found(text, low, digits):
        if not any(found.start < t.end and t.start < found.end for t in taken):
            taken.append(found)
    return sorted(taken)


def _found(text: str, low: str, digits: int) -> Iterator[Found]:
    """All that the rules find, rule by rule; a rule is asked only where the text has what the rule needs."""
    for kind, needs, pattern, check in _RULES:
        if digits < needs.digits or not all(sign in text for sign in needs.signs):
            continue
        if needs.words and not any(word in low for word in needs.words):
            continue
        if pattern is None:
            yield from (Found(start, end, kind) for start, end in find_keys(text))
            continue
        for match in pattern.finditer(text):
            group = "it" if "it" in pattern.groupindex else 0
            if check(match.group(group)):
                yield Found(match.start(group), match.end(group), kind)


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
_DIGIT: Final = re.compile(r"\d")


class _Needs(NamedTuple):
    """What a text must hold for a rule to find anything in it: cheap to look for, and no more than the rule needs."""

    digits: int = 0
    signs: tuple[str, ...] = ()
    """All of these."""
    words: tuple[str, ...] = ()
    """One of these, in small letters."""


_SECRET_WORDS: Final = ("secret", "token", "key")
_PASSWORDS: Final = ("passw", "pwd", "passphrase", "passcode")
_RULES: Final[tuple[tuple[str, _Needs, re.Pattern[str] | None, Callable[[str], bool]], ...]] = (
    ("SECRET", _Needs(signs=("-----BEGIN",)), re.compile(
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        re.DOTALL,
    ), _any),
    ("API_KEY", _Needs(), None, _any),
    ("API_KEY", _Needs(signs=("=",), words=("key=",)), re.compile(
        r"(?i)(?:AccountKey|SharedAccessKey)=(?P<it>[A-Za-z0-9+/]{20,}={0,2})"
    ), _any),
    ("API_KEY", _Needs(1, ("=",)), re.compile(
        r"(?i)[?&](?:api[_-]?key|key|token|access[_-]?token|auth|sig|signature|secret|password)=(?P<it>[^\s&#\"'<>]{12,})"
    ), _dense),
    ("API_KEY", _Needs(1, (), (*_SECRET_WORDS, "credential")), re.compile(
        r"(?i)(?:secret|token|credential|(?:api|access|private|auth|account)[_ -]?key)\b[^\n]{0,24}?"
        r"(?<![A-Za-z0-9+/_=-])(?P<it>[A-Za-z0-9+/_-]{20,}={0,2})(?![A-Za-z0-9+/_-])"
    ), _dense),
    ("API_KEY", _Needs(1, (), (*_SECRET_WORDS, "pass")), re.compile(
        r"\b(?:[A-Z0-9]+_)*(?:KEY|TOKEN|SECRET|PASS)\s*[:=]\s*[\"']?(?P<it>[A-Za-z0-9+/_.~-]{20,}={0,2})"
    ), _dense),
    ("API_KEY", _Needs(words=("bearer",)), re.compile(r"(?i)\bbearer\s+(?P<it>[A-Za-z0-9._~+/-]{16,}=*)"), _any),
    ("API_KEY", _Needs(words=("basic",)), re.compile(r"(?i)\bbasic\s+(?P<it>[A-Za-z0-9+/]{16,}={0,2})"), _mixed),
    ("SECRET", _Needs(signs=("://", "@")), re.compile(r"://[^\s/:@]*:(?P<it>[^\s/@]+)@"), _any),
    ("SECRET", _Needs(words=_PASSWORDS), re.compile(
        r"(?i)(?:password|passwd|pwd|passphrase|passcode)[\"']?\s*[:=]\s*[\"']?(?P<it>[^\s\"',;{}\[\]<>$][^\s\"',;]{3,})"
    ), _any),
    ("SECRET", _Needs(1, (), (*_PASSWORDS, *_SECRET_WORDS)), re.compile(
        r"(?i)(?:password|passwd|pwd|passphrase|passcode|secret|token|(?:api|access|private|secret)[_ -]?key)[\"']?"
        r"(?:\s*[:=]\s*|\s+is\s+)[\"']?(?P<it>[^\s\"',;{}\[\]<>$][^\s\"',;]{5,})"
    ), _mixed),
    ("EMAIL", _Needs(signs=("@",)), re.compile(
        r"(?<![\w.+-])[\w.+%-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])"
    ), _any),
    ("IBAN", _Needs(2), re.compile(
        r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Z0-9])"
    ), _iban),
    ("IBAN", _Needs(2), re.compile(r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?![A-Z0-9])"), _iban),
    ("IP", _Needs(4, (".",)), re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)"), _ip),
    ("IP", _Needs(signs=(":",)), re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])"), _ip6),
    ("CARD", _Needs(12), re.compile(rf"(?<![\d.+-])(?:{_NUMBER})(?![\d-]|\.\d)"), _luhn),
    ("SSN", _Needs(9, ("-",)), re.compile(r"(?<![\d-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"), _any),
    ("PHONE", _Needs(7), re.compile(
        r"(?<![\w./$€£=-])(?:\+\d{1,3}[ .-]?|00\d{1,3}[ .-])(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}" + _END
    ), _phone),
    ("PHONE", _Needs(7, ("(",)), re.compile(
        r"(?<![\w./$€£=-])\(\d{1,4}\)[ .-]?\d{2,5}(?:[ .-]?\d{2,5}){0,4}" + _END
    ), _phone),
    ("PHONE", _Needs(7), re.compile(r"(?<![\w./$€£=+-])(?:0\d{1,4}|\d{2,4})(?:[ .-]\d{2,5}){2,4}" + _END), _phone),
    ("PHONE", _Needs(7), re.compile(r"(?i)" + _CUE + r"\D{0,25}(?P<it>\+?\d{2,5}[ .-]\d{3,8}" + _END + ")"), _phone),
    ("PHONE", _Needs(7), re.compile(
        r"(?i)(?<![\w./$€£=-])(?P<it>\d{2,5}[ .-]\d{3,8})" + _END + r"\s{0,3}" + _CUE
    ), _phone),
    ("PHONE", _Needs(7), re.compile(r"(?i)" + _CUE + r"\D{0,25}(?P<it>\+?\d{7,15})(?!\w)"), _phone),
)  # fmt: skip

KINDS: Final = tuple(sorted({rule[0] for rule in _RULES}))
"""Every mask that can appear."""
