"""Prompts as words, and what two of them have in common: the ground that template mining stands on."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from breakeven.evidence.prompts.messages import Message

__all__ = ["BREAK", "SHINGLE", "common_runs", "roles_of", "shingles", "shown", "weight", "words_of"]

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
BREAK: Final = "\ue002"
"""Stands between two constant parts where a slot is; no prompt holds it."""
SHINGLE: Final = 3
"""Words in a row that count as a coincidence no more."""

_PRIVATE: Final = str.maketrans(dict.fromkeys((_OPEN, _CLOSE, BREAK), " "))
_WORD: Final = re.compile(
    r"\ue000[^\ue001]*\ue001|\s*[\u3040-\u30ff\u3400-\u9fff]|\s*[^\W\u3040-\u30ff\u3400-\u9fff]+|\s*[^\w\s\ue000]|\s+|\ue000"
)
_MARK: Final = re.compile(r"\ue000([^\ue001]*)\ue001")
_GAP: Final = 300
"""Longest stretch, in words, that is compared word by word."""


def shown(messages: Iterable[Message]) -> str:
    """A prompt as one text, each message opened by a mark that holds its role."""
    return "".join(f"{_OPEN}{message.role}{_CLOSE}{message.text.translate(_PRIVATE)}" for message in messages)


def roles_of(text: str) -> list[tuple[int, int, str]]:
    """(start, end, role) of every mark in a text."""
    return [(found.start(), found.end(), found.group(1)) for found in _MARK.finditer(text)]


def words_of(text: str) -> list[str]:
    """The words of a text, each with the white space before it; joined, they are the text again."""
    return _WORD.findall(text)


def weight(words: Iterable[str]) -> int:
    """How many of the words say something: no marks, no white space."""
    return sum(1 for word in words if not word.startswith(_OPEN) and not word.isspace() and word != BREAK)


def shingles(words: Sequence[str]) -> set[int]:
    """Hashes of every few words in a row."""
    return {hash(three) for three in zip(words, words[1:], words[2:], strict=False)}


def common_runs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """(start in a, start in b, length) of what both hold in the same order.

    Shingles that each holds once are the anchors; short stretches between are compared word by word.
    """
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    end_a, end_b = len(a) - tail, len(b) - tail
    runs = [(0, 0, head)] if head else []
    at_a, at_b = head, head
    for i, j in [*_anchors(a, b, head, end_a, end_b), (end_a, end_b)]:
        if i < at_a or j < at_b:
            continue
        back = _common(a[at_a:i][::-1], b[at_b:j][::-1])
        runs += _between(a, b, at_a, i - back, at_b, j - back)
        length = back + _common(a[i:end_a], b[j:end_b])
        if length:
            runs.append((i - back, j - back, length))
        at_a, at_b = i - back + length, j - back + length
    return [*runs, (end_a, end_b, tail)] if tail else runs


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    n = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        n += 1
    return n


def _anchors(a: Sequence[str], b: Sequence[str], start: int, end_a: int, end_b: int) -> list[tuple[int, int]]:
    """Places of shingles that both hold once, in the longest order that holds in both."""
    places = [_once(words, start, end) for words, end in ((a, end_a), (b, end_b))]
    pairs = sorted((place, places[1][key]) for key, place in places[0].items() if key in places[1])
    return _rising(pairs)


def _once(words: Sequence[str], start: int, end: int) -> dict[tuple[str, ...], int]:
    keys = [tuple(words[i : i + SHINGLE]) for i in range(start, end - SHINGLE + 1)]
    counts = Counter(keys)
    return {key: start + i for i, key in enumerate(keys) if counts[key] == 1}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second members rise."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for k, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(at[place - 1] if place else -1)
        if place == len(ends):
            ends.append(j)
            at.append(k)
        else:
            ends[place], at[place] = j, k
    found = []
    k = at[-1] if at else -1
    while k >= 0:
        found.append(pairs[k])
        k = before[k]
    return found[::-1]


def _between(
    a: Sequence[str], b: Sequence[str], a0: int, a1: int, b0: int, b1: int
) -> list[tuple[int, int, int]]:
    if not (0 < a1 - a0 <= _GAP and 0 < b1 - b0 <= _GAP):
        return []
    blocks = SequenceMatcher(None, a[a0:a1], b[b0:b1], autojunk=False).get_matching_blocks()
    return [(a0 + i, b0 + j, n) for i, j, n in blocks if n >= SHINGLE]
