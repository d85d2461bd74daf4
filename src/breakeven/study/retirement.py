"""When a candidate's model stops answering, and the moves that this forces inside the horizon."""

from __future__ import annotations

import datetime as dt

from breakeven.beliefs import Belief
from breakeven.prices import lifetimes
from breakeven.study.candidate_file import PromptFile, Served
from breakeven.study.context import Context
from breakeven.yaml_places import Path

__all__ = ["forced_moves"]


def forced_moves(
    ctx: Context, at: Path, file: Served, key: str, listed: dt.date | None, model_at: Path
) -> tuple[tuple[int, ...], Belief | None]:
    """The months in which the candidate must move to a successor, and the work for each move.

    A successor is taken to live as long as the published median; a model that is gone before month 1 is a problem. A
    prompt's move counts apart from its upkeep only where its work is stated.
    """
    retires_on = None if file.retires_on == "never" else file.retires_on or listed
    if retires_on is None:
        return (), None
    first = ctx.month_of(retires_on)
    if first < 1 or retires_on <= ctx.start:
        if file.retires_on is not None:
            model_at = (*at, "retires_on")
        ctx.problems.add(
            model_at,
            f"{key} stops answering on {retires_on}, before month 1 ({ctx.start:%Y-%m})",
            "name a model that still answers, or state `retires_on: never` if yours does",
        )
        return (), None
    if first > ctx.horizon_months:
        return (), None
    if isinstance(file, PromptFile) and file.migration is None and file.retires_on is None:
        ctx.notes.append(
            f"{at[-1]}: {key} retires on {retires_on}; prompts often transfer across models (document 003), so moving "
            "it is taken to be within its upkeep: `migration: 20..60 hours` counts it apart"
        )
        return (), None
    life = lifetimes()
    step = max(1, round(life.median_months))
    months = tuple(range(first, ctx.horizon_months + 1, step))
    again = (
        f"; each successor is taken to live {step} months ({life.source.kind}, median of {life.population})"
    )
    said = " and ".join(
        [", ".join(map(str, months[:-1])), str(months[-1])] if len(months) > 1 else map(str, months)
    )
    ctx.notes.append(
        f"{at[-1]}: {key} retires on {retires_on}, so a forced migration is counted in "
        f"{'months' if len(months) > 1 else 'month'} {said}{again if len(months) > 1 else ''}"
    )
    return months, ctx.either((*at, "migration"), file.migration, "migration")
