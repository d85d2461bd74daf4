"""Logs with templates planted in them, of which every static token is known."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

WORDS = [
    "".join(parts)
    for parts in (
        (a, b, c)
        for a in ("br", "t", "m", "cl", "s", "fr", "g", "pl", "v", "d")
        for b in ("a", "e", "i", "o", "u", "ea")
        for c in ("n", "rd", "ck", "sh", "mp", "lt", "x", "st")
    )
]


def prose(rng, n):
    """``n`` random words in sentences: no two calls share three in a row but by chance."""
    words = [str(word) for word in rng.choice(WORDS, size=n)]
    for i in range(11, n, 12):
        words[i] += "."
    return " ".join(words)


@dataclass(frozen=True)
class Planted:
    """A template: what it says before the slots, between them, and after, with its few-shot pairs."""

    system: str
    shots: tuple[tuple[str, str], ...]
    before: str
    between: str
    after: str

    def messages(self, rng, slot_words):
        pairs = [
            {"role": role, "content": text}
            for shot in self.shots
            for role, text in zip(("user", "assistant"), shot, strict=True)
        ]
        first, second = prose(rng, slot_words), prose(rng, max(2, slot_words // 3))
        asked = f"{self.before}{first}{self.between}{second}{self.after}"
        system = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, *pairs, {"role": "user", "content": asked}]

    def static_texts(self):
        return [
            self.system,
            *(text for shot in self.shots for text in shot),
            self.before,
            self.between,
            self.after,
        ]

    def shot_texts(self):
        return [text for shot in self.shots for text in shot]


def planted(rng, words=300, shots=2):
    return Planted(
        system=f"{prose(rng, words)}.",
        shots=tuple((prose(rng, 25), prose(rng, 8)) for _ in range(shots)),
        before=f"{prose(rng, 20)}\n\nDocument:\n",
        between=f"\n\nThe customer adds, besides {prose(rng, 10)}:\n",
        after=f"\n\nAnswer in one line, {prose(rng, 6)}.",
    )


def write_log(
    path, templates, rng, *, calls=120, slot_words=60, usage=None, model="gpt-4o-mini", every_s=10.0
):
    """An OpenAI log of ``calls`` calls, each of a template drawn at random; returns which."""
    drawn = rng.integers(0, len(templates), size=calls)
    with path.open("w") as out:
        for i, k in enumerate(drawn):
            messages = templates[k].messages(rng, int(rng.integers(slot_words // 2, slot_words * 2)))
            body = {"model": model, "usage": {"prompt_tokens": usage or 1, "completion_tokens": 10}}
            record = {
                "timestamp": 1_760_000_000 + every_s * i,
                "request": {"model": model, "messages": messages},
                "response": body if usage is not None else {"model": model},
            }
            out.write(json.dumps(record) + "\n")
    return drawn


def rng_of(seed):
    return np.random.default_rng(seed)
