"""Writes examples/training-data: made-up rows to train a ticket classifier on, with planted defects, and what to hold
them against. Run it from the root of the checkout: ``python -m tools.make_example_training``; ``--check`` only looks.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from tools.make_example_tickets import MATTERS, tickets

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "examples" / "training-data"
SEED: Final = 11
SYSTEM: Final = "Name the queue that this ticket belongs to: " + ", ".join(sorted(MATTERS)) + "."
ITEMS: Final = [
    "kettle", "desk lamp", "rain coat", "bicycle pump", "bookshelf", "tea set", "garden chair", "headset",
                "tent", "backpack", "coffee grinder", "wall clock", "suitcase", "yoga mat", "toolbox", "radio",
        ]  # fmt: skip
COLOURS: Final = ["blue", "red", "green", "black", "white", "grey", "yellow", "brown"]
PLACES: Final = [
    "Leeds",
    "Porto",
    "Graz",
    "Lyon",
    "Bergen",
    "Malmo",
    "Cork",
    "Ghent",
    "Turin",
    "Brno",
    "Aarhus",
    "Vigo",
]
START: Final = dt.datetime(2026, 10, 5, 8, tzinfo=dt.UTC)


def wanted() -> dict[Path, str]:
    """Each file and its text."""
    rng = np.random.default_rng(SEED)
    made = [(_detailed(text, rng), queue) for text, queue in tickets(420, rng)]
    train, cases, calls = made[:240], made[240:320], made[320:]
    lines = [json.dumps(_row(text, queue)) for text, queue in train]
    # Planted: four eval cases, sixteen rows again (one word more), two wrong queues, an address, a row without its
    # instructions, one without an answer, and a line that breaks off.
    lines += [json.dumps(_row(text, queue)) for text, queue in cases[:4]]
    lines += [json.dumps(_row(f"{text} Thanks", queue)) for text, queue in train[:16]]
    lines[20] = json.dumps(_row(train[20][0], _other(train[20][1])))
    lines[21] = json.dumps(_row(train[21][0], _other(train[21][1])))
    lines[60] = json.dumps(
        _row(train[60][0] + " Call me at +44 20 7946 0958, ann.lee@mail.example.net", train[60][1])
    )
    lines[90] = json.dumps({"messages": _row(*train[90])["messages"][1:]})
    lines[120] = json.dumps({"messages": _row(*train[120])["messages"][:2]})
    lines[150] = lines[150][:70]
    return {
        FOLDER / "train.jsonl": "".join(f"{line}\n" for line in lines),
        FOLDER / "cases.jsonl": "".join(
            json.dumps({"id": f"c-{k + 1:03}", "input": text, "expected": queue}) + "\n"
            for k, (text, queue) in enumerate(cases)
        ),
        FOLDER / "calls.jsonl": "".join(
            json.dumps(_call(k, text)) + "\n" for k, (text, _) in enumerate(calls)
        ),
    }


def _detailed(text: str, rng: np.random.Generator) -> str:
    """A ticket with its order in the middle, so that no two are alike by chance."""
    order, colour, item, place = (
        rng.integers(10_000, 99_999),
        *(rng.choice(words) for words in (COLOURS, ITEMS, PLACES)),
    )
    return text.replace("–", f"(order {order}, the {colour} {item}, {place})", 1)


def _row(text: str, queue: str) -> dict[str, Any]:
    said = (("system", SYSTEM), ("user", text), ("assistant", queue))
    return {"messages": [{"role": role, "content": content} for role, content in said]}


def _other(queue: str) -> str:
    names = sorted(MATTERS)
    return names[(names.index(queue) + 1) % len(names)]


def _call(k: int, text: str) -> dict[str, Any]:
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
    usage = {"prompt_tokens": 60, "completion_tokens": 3, "total_tokens": 63}
    return {
        "timestamp": (START + dt.timedelta(minutes=7 * k)).isoformat(), "feature": "triage", "provider": "openai",
        "request": {"model": "gpt-4.1", "messages": messages}, "status_code": 200, "latency_s": 0.6,
        "response": {"model": "gpt-4.1", "usage": usage},
    }  # fmt: skip


def main() -> int:
    """Write, or check."""
    files: Mapping[Path, str] = wanted()
    stale = [p for p, made in files.items() if not p.exists() or p.read_text(encoding="utf-8") != made]
    for path in stale:
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
