"""Writes the table of cost lines into the page on the money model.

Run as ``python -m tools.write_reference``; ``--check`` only says what is out of date (exit code 1).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from breakeven.economics import COST_LINES

ROOT = Path(__file__).parents[1]
MODEL_PAGE = ROOT / "docs/explanation/money-model.md"
BEGIN, END = "<!-- cost-lines: written by tools/write_reference.py -->", "<!-- end -->"


def cost_line_table() -> str:
    """The cost lines as a Markdown table."""
    rows = ["| # | line | key | formula | named by |", "|---|---|---|---|---|"]
    rows += [
        f"| {line.number} | {line.title} | `{line.key}` | {line.formula} | {line.source} |"
        for line in COST_LINES
    ]
    return "\n".join(rows)


def wanted() -> Mapping[Path, str]:
    """Each generated file with the text that it should hold."""
    page = MODEL_PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {MODEL_PAGE: f"{before}{BEGIN}\n\n{cost_line_table()}\n\n{END}{after}"}


def main() -> int:
    """Write, or check."""
    stale = {
        path: text for path, text in wanted().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }  # fmt: skip
    for path, text in stale.items():
        print(("out of date: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
