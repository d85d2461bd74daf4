"""Names, places, organisations and addresses in texts, by a spaCy model of the user's own.

Patterns can not find them: it takes a model that has learned from marked texts. The model is named by the user, a
folder or an installed package; nothing is ever downloaded. What such a model finds is likely, never sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from breakeven.errors import InputError, MissingExtraError, Problem
from breakeven.evidence.prompts.redaction import Found

__all__ = ["NAMES", "find_names"]

_KINDS: Final = {
    **dict.fromkeys(("PERSON", "PER"), "PERSON"),
    **dict.fromkeys(("GPE", "LOC"), "GPE"),
    **dict.fromkeys(("ORG", "ORGANIZATION"), "ORG"),
    **dict.fromkeys(("ADDRESS", "STREET_ADDRESS", "FAC"), "ADDRESS"),
}
"""A model's own label → the kind that masks show; other labels are passed over."""
NAMES: Final = frozenset(_KINDS.values())
_PIPES: Final = ("tok2vec", "transformer", "ner", "entity_ruler", "span_finder")
_AT_ONCE: Final = 128
_LONGEST: Final = 100_000
"""Characters of a text that a model reads; spaCy itself stops at a million."""


def find_names(texts: Sequence[str], model: str) -> list[list[Found]]:
    """What the model finds in each text, from left to right.

    model: a folder, or an installed package. Raises MissingExtraError without spaCy, InputError without the model.
    """
    nlp = _loaded(model)
    with nlp.memory_zone() if hasattr(nlp, "memory_zone") else _nothing():
        return [_found(doc) for doc in nlp.pipe((text[:_LONGEST] for text in texts), batch_size=_AT_ONCE)]


def _found(doc: Any) -> list[Found]:
    return [
        Found(ent.start_char, ent.end_char, _KINDS[ent.label_])
        for ent in doc.ents
        if ent.label_ in _KINDS and any(char.isalpha() for char in ent.text)
    ]


@cache
def _loaded(model: str) -> Any:
    try:
        import spacy
    except ImportError as exc:
        raise MissingExtraError("spacy", "ner") from exc
    try:
        nlp = spacy.load(model)
    except (OSError, ImportError, ValueError) as exc:
        hint = (
            "name a folder that spaCy saved, or an installed package such as en_core_web_sm (python -m spacy download "
            "en_core_web_sm); nothing is downloaded here"
        )
        raise InputError(Problem(message=f"no spaCy model {model!r} on this machine", hint=hint)) from exc
    if not {"ner", "entity_ruler"} & set(nlp.pipe_names):
        hint = f"it has {', '.join(nlp.pipe_names) or 'no components'}; one with `ner` is needed"
        raise InputError(Problem(message=f"the spaCy model {model!r} finds no entities", hint=hint))
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in _PIPES])
    return nlp


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()
