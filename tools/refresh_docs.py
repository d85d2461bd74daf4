"""Runs the examples of the README and docs/ and rewrites the outputs that have changed: ``make docs``.

Names each page that it rewrote; read the difference before you commit it. An output keeps its wildcards where
only numbers have changed. Run it from the root of the checkout: ``python -m tools.refresh_docs``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests import docs_runner

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Rewrite the pages, and say which."""
    for page in docs_runner.pages(ROOT):
        text = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as folder:
            fresh = docs_runner.refresh(text, docs_runner.playground(ROOT, Path(folder)))
        if fresh != text:
            page.write_text(fresh, "utf-8")
            print(f"rewrote {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
