"""The decision page as GitHub-flavoured Markdown, for pull requests, wikis and mails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from breakeven.report.page import to_page
from breakeven.report.page_types import CandidateRow, Page

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision

__all__ = ["escape", "to_markdown"]

# What Markdown or GitHub gives a meaning to inside a line. Dollars are among it: two of them make a formula.
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]|~$#])")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What would become a link, an image or a mention by itself.
_LINKS: Final = re.compile(r"(?i)(://|www\.|@)")
# What means something at the start of a line.
_LEADING: Final = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+])(?=[\s-]|$)|^(=)")


def escape(text: str) -> str:
    """The text as Markdown that shows it literally: no markup, no HTML, no link, no formula."""
    safe = re.sub(r"[&<>]", lambda found: _ENTITIES[found[0]], text)
    safe = _SPECIAL.sub(r"\\\1", safe)
    safe = _LINKS.sub(lambda found: "".join(f"&#{ord(char)};" for char in found[0]), safe)
    return _LEADING.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3] or found[4]}", safe)


def to_markdown(decision: Decision) -> str:
    """The page as Markdown: the same sections as in the terminal."""
    page = to_page(decision)
    sections = [
        _answer(page),
        _candidates(page),
        _break_even(page),
        _buy(page),
        _flips(page),
        _rules(page),
        _gates(page),
        _evidence(page),
        _not_counted(page),
        _assumptions(page),
        _footer(page),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """A table of texts that are escaped already."""
    lines = [head, ["---:" if k in right else "---" for k in range(len(head))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {escape(item)}" for item in items)


def _answer(page: Page) -> str:
    parts = [
        f"# {escape(page.study)}",
        escape(f"{page.terms}. Today: {page.today}."),
        f"**Answer.** {escape(page.answer)}",
        *([_rule(page)] if page.rule else []),
        f"**Confidence: {escape(page.level)}.** {escape(f'{page.confidence} {page.stake}'.strip())}",
    ]
    return "\n\n".join([*parts, _list(page.reasons)] if page.reasons else parts)


def _candidates(page: Page) -> str:
    unit = escape(page.money.symbol)
    level = "" if page.one_world else " \\[90%\\]"
    head = ["Candidate", f"Quality %{level}", f"Cost {unit}{level}", f"Net benefit vs today {unit}{level}"]
    head += [] if page.one_world else ["P(best)"]
    head += [f"Regret {unit}"]
    if page.target:
        head.insert(2, escape(page.target))
    rows = [_candidate(row, page) for row in page.candidates]
    extrapolated = any(row.extrapolated for row in page.candidates)
    notes = "\\* EXTRAPOLATED: nobody has measured it.\n\n" if extrapolated else ""
    table = _table(head, rows, right=range(1, len(head)))
    return f"## Candidates\n\n{table}\n\n{notes}{_list(page.cheaper)}".rstrip()


def _candidate(row: CandidateRow, page: Page) -> list[str]:
    name = f"**{escape(row.name)}**" if row.is_recommended else escape(row.name)
    star = "\\*" if row.extrapolated else ""
    cells = [
        name + (" (today)" if row.is_today else ""),
        f"{row.quality.value}{star} {escape(row.quality.interval)}".rstrip(),
        escape(str(row.cost)),
        escape(str(row.benefit)),
    ]
    cells += [] if page.one_world else [escape(row.p_best)]
    cells += [row.regret]
    if page.target:
        cells.insert(2, escape(row.p_target) or "–")
    return cells


def _break_even(page: Page) -> str:
    if not page.break_even:
        return ""
    rows = [(escape(r.name), escape(r.when), escape(r.volume) or "–") for r in page.break_even]
    return f"## Break-even on cost alone\n\n{_table(('Candidate', 'Month', 'Volume'), rows)}"


def _rule(page: Page) -> str:
    """What each result of the purchase leads to."""
    lines = (f"{line.condition} → {line.candidate} ({line.p} likely)" for line in page.rule)
    return _list(lines)


def _buy(page: Page) -> str:
    if not page.buy and not page.buy_says:
        return ""
    cells = ((r.what, r.value, r.cost, r.delay, r.net, r.says) for r in page.buy)
    rows = [tuple(escape(cell) for cell in row) for row in cells]
    head = ("Evidence", "Value", "Cost", "Delay", "Net", "")
    table = _table(head, rows, right=range(1, 5)) if rows else ""
    return "\n\n".join(part for part in ("## What to buy", table, escape(page.buy_says)) if part)


def _flips(page: Page) -> str:
    if page.one_world:
        return ""
    knowing = escape(f"Knowing every input would be worth {page.evpi}; no measurement is worth more.")
    if not page.flips:
        return f"## What could change the answer\n\nNo single input does, within its 90% interval. {knowing}"
    rows = [(escape(f.input), escape(f.condition), escape(f.p), escape(f.to)) for f in page.flips]
    table = _table(("Input", "Changes the answer", "P", "To"), rows, right=(2,))
    return f"## What could change the answer\n\n{table}\n\n{knowing}"


def _rules(page: Page) -> str:
    if not page.rules:
        return ""
    rows = [
        (escape(f"{r.title} ({r.source})"), escape(r.verdict), _standing(r.standing), escape(r.because))
        for r in page.rules
    ]
    table = _table(("Rule", "Says", "Beside ours", "Because"), rows)
    between = "".join(f"\n- {escape(sentence)}" for sentence in page.contradictions)
    return f"## Published rules: {escape(page.rules_summary)}\n\n{table}" + (
        f"\n{between}" if between else ""
    )


def _gates(page: Page) -> str:
    if not page.gates:
        return ""
    rows = [
        (escape(f"{g.gate} ({g.source})"), _standing(g.standing), escape(g.have), escape(g.need))
        for g in page.gates
    ]
    return f"## Gates before tuning\n\n{_table(('Gate', 'Standing', 'You have', 'Needed'), rows)}"


def _standing(word: str) -> str:
    return f"**{word}**" if word in {"contradicts", "not met"} else word


def _evidence(page: Page) -> str:
    rows = [
        (escape(e.name), ("**EXTRAPOLATED** " if e.extrapolated else "") + escape(e.source))
        for e in page.evidence
    ]
    parts = [f"## Evidence of quality\n\n{_table(('Candidate', 'Source'), rows)}"]
    parts += [_list(page.notes)] if page.notes else []
    parts += [f"Not enough for `--strict`, which asks for:\n\n{_list(page.missing)}"] if page.missing else []
    return "\n\n".join(parts)


def _not_counted(page: Page) -> str:
    if not page.not_counted:
        return ""
    rows = [(escape(row.who), escape(row.lines)) for row in page.not_counted]
    table = _table(("Left out for", "Lines"), rows)
    return f"## Not counted\n\nNothing was stated about these; unknown is not zero.\n\n{table}"


def _assumptions(page: Page) -> str:
    if not page.assumptions:
        return ""
    rows = [(escape(a.input), escape(a.value), escape(str(a.source))) for a in page.assumptions]
    return f"## Assumptions, most influential first\n\n{_table(('Input', 'Value, 90%', 'Source'), rows)}"


def _footer(page: Page) -> str:
    return "---\n\n" + "\n".join(f"{escape(line)}  " for line in page.footer).rstrip()
