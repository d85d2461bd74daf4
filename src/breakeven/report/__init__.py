"""A decision as a page: terminal, HTML, Markdown and JSON; and a figure unfolded to its formula.

Reports are pure functions of a ``Decision``. They compute no money: ``page`` turns a decision into sentences and
rows once, for all formats; ``charts`` turns it into chart data, which ``svg`` draws. Only ``write`` touches files.
Each name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names

if TYPE_CHECKING:
    from breakeven.report.as_json import to_dict, to_json
    from breakeven.report.html import to_html
    from breakeven.report.markdown import to_markdown
    from breakeven.report.terminal import to_text

__all__ = ["to_dict", "to_html", "to_json", "to_markdown", "to_text"]

_EXPORTS: dict[str, str] = {
    "to_dict": "breakeven.report.as_json",
    "to_html": "breakeven.report.html",
    "to_json": "breakeven.report.as_json",
    "to_markdown": "breakeven.report.markdown",
    "to_text": "breakeven.report.terminal",
}

# Hidden from type checkers: they know the names from the imports above.
if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, _EXPORTS)
