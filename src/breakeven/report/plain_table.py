"""A table as lines of text: columns as wide as they need to be, figures to the right."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len

__all__ = ["aligned", "wrapped"]


def aligned(
    rows: Sequence[Sequence[str]], *, right: Collection[int] = (), indent: str = "  ", gap: str = "  "
) -> list[str]:
    """Rows of the same number of cells as lines; a column that is empty throughout is left out."""
    kept = [k for k in range(len(rows[0]) if rows else 0) if any(row[k] for row in rows)]
    sizes = {k: max(cell_len(row[k]) for row in rows) for k in kept}
    return [
        (indent + gap.join(_padded(row[k], sizes[k], right=k in right) for k in kept)).rstrip()
        for row in rows
    ]


def _padded(text: str, size: int, *, right: bool) -> str:
    space = " " * (size - cell_len(text))
    return space + text if right else text + space


def wrapped(text: str, width: int, *, indent: str = "", hanging: str | None = None) -> list[str]:
    """A sentence in lines; long words are cut, so that no line is wider than ``width``."""
    import textwrap

    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent if hanging is None else hanging
    )
