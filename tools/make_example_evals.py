"""Writes the scores of ``examples/with-evals``: made up, with counts that a reader can check by hand.

Of 150 tickets that both candidates answered, 121 were right with both, 5 with the prompt alone, 14 with the tuned
model alone, 10 with neither: 84% against 90%. The prompt was run on four tickets more, and one answer of the tuned
model could not be scored. Run as ``python -m tools.make_example_evals``; ``--check`` only says what is out of date
(exit code 1).
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "examples/with-evals/evidence"
SEED: Final = 20261102
PAIRS: Final = {(1, 1): 121, (1, 0): 5, (0, 1): 14, (0, 0): 10}
"""(prompt, tuned) → cases."""
PROMPT_ALONE: Final = (1, 1, 0, 1)
"""Scores of the prompt on tickets that the tuned model was not run on."""


def wanted() -> Mapping[Path, str]:
    """Each file with the text that it should hold."""
    rng = np.random.default_rng(SEED)
    pairs = [pair for pair, n in PAIRS.items() for _ in range(n)]
    order = rng.permutation(len(pairs))
    ids = [
        f"t-{n:04d}" for n in sorted(rng.choice(9000, len(pairs) + len(PROMPT_ALONE) + 1, replace=False) + 1)
    ]
    shared, alone, unscored = ids[: len(pairs)], ids[len(pairs) : -1], ids[-1]
    scores = {case: pairs[k] for case, k in zip(shared, order, strict=True)}
    prompt = {case: pair[0] for case, pair in scores.items()} | dict(zip(alone, PROMPT_ALONE, strict=True))
    tuned = {case: str(pair[1]) for case, pair in scores.items()} | {unscored: "timeout"}
    return {FOLDER / "prompt-v9.json": _json(prompt), FOLDER / "tuned-pilot.csv": _csv(tuned)}


def _json(scores: Mapping[str, int]) -> str:
    head = {"candidate": "prompt", "date": "2026-11-02", "iterations": 9}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    cases = ",\n".join(f"    {json.dumps({'id': case, 'score': score})}" for case, score in scores.items())
    return "\n".join(["{", *lines, '  "cases": [', cases, "  ]", "}", ""])


def _csv(scores: Mapping[str, str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("id", "score"), *scores.items()])
    return text.getvalue()


def main() -> int:
    """Write, or check."""
    stale = {
        path: text for path, text in wanted().items() if not path.exists() or path.read_text("utf-8") != text
    }
    for path, text in stale.items():
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
