"""Exact match: the answer is the expected text, maybe after both were put into one form."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.options import Options
from breakeven.evidence.evals.scorers.scorer import Counts, FindFile, Scored

__all__ = ["ExactMatch", "TextForm", "accepted_texts", "exact", "normalised"]

_SPACES: Final = re.compile(r"\s+")
_LONGEST_CLASS: Final = 60
"""Characters beyond which a text is no name of a class."""
OTHER: Final = "(another answer)"
"""Stands for answers that are no name of a class."""
_ARTICLES: Final = re.compile(r"\b(?:a|an|the)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class TextForm:
    """The form that texts are put into before they are compared; white space around a text never counts."""

    ignore_case: bool = False
    ignore_punctuation: bool = False
    ignore_space: bool = False
    """Runs of white space count as one space."""
    ignore_articles: bool = False
    """English ``a``, ``an`` and ``the``, unless nothing else is there."""
    ignore_width: bool = False
    """Full-width letters, ligatures and the like count as the plain ones (Unicode NFKC)."""

    def of(self, text: str) -> str:
        """The text in this form; characters that look the same are the same (Unicode NFC)."""
        unicode_form: Literal["NFC", "NFKC"] = "NFKC" if self.ignore_width else "NFC"
        text = unicodedata.normalize(unicode_form, text)
        if self.ignore_punctuation:
            text = "".join(char for char in text if not unicodedata.category(char).startswith("P"))
        if self.ignore_case:
            text = unicodedata.normalize(unicode_form, text.casefold())
        if self.ignore_articles:
            text = _ARTICLES.sub(" ", text) if _ARTICLES.sub("", text).strip() else text
        if self.ignore_space or self.ignore_articles:
            text = _SPACES.sub(" ", text)
        return text.strip()

    @property
    def words(self) -> str:
        """What is left out of the comparison, in words; empty: nothing."""
        ignored = {
            "case": self.ignore_case, "punctuation": self.ignore_punctuation, "spacing": self.ignore_space,
            "articles": self.ignore_articles,
        }  # fmt: skip
        named = [name for name, is_ignored in ignored.items() if is_ignored]
        return f"whatever its {' and '.join(named)}" if named else ""


def accepted_texts(case: Case, scorer: str) -> tuple[str, ...]:
    """The answers that would be right, as texts: one, or each of a list; raises EvidenceError where there is none."""
    wanted = case.expected if isinstance(case.expected, list | tuple) else [case.expected]
    if not wanted or any(item is None or isinstance(item, dict | list) for item in wanted):
        read = "nothing" if case.expected is None else json.dumps(case.expected, default=str)[:60]
        hint = "a text, a number, or a list of answers that are all right"
        raise EvidenceError(
            Problem(
                message=f"case {case.id!r}: `{scorer}` compares with `expected`; {read} was read", hint=hint
            )
        )
    return tuple(_as_text(item) for item in wanted)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True, kw_only=True)
class ExactMatch:
    """1 where the answer is an expected text, else 0."""

    form: TextForm
    title: str

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0; where one short text is right, also which one was given in its place, for figures by class."""
        wanted = accepted_texts(case, "exact")
        given, forms = self.form.of(output), [self.form.of(text) for text in wanted]
        return Scored(score=float(given in forms), counts=_counts(given, forms[0]) if len(forms) == 1 else {})


def _counts(given: str, right: str) -> Counts:
    """Which class was given for which; nothing where the expected text is no name of a class."""
    if not _is_name(right):
        return {}
    if given == right:
        return {right: (1.0, 0.0, 0.0)}
    return {right: (0.0, 0.0, 1.0), given if _is_name(given) else OTHER: (0.0, 1.0, 0.0)}


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_CLASS and "\n" not in text


def exact(options: Mapping[str, Any], find: FindFile) -> ExactMatch:
    """``exact``: nothing but white space around the answer is forgiven, unless an option says so."""
    read = Options("exact", options, ("ignore_case", "ignore_punctuation", "ignore_space", "ignore_articles"))
    form = TextForm(
        ignore_case=read.flag("ignore_case", default=False),
        ignore_punctuation=read.flag("ignore_punctuation", default=False),
        ignore_space=read.flag("ignore_space", default=False),
        ignore_articles=read.flag("ignore_articles", default=False),
    )
    return ExactMatch(form=form, title="exact match" + (f", {form.words}" if form.words else ""))


def normalised(options: Mapping[str, Any], find: FindFile) -> ExactMatch:
    """``normalised``: case, punctuation and spacing are forgiven; with ``ignore_articles``, a, an and the as well."""
    articles = Options("normalised", options, ("ignore_articles",)).flag("ignore_articles", default=False)
    form = TextForm(
        ignore_case=True,
        ignore_punctuation=True,
        ignore_space=True,
        ignore_width=True,
        ignore_articles=articles,
    )
    return ExactMatch(form=form, title="exact match, normalised" + (", without articles" if articles else ""))
