"""A comparison for the terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from breakeven.evidence.evals.comparison import Comparison, Regression
from breakeven.report.comparison import (
    CANDIDATE_HEAD,
    PAIR_HEAD,
    answers,
    candidate_rows,
    method_notes,
    pair_rows,
    picked,
    segment_rows,
    unpaired_lines,
)
from breakeven.report.plain_table import aligned, wrapped
from breakeven.report.text import clean, shorten

__all__ = ["comparison_text", "fitted"]

_SEGMENTS_SHOWN: Final = 8
_REGRESSIONS_OF: Final = 3
"""Candidates whose regressions the page lists; JSON has all."""
_TEXT_LINES: Final = 3
_SIDE_BY_SIDE: Final = 96


def comparison_text(c: Comparison, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    lines = [line for answer in answers(c) for line in wrapped(answer, width, hanging="  ")]
    lines += ["", *_candidates(c, width), "", *_pairs(c, width)]
    if c.selection is not None:
        lines += ["", "PICKED", *wrapped(picked(c.selection), width, indent="  ")]
    if c.segments:
        lines += ["", *_segments(c, width)]
    if c.unpaired:
        lines += ["", "WITHOUT A PARTNER  left out of the differences, not counted as wrong"]
        lines += [
            line
            for text in unpaired_lines(c.unpaired)
            for line in wrapped(text, width, indent="  ", hanging="    ")
        ]
    if c.regressions:
        lines += ["", *_regressions(c, width)]
    for note in c.notes:
        lines += wrapped(f"! {clean(note)}", width, hanging="  ")
    lines += ["", "METHOD", *(line for note in method_notes(c) for line in wrapped(note, width, indent="  "))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def fitted(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    right: Collection[int],
    drop: Sequence[int],
) -> list[str]:
    """A table that fits: names are cut, then columns left out in the order of ``drop``, until it does."""
    gone: set[int] = set()
    for column in (None, *drop):
        if column is not None:
            gone.add(column)
        body = [tuple("" if k in gone else cell for k, cell in enumerate(row)) for row in rows]
        used = [k for k in range(len(head)) if k == 0 or any(row[k] for row in body)]
        sizes = {k: max(cell_len(t) for t in (head[k], *(row[k] for row in body))) for k in used}
        others = sum(sizes[k] + 2 for k in used if k)
        room = width - others - 2
        if room >= min(sizes[0], 24) or column == (drop[-1] if drop else None):
            names = max(8, room)
            table = [tuple(head[k] if k in used else "" for k in range(len(head)))]
            table += [(shorten(row[0], names), *row[1:]) for row in body]
            return aligned(table, right=right)
    return []


def _candidates(c: Comparison, width: int) -> list[str]:
    head = list(CANDIDATE_HEAD)
    head[3] = f"{c.level:.0%}"
    return [
        "CANDIDATES",
        *fitted(head, candidate_rows(c), width, right=(1, 2, 4, 5, 6, 7, 8, 9), drop=(6, 5, 7, 9)),
    ]


def _pairs(c: Comparison, width: int) -> list[str]:
    head = list(PAIR_HEAD)
    head[3] = f"{c.level:.0%}"
    return [
        *wrapped(f"AGAINST {clean(c.reference)}: points, on the same cases", width, hanging="  "),
        *fitted(head, pair_rows(c), width, right=(1, 2, 6, 7, 8, 9), drop=(7, 8, 9, 3)),
    ]


def _segments(c: Comparison, width: int) -> Iterator[str]:
    by = clean(c.segment_field or "segment")
    yield from wrapped(f"SEGMENTS by {by}, drawn towards the whole; the worst first", width, hanging="  ")
    for name, found in c.segments.items():
        means = name == c.reference
        rows = segment_rows(found, means=means)
        shown = rows if len(rows) <= _SEGMENTS_SHOWN else [*rows[:5], *rows[-3:]]
        what = "score" if means else f"against {clean(c.reference)}"
        table = [(row.name, f"{row.n:,}", row.raw, row.shrunk, row.interval) for row in shown]
        head = ("", "cases", "raw", "drawn", f"{c.level:.0%}")
        yield from wrapped(f"{clean(name)}, {what}", width, indent="  ", hanging="    ")
        yield from fitted(head, table, width, right=(1, 2, 3), drop=(2,))
        if len(rows) > len(shown):
            yield f"    … {len(rows) - len(shown)} segments between these; --json has all"


# ---------------------------------------------------------------------------------------- worst regressions


def _regressions(c: Comparison, width: int) -> Iterator[str]:
    pair = None
    shown = [p.b for p in c.against_reference()[:_REGRESSIONS_OF]]
    for found in c.regressions:
        if found.b not in shown:
            continue
        if (found.a, found.b) != pair:
            pair = (found.a, found.b)
            heading = f"WORST for {clean(found.b)}: cases on which {clean(found.a)} scored higher"
            yield from wrapped(heading, width, hanging="  ")
        segment = f"  ({clean(found.segment)})" if found.segment else ""
        said = f"{shorten(clean(found.id), 40)}  {found.score_a:g} → {found.score_b:g}{segment}"
        yield from wrapped(said, width, indent="  ", hanging="    ")
        if found.input:
            yield from _cut(found.input, width - 4, "    ")
        yield from _outputs(found, width)


def _outputs(found: Regression, width: int) -> Iterator[str]:
    if found.output_a is None and found.output_b is None:
        return
    if width < _SIDE_BY_SIDE:
        yield from _cut(f"{found.a}: {found.output_a or '–'}", width - 4, "    ")
        yield from _cut(f"{found.b}: {found.output_b or '–'}", width - 4, "    ")
        return
    half = (width - 4 - 3) // 2
    left = list(_cut(f"{found.a}: {found.output_a or '–'}", half, ""))
    right = list(_cut(f"{found.b}: {found.output_b or '–'}", half, ""))
    for k in range(max(len(left), len(right))):
        one, other = (side[k] if k < len(side) else "" for side in (left, right))
        yield f"    {one}{' ' * (half - cell_len(one))} │ {other}"


def _cut(text: str, width: int, indent: str) -> list[str]:
    """The first lines of a text, with an ellipsis where there is more."""
    lines = wrapped(clean(text[: width * (_TEXT_LINES + 2)]), width)
    more = len(lines) > _TEXT_LINES or len(text) > width * (_TEXT_LINES + 2)
    kept = lines[:_TEXT_LINES]
    if more and kept:
        kept[-1] = kept[-1][: width - 1].rstrip() + "…"
    return [indent + line for line in kept]
