"""Where quality comes from and what more of it costs, as rows of the page."""

from __future__ import annotations

from breakeven.advice.decision import Decision
from breakeven.advice.plot_types import EvidenceFacts
from breakeven.quantities import show_usd
from breakeven.report.curve_chart import expected_words
from breakeven.report.page_types import EvidenceRow, IcerLine

__all__ = ["STANDINGS", "evidence_rows", "icer_lines"]

STANDINGS = {
    "frontier": "on the frontier",
    "dominated": "dominated: another is cheaper and as good",
    "extended dominance": "extendedly dominated: a mix of two others is cheaper and as good",
}
"""Each standing in the table of incremental ratios, in words."""


def evidence_rows(d: Decision) -> tuple[EvidenceRow, ...]:
    """The source of each candidate's quality, and what its scores stand on."""
    facts = {e.candidate: _facts(e) for e in d.evidence}
    curves = {fan.candidate: expected_words(fan) for fan in d.learning_curves}

    def told(name: str) -> str:
        return "; ".join(part for part in (facts.get(name), curves.get(name)) if part)

    return tuple(
        EvidenceRow(name=c.name, source=c.quality_source, extrapolated=c.extrapolated, facts=told(c.name))
        for c in d.candidates.values()
    )  # fmt: skip


def _facts(e: EvidenceFacts) -> str:
    """``9 iterations, optimism-corrected by 1.2 points; sealed cases opened once``."""
    parts = []
    tried = e.iterations or 1
    if e.optimism is not None:
        parts.append(
            f"{tried} iterations, optimism-corrected by {100 * e.optimism:.1f} points".replace("-0.0", "0.0")
        )
    elif tried > 1:
        parts.append(
            f"{tried} iterations, NOT corrected for picking the best: `quality: {{versions: …}}` would"
        )
    if e.openings is not None:
        times = {0: "not opened before", 1: "opened once"}.get(e.openings, f"opened {e.openings} times")
        parts.append(f"sealed cases {times}")
    elif tried > 1:
        parts.append("no sealed cases")
    return "; ".join(parts)


def icer_lines(d: Decision) -> tuple[IcerLine, ...]:
    """Along the frontier by rising cost, then those off it and why."""
    return tuple(
        IcerLine(name=r.name, cost=show_usd(r.cost), quality=f"{r.effect:.1f}%",
                 icer="–" if r.icer is None else show_usd(r.icer), standing=STANDINGS[r.status])
        for r in d.icers
    )  # fmt: skip
