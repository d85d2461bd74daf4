"""The columns that were taken for the fields of a call, where they were guessed or mapped rather than known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from breakeven.report.text import clean

if TYPE_CHECKING:
    from breakeven.evidence.calls.read import CallLog

__all__ = ["columns_of", "columns_section", "with_columns"]

_UNITS: Final = {1e-3: "ms", 1e-6: "µs"}


def columns_of(log: CallLog) -> list[dict[str, Any]]:
    """For each file: field, column, unit and ground of what was guessed or mapped, and the columns left unused."""
    return [
        {
            "columns": [
                {"field": name, "column": at.path, "unit": _UNITS.get(at.scale), "ground": ground}
                for name, ground in file.format.grounds.items()
                for at in file.format.places(name)
            ],
            "unused": list(file.unused) if file.format.name == "map" else [],
        }
        for file in log.files
    ]  # fmt: skip


def with_columns(files: Sequence[Mapping[str, Any]], log: CallLog) -> list[dict[str, Any]]:
    """The files of a profile, each with its columns; files of a known format, read as it says, have none."""
    pairs = zip(files, columns_of(log), strict=True)
    return [{**file, **(columns if columns["columns"] else {})} for file, columns in pairs]


def columns_section(files: Sequence[Mapping[str, Any]], *, width: int = 100) -> str:
    """The same as lines of text, files that were read alike together; empty where all was known."""
    groups: dict[str, list[str]] = {}
    for file in files:
        if file.get("columns"):
            groups.setdefault("\n".join(_lines(file, width)), []).append(file["file"])
    return "\n".join(line for table, names in groups.items() for line in (*_head(names, width), table, ""))


def _head(names: Sequence[str], width: int) -> list[str]:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"COLUMNS    of {clean(names[0])}{more}"[:width]]


def _lines(file: Mapping[str, Any], width: int) -> Iterator[str]:
    for row in file["columns"]:
        column = row["column"] + (f" ({row['unit']})" if row["unit"] else "")
        yield f"  {row['field']:<18}{clean(column)[: width - 41]:<{max(20, width - 60)}} {row['ground']}".rstrip()
    if file["unused"]:
        yield from textwrap.wrap(
            f"not used: {clean(', '.join(file['unused'][:20]))}" + (" …" if len(file["unused"]) > 20 else ""),
            width, initial_indent="  ", subsequent_indent="    ",
        )  # fmt: skip
    yield from textwrap.wrap(
        "another column: --map FIELD=COLUMN, with :ms where seconds stand in milliseconds", width,
        initial_indent="  ", subsequent_indent="    ",
    )  # fmt: skip
