"""A decision in a notebook: the last line of a cell shows the page, in Jupyter, VS Code and marimo.

``breakeven.decide`` is this module's: whoever takes it from the front door gets decisions that show themselves. The
room that makes decisions knows no page, so the page is hung on here, by the methods that notebooks ask for.
"""

from __future__ import annotations

from html import escape
from typing import Any

from breakeven.advice.decide import decide
from breakeven.advice.decision import Decision

__all__ = ["decide", "to_bundle", "to_frame"]


def to_frame(decision: Decision) -> str:
    """The page in a frame of its own: its style stays inside, no script runs, nothing is fetched."""
    from breakeven.report.html import to_html

    before, _, rest = to_html(decision).partition("<nav ")
    page = before + rest.partition("</nav>")[2]  # links within a page would leave the frame
    return (
        f'<iframe title="Breakeven decision" sandbox="" srcdoc="{escape(page)}" loading="lazy" '
        'style="width:100%;height:80vh;min-height:480px;border:1px solid #d9d9d2;border-radius:6px"></iframe>'
    )


def to_bundle(decision: Decision, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """The decision by media type, for programs that choose: the page, and its text for a terminal."""
    from breakeven.report.terminal import to_text

    return {"text/html": to_frame(decision), "text/plain": to_text(decision)}


Decision._repr_mimebundle_ = to_bundle  # type: ignore[attr-defined]
Decision._repr_html_ = to_frame  # type: ignore[attr-defined]
