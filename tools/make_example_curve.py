"""Writes the learning curve of ``examples/small-classifier``: what ``breakeven eval curve --json`` prints of it.

Ten small classifiers are trained, which takes seconds. Run it from the root of the checkout:
``python -m tools.make_example_curve``; ``--check`` only looks at the runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from breakeven.evidence.profile.writing import replaced

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "examples" / "small-classifier"
FILE: Final = FOLDER / "evidence" / "curve.json"
COMMAND: Final = ("breakeven", "eval", "curve", str(FOLDER), "--sizes", "25,50,100,200,400", "--json")


def printed() -> str:
    """What the command prints."""
    return subprocess.run(
        [sys.executable, "-m", *COMMAND], check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout


def main() -> int:
    """Write, or check."""
    text = printed()
    if "--check" in sys.argv:
        kept: Any = json.loads(FILE.read_text("utf-8"))
        stale = kept["runs"] != json.loads(text)["runs"]
        print("out of date: examples/small-classifier/evidence/curve.json" if stale else "up to date")
        return int(stale)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with replaced(FILE) as file:
        file.write(text)
    print(f"wrote {FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
