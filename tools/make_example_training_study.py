"""Writes what ``examples/with-training-data`` decides on: training rows with planted defects, scores, and their audit.

432 rows: 400 tickets of which 28 have a wrong queue, 24 of them a second time (one word more), and 8 eval cases. Of 120
eval cases the prompt has 102 right; the pilot has all 8 right that it was trained on, and 97 of the other 112. People
judged 120 rows at random. ``evidence/data.json`` is what ``breakeven data check`` makes of it. Run it from the root of
the checkout: ``python -m tools.make_example_training_study``; ``--check`` only looks at what does not hang on prices.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from breakeven.evidence.training.auditing.drawing import draw_random
from breakeven.evidence.training.auditing.verdicts import Verdict
from breakeven.evidence.training.reading import read_training
from tools.make_example_tickets import tickets
from tools.make_example_training import _detailed, _other, _row

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "examples" / "with-training-data"
SEED: Final = 20261116
ROWS, REPEATS, LEAKED, CASES, WRONG, AUDITED = 400, 24, 8, 120, 28, 120
RIGHT: Final[Mapping[str, tuple[int, int]]] = {"prompt": (7, 95), "pilot": (8, 97)}
"""Candidate → right answers on leaked and on clean cases."""


def wanted() -> dict[Path, str]:
    """Each file that was made up, and its text."""
    rng = np.random.default_rng(SEED)
    made = [(_detailed(text, rng), queue) for text, queue in tickets(ROWS + CASES, rng)]
    train, cases = made[:ROWS], made[ROWS:]
    wrong = set(rng.choice(ROWS, WRONG, replace=False).tolist())
    rows = [(text, _other(queue) if k in wrong else queue) for k, (text, queue) in enumerate(train)]
    rows += [(f"{text} Thanks", queue) for text, queue in rows[:REPEATS]]
    rows += cases[:LEAKED]
    bad = wrong | {ROWS + k for k in wrong if k < REPEATS}
    order = rng.permutation(len(rows)).tolist()
    lines = "".join(json.dumps(_row(*rows[k])) + "\n" for k in order)
    ids = [f"c-{k + 1:03}" for k in range(CASES)]
    asked = zip(ids, cases, strict=True)
    return {
        FOLDER / "train.jsonl": lines,
        FOLDER / "train.audit": _verdicts(lines, {at for at, k in enumerate(order) if k in bad}),
        FOLDER / "cases.jsonl": "".join(
            json.dumps({"id": case, "input": text, "expected": queue}) + "\n" for case, (text, queue) in asked
        ),
        **{FOLDER / f"evidence/{name}.csv": _scores(name, ids, rng) for name in RIGHT},
    }


def _scores(name: str, ids: Sequence[str], rng: np.random.Generator) -> str:
    leaked, clean = RIGHT[name]
    scores = [np.arange(LEAKED) < leaked, np.arange(CASES - LEAKED) < clean]
    text = io.StringIO()
    found = np.concatenate([rng.permutation(part) for part in scores]).astype(int)
    csv.writer(text, lineterminator="\n").writerows([("id", "score"), *zip(ids, found.tolist(), strict=True)])
    return text.getvalue()


def _verdicts(lines: str, bad: set[int]) -> str:
    """What people said of rows that were drawn at random."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        path.write_text(lines, "utf-8")
        rows = read_training([str(path)]).rows
    drawn = draw_random(rows, [], AUDITED, seed=0)
    said = [
        Verdict(
            row=one.key, sample="random", verdict="wrong" if one.row in bad else "right", plan=one.plan,
            place=f"train.jsonl:{one.row + 1}", date="2026-11-16",
        )
        for one in drawn
    ]  # fmt: skip
    known = [{name: value for name, value in asdict(one).items() if value not in (None, "")} for one in said]
    return "".join(json.dumps(one) + "\n" for one in known)


def main() -> int:
    """Write, or check."""
    files = wanted()
    stale = [p for p, made in files.items() if not p.exists() or p.read_text(encoding="utf-8") != made]
    for path in stale:
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
    if "--check" in sys.argv:
        return int(bool(stale))
    command = ["breakeven", "data", "check", "train.jsonl", "--eval", "cases.jsonl", "-o", "evidence"]
    subprocess.run([sys.executable, "-m", *command], cwd=FOLDER, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
