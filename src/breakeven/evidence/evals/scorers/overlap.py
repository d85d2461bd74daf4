"""Overlap with reference texts: ROUGE for summaries, BLEU for translations.

ROUGE (Lin, 2004) is counted here: it is forty lines, and the usual package has had no release since 2022 and brings
NLTK. BLEU is SacreBLEU's, since its figures differ with every tokeniser. Neither says whether a text is right: use
them where nothing better can be had, and a judge that people have checked where it can.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from breakeven.errors import MissingExtraError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.exact import accepted_texts
from breakeven.evidence.evals.scorers.options import Options
from breakeven.evidence.evals.scorers.reading import f1_of
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["Bleu", "Rouge", "bleu", "rouge"]

_WORD: Final = re.compile(r"[^\W_]+")
_MOST: Final = 5_000
"""Words of a text that are looked at: the longest common subsequence takes the square of it."""
_KINDS: Final = {"rouge-1": 1, "rouge-2": 2, "rouge-l": 0}


@dataclass(frozen=True, kw_only=True)
class Rouge:
    """ROUGE F1 against the reference that fits best; words in lower case, no stemming."""

    kind: str

    @property
    def title(self) -> str:
        """What the score is."""
        return f"{self.kind.upper()}, F1, a case"

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1, with all kinds named."""
        references = [_words(text) for text in accepted_texts(case, "rouge")]
        given = _words(output)
        parts = {kind: max(_rouge(given, one, n) for one in references) for kind, n in _KINDS.items()}
        return Scored(score=parts[self.kind], scores=parts)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())[:_MOST]


def _rouge(given: Sequence[str], wanted: Sequence[str], n: int) -> float:
    """F1 over runs of n words; n = 0: over the longest common subsequence."""
    if n == 0:
        return _f1(_common(given, wanted), len(given), len(wanted))
    ours, theirs = (Counter(zip(*(words[k:] for k in range(n)), strict=False)) for words in (given, wanted))
    return _f1((ours & theirs).total(), ours.total(), theirs.total())


def _f1(right: int, given: int, wanted: int) -> float:
    return f1_of(right, given, wanted) if given and wanted else 0.0


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common subsequence, with the rows of its table as bits of one number (Hyyrö, 2004)."""
    places: dict[str, int] = {}
    for k, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << k
    full = row = (1 << len(a)) - 1
    for word in b:
        hit = row & places.get(word, 0)
        row = ((row + hit) | (row - hit)) & full
    return len(a) - row.bit_count()


def rouge(options: Mapping[str, Any], find: FindFile) -> Rouge:
    """``rouge``: ``kind`` is rouge-1, rouge-2 or rouge-l."""
    read = Options("rouge", options, ("kind",))
    return Rouge(kind=read.choice("kind", tuple(_KINDS), default="rouge-l"))


@dataclass(frozen=True, kw_only=True)
class Bleu:
    """Sentence BLEU against all references, in its 0..1 form."""

    metric: Any
    title: str = "BLEU, mean of sentences"

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1."""
        references = list(accepted_texts(case, "bleu"))
        if not output.strip():
            return Scored(score=0.0)
        found = float(self.metric.sentence_score(output, references).score) / 100
        return Scored(score=min(max(found, 0.0), 1.0))


def bleu(options: Mapping[str, Any], find: FindFile) -> Bleu:
    """``bleu``: SacreBLEU's, with ``tokenize`` as there."""
    read = Options("bleu", options, ("tokenize",))
    tokenizer = read.choice("tokenize", ("13a", "char", "intl", "none", "zh"), default="13a")
    try:
        metrics: Any = import_module("sacrebleu.metrics")
    except ImportError as exc:
        raise MissingExtraError("sacrebleu", "text") from exc
    return Bleu(metric=metrics.BLEU(effective_order=True, tokenize=tokenizer))
