"""A portfolio for the terminal, as JSON and as HTML."""

from __future__ import annotations

import math
from typing import Any

from breakeven.advice.portfolio import NextStep, Portfolio
from breakeven.quantities import show_usd
from breakeven.report.plain_table import aligned, wrapped
from breakeven.report.text import clean, shorten, signed_usd

__all__ = ["portfolio_html", "portfolio_text", "to_dict"]

_HEAD = ("", "study", "next step", "costs", "gains", "per $1", "leads to")
_WIDE = 96


def _headline(p: Portfolio) -> str:
    taken = sum(p.taken)
    limit = "" if p.budget_usd is None else f" of {show_usd(p.budget_usd)}"
    if not taken:
        return "No step is worth taking" + (
            f" within {show_usd(p.budget_usd)}." if p.budget_usd is not None else "."
        )
    word = "step" if taken == 1 else "steps"
    return f"Take {taken} {word}: spend {show_usd(p.cost_usd)}{limit}, expected gain {show_usd(p.gain_usd)}."


def _cells(s: NextStep, taken: bool) -> tuple[str, ...]:
    ratio = "free" if math.isinf(s.per_dollar) else f"{signed_usd(s.per_dollar)}"
    return (
        ">" if taken else "", clean(s.study), clean(s.what), show_usd(s.cost_usd) if s.kind != "keep" else "",
        signed_usd(s.gain_usd) if s.kind != "keep" else "", ratio if s.kind != "keep" else "",
        signed_usd(s.then_usd) if s.kind == "buy" else "",
    )  # fmt: skip


def _left_out(p: Portfolio) -> list[str]:
    """One sentence for each step that is left out."""
    rows = zip(p.steps, p.because, strict=True)
    return [f"{clean(s.study)}: {why}" for s, why in rows if why]


def portfolio_text(p: Portfolio, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    rows = [_cells(s, taken) for s, taken in zip(p.steps, p.taken, strict=True)]
    lines = [*wrapped(f"ANSWER  {_headline(p)}", width, hanging="        "), ""]
    lines += ["STUDIES  by expected gain for a dollar of the next step; > taken"]
    narrow = width < _WIDE
    rows = [(*r[:-1], "") if narrow else r for r in rows]
    head = (*_HEAD[:-1], "") if narrow else _HEAD
    names = max(12, (width - (38 if narrow else 50)) // 2)
    lines += aligned(
        [head, *((r[0], shorten(r[1], names), shorten(r[2], names), *r[3:]) for r in rows)],
        right={3, 4, 5, 6},
        gap=" ",
    )
    for title, told in (
        ("LEFT OUT", _left_out(p)),
        ("NOT READ", [f"{clean(k)}: {clean(v)}" for k, v in p.unread.items()]),
    ):
        if told:
            lines += [
                "",
                title,
                *(line for t in told for line in wrapped(t, width, indent="  ", hanging="    ")),
            ]
    weak = [clean(s.study) for s in p.steps if not s.enough_evidence]
    if weak:
        text = f"! Not enough evidence for --strict: {', '.join(weak)}."
        lines += ["", *wrapped(text, width, hanging="  ")]
    last = "" if narrow else "; leads to: the answer as it stands"
    lines += ["", f"gains: expected net benefit, the step's own cost taken off{last}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def to_dict(p: Portfolio) -> dict[str, Any]:
    """The portfolio as plain dicts, lists, text and finite numbers."""
    rows = zip(p.steps, p.taken, p.because, strict=True)
    return {
        "budget_usd": p.budget_usd, "cost_usd": p.cost_usd, "gain_usd": p.gain_usd,
        "steps": [
            {"study": s.study, "folder": s.where, "kind": s.kind, "what": s.what, "gain_usd": s.gain_usd,
             "cost_usd": s.cost_usd, "per_dollar": None if math.isinf(s.per_dollar) else s.per_dollar,
             "then_usd": s.then_usd, "enough_evidence": s.enough_evidence, "taken": taken, "because": why or None}
            for s, taken, why in rows
        ],
        "unread": [{"folder": folder, "because": why} for folder, why in p.unread.items()],
    }  # fmt: skip


def portfolio_html(p: Portfolio) -> str:
    """The page as HTML. Every text from outside is escaped by the template."""
    from breakeven.report.templating import style, template

    rows = [(taken, _cells(s, taken)[1:]) for s, taken in zip(p.steps, p.taken, strict=True)]
    unread = [f"{clean(k)}: {clean(v)}" for k, v in p.unread.items()]
    return template("portfolio.html.j2").render(
        headline=_headline(p), head=_HEAD[1:], rows=rows, left_out=_left_out(p), unread=unread, style=style()
    )
