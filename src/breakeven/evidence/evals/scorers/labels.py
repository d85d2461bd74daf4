"""Labels: any number of them for a case, or one of a few named in running text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.exact import TextForm, accepted_texts
from breakeven.evidence.evals.scorers.options import Options, bad_option
from breakeven.evidence.evals.scorers.reading import f1_of, lacking, read_json, shortened
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored

__all__ = ["LabelSet", "OneLabel", "labels", "one_of"]

UNKNOWN: Final = "(unknown)"
"""Stands for all labels that are not allowed."""
_BULLET: Final = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_FORM: Final = TextForm(ignore_case=True, ignore_space=True, ignore_width=True)
_TITLES: Final = {"f1": "F1 of the labels", "jaccard": "Jaccard of the labels", "exact": "all labels right"}


@dataclass(frozen=True, kw_only=True)
class LabelSet:
    """Compares the set of labels in an answer with the expected set. Order, case and repeats say nothing."""

    measure: str
    """``f1``, ``jaccard`` or ``exact``; the two others are named scores."""
    allowed: Mapping[str, str]
    """Normal form → label; empty: any text is a label."""

    @property
    def title(self) -> str:
        """What the score is, and that the figure over the set is another one."""
        return f"{_TITLES[self.measure]}, a case"

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1, with all three measures named, and the labels that are not allowed."""
        wanted = self._wanted(case)
        try:
            given = self._given(output)
        except ValueError as exc:
            return Scored(score=0.0, format_failure=True, note=str(exc), counts=_counts(set(), wanted))
        right = len(given & wanted)
        parts = {
            "f1": f1_of(right, len(given), len(wanted)),
            "jaccard": right / len(given | wanted) if given | wanted else 1.0,
            "exact": float(given == wanted),
        }
        unknown = given & {UNKNOWN}
        return Scored(
            score=parts[self.measure], scores=parts, counts=_counts(given, wanted),
            note="labels that are not allowed" if unknown else None,
        )  # fmt: skip

    def _wanted(self, case: Case) -> set[str]:
        value = case.expected
        if isinstance(value, str):
            value = _texts(value)
        if not isinstance(value, list | tuple) or any(not isinstance(item, str | int) for item in value):
            raise lacking(case, "labels", "a list of labels; an empty one where none fits")
        found = {self._label(str(item)) for item in value}
        if UNKNOWN in found:
            raise lacking(
                case, "labels", f"labels among those allowed: {', '.join(self.allowed.values())[:200]}"
            )
        return found

    def _given(self, output: str) -> set[str]:
        """The labels of an answer; raises ValueError where it can not be read as labels."""
        if not output.strip():
            raise ValueError("the answer is empty; [] says that no label fits")
        found = [self._label(text) for text in _texts(output)]
        if self.allowed and found and set(found) == {UNKNOWN}:
            raise ValueError(f"no allowed label in {shortened(output)!r}")
        return set(found)

    def _label(self, text: str) -> str:
        form = _FORM.of(text)
        return self.allowed.get(form, UNKNOWN) if self.allowed else form


def _texts(text: str) -> list[str]:
    """Labels of a JSON list (or an object's only list), else of lines or commas; raises ValueError."""
    try:
        value = read_json(text)
    except ValueError:
        if text.lstrip().startswith(("[", "{", "```")):
            raise ValueError("begins like JSON and is none") from None
        parts = (part for line in text.splitlines() for part in _BULLET.sub("", line).split(","))
        return [part.strip().strip("\"'`") for part in parts if part.strip()]
    if isinstance(value, dict) and len(value) == 1:
        [value] = value.values()
    value = [value] if isinstance(value, str | int) else value
    if not isinstance(value, list) or any(not isinstance(item, str | int) for item in value):
        raise ValueError("JSON, but no list of labels")
    return [str(item) for item in value]


def _counts(given: set[str], wanted: set[str]) -> dict[str, tuple[float, float, float]]:
    return {
        label: (
            float(label in given and label in wanted),
            float(label not in wanted),
            float(label not in given),
        )
        for label in sorted(given | wanted)
    }


def labels(options: Mapping[str, Any], find: FindFile) -> LabelSet:
    """``labels``: a set of labels, from a JSON list, lines or commas; ``allowed`` names those there are."""
    read = Options("labels", options, ("allowed", "measure"))
    allowed = {_FORM.of(label): label for label in read.texts("allowed")}
    return LabelSet(measure=read.choice("measure", tuple(_TITLES), default="f1"), allowed=allowed)


@dataclass(frozen=True, kw_only=True)
class OneLabel:
    """1 where the one allowed label that an answer names is the expected one.

    An answer that names none of them, or several, is a format failure.
    """

    allowed: Mapping[str, str]
    """Normal form → label."""
    words: re.Pattern[str]
    """Finds labels in running text, longer ones first."""
    title: str

    def score(self, case: Case, output: str) -> Scored:
        """1 or 0."""
        wanted = {self.allowed.get(_FORM.of(text)) for text in accepted_texts(case, "one_of")}
        known = {label for label in wanted if label is not None}
        if len(known) < len(wanted):
            hint = f"one of the allowed labels: {', '.join(self.allowed.values())[:200]}"
            raise lacking(case, "one_of", hint)
        text = _FORM.of(output)
        found = {text} if text in self.allowed else set(self.words.findall(text))
        if len(found) != 1:
            note = f"names {len(found)} of the labels" if found else "names none of the labels"
            return Scored(score=0.0, format_failure=True, note=note, counts=_counts(set(), {min(known)}))
        label = self.allowed[found.pop()]
        right = label if label in known else min(known)
        return Scored(score=float(label in known), counts=_counts({label}, {right}))


def one_of(options: Mapping[str, Any], find: FindFile) -> OneLabel:
    """``one_of``: the answer names one of ``allowed``, alone or in a sentence."""
    read = Options("one_of", options, ("allowed",))
    allowed = {_FORM.of(label): label for label in read.texts("allowed")}
    if len(allowed) < 2 or "" in allowed:
        raise bad_option(
            "one_of.allowed", "at least two labels are needed", "{one_of: {allowed: [card, loan]}}"
        )
    longest_first = sorted(allowed, key=lambda form: (-len(form), form))
    words = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return OneLabel(allowed=allowed, words=words, title=f"one of {len(allowed)} labels, exact match")
