"""The page of results, ``docs/benchmarks.md``: each benchmark writes its own section and leaves the others."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["PAGE", "ROOT", "machine", "table", "write_section"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first column is text, the others are figures."""
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def machine() -> str:
    """What it ran on: cores, load and versions."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), load average {load:.1f} at the start; "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def write_section(name: str, text: str, *, page: Path = PAGE) -> None:
    """Put the text between this section's marks on the page."""
    old = page.read_text("utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(old):
        raise SystemExit(f"{page} has no section {begin} … {end}")
    page.write_text(marked.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", old), "utf-8")
