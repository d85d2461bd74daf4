"""How near an answer lies to the expected text, by the vectors that an embedding model gives of both.

It is asked in a second pass, since it has to be paid. Near is not right: ``the fee is 5%`` and ``the fee is 50%`` are
near, too. Take it for free text where nothing better can be had, and check its threshold on answers that people read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.scorers.exact import accepted_texts
from breakeven.evidence.evals.scorers.options import Options, bad_option
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["Similarity", "similarity"]

_MODEL: Final = re.compile(r"[\w.-]+/\S+")
COSINE: Final = "cosine"
"""The named score beside the score of a threshold."""


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """The cosine of an answer and the expected text that it lies nearest to."""

    model: str
    """The embedding model, ``provider/model``."""
    at_least: float | None = None
    """From this cosine on an answer is right, else wrong; None: the cosine is the score, 0 where it is negative."""

    @property
    def title(self) -> str:
        """What the score is."""
        limit = "" if self.at_least is None else f", right from {self.at_least:g}"
        return f"cosine similarity by {self.model}{limit}"

    @property
    def settings(self) -> dict[str, Any]:
        """What a result keeps of it."""
        limit = {} if self.at_least is None else {"at_least": self.at_least}
        return {"model": self.model, **limit}

    def references(self, case: Case) -> tuple[str, ...]:
        """The texts that an answer is compared with; raises EvidenceError where the case has none."""
        found = tuple(text for text in accepted_texts(case, "similarity") if text.strip())
        if not found:
            raise EvidenceError(
                f"case {case.id!r}: `similarity` compares with `expected`; a blank text was read"
            )
        return found

    def score(self, case: Case, output: str) -> Scored:
        """Of a blank answer, 0: it can not be embedded. Raises EvidenceError for any other, which needs vectors."""
        self.references(case)
        if not output.strip():
            return Scored(score=0.0, format_failure=True, note="the answer is empty")
        hint = "put another scorer first in `score`, or score with `breakeven eval run`"
        raise EvidenceError(Problem(message="similarity is scored in a second pass", hint=hint))

    def scored(self, case: Case, output: str, vectors: Vectors) -> Scored | None:
        """The score of one answer; None: a vector is missing."""
        if not output.strip():
            return self.score(case, output)
        found = [vectors.cosine(self.model, output, text) for text in self.references(case)]
        known = [cosine for cosine in found if cosine is not None]
        if len(known) < len(found):
            return None
        best = max(known)
        if self.at_least is None:
            return Scored(score=max(0.0, best))
        return Scored(score=float(best >= self.at_least), scores={COSINE: best})


def similarity(options: Mapping[str, Any], find: FindFile) -> Similarity:
    """``similarity``: an embedding ``model``, and ``at_least``, a cosine from which an answer is right."""
    read = Options("similarity", options, ("model", "at_least"))
    model = read.text("model")
    if model is None or not _MODEL.fullmatch(model):
        hint = "{similarity: {model: openai/text-embedding-3-small}}"
        raise bad_option("similarity.model", f"provider/model is wanted, {model!r} was read", hint)
    at_least = None if options.get("at_least") is None else read.amount("at_least", default=1.0)
    if at_least is not None and at_least > 1:
        raise bad_option(
            "similarity.at_least", f"{at_least:g} was read", "a cosine within 0..1: at_least: 0.85"
        )
    return Similarity(model=model, at_least=at_least)
