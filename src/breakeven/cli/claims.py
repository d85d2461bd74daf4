"""``breakeven claims``: printed claims worked out again from their own inputs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from breakeven.cli.common import print_json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from breakeven.claims import AuditedClaim

__all__ = ["claims"]

_VERDICTS: Final = ("holds", "fails", "underdetermined")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--only", type=click.Choice(_VERDICTS), help="Only claims with this verdict.")
@click.option(
    "--id", "ids", multiple=True, metavar="ID", help="Only this claim, or all whose id starts so; repeatable."
)
@click.option(
    "--show", metavar="ID", help="Unfold one claim: its inputs, its arithmetic, the slips that give it."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def claims(
    file: Path | None, only: str | None, ids: tuple[str, ...], show: str | None, as_json: bool
) -> None:
    """Recompute printed claims from their own inputs: holds, fails, or underdetermined.

    FILE is a claims file (YAML), - for standard input; left out, the printed figures of five published documents are
    audited. A figure that fails is shown with the right one and the likeliest slip that gives the printed one.

    \b
    Examples:
      breakeven claims
      breakeven claims --only fails
      breakeven claims --id 001-e --id 004
      breakeven claims --show 001-e.1
      breakeven claims vendor-proposal.yaml --json | jq '.[] | select(.verdict != "holds")'
    """
    from breakeven.claims import audit, audit_claims, read_claims

    if file == Path("-"):
        audited = audit_claims(read_claims(sys.stdin.buffer.read(1_000_000), file="standard input"))
    else:
        audited = audit(file)
    chosen = _chosen(audited, (show,) if show else ids, only)
    if as_json:
        print_json([claim.as_json() for claim in chosen])
        return
    page = _Page()
    if show:
        for claim in chosen:
            page.unfolded(claim)
    else:
        page.table(chosen)


def _chosen(audited: Sequence[AuditedClaim], ids: Sequence[str], only: str | None) -> list[AuditedClaim]:
    """The claims asked for; ClaimsError for an id that none has."""
    from breakeven.errors import ClaimsError, Problem, nearest

    known = [claim.id for claim in audited]
    for wanted in ids:
        if not any(_is_named(name, wanted) for name in known):
            near = ", ".join(nearest(wanted, known))
            hint = f"nearest: {near}" if near else "`breakeven claims` without --id lists all"
            raise ClaimsError(Problem(message=f"no claim is called {wanted!r}", hint=hint))
    by_id = [claim for claim in audited if not ids or any(_is_named(claim.id, wanted) for wanted in ids)]
    return [claim for claim in by_id if only in (None, claim.verdict)]


def _is_named(name: str, wanted: str) -> bool:
    """``001-e`` names ``001-e.1`` and ``001-e.2``, not ``001-ex``."""
    return name == wanted or (name.startswith(wanted) and name[len(wanted)] in ".-")


# ------------------------------------------------------------------------------------------ what is shown

_MARKS: Final = {"holds": "✓", "fails": "✗", "underdetermined": "?"}
_STYLES: Final = {"holds": "green", "fails": "red", "underdetermined": "yellow"}
_WIDEST: Final = 120
_SIDE_BY_SIDE: Final = 108
"""From this width on the slip stands in a column of its own; under it, on a line of its own."""
_NONE_FOUND: Final = "none found"


class _Page:
    """Prints to standard output; colours only repeat what the words say. File text is never read as markup."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console: Console = Console(highlight=False, markup=False, emoji=False)
        self.width = min(self.console.width, _WIDEST)
        self.ascii_only = not self.console.encoding.lower().startswith("utf")

    def _text(self, words: str, style: str = "") -> Text:
        from rich.text import Text

        from breakeven.report.text import as_ascii, clean

        words = clean(words)
        return Text(as_ascii(words) if self.ascii_only else words, style=style, overflow="fold")

    def _print(self, what: RenderableType) -> None:
        self.console.print(what, width=self.width)

    def table(self, chosen: Sequence[AuditedClaim]) -> None:
        """One row for each claim under its document, and the count of verdicts."""
        for (document, title), group in groupby(chosen, key=lambda c: (c.claim.document, c.claim.title)):
            heading = self._text(document, "bold")
            if title:
                heading.append("  ").append_text(self._text(title, "dim"))
            self._print(heading)
            self._rows(list(group), chosen)
            self.console.print()
        self._print(self._text(_summary(chosen), "bold"))

    def _rows(self, group: Sequence[AuditedClaim], everything: Sequence[AuditedClaim]) -> None:
        from rich.padding import Padding

        wide = self.width >= _SIDE_BY_SIDE
        widths = self._widths(everything, reserve=34 if wide else 0)
        indent = widths[0] + 2
        grid = self._grid(widths, wide=wide)
        for claim in group:
            aside = _aside(claim)
            cells = [self._text(claim.id, "bold"), self._verdict(claim), self._text(claim.claim.printed.text),
                     self._text(claim.right_figure, _STYLES[claim.verdict])]  # fmt: skip
            if wide:
                grid.add_row(*cells, self._text(aside, "dim" if aside == _NONE_FOUND else ""))
            else:
                grid.add_row(*cells)
                if aside:
                    self._print(grid)
                    label = "slip: " if claim.verdict == "fails" else ""
                    self._print(Padding(self._text(label + aside, "dim"), (0, 0, 0, indent)))
                    grid = self._grid(widths, wide=wide)
        if grid.row_count:
            self._print(grid)

    def _verdict(self, claim: AuditedClaim) -> Text:
        return self._text(f"{_MARKS[claim.verdict]} {claim.verdict}", _STYLES[claim.verdict])

    def _widths(self, everything: Iterable[AuditedClaim], *, reserve: int) -> list[int]:
        """Widths of id, verdict, printed and right figure, alike for every document."""
        rows = [(c.id, f"x {c.verdict}", c.claim.printed.text, c.right_figure) for c in everything]
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        room = self.width - reserve - widths[0] - widths[1] - 8
        each = max(room // 2, 12)
        return [widths[0], widths[1], min(widths[2], each), min(widths[3], each)]

    def _grid(self, widths: Sequence[int], *, wide: bool) -> Table:
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        for width in widths:
            grid.add_column(width=width)
        if wide:
            grid.add_column(ratio=1)
            grid.expand = True
        return grid

    def unfolded(self, claim: AuditedClaim) -> None:
        """One claim step by step."""
        from breakeven.claims.unfolding import unfold

        heading = self._text(claim.id, "bold")
        heading.append("  ")
        heading.append_text(self._verdict(claim))
        self._print(heading)
        self._print(self._text(f"{claim.claim.source} ({claim.claim.place})", "dim"))
        self._print(self._text(claim.claim.statement))
        self.console.print()
        self._pairs(_facts(claim))
        self._section("Inputs", [(name, text) for name, text in claim.claim.texts.items()])
        self._section("Arithmetic", [("", line) for line in unfold(claim)])
        self._section("Slips", [("", line) for line in _slip_lines(claim)])
        self.console.print()

    def _section(self, name: str, rows: Sequence[tuple[str, str]]) -> None:
        if rows:
            self.console.print()
            self._print(self._text(name, "bold"))
            self._pairs(rows)

    def _pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        from rich.padding import Padding
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        listed = list(rows)
        named = any(name for name, _ in listed)
        for name, text in listed:
            cells = [self._text(name, "dim"), self._text(text)] if named else [self._text(text)]
            grid.add_row(*cells)
        self._print(Padding(grid, (0, 0, 0, 2)))


def _aside(claim: AuditedClaim) -> str:
    """What stands beside the figures: the slip of one that fails, what is missing of one that can not be decided."""
    if claim.verdict == "fails":
        return claim.slip or _NONE_FOUND
    if claim.verdict == "underdetermined":
        missing = ", ".join(missing.name for missing in claim.claim.missing)
        return f"not given: {missing}" if missing else "; ".join(claim.notes)
    return ""


def _facts(claim: AuditedClaim) -> Iterator[tuple[str, str]]:
    yield "printed", claim.claim.printed.text
    if claim.right_figure:
        yield "right figure", claim.right_figure
    if claim.verdict == "fails":
        yield "likeliest slip", claim.slip or _NONE_FOUND
    if claim.claim.missing:
        yield "not given", ", ".join(f"{m.name} ({m.measure.text})" for m in claim.claim.missing)
    if claim.needed:
        yield "it needs", str(claim.needed)
    for note in claim.notes:
        yield "note", note


def _slip_lines(claim: AuditedClaim) -> Iterator[str]:
    """The search for slips: how many were tried, which give what is printed, which come near."""
    if not claim.slips_tried:
        return
    show = claim.claim.printed.measure.show_span
    yield (
        f"Slips with {claim.slips_tried} different results were tried; "
        f"{claim.by_chance:.2g} would be expected to give the printed figure by chance."
    )
    for hit in claim.slips:
        yield f"{hit}: gives {show(hit.gives)}" if hit.kind != "stale" else str(hit)
    for hit in claim.near_misses:
        yield f"near, but not it: {hit} gives {show(hit.gives)}"


def _summary(chosen: Sequence[AuditedClaim]) -> str:
    counts = Counter(claim.verdict for claim in chosen)
    found = sum(1 for claim in chosen if claim.verdict == "fails" and claim.slip)
    figures = "figure" if len(chosen) == 1 else "figures"
    text = (
        f"{len(chosen)} {figures}: {counts['holds']} hold, {counts['fails']} fail, "
        f"{counts['underdetermined']} underdetermined."
    )
    return (
        f"{text} A likely slip was found for {found} of the {counts['fails']}." if counts["fails"] else text
    )
