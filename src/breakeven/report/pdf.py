"""The decision as two pages of PDF: what a manager reads, in the sentences and drawings of the HTML page."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from breakeven.errors import MissingExtraError
from breakeven.report.chart_types import Chart, Charts
from breakeven.report.charts import to_charts
from breakeven.report.drawings.axes import series_class
from breakeven.report.page import to_page
from breakeven.report.page_types import CandidateRow, Cell, Page
from breakeven.report.svg import NARROW, draw
from breakeven.report.templating import style
from breakeven.report.text import join, shorten
from breakeven.report.worth_chart_types import CurveChart

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision

__all__ = ["to_pdf"]

TEMPLATES: Final = Path(__file__).parent / "templates"
FONTS: Final = ("Libertinus Serif", "DejaVu Sans Mono")
"""Both come inside Typst, so that a page looks the same on every machine."""
BODY: Final = 640
"""Width of a drawing across the page, in drawing units: its labels are then as large as the tables' text."""
NAMESPACE: Final = 'xmlns="http://www.w3.org/2000/svg"'
MARGIN: Final = 8
"""Beside a drawing, in drawing units."""
DRAWN: Final = 8
"""Candidates in one drawing."""
NAME: Final = 40
"""Characters of a name in a table."""
UNBROKEN: Final = 30
"""Characters of a word that has no place to break."""

_WORDS: Final = {"keep": "Keep", "switch": "Switch", "measure first": "Measure first"}
_ACCENTS: Final = {"keep": "s0", "measure first": "warn"}


def to_pdf(decision: Decision) -> bytes:
    """The file; the same decision gives the same bytes. Raises MissingExtraError without the extra `report`."""
    try:
        import typst
    except ImportError as exc:
        raise MissingExtraError("typst", "report") from exc
    data = _data(decision)
    start = decision.start
    made = dt.datetime(start.year, start.month, start.day, tzinfo=dt.UTC)
    result: bytes = typst.compile(
        str(TEMPLATES / "decision.typ"), root=str(TEMPLATES), format="pdf", timestamp=int(made.timestamp()),
        sys_inputs={"data": json.dumps(data)}, ignore_system_fonts=not _needs_more_fonts(data),
    )  # fmt: skip
    return result


def _data(decision: Decision) -> dict[str, Any]:
    """All that the template shows, as plain texts."""
    page, charts = to_page(decision), to_charts(decision)
    colours = {s.mark.name: _colour(series_class(s.mark)) for s in charts.fan.series}
    data = {
        "fonts": list(FONTS),
        "study": shorten(page.study, 110),
        "terms": f"{page.terms}, from {decision.start.isoformat()} · today: {shorten(page.today, NAME)}",
        "verdict": _WORDS.get(page.action, page.action),
        "accent": _colour(_ACCENTS.get(page.action, "s1")),
        "answer": page.answer,
        "rule": [{"condition": r.condition, "candidate": r.candidate, "p": r.p} for r in page.rule],
        "extrapolated": _extrapolated(page),
        "facts": _facts(page),
        "reasons": list(page.reasons),
        "candidates": _candidates(page, colours),
        "candidates-note": _candidates_note(page),
        "drawn-note": _drawn_note(page),
        "flips": _flips(page),
        "buy": {
            "says": page.buy_says,
            "rows": [[b.what, b.value, b.cost, b.delay, b.net, b.says] for b in page.buy],
        },
        "rules": {
            "summary": page.rules_summary,
            "rows": [[r.title, r.standing, r.because] for r in page.rules],
        },
        "assumptions": [[a.input, a.value, str(a.source)] for a in page.assumptions],
        "not-counted": "; ".join(f"{row.lines} ({row.who})" for row in page.not_counted),
        "footer": " ".join(page.footer),
    }
    return {**_breakable(data), **_drawings(_fewer(charts, page))}


def _extrapolated(page: Page) -> str:
    names = join(row.name for row in page.candidates if row.extrapolated)
    return f"Nobody has measured the quality of {names} on this task." if names else ""


def _candidates_note(page: Page) -> str:
    notes = [] if page.one_world else ["means, with 90% intervals beneath"]
    notes += ["* nobody has measured it"] if any(row.extrapolated for row in page.candidates) else []
    return "; ".join(notes)


def _drawn_note(page: Page) -> str:
    left = len(page.candidates) - DRAWN
    return (
        f"Drawn: the answer, today's, and the best of the others; {left} more in the full report."
        if left > 0
        else ""
    )


def _facts(page: Page) -> list[dict[str, str]]:
    """The figures under the answer."""
    answer = next(row for row in page.candidates if row.is_recommended)
    facts = [("Answer", Cell(value=shorten(answer.name, NAME)))]
    if not page.one_world:
        facts.append(("Best of all in", Cell(value=answer.p_best, interval="of draws")))
    if not answer.is_today:
        facts.append(("Net benefit vs today", page.benefit_usd))
    facts.append(("Cost over the horizon", page.cost_usd))
    found = next((row for row in page.break_even if row.name == answer.name), None)
    if found is not None:
        facts.append(("Break-even on cost", Cell(value=found.month, interval=found.chance)))
    return [{"title": title, "value": cell.value, "note": cell.interval} for title, cell in facts]


def _candidates(page: Page, colours: dict[str, str]) -> dict[str, Any]:
    unit = page.money.symbol
    head = ["Candidate", "Quality, %", f"Up front, {unit}", f"Month, year 1, {unit}", f"Cost, {unit}",
            f"Net benefit vs today, {unit}"]  # fmt: skip
    head += [] if page.one_world else ["P(best)"]
    # The answer and today first: where rows are left out, it is not those.
    ordered = sorted(page.candidates, key=lambda row: not (row.is_recommended or row.is_today))
    rows = [
        {
            "colour": colours[row.name], "chosen": row.is_recommended, "tag": "today" if row.is_today else "",
            "cells": [{"value": c.value, "interval": c.interval} for c in _cells(row, one_world=page.one_world)],
        }
        for row in ordered
    ]  # fmt: skip
    return {"head": head, "rows": rows}


def _cells(row: CandidateRow, *, one_world: bool) -> list[Cell]:
    quality = Cell(value=row.quality.value + ("*" if row.extrapolated else ""), interval=row.quality.interval)
    cells = [Cell(value=shorten(row.name, NAME)), quality, row.upfront, row.monthly, row.cost, row.benefit]
    return cells if one_world else [*cells, Cell(value=row.p_best)]


def _flips(page: Page) -> dict[str, Any]:
    if page.one_world:
        return {"title": "", "rows": []}
    title = f"knowing every input would be worth {page.evpi}"
    if not page.flips:
        title = f"no single input does, within its 90% interval; {title}"
    return {"title": title, "rows": [[f.input, f.condition, f.p, shorten(f.to, NAME)] for f in page.flips]}


# Drawings.


def _fewer(charts: Charts, page: Page) -> Charts:
    """The same with at most so many candidates as can be told apart on paper: the answer, today's, then the best."""
    difference = charts.difference
    ranked = [row.mark.name for row in difference.rows] if difference is not None else []
    kept = set(list(dict.fromkeys([page.recommended, page.today, *ranked]))[:DRAWN])
    if difference is not None:
        difference = replace(difference, rows=tuple(r for r in difference.rows if r.mark.name in kept))
    fan = replace(charts.fan, series=tuple(s for s in charts.fan.series if s.mark.name in kept))
    stacked = replace(charts.stacked, bars=tuple(b for b in charts.stacked.bars if b.mark.name in kept))
    return replace(charts, fan=fan, difference=difference, stacked=stacked)


def _drawings(charts: Charts) -> dict[str, Any]:
    fan = {**_drawn(charts.fan, BODY, "fan"), "caption": _CAPTION}
    pair = {"difference": charts.difference, "stacked": charts.stacked}
    drawings = {name: c and _drawn(c, NARROW, name) for name, c in pair.items()}
    return {"fan": fan, "curve": charts.curve and _curve(charts.curve), **drawings}


def _curve(chart: CurveChart) -> dict[str, Any]:
    """The learning curve, and beside it what a run of each size brings."""
    rows = [
        [size, f"{one_run} {interval}", basis] for size, _, _, one_run, interval, basis in chart.table.rows
    ]
    return {**_drawn(chart, NARROW, "curve"), "rows": rows, "note": _CURVE_NOTE}


_CURVE_NOTE: Final = "dashed is EXTRAPOLATED; no figure of the decision is taken from it"


_CAPTION: Final = (
    "Cumulative cost from the start, discounted, in US dollars. Lines are medians, bands 90% intervals."
)


def _drawn(chart: Chart, width: int, ident: str) -> dict[str, str]:
    """A drawing with its own style: on paper nothing is left to a page's."""
    svg = draw(chart, width=width, ident=ident)
    head, _, body = svg.partition(">")
    wider = re.sub(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+"', _with_margins, head)
    styled = wider.replace("<svg", f"<svg {NAMESPACE}", 1) + f"><style>{_drawing_style()}</style>{body}"
    return {"svg": styled, "title": chart.title, "alt": chart.text}


def _with_margins(found: re.Match[str]) -> str:
    """A label at the edge may reach over it: a page shows that, a picture would cut it off."""
    width = float(found[1]) + 2 * MARGIN
    return f'viewBox="{-MARGIN} 0 {width:g} {found[2]}" width="{width:g}"'


@cache
def _colours() -> dict[str, str]:
    """The page's colours on paper: those of its style sheet, with what it says about print on top."""
    sheet = str(style())
    paper = sheet.index("@media print{")
    roots = [
        *re.findall(r"^:root\{([^}]*)\}", sheet, re.MULTILINE),
        sheet[paper:].split("{", 2)[2].split("}")[0],
    ]
    return {name: value for root in roots for name, value in re.findall(r"--([\w-]+):([^;]+)", root)}


def _colour(name: str) -> str:
    return _colours()[name].strip()


@cache
def _drawing_style() -> str:
    """The rules of the page's style sheet that drawings use, with every variable put in."""
    sheet = str(style())
    classes = re.findall(r"^\.s0\{color.*$", sheet, re.MULTILINE)
    rules = sheet.split("/* drawings */", 1)[1].split("@media", 1)[0]
    text = "\n".join([*classes, rules]).replace(
        "font:12.5px var(--sans)", f"font-family:'{FONTS[0]}';font-size:13px"
    )
    return re.sub(r"var\(--([\w-]+)\)", lambda found: _colour(found[1]), text)


# Texts from outside.


def _breakable(thing: Any) -> Any:
    """The same, with places to break inside words that are longer than a column."""
    if isinstance(thing, str):
        return re.sub(rf"(\S{{{UNBROKEN}}})(?=\S)", "\\1\u200b", thing)
    if isinstance(thing, list):
        return [_breakable(item) for item in thing]
    if isinstance(thing, dict):
        return {key: _breakable(value) for key, value in thing.items()}
    return thing


def _needs_more_fonts(data: dict[str, Any]) -> bool:
    """Whether some letter is in a script that the fonts inside Typst do not have: then the system's may help."""
    return any(
        ord(char) >= _OTHER_SCRIPTS and unicodedata.category(char)[0] == "L"
        for char in json.dumps(data, ensure_ascii=False)
    )


_OTHER_SCRIPTS: Final = 0x0530
"""Latin, Greek and Cyrillic stand below."""
