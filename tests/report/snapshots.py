"""Rendered pages kept as plain text files; ``BREAKEVEN_UPDATE_SNAPSHOTS=1`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def check(name: str, text: str) -> None:
    """The text equals the file of this name."""
    path = FOLDER / name
    if os.environ.get("BREAKEVEN_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8"), f"{name}: set BREAKEVEN_UPDATE_SNAPSHOTS=1 to accept"
