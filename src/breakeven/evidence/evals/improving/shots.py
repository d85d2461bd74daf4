"""Sets of solved examples to try in a prompt: at random, one of each answer, or covering what the examples are like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from breakeven.errors import InputError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.library import body_of
from breakeven.evidence.evals.prompting import (
    PromptSection,
    PromptVersion,
    as_text,
    parse_prompt,
    render,
    render_shots,
)

__all__ = ["bake", "bakeable", "sets_to_try"]

_POOL: Final = 400
"""Examples that are compared with each other; of more, so many are drawn."""


def bake(prompt: PromptVersion, shots: Sequence[Case], *, context: str | None = None) -> PromptVersion:
    """The prompt with examples written into it, before its last message; EvidenceError where that can not be."""
    solved = [
        PromptSection(role=message.role, text=message.content, line=1)
        for message in render_shots(prompt, shots, context=context)
    ]
    made = replace(prompt, sections=(*prompt.sections[:-1], *solved, prompt.sections[-1]))
    return parse_prompt(body_of(made), file=prompt.path, name=prompt.name)


def bakeable(prompt: PromptVersion, pool: Sequence[Case], *, context: str | None = None) -> list[Case]:
    """Examples that say the same once they stand in a prompt's file: none with a placeholder or a role of their own."""
    return [case for case in pool if case.expected is not None and _is_bakeable(prompt, case, context)]


def _is_bakeable(prompt: PromptVersion, case: Case, context: str | None) -> bool:
    try:
        solved = render_shots(prompt, [case], context=context)
        baked = bake(prompt, [case], context=context)
        return render(baked, case, context=context) == render(prompt, case, shots=solved, context=context)
    except InputError:
        return False


def sets_to_try(
    pool: Sequence[Case], *, most: int, tries: int, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[Case, ...]]]:
    """Up to ``tries`` different sets of at most ``most`` examples, each with how it was made."""
    drawn = [pool[k] for k in rng.permutation(len(pool))[:_POOL].tolist()]
    sizes = sorted({min(size, most, len(drawn)) for size in (most, max(1, most // 2))}, reverse=True)
    seen: set[frozenset[str]] = set()
    for turn in range(4 * tries):
        if len(seen) >= tries or not drawn:
            return
        size = sizes[(turn // 3) % len(sizes)]
        how, chosen = _WAYS[turn % 3]
        picked = chosen(drawn, size, rng)
        key = frozenset(case.id for case in picked)
        if key not in seen:
            seen.add(key)
            yield f"{size} {how}", tuple(picked)


def _at_random(pool: Sequence[Case], size: int, rng: np.random.Generator) -> list[Case]:
    return [pool[k] for k in rng.choice(len(pool), size=size, replace=False).tolist()]


def _one_of_each(pool: Sequence[Case], size: int, rng: np.random.Generator) -> list[Case]:
    """As many different answers as there is room for, in turn."""
    by_answer: dict[str, list[Case]] = {}
    for k in rng.permutation(len(pool)).tolist():
        by_answer.setdefault(as_text(pool[k].expected), []).append(pool[k])
    stacks = list(by_answer.values())
    found: list[Case] = []
    while len(found) < size:
        stacks = [stack for stack in stacks if stack]
        found += [stack.pop() for stack in stacks]
    return found[:size]


def _covering(pool: Sequence[Case], size: int, rng: np.random.Generator) -> list[Case]:
    """Examples that the others are most like: each next one is the one that brings the rest closest to one of them."""
    words = [_words(case) for case in pool]
    alike = np.array([[len(a & b) / max(1, len(a | b)) for b in words] for a in words])
    first = int(rng.integers(len(pool)))
    found, near = [first], alike[first].copy()
    while len(found) < size:
        gains = np.maximum(alike, near).sum(axis=1)
        gains[found] = -1.0
        found.append(int(gains.argmax()))
        near = np.maximum(near, alike[found[-1]])
    return [pool[k] for k in found]


def _words(case: Case) -> frozenset[str]:
    return frozenset(" ".join(as_text(value) for value in case.variables.values()).casefold().split())


_WAYS: Final = (
    ("examples, of different answers", _one_of_each),
    ("examples, covering the rest", _covering),
    ("examples at random", _at_random),
)
