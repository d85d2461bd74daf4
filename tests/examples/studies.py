"""The examples as studies: opened as they stand, or with a few of their keys edited as a reader would."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from breakeven.advice.decide import decide
from breakeven.advice.decision import Decision
from breakeven.prices import PriceBook, load_book
from breakeven.study import parse_study
from breakeven.study.model import Study

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/breakeven.yaml"))
TODAY = dt.date(2026, 11, 22)
"""The day of the packaged price book."""

Edit = tuple[str, str]
"""A piece of the file that stands in it once, and what takes its place."""


@cache
def book() -> PriceBook:
    """The packaged prices, read once."""
    return load_book()


def text(name: str, *edits: Edit) -> str:
    """An example's file, edited."""
    found = (EXAMPLES / name / "breakeven.yaml").read_text("utf-8")
    for old, new in edits:
        assert found.count(old) == 1, f"{old!r} stands {found.count(old)} times in {name}"
        found = found.replace(old, new)
    return found


def study(name: str, *edits: Edit) -> Study:
    """An example, opened."""
    return parse_study(
        text(name, *edits), f"{name}/breakeven.yaml", today=TODAY, book=book(), folder=EXAMPLES / name
    )


@cache
def at_point(name: str, *edits: Edit) -> Decision:
    """Every belief at its centre, as with ``--point``."""
    return decide(study(name, *edits), draws=1)


@cache
def sampled(name: str, *edits: Edit) -> Decision:
    """With intervals, on few draws."""
    return decide(study(name, *edits), draws=4000, seed=0)


def cost(decision: Decision, candidate: str) -> float:
    """Mean total cost over the horizon, in dollars."""
    return decision.candidates[candidate].cost.mean


def line(decision: Decision, candidate: str, key: str) -> float:
    """Mean of one cost line over the horizon, in dollars; 0 where it is not on the bill."""
    return next((found.usd for found in decision.candidates[candidate].lines if found.key == key), 0.0)


def months(decision: Decision, candidate: str) -> float | None:
    """Median months to break even; None: never."""
    return decision.candidates[candidate].break_even.p50


def volume(decision: Decision, candidate: str) -> float | None:
    """Median break-even volume in calls a month; None: no volume."""
    return decision.candidates[candidate].break_even_volume.p50
