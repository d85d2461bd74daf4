"""A decision in a notebook: the last line of a cell shows a card, in Jupyter, VS Code and marimo.

``breakeven.decide`` is this module's: whoever takes it from the front door gets decisions that show themselves. The
room that makes decisions knows no page, so the card is hung on here, by the methods that notebooks and consoles ask
for.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from breakeven.advice.decide import decide
from breakeven.advice.decision import CandidateResult, Decision

__all__ = ["decide", "to_bundle", "to_card", "to_frame", "to_line"]

_CSS: Final = Path(__file__).parent / "templates" / "card.css"
_DARK: Final = (
    "[data-jp-theme-light=false]",  # JupyterLab and Notebook
    ".vscode-dark",
    ".dark",  # marimo
    "[data-theme=dark]",
    "[theme=dark]",  # Colab
)
"""How notebooks say that their own theme is dark; that of the system may be the other one."""


def to_card(decision: Decision) -> str:
    """What a cell shows: the answer, the candidates and their cost over time; the page is folded under it.

    It takes the notebook's theme, fetches nothing and runs no script; its rules reach nothing outside it.
    """
    from breakeven.report.charts import to_charts
    from breakeven.report.html import page_parts
    from breakeven.report.templating import drawn, template

    charts, frame = to_charts(decision), to_frame(decision)
    ident = f"breakeven-{zlib.crc32(frame.encode()):08x}"  # cells share one page: two decisions, two names
    card = template("card.html.j2").render(
        **page_parts(decision, charts, drawn_figures=()),
        finding=charts.fan.title,
        fan=drawn(charts.fan, ident),
        frame=Markup(frame),  # noqa: S704 escaped as an attribute
        card_style=_style(),
    )
    return card.replace("$", "&#36;")  # between two dollar signs notebooks see mathematics


def to_frame(decision: Decision) -> str:
    """The page in a frame of its own: its style stays inside, no script runs, nothing is fetched."""
    from breakeven.report.html import to_html

    before, _, rest = to_html(decision).partition("<nav ")
    page = before + rest.partition("</nav>")[2]  # links within a page would leave the frame
    return f'<iframe title="Breakeven decision" sandbox="" srcdoc="{escape(page)}" loading="lazy"></iframe>'


def to_line(decision: Decision) -> str:
    """One line, for lists of decisions and consoles: ``<Decision 'Support chatbot': Keep prompt: …>``."""
    from breakeven.report.text import clean, share

    answer = decision.recommendation
    sure = (
        "one world" if decision.draws == 1 else f"best in {share(answer.p_best)} of {decision.draws:,} draws"
    )
    return f"<Decision {clean(decision.study)!r}: {clean(answer.headline).rstrip('.')} ({sure})>"


def _candidate_line(result: CandidateResult) -> str:
    """``<CandidateResult 'tuned': $95K over the horizon, 95.6% right, best in 4%>``."""
    from breakeven.quantities import show_usd
    from breakeven.report.text import clean, share

    right = f"{100 * result.quality.mean:.1f}% right"
    said = f"{show_usd(result.cost.mean)} over the horizon, {right}, best in {share(result.p_best)}"
    return f"<{type(result).__name__} {clean(result.name)!r}: {said}>"


def to_bundle(decision: Decision, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """The decision by media type, for programs that choose: the card, and the page's text for a terminal."""
    from breakeven.report.terminal import to_text

    return {"text/html": to_card(decision), "text/plain": to_text(decision)}


def _to_text(decision: Decision) -> str:
    from breakeven.report.terminal import to_text

    return to_text(decision)


@cache
def _style() -> Markup:
    """The page's rules and the card's, nested in the card; its colours are those of the notebook's theme."""
    from breakeven.report.templating import style

    sheet = str(style())
    light = _variables(r"^:root\{color-scheme:[\w ]+;([^}]*)\}", sheet)
    dark = _variables(r"@media \(prefers-color-scheme:dark\)\{:root\{([^}]*)\}\}", sheet)
    rules = sheet.split("*{box-sizing", 1)[1]
    card = ".breakeven-card.breakeven-card"  # twice: a notebook's own rules for tables weigh as much as once
    return Markup(  # noqa: S704 our own files
        f".breakeven-card{{color-scheme:light;{light}}}\n"
        f":is({','.join(_DARK)}) .breakeven-card{{color-scheme:dark;{dark}}}\n"
        f"{card}{{\n*{{box-sizing{rules}\n{_CSS.read_text('utf-8')}}}"
    )


def _variables(pattern: str, sheet: str) -> str:
    found = re.search(pattern, sheet, re.MULTILINE)
    assert found is not None
    return found[1]


Decision._repr_mimebundle_ = to_bundle  # type: ignore[attr-defined]
Decision._repr_html_ = to_card  # type: ignore[attr-defined]
Decision.__repr__ = to_line  # type: ignore[assignment, method-assign]
CandidateResult.__repr__ = _candidate_line  # type: ignore[assignment, method-assign]
Decision.__str__ = _to_text  # type: ignore[assignment, method-assign]
