"""The decision page in a terminal: no boxes, so that it reads the same on a screen, in a pipe and in a mail.

Colour only repeats what the words say. Where the encoding is not UTF-8, every sign has its ASCII likeness.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from breakeven.report.buying_text import purchases_table
from breakeven.report.page import to_page
from breakeven.report.page_types import CandidateRow, Cell, Page, RuleLine, RuleRow
from breakeven.report.text import as_ascii

if TYPE_CHECKING:
    from breakeven.advice.decision import Assumption, Decision

__all__ = ["MAX_WIDTH", "printed", "show", "to_text"]

MAX_WIDTH = 120
"""Longer lines are hard to read, however wide the screen."""
STACK_BELOW = 96
"""Under this width reasons and sources stand beneath what they belong to."""
ASSUMPTIONS_SHOWN = 8
FLIPS_SHOWN = 8
GUTTER = 12

_STANDING_STYLES = {
    "agrees": "green",
    "contradicts": "magenta",
    "cannot tell": "dim",
    "met": "green",
    "not met": "magenta",
    "not stated": "dim",
}
_STANDING_MARKS = {
    "agrees": "✓",
    "contradicts": "✗",
    "cannot tell": "?",
    "met": "✓",
    "not met": "✗",
    "not stated": "?",
}


def show(decision: Decision, console: Console | None = None) -> None:
    """Print the page; without a console, to standard output as wide as it is (80 columns in a pipe)."""
    console = console or Console(highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        width = min(console.width, MAX_WIDTH)
        console.print(
            _Sheet(width=width, ascii_only=not _knows_unicode(console)).page(to_page(decision)), width=width
        )
    else:
        text = to_text(decision, width=console.width, ascii_only=not _knows_unicode(console))
        console.file.write(text)


def to_text(decision: Decision, *, width: int = 100, colour: bool = False, ascii_only: bool = False) -> str:
    """The page as text, no line wider than ``width``; with ANSI colours where asked."""
    width = min(width, MAX_WIDTH)
    page = _Sheet(width=width, ascii_only=ascii_only).page(to_page(decision))
    return printed(page, width=width, colour=colour, ascii_only=ascii_only)


def printed(thing: RenderableType, *, width: int, colour: bool = False, ascii_only: bool = False) -> str:
    """What a console of this width would print, without spaces at the ends of lines."""
    memory = _AsciiMemory() if ascii_only else io.StringIO()
    _console(memory, width, colour=colour).print(thing)
    return "".join(f"{line.rstrip()}\n" for line in memory.getvalue().splitlines())


class _AsciiMemory(io.StringIO):
    """Makes rich draw its branches in ASCII."""

    encoding = "ascii"


def _console(file: io.StringIO, width: int, *, colour: bool) -> Console:
    """A console that looks at nothing in its environment."""
    return Console(
        file=file, width=width, force_terminal=colour, color_system="standard" if colour else None,
        highlight=False, markup=False, emoji=False, legacy_windows=False, force_jupyter=False, _environ={},
    )  # fmt: skip


def _knows_unicode(console: Console) -> bool:
    return console.encoding.lower().replace("-", "").startswith("utf")


@dataclass(frozen=True)
class _Column:
    """A column of the candidates table."""

    heading: str
    cells: Sequence[Text]
    single: bool = False
    """Whether its figures have no interval."""


_TARGET, _REGRET = 1, 5
_NARROWER = ((2, ()), (1, ()), (1, (_REGRET,)), (1, (_REGRET, _TARGET)))
"""For narrow pages: the gap between columns, and the columns left out (a sentence above names the answer's regret)."""


@dataclass(frozen=True, kw_only=True)
class _Sheet:
    """Lays the page out for one width and one set of characters."""

    width: int
    ascii_only: bool

    @property
    def stacked(self) -> bool:
        return self.width < STACK_BELOW

    # Pieces.

    def text(self, text: str, style: str = "") -> Text:
        """Text that is never read as markup."""
        return Text(as_ascii(text) if self.ascii_only else text, style=style, overflow="fold")

    def heading(self, title: str, aside: str = "") -> Text:
        label = self.text(title, "bold")
        return Text.assemble(label, "  ", self.text(aside, "dim")) if aside else label

    def indented(self, *things: RenderableType) -> RenderableType:
        return Padding(Group(*things), (0, 0, 0, 2))

    def grid(self, rows: Iterable[Sequence[Text]], *, right: Sequence[int] = ()) -> Table:
        """Rows in columns; the last column takes what is left and wraps."""
        table = Table.grid(padding=(0, 2, 0, 0))
        rows = list(rows)
        for k in range(len(rows[0]) if rows else 0):
            last = k == len(rows[0]) - 1
            table.add_column(
                justify="right" if k in right else "left", overflow="fold", no_wrap=False, ratio=1 if last else None,
                max_width=None if last else self.width * 2 // 5,
            )  # fmt: skip
        for row in rows:
            table.add_row(*row)
        return table

    def gutter(self, label: str, *things: RenderableType) -> Table:
        """A label at the left with text beside it."""
        table = Table.grid(padding=0)
        table.add_column(width=GUTTER)
        table.add_column(ratio=1, overflow="fold")
        table.add_row(self.text(label, "bold"), Group(*things))
        return table

    def bullets(self, lines: Iterable[str], style: str = "") -> Table:
        return self.grid((self.text("–"), self.text(line, style or _shout(line))) for line in lines)

    # The page.

    def page(self, page: Page) -> RenderableType:
        """All sections that have something to say, a blank line between them."""
        sections = [
            self.title(page),
            self.answer(page),
            self.candidates(page),
            self.break_even(page),
            self.why(page),
            self.buy(page),
            self.flips(page),
            self.rules(page),
            self.gates(page),
            self.evidence(page),
            self.not_counted(page),
            self.assumptions(page),
            self.footer(page),
        ]
        shown = [section for section in sections if section is not None]
        spaced = [part for section in shown for part in (section, Text(""))]
        return Group(*spaced[:-1])

    def title(self, page: Page) -> RenderableType:
        name, terms = self.text(page.study, "bold"), self.text(page.terms, "dim")
        if name.cell_len + terms.cell_len + 2 > self.width:
            return Group(name, terms)
        return Text.assemble(name, " " * (self.width - name.cell_len - terms.cell_len), terms)

    def answer(self, page: Page) -> RenderableType:
        headline = self.text(page.answer, "bold green" if page.action != "measure first" else "bold yellow")
        says = f"{page.confidence} {page.stake}".strip()
        confidence = Text.assemble(self.text(f"{page.level}. ", "bold"), self.text(says))
        answer = self.gutter("ANSWER", headline, *(self.rule_line(line) for line in page.rule))
        return Group(answer, self.gutter("CONFIDENCE", confidence))

    def rule_line(self, line: RuleLine) -> Text:
        """``pilot gains ≥ +0.8 points … → tuned [64% likely]``."""
        chance = self.text(f"[{line.p} likely]", "dim")
        return Text.assemble(
            self.text(f"{line.condition} → "), self.text(line.candidate, "bold"), " ", chance
        )

    def candidates(self, page: Page) -> RenderableType:
        tables = [self._table(page, stacked=False)]
        tables += [self._table(page, stacked=True, gap=gap, without=left_out) for gap, left_out in _NARROWER]
        measured = _console(io.StringIO(), 1000, colour=False).measure
        table = next((t for t in tables if measured(t).maximum <= self.width), tables[-1])
        keys = [f"> the answer; today is {page.today}"]
        keys += ["[..] 90% interval"] if not page.one_world else []
        keys += (
            ["* EXTRAPOLATED: nobody has measured it"] if any(c.extrapolated for c in page.candidates) else []
        )
        lines = [self.text(line) for line in page.cheaper]
        return Group(table, self.text("; ".join(keys), "dim"), Text(""), *lines)

    def _table(self, page: Page, *, stacked: bool, gap: int = 2, without: Sequence[int] = ()) -> Table:
        """One line a candidate, or its intervals under its figures; ``without`` some columns where it is narrow."""
        table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim")
        table.add_column("", overflow="fold", max_width=24 if stacked else 32)
        kept = [c for n, c in enumerate(self._columns(page, stacked=stacked)) if n not in without]
        columns = [c for c in kept if any(str(cell) for cell in c.cells)]
        for column in columns:
            right = stacked or column.single
            table.add_column(self.text(column.heading), justify="right" if right else "left", no_wrap=True)
        for k, row in enumerate(page.candidates):
            cells = [column.cells[k] for column in columns]
            table.add_row(
                self._name(row, stacked=stacked), *cells, style="bold" if row.is_recommended else ""
            )
        return table

    def _name(self, row: CandidateRow, *, stacked: bool) -> Text:
        mark = "> " if row.is_recommended else "  "
        today = "" if not row.is_today else ("\n  (today)" if stacked else " (today)")
        return self.text(mark + row.name + today)

    def _columns(self, page: Page, *, stacked: bool) -> list[_Column]:
        unit = page.money.symbol
        rows = page.candidates
        level = "" if page.one_world or stacked else " [90%]"
        return [
            _Column(f"quality\n%{level}", self._cells([self._marked(r) for r in rows], stacked=stacked)),
            _Column(f"\n{page.target}", self._single(r.p_target for r in rows), single=True),
            _Column(f"cost\n{unit}{level}", self._cells([r.cost for r in rows], stacked=stacked)),
            _Column(f"NB vs today\n{unit}{level}", self._cells([r.benefit for r in rows], stacked=stacked)),
            _Column("\nP(best)", self._single(r.p_best for r in rows), single=True),
            _Column(f"regret\n{unit}", self._single(r.regret for r in rows), single=True),
        ]

    def _marked(self, row: CandidateRow) -> Cell:
        star = "*" if row.extrapolated else " "
        return Cell(value=row.quality.value + star, interval=row.quality.interval)

    def _cells(self, cells: Sequence[Cell], *, stacked: bool) -> list[Text]:
        width = max(len(cell.value) for cell in cells)
        between = "\n" if stacked else " "
        return [
            Text.assemble(
                self.text(cell.value if stacked else cell.value.rjust(width)),
                self.text(between + cell.interval if cell.interval else "", "dim not bold"),
            )
            for cell in cells
        ]

    def _single(self, texts: Iterable[str]) -> list[Text]:
        return [self.text(text) for text in texts]

    def break_even(self, page: Page) -> RenderableType | None:
        if not page.break_even:
            return None
        rows = [(self.text(row.name), self.text(str(row))) for row in page.break_even]
        title = self.heading("BREAK-EVEN", f"on cost alone, against {page.today}")
        return Group(title, self.indented(self.grid(rows)))

    def why(self, page: Page) -> RenderableType | None:
        return Group(self.heading("WHY"), self.indented(self.bullets(page.reasons))) if page.reasons else None

    def buy(self, page: Page) -> RenderableType | None:
        if not page.buy and not page.buy_says:
            return None
        title = self.heading("WHAT TO BUY", "before you commit; ± is the draws' own error")
        parts: list[RenderableType] = []
        if page.buy:
            parts.append(purchases_table(page.buy, self.text, stacked=self.stacked))
        parts += [self.text(page.buy_says)] if page.buy_says else []
        return Group(title, self.indented(*parts))

    def flips(self, page: Page) -> RenderableType | None:
        if page.one_world:
            return None
        alone = ", ".join(f"{row.input} {row.usd}" for row in page.worth[:4])
        alone = f" One input alone: {alone}." if alone else ""
        knowing = self.text(
            f"Knowing every input would be worth {page.evpi}; no measurement is worth more.{alone}"
        )
        title = self.heading(f"{page.recommended} STOPS BEING THE ANSWER IF")
        if not page.flips:
            nothing = self.text("no single input does it within its 90% interval.")
            return Group(title, self.indented(nothing, knowing))
        rows = [
            (self.text(f.input), self.text(f.condition), self.text(f"P {f.p}"), self.text(f"→ {f.to}"))
            for f in page.flips[:FLIPS_SHOWN]
        ]
        parts: list[RenderableType] = [self.grid(rows, right=(2,))]
        parts += self._more(len(page.flips) - FLIPS_SHOWN, "in the report")
        if any(f.p == "–" for f in page.flips[:FLIPS_SHOWN]):
            parts.append(self.text("P –: the study states this input without a range", "dim"))
        return Group(title, self.indented(*parts, knowing))

    def _more(self, left: int, where: str) -> list[RenderableType]:
        return [self.text(f"and {left} more: {where}", "dim")] if left > 0 else []

    def rules(self, page: Page) -> RenderableType | None:
        if not page.rules:
            return None
        silent = [rule for rule in page.rules if rule.standing == "cannot tell"]
        rows = [self._rule(rule) for rule in page.rules if rule not in silent]
        parts: list[RenderableType] = [self.grid(rows)] if rows else []
        if silent:
            says = f"{len(silent)} cannot tell, for want of facts (breakeven rules lists them)"
            parts.append(self.text(f"{_STANDING_MARKS['cannot tell']} {says}", "dim"))
        parts += [self.text(sentence) for sentence in page.contradictions]
        return Group(self.heading("PUBLISHED RULES", page.rules_summary), self.indented(*parts))

    def _rule(self, rule: RuleRow) -> Sequence[Text]:
        """One that contradicts gives its reason; one that agrees is named."""
        title, says = f"{rule.title} ({rule.source})", f"says {rule.verdict}"
        because = rule.because if rule.standing == "contradicts" else ""
        mark = self._mark(rule.standing)
        if not self.stacked:
            return (mark, self.text(title), self.text(says), self.text(because, "dim"))
        below = self.text(f": {because}" if because else "", "dim")
        return (mark, Text.assemble(self.text(f"{title} {says}"), below))

    def gates(self, page: Page) -> RenderableType | None:
        if not page.gates:
            return None
        rows = [
            (
                self._mark(g.standing),
                self.text(g.gate),
                Text.assemble(self.text(f"{g.have}; "), self.text(f"needed: {g.need} ({g.source})", "dim")),
            )
            for g in page.gates
        ]
        return Group(self.heading("GATES BEFORE TUNING"), self.indented(self.grid(rows)))

    def _mark(self, standing: str) -> Text:
        return self.text(f"{_STANDING_MARKS[standing]} {standing}", _STANDING_STYLES[standing])

    def evidence(self, page: Page) -> RenderableType:
        rows = [
            (
                self.text(e.name),
                Text.assemble(
                    self.text("EXTRAPOLATED: " if e.extrapolated else "", "yellow"),
                    self.text(e.source),
                    self.text(f"; {e.facts}" if e.facts else "", _shout(e.facts)),
                ),
            )
            for e in page.evidence
        ]
        parts: list[RenderableType] = [self.grid(rows)]
        parts += [self.bullets(page.notes)] if page.notes else []
        if page.missing:
            parts += [self.text("Not enough for --strict; it asks for:"), self.bullets(page.missing)]
        return Group(self.heading("EVIDENCE", "of quality"), self.indented(*parts))

    def not_counted(self, page: Page) -> RenderableType | None:
        if not page.not_counted:
            return None
        rows = [(self.text(row.who), self.text(row.lines)) for row in page.not_counted]
        title = self.heading("NOT COUNTED", "nothing was stated about them; unknown is not zero")
        return Group(title, self.indented(self.grid(rows)))

    def assumptions(self, page: Page) -> RenderableType | None:
        if not page.assumptions:
            return None
        shown = page.assumptions[:ASSUMPTIONS_SHOWN]
        rows = [self._assumption(a) for a in shown]
        parts: list[RenderableType] = [self.grid(rows)]
        parts += self._more(len(page.assumptions) - len(shown), "breakeven explain, or the report")
        return Group(self.heading("ASSUMPTIONS", "most influential first"), self.indented(*parts))

    def _assumption(self, a: Assumption) -> Sequence[Text]:
        source = self.text(str(a.source), "dim")
        if self.stacked:
            return (self.text(a.input), Text.assemble(self.text(a.value), "\n", source))
        return (self.text(a.input), self.text(a.value), source)

    def footer(self, page: Page) -> RenderableType:
        hint = "Unfold any figure: breakeven explain FIGURE"
        return Group(*(self.text(line, "dim") for line in (*page.footer, hint)))


def _shout(line: str) -> str:
    return "yellow" if "EXTRAPOLATED" in line or "NOT corrected" in line else ""
