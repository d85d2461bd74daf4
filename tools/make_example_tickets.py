"""Writes the tickets of ``examples/small-classifier``: made up out of parts, so that no one wrote them.

400 to train on and 150 to score on, of four queues; one in twenty names another queue's matter as well. Run as
``python -m tools.make_example_tickets`` from the root of the checkout.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "examples/small-classifier"
SEED: Final = 20261103
MATTERS: Final = {
    "card": ["my card was declined", "the card has not arrived", "I lost my card", "the PIN of my card is blocked",
             "my card was charged twice", "the card reader took my card"],
    "transfer": ["my transfer is still pending", "I sent money to the wrong account", "the transfer fee is too high",
                 "a standing order was not paid", "the recipient did not get my transfer",
                 "I want to cancel a transfer"],
    "loan": ["the interest on my loan went up", "I want to pay back my loan early", "my loan was refused",
             "how much may I borrow", "the monthly rate of my loan is wrong", "I want to pause my loan"],
    "login": ["I can not log in", "the code for the login never comes", "my password was refused",
              "the app asks for a new device every day", "my user name is locked", "I forgot my password"],
}  # fmt: skip
BEFORE: Final = ["Hello,", "Hi there,", "Good morning,", "", "Please help:", "Since yesterday", "Again"]
AFTER: Final = ["what can I do?", "please look into it.", "this is urgent.", "it worked last week.", "thank you.",
                "I am abroad.", "nobody answers the phone.", "I have waited for days."]  # fmt: skip


def tickets(n: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """(text, queue) of ``n`` tickets, each text once."""
    found: dict[str, str] = {}
    while len(found) < n:
        queue = str(rng.choice(list(MATTERS)))
        parts = [rng.choice(BEFORE), rng.choice(MATTERS[queue])]
        if rng.random() < 0.05:
            parts += ["and", rng.choice(MATTERS[str(rng.choice(list(MATTERS)))])]
        text = " ".join([*map(str, parts), "–", *map(str, rng.choice(AFTER, 2, replace=False))]).strip()
        found.setdefault(text, queue)
    return list(found.items())


def table(rows: list[tuple[str, ...]], header: tuple[str, ...]) -> str:
    """The rows as CSV."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def main() -> None:
    """Write both files."""
    made = tickets(550, np.random.default_rng(SEED))
    cases = [(f"t-{k + 1:03}", text, queue) for k, (text, queue) in enumerate(made[400:])]
    (FOLDER / "train.csv").write_text(table([*made[:400]], ("text", "queue")), encoding="utf-8")
    (FOLDER / "cases.csv").write_text(table([*cases], ("id", "input", "expected")), encoding="utf-8")


if __name__ == "__main__":
    main()
