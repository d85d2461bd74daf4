"""What a path believes and a study does not say, each with its source."""

from __future__ import annotations

from typing import Final

from breakeven.advice.decision import Assumption
from breakeven.beliefs import Belief, Source, unit_of
from breakeven.economics.options.learning import MONTHLY_NOISE
from breakeven.economics.options.staging import DISAGREEMENT, LIVE_CASES

__all__ = ["path_beliefs"]

_BUILD: Final = Source(kind="published", reference="document 004: 4–8 weeks")


def path_beliefs(
    drift: Belief, cases_per_month: float, *, staged: bool, build_stated: bool
) -> tuple[Assumption, ...]:
    """Those of every path, then those of gates (``staged``) and of the calendar where the study states none."""
    found = [
        Assumption(
            input="drift without retraining, a month", value=str(drift), low=drift.low, centre=drift.centre,
            high=drift.high, unit=unit_of(drift.kind), source=drift.source,
        ),
        _one("cases scored a month while waiting", cases_per_month, "cases", "what a team scores beside its work"),
        _one("noise of a month's volume", MONTHLY_NOISE, "share", "how far a month's calls lie from their trend"),
    ]  # fmt: skip
    if staged:
        many = "20 labels a day in the month at a small share"
        both = "pairs of models on the same cases; more where their scores differ by more"
        found.append(_one("live answers labelled before all calls move", LIVE_CASES, "answers", many))
        found.append(_one("cases on which two candidates disagree", DISAGREEMENT, "share", both))
    if staged and not build_stated:
        found.append(
            Assumption(
                input="time to build", value="2 months", low=2, centre=2, high=2, unit="months", source=_BUILD
            )
        )
    return tuple(found)


def _one(name: str, value: float, unit: str, why: str) -> Assumption:
    text = f"{value:.0%}" if unit == "share" else f"{value:,.0f}"
    source = Source(kind="guess", reference=why)
    return Assumption(input=name, value=text, low=value, centre=value, high=value, unit=unit, source=source)
