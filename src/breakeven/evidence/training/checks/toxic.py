"""Crude or abusive words in what the model is taught to say."""

from __future__ import annotations

import re
from typing import Final

from breakeven.errors import MissingExtraError
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged
from breakeven.evidence.training.checks.language import main_language
from breakeven.evidence.training.commands import clean_command

__all__ = ["CHECK"]

_WORDS: Final = r"""
    \w*fuck\w* f[*@#u]{1,3}c?k(?:s|ed|er|ing|in)? fu?ck(?:in|n) ph?uck(?:ing)? wtf stfu gtfo mofo
    (?:bull|dog|horse|dip|bat|ape|chicken|dumb)?sh[i!*1]t(?:s|e|es|ty|tier|ting|ter|hole|head|heads|show|load|faced)?
    shite b[i*!1]a?tch(?:es|y|ing|in|ed)? cunt(?:s|y|ish)? c\*nts? arse(?:s|hole|holes|d)? asse?s
    (?:jack|dumb|smart|fat)?ass(?:hole|holes|hat|hats|wipe)? bastards? boll[io]cks? wank(?:s|er|ers|ing)?
    twats? pricks? mongs? boobs (?-i:dick)s? dickheads? cock(?:suckers?|head) pussies tits titties piss(?:ing|er|head)
    slut(?:s|ty)? whores? douche(?:bag|bags|s)? nigg(?:er|ers|a|as|az) niqq[au]s? fag(?:got|gots|s)? retard(?:s|ed)?
    kikes? wetbacks? ragheads? towelheads? trann(?:y|ies) goddamn(?:ed|it)?
"""
"""Words that are crude whatever is meant. Mild ones (damn, crap, hell) and names (Dick) are passed over."""
_PHRASES: Final = (
    r"(?:take|took|taking|takes) the piss", r"piss(?:ed|es|ing)? (?:\w+ ){0,2}off", r"shut (?:the \w+ )?up",
    r"kill your ?self", "kys", r"(?:hope|wish) (?:you|u|they) (?:all )?die", r"go (?:and )?die", "go to hell",
    r"(?:you|u)(?:'re| are|re| r) (?:all )?(?:so |such |a |an |the )*"
    r"(?:stupid|idiots?|worthless|ugly|pathetic|moron|scum|disgusting)",
    r"(?:hate|despise) (?:all )?(?:jews|muslims|gays|blacks|immigrants|women)",
)  # fmt: skip
"""Phrases that are crude or abusive though none of their words need be."""
_FOUND: Final = re.compile(rf"(?i)(?<![\w*])(?:{'|'.join((*_WORDS.split(), *_PHRASES))})(?![\w*])")
_METHOD: Final = "English word list; 99% of what it flags is crude, and it flags about 9 of 10 crude texts"


class ToxicCheck:
    """A list of English words and phrases: it finds what is plainly crude, and misses what is politely cruel.

    Measured on the 9,339 tweets of the Broad Twitter Corpus, of which it flags 3%. Of 102 flagged ones that were read,
    101 were crude; of 190 others, drawn by how a linear model scores them, five were, most of those it scores high. So
    nine of ten crude ones are found, by an estimate that a few unseen ones would move. The model itself
    (alt-profanity-check 1.9.1) flags half as much again, of which four in ten are not crude.
    """

    name = "toxic"
    title = "Crude words"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """Fails by answers that hold one; questions may: users swear, and the model must cope. Both are flagged."""
        n, most = len(given.train.rows), float(given.settings.get(self.name, 0.0))
        asked = {k for k, text in enumerate(given.questions) if _FOUND.search(text)}
        told = {k for k, text in enumerate(given.answers) if _FOUND.search(text)}
        flagged = tuple(
            Flagged(
                row=k, place=given.train.rows[k].place, reason=f"crude words in the {_where(k, asked, told)}"
            )
            for k in sorted(asked | told)
        )
        share, foreign = (len(told) / n if n else None), _foreign(given)
        fails = share is not None and share > most
        silent = not fails and (foreign is not None or share is None)
        return CheckResult(
            check=self.name, title=self.title, value=None if silent else share,
            verdict="fail" if fails else "cannot_tell" if silent else "pass",
            because=f"{len(told):,} of {n:,} answers and {len(asked):,} questions hold crude words, {_said(foreign)}",
            n=n, method=_METHOD,
            threshold=most, better="below", source="a rule of this tool, to be set by `toxic`", flagged=flagged,
            details={"answers": len(told), "questions": len(asked), "language": foreign or "en"},
            next_step=_step(given, told=bool(told), foreign=foreign),
        )  # fmt: skip


CHECK: Final[Check] = ToxicCheck()


def _foreign(given: CheckInput) -> str | None:
    """The language of most questions, where it is known and not English."""
    try:
        main = main_language(given)
    except MissingExtraError:
        return None
    return None if main == "en" else main


def _said(foreign: str | None) -> str:
    if foreign is not None:
        return f"by an English list, which says little of texts in {foreign}"
    return "by a list of English words; what is cruel in polite words is not found"


def _step(given: CheckInput, *, told: bool, foreign: str | None) -> str:
    if told:
        return clean_command(given, drop="toxic")
    return "have a check of your own look: docs/how-to/add-a-data-check.md" if foreign is not None else ""


def _where(k: int, asked: set[int], told: set[int]) -> str:
    return "question and the answer" if k in asked and k in told else "answer" if k in told else "question"
