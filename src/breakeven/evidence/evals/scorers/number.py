"""Numbers: the one that an answer ends with, right within a tolerance."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.options import Options
from breakeven.evidence.evals.scorers.reading import lacking, shortened
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["NumberMatch", "number", "numbers_in"]

_MARK: Final = "####"
"""Stands before the answer in worked solutions of school arithmetic (GSM8K)."""
_LOOKED_AT: Final = 100_000
"""Characters from the end of an answer, and from its start, in which numbers are looked for."""
_POINT: Final = re.compile(
    r"(?<![\w.,])(?:[-−+]\s?)?[$€£]?\s?(?P<digits>\d{1,3}(?:[,_’'\u00a0\u202f ]\d{3})+(?!\d)(?:\.\d+)?"
    r"|\d+(?:\.\d+)?|\.\d+)(?P<power>[eE][-+]?\d{1,3})?(?!\d)"
)
_COMMA: Final = re.compile(
    r"(?<![\w.,])(?:[-−+]\s?)?[$€£]?\s?(?P<digits>\d{1,3}(?:[._’'\u00a0\u202f ]\d{3})+(?!\d)(?:,\d+)?"
    r"|\d+(?:,\d+)?|,\d+)(?P<power>[eE][-+]?\d{1,3})?(?!\d)"
)
_EXACTLY: Final = 1e-9
"""Numbers that are closer than this, relative to the expected one, are the same: one was written with fewer digits."""


def numbers_in(text: str, *, decimal: str = "point") -> list[float]:
    """The numbers in a text, in order. ``decimal``: ``point`` reads 1,234.5 and ``comma`` reads 1.234,5."""
    pattern, mark = (_POINT, ".") if decimal == "point" else (_COMMA, ",")
    found = []
    for match in pattern.finditer(text):
        digits = "".join(char for char in match["digits"] if char.isdecimal() or char == mark)
        value = float(digits.replace(mark, ".") + (match["power"] or ""))
        found.append(-value if match[0][0] in "-−" else value)
    return found


@dataclass(frozen=True, kw_only=True)
class NumberMatch:
    """1 where the answer's number is the expected one within a tolerance. An answer without one is a format failure."""

    absolute: float
    relative: float
    pick: str
    """``last``, ``first``, or ``only``; after ``####`` it is the first, where that mark is there."""
    decimal: str

    @property
    def title(self) -> str:
        """What the score is."""
        within = [f"±{self.absolute:g}"] * (self.absolute > 0) + [f"±{100 * self.relative:g}%"] * (
            self.relative > 0
        )
        return "the right number" + (f", {' or '.join(within)}" if within else "")

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0."""
        wanted = self._wanted(case)
        found = self._found(output)
        if not found or not math.isfinite(found[0]):
            note = f"no number in {shortened(output, 40)!r}"
            return Scored(score=0.0, format_failure=True, note=note)
        if self.pick == "only" and len(set(found)) > 1:
            return Scored(score=0.0, format_failure=True, note=f"{len(set(found))} numbers, one is wanted")
        off = abs(found[0] - wanted)
        near = off <= max(self.absolute, self.relative * abs(wanted), _EXACTLY * abs(wanted))
        return Scored(score=float(near), note=None if near else f"{found[0]:.10g}, not {wanted:.10g}")

    def _wanted(self, case: Case) -> float:
        value = case.expected
        if isinstance(value, str):
            found = self._found(value)
            value = found[0] if found else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise lacking(case, "number", "a number, or a text that holds it: 42, '$1,250', '#### 42'")
        return float(value)

    def _found(self, text: str) -> list[float]:
        """Numbers of a text, the one that counts first."""
        _, mark, after = text.rpartition(_MARK)
        if mark:
            return numbers_in(after[:_LOOKED_AT], decimal=self.decimal)
        if self.pick == "last":
            return numbers_in(text[-_LOOKED_AT:], decimal=self.decimal)[::-1]
        return numbers_in(text[:_LOOKED_AT], decimal=self.decimal)


def number(options: Mapping[str, Any], find: FindFile) -> NumberMatch:
    """``number``: within ``absolute`` or ``relative`` of the expected one, whatever its unit and thousands marks."""
    read = Options("number", options, ("absolute", "relative", "pick", "decimal"))
    return NumberMatch(
        absolute=read.amount("absolute", default=0.0),
        relative=read.amount("relative", default=0.0),
        pick=read.choice("pick", ("last", "first", "only"), default="last"),
        decimal=read.choice("decimal", ("point", "comma"), default="point"),
    )
