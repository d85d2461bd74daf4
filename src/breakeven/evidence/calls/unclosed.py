"""A quote that is not closed takes the rows after it into one cell: told by the rows that the cell then holds.

Cells may hold several lines, as prompts do. So a line within a cell counts as a row of the table only where it has as
many columns as the others, and numbers or times wherever they have some: in two columns at least.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

__all__ = ["UNCLOSED", "row_within"]

UNCLOSED: Final = "a quote that is not closed"
"""The reason for which the row where it stands is refused; the rows after it are read."""
_LOOKED_AT: Final = 200
_DIGITS: Final = r'"?[ ]*[-+]?[0-9][0-9TZeE.:+/ -]*"?'


def row_within(lines: Iterable[str], columns: int, separator: str) -> str | None:
    """A pattern of a line that looks like the table's rows, after a line's end; None: too few numbers to tell by.

    lines: the first ones of the file, without its header. RE2 and Python read the pattern alike.
    """
    found: Counter[tuple[int, ...]] = Counter()
    for cells in _each_alone(islice(lines, _LOOKED_AT), separator):
        if len(cells) == columns:
            found[tuple(k for k, cell in enumerate(cells) if re.fullmatch(_DIGITS, cell))] += 1
    numbers = found.most_common(1)[0][0] if found else ()
    if len(numbers) < 2:
        return None
    other = rf'("[^"\n]*"|[^{re.escape(separator)}\n]*)'
    return (
        r"\n"
        + re.escape(separator).join(_DIGITS if k in numbers else other for k in range(columns))
        + r"\r?(\n|$)"
    )


def _each_alone(lines: Iterable[str], separator: str) -> Iterable[Sequence[str]]:
    for line in lines:
        try:
            yield from csv.reader([line], delimiter=separator, strict=True)
        except csv.Error:
            continue
