"""Scorers: what an answer is worth, one file a scorer. None of these asks a model itself.

``scorer``       the protocol
``exact``        the expected text, as it stands or normalised
``pattern``      a regular expression
``contains``     the expected text is somewhere in the answer
``number``       a number within a tolerance
``labels``       a set of labels, or one of a few in running text
``entities``     texts with a type: named entities, slots
``overlap``      ROUGE and BLEU
``similarity``   the cosine of two vectors, in a second pass
``code``         a program passes its tests, in a sandbox that the user names
``json_answer``  JSON: validity by a schema, and its fields
``reading``      what they share in reading answers
``options``      options of a scorer, checked

``SCORERS`` holds them by the name that a suite calls them; packages add theirs under the entry point group
``breakeven.scorers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from types import MappingProxyType
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.evals.scorers.code import code
from breakeven.evidence.evals.scorers.contains import contains
from breakeven.evidence.evals.scorers.entities import entities
from breakeven.evidence.evals.scorers.exact import exact, normalised
from breakeven.evidence.evals.scorers.json_answer import json_answer
from breakeven.evidence.evals.scorers.labels import labels, one_of
from breakeven.evidence.evals.scorers.number import number
from breakeven.evidence.evals.scorers.overlap import bleu, rouge
from breakeven.evidence.evals.scorers.pattern import pattern
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored, Scorer, ScorerFactory
from breakeven.evidence.evals.scorers.similarity import similarity

__all__ = ["SCORERS", "FindFile", "Scored", "Scorer", "ScorerFactory", "make_scorer"]

GROUP: Final = "breakeven.scorers"
"""The entry point group from which further scorers come."""

SCORERS: Final[Mapping[str, ScorerFactory]] = MappingProxyType(
    {
        "bleu": bleu,
        "code": code,
        "contains": contains,
        "entities": entities,
        "exact": exact,
        "json": json_answer,
        "labels": labels,
        "normalised": normalised,
        "number": number,
        "one_of": one_of,
        "regex": pattern,
        "rouge": rouge,
        "similarity": similarity,
    }
)
"""The scorers that ship, by name."""


def make_scorer(name: str, options: Mapping[str, Any], find: FindFile) -> Scorer:
    """The scorer of this name with these options; raises EvidenceError where there is none."""
    if name in SCORERS:
        return SCORERS[name](options, find)
    found = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    if name not in found:
        known = sorted({*SCORERS, *found})
        near = nearest(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known scorers: {', '.join(known)}"
        raise EvidenceError(Problem(message=f"no scorer is called {name!r}", hint=hint))
    factory: ScorerFactory = found[name].load()
    return factory(options, find)
