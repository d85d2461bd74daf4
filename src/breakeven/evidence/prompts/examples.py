"""Few-shot examples told from instructions, in the constant text of a template."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from breakeven.evidence.prompts.words import BREAK, roles_of

__all__ = ["Part", "parts_of"]

Kind = Literal["instructions", "few_shot", "tool_definitions"]


class Part(NamedTuple):
    """A stretch of a template's text and what it is."""

    start: int
    end: int
    kind: Kind
    examples: int
    """Examples that begin in it."""


_LABEL: Final = re.compile(
    r"\s*(?:[-*#>]+\s*)*[*_<\[(]*([A-Za-z][A-Za-z_ -]{0,24}?)[ #]*\d*[*_\])]*\s*(?::|>|$)"
)
_ARROW: Final = re.compile(r"\s*[^\s:][^:]*(?:->|=>|→|⇒)\s*\S")
_NAMED: Final = re.compile(r"\b(?:example|shot|sample|demo|demonstration)", re.IGNORECASE)
_ASKS: Final = frozenset({
    "q", "question", "query", "input", "user", "human", "customer", "text", "sentence", "review", "message", "email",
    "ticket", "problem", "document", "request", "prompt", "utterance", "passage", "article", "comment", "title",
    "context", "source",
})  # fmt: skip
_ANSWERS: Final = frozenset({
    "a", "answer", "output", "assistant", "ai", "bot", "response", "reply", "label", "labels", "category", "class",
    "classification", "sentiment", "intent", "result", "summary", "solution", "translation", "target", "json", "sql",
    "code", "completion", "agent", "expected",
})  # fmt: skip
_LONGEST_CYCLE: Final = 6


def parts_of(skeleton: str) -> list[Part]:
    """The constant text of a template, slots marked by ``BREAK``, cut into what instructs, shows, or defines tools.

    Examples are pairs of a constant user message and its constant answer, and blocks that repeat a cycle of labels
    (Input … Output …, Q … A …, Example 1 … Example 2 …) within one message. A cycle with a slot in it is the question
    itself, no example.
    """
    found: list[Part] = []
    messages = _messages(skeleton)
    paired = _pairs(skeleton, messages)
    for i, (start, body, end, role) in enumerate(messages):
        if role == "tools":
            found.append(Part(start, end, "tool_definitions", 0))
        elif i in paired:
            found.append(Part(start, end, "few_shot", int(role == "user")))
        else:
            found += _within(skeleton, body, end)
    return list(_filled(found, len(skeleton)))


def _messages(skeleton: str) -> list[tuple[int, int, int, str]]:
    """(start, start of the text, end, role) of each message; text before the first mark has no role."""
    marks = roles_of(skeleton)
    ends = [*(start for start, _, _ in marks[1:]), len(skeleton)][: len(marks)]
    found = [(start, body, end, role) for (start, body, role), end in zip(marks, ends, strict=True)]
    first = marks[0][0] if marks else len(skeleton)
    return [(0, 0, first, ""), *found] if first else found


def _pairs(skeleton: str, messages: Sequence[tuple[int, int, int, str]]) -> set[int]:
    """Messages that are a constant question or its constant answer; the last question is the call's own."""
    found: set[int] = set()
    for i in range(len(messages) - 2):
        (_, ask, ask_end, asks), (_, answer, answer_end, answers) = messages[i], messages[i + 1]
        constant = BREAK not in skeleton[ask:ask_end] and BREAK not in skeleton[answer:answer_end]
        if asks == "user" and answers == "assistant" and constant:
            found |= {i, i + 1}
    return found


def _within(skeleton: str, start: int, end: int) -> Iterator[Part]:
    """Examples inside one message, in each of its stretches without a slot."""
    at = start
    for stretch in skeleton[start:end].split(BREAK):
        yield from _repeated(stretch, at)
        at += len(stretch) + len(BREAK)


def _repeated(text: str, offset: int) -> Iterator[Part]:
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    labels = [(i, label) for i, line in enumerate(lines) if (label := _label(line)) is not None]
    counts = Counter(label for _, label in labels)
    labels = [(i, label) for i, label in labels if counts[label] > 1]
    at = 0
    while at < len(labels):
        period, repeats = _cycle([label for _, label in labels[at:]])
        if not repeats:
            at += 1
            continue
        stop = at + period * repeats
        last = len(lines) if stop >= len(labels) else labels[stop][0]
        last = _paragraph_end(lines, labels[stop - 1][0], last)
        yield Part(offset + starts[labels[at][0]], offset + starts[last], "few_shot", repeats)
        at = stop


def _label(line: str) -> str | None:
    if _ARROW.match(line):
        return "→"
    found = _LABEL.match(line)
    if found is not None and line.strip():
        name = found.group(1).strip(" _-").lower()
        return "example" if _NAMED.search(name) else name
    return None


def _cycle(labels: Sequence[str]) -> tuple[int, int]:
    """(length, repeats) of the cycle of labels that begins here; (0, 0) where none that shows examples does."""
    for period in range(1, min(_LONGEST_CYCLE, len(labels) // 2) + 1):
        cycle = list(labels[:period])
        repeats = 1
        while list(labels[repeats * period : (repeats + 1) * period]) == cycle:
            repeats += 1
        if repeats > 1 and len(set(cycle)) == period and _shows(cycle, repeats):
            return period, repeats
    return 0, 0


def _shows(cycle: Sequence[str], repeats: int) -> bool:
    names = set(cycle)
    words = {word for name in cycle for word in name.split()}
    asks_and_answers = bool(words & _ASKS) and bool(words & _ANSWERS)
    return bool(names & {"example", "→"}) or asks_and_answers or (len(cycle) > 1 and repeats > 2)


def _paragraph_end(lines: Sequence[str], first: int, last: int) -> int:
    """The end of the paragraph that the last label opens, at most ``last``."""
    for i in range(first + 1, last):
        if not lines[i].strip():
            return i
    return last


def _filled(found: Sequence[Part], length: int) -> Iterator[Part]:
    """The parts with instructions between them."""
    at = 0
    for part in sorted(found):
        if part.start > at:
            yield Part(at, part.start, "instructions", 0)
        yield part
        at = part.end
    if at < length:
        yield Part(at, length, "instructions", 0)
