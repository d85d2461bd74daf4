"""Crude or abusive words in what the model is taught to say."""

from __future__ import annotations

import re
from typing import Final

from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged

__all__ = ["CHECK"]

_STEMS: Final = (
    "asshole", "bastard", "bitch", "bollocks", "bullshit", "cock(?:sucker|head)", "cunt", "dickhead", "dipshit",
    "dumbass", "fag(?:got)?", "fuck", "jackass", "motherfuck", "nigg(?:er|a)", "piss(?:ed)? off", "prick", "retard",
    "shit", "slut", "twat", "wank", "whore",
)  # fmt: skip
_PHRASES: Final = (
    r"kill your ?self", r"\bkys\b", r"(?:hope|wish) you die",
    r"you(?:'re| are) (?:so )?(?:stupid|an idiot|worthless|ugly)",
    r"shut (?:the \w+ )?up", r"go to hell",
)  # fmt: skip
_ENDINGS: Final = r"(?:s|es|y|ty|ting|er|ers|ing|ed|ing|ful|head|heads)?"
_WORDS: Final = re.compile(rf"(?i)\b(?:{'|'.join(_STEMS)}){_ENDINGS}\b|{'|'.join(_PHRASES)}")


class ToxicCheck:
    """A short list of English words and phrases: it finds what is plainly crude, and misses what is politely cruel."""

    name = "toxic"
    title = "Crude words"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """Fails by answers that hold one; questions may: users swear, and the model must cope. Both are flagged."""
        n, most = len(given.train.rows), float(given.settings.get(self.name, 0.0))
        asked = {k for k, text in enumerate(given.questions) if _WORDS.search(text)}
        told = {k for k, text in enumerate(given.answers) if _WORDS.search(text)}
        flagged = tuple(
            Flagged(
                row=k, place=given.train.rows[k].place, reason=f"crude words in the {_where(k, asked, told)}"
            )
            for k in sorted(asked | told)
        )
        share = len(told) / n if n else None
        return CheckResult(
            check=self.name, title=self.title, value=share,
            verdict="fail" if share is not None and share > most else "pass",
            because=f"{len(told):,} of {n:,} answers and {len(asked):,} questions hold crude words "
            "(a short English list, no judgement of meaning)",
            n=n, method="word list", threshold=most, better="below", source="a rule of this tool", flagged=flagged,
            details={"answers": len(told), "questions": len(asked)},
            next_step="read the flagged answers; breakeven data clean --drop toxic leaves the rows out" if told else "",
        )  # fmt: skip


CHECK: Final[Check] = ToxicCheck()


def _where(k: int, asked: set[int], told: set[int]) -> str:
    return "question and the answer" if k in asked and k in told else "answer" if k in told else "question"
