"""Cases from logged calls: some of each kind, each once, without personal data that can be told by its form.

Calls are kept in strata of feature, instructions and length; of each stratum a random sample is held while the log is
read once, so a log of any size needs little memory. Then cases are taken from the strata in proportion to their calls,
at least one of each while there is room. A text equal to an earlier one but for case, punctuation and spacing is no
second case, nor is one whose words, weighted by how rare they are, are nearly the same.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.identity import derived_id
from breakeven.evidence.prompts.messages import Message
from breakeven.evidence.prompts.reading import LoggedPrompt
from breakeven.evidence.prompts.redaction import redact

__all__ = ["FEWEST", "MOST", "NEAR", "Sampled", "sample_cases"]

FEWEST: Final = 100
"""Fewer cases tell candidates apart only where they differ by ten points and more."""
MOST: Final = 500
_WITHOUT_CALLS: Final = (
    "some tools keep calls and what they were asked in two files: name the folder, or both; "
    "`breakeven profile LOGS` says what was read"
)
NEAR: Final = 0.9
"""Weighted Jaccard similarity of words from which two texts count as near-duplicates."""
_MOST_STRATA: Final = 300
_START: Final = 200
_DIGITS: Final = re.compile(r"\d+")
_NO_WORD: Final = re.compile(r"[^\w\s]")
_Stratum = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """Cases without an expected answer, and how they came about."""

    cases: tuple[Case, ...]
    answers: Mapping[str, str]
    """Case → what production answered, where the log keeps it; masked as the cases are."""
    n_calls: int
    """Calls that were read."""
    n_without_text: int
    """Of these, without a text to ask."""
    n_repeated: int
    """Of these, with the text of an earlier one."""
    n_near: int
    """Sampled and left out again, as nearly the same as another case."""
    n_strata: int
    masked: Mapping[str, int]
    """Kind of personal data → how often it was masked in the cases; empty where masking was turned off."""
    systems: int
    """Different instructions that the sampled calls ran under."""


@dataclass(frozen=True)
class _Draft:
    input: str
    history: str
    system: str
    feature: str | None
    session: str | None
    answer: str | None


@dataclass
class _Held:
    """The random sample that is held of one stratum, and of how many calls (Vitter's algorithm R)."""

    most: int
    seen: int = 0
    kept: list[_Draft] = field(default_factory=list)

    def offer(self, draft: _Draft, rng: np.random.Generator) -> None:
        self.seen += 1
        if len(self.kept) < self.most:
            self.kept.append(draft)
        elif (at := int(rng.integers(self.seen))) < self.most:
            self.kept[at] = draft


def sample_cases(
    prompts: Iterable[LoggedPrompt], n: int, rng: np.random.Generator, *, masking: bool = True
) -> Sampled:
    """Up to ``n`` cases; raises EvidenceError where the calls hold no texts."""
    reading = _Reading(n, rng)
    for prompt in prompts:
        reading.read(prompt)
    reading.check()
    ordered = reading.in_turn()
    chosen, n_near = _without_near(ordered, n)
    return _sampled(chosen, reading, n_near, masking=masking)


class _Reading:
    """Calls into strata."""

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self.n_calls = self.n_without_text = self.n_repeated = 0
        self.strata: dict[_Stratum, _Held] = {}
        self._most = n
        self._rng = rng
        self._seen: set[int] = set()

    def read(self, prompt: LoggedPrompt) -> None:
        self.n_calls += 1
        draft = _draft(prompt)
        if draft is None:
            self.n_without_text += 1
            return
        key = _hash(_plain(f"{draft.system}\n{draft.history}\n{draft.input}"))
        if key in self._seen:
            self.n_repeated += 1
            return
        self._seen.add(key)
        stratum = _stratum(prompt, draft)
        if stratum not in self.strata and len(self.strata) >= _MOST_STRATA:
            stratum = (stratum[0], "", -1)
        held = self.strata.setdefault(stratum, _Held(self._most))
        held.offer(draft, self._rng)

    def check(self) -> None:
        if not self.n_calls:
            raise EvidenceError(Problem(message="the logs hold no calls", hint=_WITHOUT_CALLS))
        if not self.strata:
            message = f"none of the {self.n_calls:,} calls has a text: this log keeps counts, not prompts"
            hint = (
                "turn on the logging of messages, or write cases by hand: a CSV with `input` and `expected`"
            )
            raise EvidenceError(Problem(message=message, hint=hint))

    def in_turn(self) -> list[_Draft]:
        """All that is held, so that each beginning of the list has its share of every stratum.

        The k-th of a stratum with so many calls stands at (k + ½) / calls of the way: its first ones come early.
        """
        placed = []
        for stratum in sorted(self.strata):
            held = self.strata[stratum]
            order = self._rng.permutation(len(held.kept))
            placed += [
                ((k + 0.5) / held.seen if k else 0.0, -held.seen, stratum, held.kept[int(at)])
                for k, at in enumerate(order)
            ]
        placed.sort(key=lambda it: it[:3])
        return [draft for *_, draft in placed]


def _draft(prompt: LoggedPrompt) -> _Draft | None:
    """What was asked last, what was said before it, and the instructions."""
    asked = [
        k for k, message in enumerate(prompt.messages) if message.role == "user" and message.text.strip()
    ]
    if not asked:
        return None
    last = asked[-1]
    before = [m for m in prompt.messages[:last] if m.role not in ("system", "tools")]
    return _Draft(
        input=prompt.messages[last].text.strip(), history=_turns(before), feature=prompt.feature,
        system="\n".join(m.text for m in prompt.messages if m.role == "system"), session=prompt.session,
        answer=prompt.answer,
    )  # fmt: skip


def _turns(messages: Sequence[Message]) -> str:
    return "\n".join(f"{message.role}: {message.text.strip()}" for message in messages)


def _stratum(prompt: LoggedPrompt, draft: _Draft) -> _Stratum:
    start = _DIGITS.sub("0", draft.system[:_START])
    length = int(math.log2(len(draft.input) + len(draft.history) + 1))
    return (prompt.feature or prompt.model or "", f"{_hash(start):x}", length)


def _plain(text: str) -> str:
    return " ".join(_NO_WORD.sub(" ", text.casefold()).split()) or text


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


# ------------------------------------------------------------------------------------------ near-duplicates


def _without_near(ordered: Sequence[_Draft], n: int) -> tuple[list[_Draft], int]:
    """The first ``n`` of which none is nearly another one, and how many were passed over for that."""
    words = [frozenset(_plain(f"{draft.history} {draft.input}").split()) for draft in ordered]
    texts = Counter(word for text in words for word in text)
    # A word in all texts, such as those of a template, tells none of them apart.
    weights = {word: math.log(len(words) / count) for word, count in texts.items()}
    totals = [sum(weights[word] for word in text) for text in words]
    chosen: list[int] = []
    passed = 0
    for k in range(len(ordered)):
        if len(chosen) == n:
            break
        if any(_near(words[k], totals[k], words[c], totals[c], weights) for c in chosen):
            passed += 1
        else:
            chosen.append(k)
    return [ordered[k] for k in chosen], passed


def _near(
    a: frozenset[str], total_a: float, b: frozenset[str], total_b: float, weights: Mapping[str, float]
) -> bool:
    if min(total_a, total_b) < NEAR * max(total_a, total_b):
        return False
    shared = sum(weights[word] for word in a & b)
    union = total_a + total_b - shared
    return a == b if union <= 0 else shared >= NEAR * union


# --------------------------------------------------------------------------------------------------- cases


def _sampled(chosen: Sequence[_Draft], reading: _Reading, n_near: int, *, masking: bool) -> Sampled:
    mask = _Mask(on=masking)
    systems = {draft.system for draft in chosen}
    varies = len(systems) > len({draft.feature for draft in chosen})
    sessions = {name: k + 1 for k, name in enumerate(dict.fromkeys(d.session for d in chosen if d.session))}
    shared = {name for name, k in Counter(d.session for d in chosen).items() if name and k > 1}
    cases: dict[str, Case] = {}
    answers: dict[str, str] = {}
    for draft in chosen:
        variables = {"input": mask(draft.input)}
        variables |= {"history": mask(draft.history)} if draft.history else {}
        variables |= {"system": mask(draft.system)} if varies and draft.system else {}
        case = Case(
            id=derived_id(variables, None), variables=variables, segment=draft.feature,
            cluster=f"session {sessions[draft.session]}" if draft.session in shared and draft.session else None,
        )  # fmt: skip
        n_near += case.id in cases  # what told them apart was masked
        cases.setdefault(case.id, case)
        if draft.answer is not None:
            answers.setdefault(case.id, mask(draft.answer))
    return Sampled(
        cases=tuple(cases.values()), answers=answers, n_calls=reading.n_calls,
        n_without_text=reading.n_without_text, n_repeated=reading.n_repeated, n_near=n_near,
        n_strata=len(reading.strata), masked=dict(sorted(mask.counts.items())), systems=len(systems),
    )  # fmt: skip


class _Mask:
    """Masks texts and counts what it masked."""

    def __init__(self, *, on: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._on = on

    def __call__(self, text: str) -> str:
        text = text.encode("utf-8", "replace").decode()  # half a character has no UTF-8
        if not self._on:
            return text
        found = redact(text)
        self.counts.update(found.counts)
        return found.text
