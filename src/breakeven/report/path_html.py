"""A path as one self-contained HTML file."""

from __future__ import annotations

from breakeven.advice.path_types import PathAdvice
from breakeven.report.path_words import sheets, steps_words
from breakeven.report.templating import style, template
from breakeven.report.text import clean

__all__ = ["to_html"]


def to_html(p: PathAdvice) -> str:
    """The page as HTML. Every text from outside is escaped by the template."""
    return template("path.html.j2").render(
        title=clean(p.study),
        headline=clean(p.headline),
        terms=f"{p.horizon_months} months from {p.start:%b %Y}, {p.draws:,} draws, seed {p.seed}",
        shown=next((o.title for o in p.options if o.key == p.shown and not o.chosen), ""),
        steps=steps_words(p),
        sheets=sheets(p),
        assumptions=[(clean(a.input), clean(a.value), clean(str(a.source))) for a in p.assumptions],
        notes=[clean(note) for note in p.notes],
        style=style(),
    )
