"""A template: the constant parts of prompts that one piece of code writes, in order, with slots between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from breakeven.evidence.prompts.words import BREAK, common_runs, weight, words_of

__all__ = ["FEWEST", "Segment", "Template", "learn"]

FEWEST: Final = 3
"""Prompts that it takes to tell a template from a coincidence."""
_LOSS_SHARE: Final = 0.05
_LOSS_WORDS: Final = (3, 20)
_MEMBERS: Final = 64
"""Prompts from which a template's constant parts are learnt; later ones can only take words away."""


@dataclass(eq=False)
class Segment:
    """A constant part. ``optional``: some calls of the template lack it, ``held`` counts those that do not."""

    text: str
    weight: int
    optional: bool = False
    held: Counter[str | None] = field(default_factory=Counter)
    """Calls by model; kept for optional parts only, as all calls hold the others."""


@dataclass(eq=False)
class Template:
    """Constant parts in order. ``opens``: the first stands at the very start of the prompt."""

    segments: list[Segment]
    opens: bool
    closes: bool
    """Whether the last one stands at the very end."""
    calls: Counter[str | None] = field(default_factory=Counter)
    """Calls by model."""

    @property
    def weight(self) -> int:
        """Constant words."""
        return sum(segment.weight for segment in self.segments)

    def place(self, text: str) -> list[Segment] | None:
        """The segments that a prompt holds, where it holds all that are not optional; None otherwise."""
        needed = [segment for segment in self.segments if not segment.optional]
        spots = self._spots(text, needed)
        if spots is None:
            return None
        if len(needed) == len(self.segments):
            return needed
        return self._with_optional(text, dict(zip(map(id, needed), spots, strict=True)))

    def _spots(self, text: str, needed: Sequence[Segment]) -> list[int] | None:
        """Where each stands, first come first, the outer ones held to the prompt's ends."""
        if not needed or (self.opens and not text.startswith(needed[0].text)):
            return None
        spots, at = [], 0
        last = len(needed) - 1
        for i, segment in enumerate(needed):
            if self.closes and i == last and not (self.opens and last == 0):
                start = len(text) - len(segment.text)
                spot = start if start >= at and text.endswith(segment.text) else -1
            else:
                spot = text.find(segment.text, at)
            if spot < 0:
                return None
            spots.append(spot)
            at = spot + len(segment.text)
        return spots

    def _with_optional(self, text: str, spots: dict[int, int]) -> list[Segment]:
        found, at = [], 0
        for i, segment in enumerate(self.segments):
            spot = spots.get(id(segment))
            if spot is None:
                after = (spots[id(later)] for later in self.segments[i + 1 :] if id(later) in spots)
                spot = text.find(segment.text, at, next(after, len(text)))
            if spot >= 0:
                found.append(segment)
                at = spot + len(segment.text)
        return found

    def bend(self, text: str) -> list[Segment] | None:
        """``place``, after making optional the few words that this prompt lacks; None where it lacks many."""
        placed = self.place(text)
        if placed is not None:
            return placed
        pieces = _pieces(self.segments, text)
        lost = sum(s.weight for s in self.segments if not s.optional) - sum(
            weight(words) for segment, words, held in pieces if held and not segment.optional
        )
        if lost > _tolerated(self.weight):
            return None
        self._split(pieces)
        return self.place(text)

    def _split(self, pieces: list[tuple[Segment, list[str], bool]]) -> None:
        made: list[Segment] = []
        for segment, words, held in pieces:
            loose = segment.optional or not held
            if weight(words) < (FEWEST if loose else 1) and (made or loose):
                continue
            counted = segment.held if segment.optional else self.calls
            made.append(Segment(
                text="".join(words), weight=weight(words), optional=loose,
                held=Counter(counted) if loose else Counter(),
            ))  # fmt: skip
        self.opens = self.opens and pieces[0][2] and not made[0].optional
        self.closes = self.closes and pieces[-1][2] and not made[-1].optional
        self.segments = made

    def take(self, model: str | None, placed: Sequence[Segment]) -> None:
        """Count one call of a model that holds these segments."""
        self.calls[model] += 1
        for segment in placed:
            if segment.optional:
                segment.held[model] += 1


def _tolerated(constant: int) -> float:
    low, high = _LOSS_WORDS
    return max(low, min(high, _LOSS_SHARE * constant))


def _pieces(segments: Sequence[Segment], text: str) -> list[tuple[Segment, list[str], bool]]:
    """Every segment cut into what the prompt holds and what it lacks, in order."""
    flat: list[str] = []
    owner: list[Segment | None] = []
    for segment in segments:
        words = words_of(segment.text)
        flat += [*words, BREAK]
        owner += [*[segment] * len(words), None]
    kept = [False] * len(flat)
    start_of_run = set()
    for start, _, length in common_runs(flat, words_of(text)):
        kept[start : start + length] = [True] * length
        start_of_run.add(start)
    pieces: list[tuple[Segment, list[str], bool]] = []
    for i, (word, owned) in enumerate(zip(flat, owner, strict=True)):
        if owned is None:
            continue
        if pieces and pieces[-1][0] is owned and pieces[-1][2] == kept[i] and i not in start_of_run:
            pieces[-1][1].append(word)
        else:
            pieces.append((owned, [word], kept[i]))
    return pieces


# ------------------------------------------------------------------------------------------- learning


def learn(texts: Sequence[str], static: set[int]) -> Template | None:
    """The template of prompts that belong together; ``static``: shingles that many of them hold.

    The first prompt's words that ``static`` covers are the first guess; what other prompts lack is taken away,
    unless one lacks so much that it can not belong here. None where nothing constant is left.
    """
    words = [words_of(text) for text in texts[:_MEMBERS]]
    runs = _covered(words[0], static)
    for other in words[1:]:
        kept = _reduced(runs, other)
        before, after = (sum(weight(run) for run in some) for some in (runs, kept))
        if kept and before - after <= _tolerated(before):
            runs = kept
    members = [text for text in texts[:_MEMBERS] if _holds(text, runs)]
    runs = [run for run in runs if weight(run)]
    return _made(runs, members) if runs and len(members) >= FEWEST else None


def _covered(words: Sequence[str], static: set[int]) -> list[list[str]]:
    marked = [False] * len(words)
    for i, three in enumerate(zip(words, words[1:], words[2:], strict=False)):
        if hash(three) in static:
            marked[i : i + 3] = [True, True, True]
    runs: list[list[str]] = []
    for i, word in enumerate(words):
        if marked[i]:
            if i and marked[i - 1]:
                runs[-1].append(word)
            else:
                runs.append([word])
    return runs


def _reduced(runs: list[list[str]], other: Sequence[str]) -> list[list[str]]:
    flat = [word for run in runs for word in (*run, BREAK)]
    return [flat[start : start + length] for start, _, length in common_runs(flat, other)]


def _holds(text: str, runs: Sequence[Sequence[str]]) -> bool:
    at = 0
    for run in runs:
        piece = "".join(run)
        spot = text.find(piece, at)
        if spot < 0:
            return False
        at = spot + len(piece)
    return True


def _made(runs: list[list[str]], members: Sequence[str]) -> Template:
    """The template, each run lengthened by the words that follow or come before it in every member."""
    pieces = ["".join(run) for run in runs]
    gaps: list[list[list[str]]] = [[] for _ in range(len(pieces) + 1)]
    for text in members:
        at = 0
        for i, piece in enumerate(pieces):
            spot = text.find(piece, at)
            gaps[i].append(words_of(text[at:spot]))
            at = spot + len(piece)
        gaps[-1].append(words_of(text[at:]))
    return _assembled(pieces, [_shared(gap) for gap in gaps])


def _assembled(pieces: Sequence[str], gaps: Sequence[tuple[str, str, bool]]) -> Template:
    parts: list[str] = []
    current = ""
    for i, (head, tail, same) in enumerate(gaps):
        if not same:
            parts.append(current + head)
            current = ""
        current += tail
        if i < len(pieces):
            current += pieces[i]
    parts.append(current)
    (head, _, all_before), (_, tail, all_after) = gaps[0], gaps[-1]
    segments = [Segment(text=part, weight=weight(words_of(part))) for part in parts if part]
    return Template(segments=segments, opens=all_before or bool(head), closes=all_after or bool(tail))


def _shared(gap: Sequence[Sequence[str]]) -> tuple[str, str, bool]:
    """What every filling of a slot begins with, what every one ends with, and whether all are equal."""
    if all(words == gap[0] for words in gap):
        return "", "".join(gap[0]), True
    shortest = min(map(len, gap))
    head = _leading(gap, shortest)
    tail = _leading([words[::-1] for words in gap], shortest - head)
    first = gap[0]
    return "".join(first[:head]), "".join(first[len(first) - tail :] if tail else []), False


def _leading(gap: Sequence[Sequence[str]], most: int) -> int:
    n = 0
    while n < most and all(words[n] == gap[0][n] for words in gap):
        n += 1
    return n
