"""Answers that look cut short, or that repeat themselves: told by how the other answers end."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Final

__all__ = ["cut_short", "repeats_itself"]

_ENDS: Final = frozenset(".!?…。！？:;)]}>\"'”’»`*|_~/$%")
"""What a finished text ends with: marks, brackets, quotes, marks of Markdown."""
_FEWEST: Final = 20
"""Answers from which their habit of ending can be told."""
_HABIT: Final = 0.95
"""Share of answers that end properly from which the others stand out."""
_LONG: Final = 60
"""Characters from which an answer is prose that ought to end with a mark."""
_REPEATED: Final = 1_000
_DENSE: Final = 20.0
"""A text that packs to a twentieth of its size says the same again and again; prose packs to a half or a third."""


def cut_short(answers: Sequence[str]) -> dict[int, str]:
    """Index → why an answer looks cut short; empty where the others have no habit that it could break."""
    found: dict[int, str] = {}
    prose = [
        i for i, answer in enumerate(answers) if len(answer) >= _LONG and answer.lstrip()[:1] not in "{["
    ]
    stopping = [i for i in prose if answers[i].rstrip()[-1:] not in _ENDS]
    if len(prose) >= _FEWEST and len(stopping) <= (1 - _HABIT) * len(prose):
        found |= dict.fromkeys(stopping, f"stops in mid-sentence, as {len(stopping):,} of {len(prose):,} do")
    documents = [i for i, answer in enumerate(answers) if answer.lstrip()[:1] in ("{", "[")]
    broken = [i for i in documents if not _is_json(answers[i])]
    if len(documents) >= _FEWEST and len(broken) <= (1 - _HABIT) * len(documents):
        found |= dict.fromkeys(broken, "JSON that breaks off")
    found |= {i: "a block of code that is not closed" for i, a in enumerate(answers) if a.count("```") % 2}
    return found


def repeats_itself(answer: str) -> bool:
    """Whether a long answer says the same over and over."""
    if len(answer) < _REPEATED:
        return False
    data = answer.encode("utf-8", "replace")
    return len(data) > _DENSE * len(zlib.compress(data, 6))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
