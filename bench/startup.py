"""What a user waits for: each command from cold, a process of its own.

::

    python -m bench.startup                  # about half a minute
    python -m bench.startup --write          # and record it in docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.record import machine, table, write_section
from bench.timing import medians

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROGRAM = str(Path(sys.executable).with_name("breakeven"))


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=9, help="runs of each, of which the median counts")
    parser.add_argument("--study", default="loan-documents", help="a folder of examples/")
    parser.add_argument("--write", action="store_true", help="record the result in docs/benchmarks.md")
    options = parser.parse_args()
    text = f"{machine()}. Medians of {options.repeat}.\n\n{_times(options.study, options.repeat)}"
    print(text)
    if options.write:
        write_section("bench.startup", text)


def _times(study: str, repeat: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        here = shutil.copytree(EXAMPLES / study, Path(folder) / study)
        commands = {
            "An empty Python program": [sys.executable, "-c", "pass"],
            "`breakeven --help`": [PROGRAM, "--help"],
            "`import numpy`": [sys.executable, "-c", "import numpy"],
            "`from breakeven.advice.decide import decide`": [
                sys.executable, "-c", "from breakeven.advice.decide import decide"
            ],
            f"`breakeven decide {study}`, report and all": [PROGRAM, "decide", str(here)],
            f"`breakeven decide {study} --json`": [PROGRAM, "decide", str(here), "--json"],
        }  # fmt: skip
        found = medians({name: partial(_run, command) for name, command in commands.items()}, repeat)
    return table(["From cold", "Time"], [[name, f"{s:.3f} s"] for name, s in found.items()])


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
