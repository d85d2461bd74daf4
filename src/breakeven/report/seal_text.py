"""A sealed hold-out for the terminal: what is sealed, how often it was opened, and what an opening costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from breakeven.evidence.evals.holdout import Ledger
from breakeven.report.comparison_text import fitted
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean
from breakeven.statistics.holdout import opening_cost

__all__ = ["seal_text", "times"]

_GUTTER = 12


def times(n: int) -> str:
    """``never``, ``once``, ``3×``."""
    return {0: "never", 1: "once"}.get(n, f"{n}×")


def seal_text(ledger: Ledger, said: Sequence[str], *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters. ``said``: ``Label: text`` each."""
    lines = []
    for label, text in [*(one.split(": ", 1) for one in said), *_entries(ledger)]:
        lines += wrapped(clean(text), width, indent=f"{label:<{_GUTTER}}", hanging=" " * _GUTTER)
    if ledger.openings:
        rows = [
            (
                str(one["opening"]),
                clean(str(one.get("on", ""))),
                clean(", ".join(map(str, one.get("candidates", [])))),
            )
            for one in ledger.openings
        ]
        lines += ["", *fitted(("opening", "date", "candidates"), rows, width, right=(0,), drop=())]
    return "\n".join(lines) + "\n"


def _entries(ledger: Ledger) -> Iterator[tuple[str, str]]:
    sealed, number = ledger.sealed, len(ledger.openings)
    clusters = f" in {sealed['clusters']:,} clusters" if sealed.get("clusters") else ""
    yield (
        "Set aside",
        f"{sealed['n']:,} cases{clusters}, on {sealed['on']}, ids {str(sealed['ids_sha256'])[:12]}",
    )
    planned = f" of {ledger.planned} planned" if ledger.planned else ", without a plan"
    yield "Opened", f"{times(number)}{planned}"
    if ledger.planned is None or number < ledger.planned:
        cost = opening_cost(number + 1, planned=ledger.planned)
        yield (
            "Next",
            (
                f"opening {cost.number}: intervals {cost.widening - 1:.0%} wider than on a set opened once, as if it "
                f"had {cost.cases_equivalent:.0%} of its cases"
            ),
        )
    else:
        yield "Next", "none: the planned openings are spent; seal fresh cases"
    yield (
        "Ledger",
        (
            f"{ledger.path}: shows an edited line or a changed case. It can not show that somebody deleted it or read "
            "the cases by other means: keep it in git"
        ),
    )
