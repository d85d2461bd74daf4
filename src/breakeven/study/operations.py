"""What every candidate but ``wait`` says of building, keeping and operating it."""

from __future__ import annotations

from typing import Final

from breakeven.beliefs import Belief
from breakeven.study.candidate_file import Operated
from breakeven.study.context import Context
from breakeven.study.given import Given
from breakeven.study.model import Candidate, CandidateKind, Labour, Quality
from breakeven.yaml_places import Path

__all__ = ["operated"]

_WITH_GUIDELINES: Final = frozenset({"tuned", "classifier"})
"""Kinds that train on labels, and so need guidelines for them."""


def operated(ctx: Context, at: Path, kind: CandidateKind, file: Operated) -> Candidate:
    """A candidate with all that its kind does not decide; its quality is still empty.

    A part that is not stated stays None: its line is named as not counted.
    """

    def maybe(*keys: str) -> Belief | None:
        given: object = file
        for key in keys:
            given = getattr(given, key, None)
        return ctx.stated((*at, *keys), given) if isinstance(given, Given) else None

    return Candidate(
        name=str(at[-1]),
        kind=kind,
        labour=_labour(ctx, at, kind, file),
        quality=Quality(),
        upfront=maybe("upfront"),
        running=maybe("running"),
        retrieval_queries=maybe("retrieval", "queries"),
        retrieval_cost=maybe("retrieval", "cost"),
        guard_share=maybe("guard", "share"),
        guard_cost=maybe("guard", "cost"),
        storage_gb=maybe("storage", "size"),
        storage_cost=maybe("storage", "price"),
        log_cost=maybe("logging"),
        review_share=maybe("review", "share"),
        review_hours=maybe("review", "time"),
        incidents=maybe("incidents", "rate"),
        incident_hours=maybe("incidents", "hours"),
        downtime_hours=maybe("incidents", "downtime"),
        downtime_cost=maybe("incidents", "downtime_cost"),
        compliance_once=maybe("compliance", "once"),
        compliance_monthly=maybe("compliance", "yearly"),
        latency=maybe("latency"),
        build_months=maybe("build_time"),
    )


def _labour(ctx: Context, at: Path, kind: CandidateKind, file: Operated) -> Labour:
    build, build_usd = _split(ctx, (*at, "build"), file.build)
    upkeep, upkeep_usd = _split(ctx, (*at, "upkeep"), file.upkeep)
    if file.build is None and file.upfront is None:
        key = "built" if at[-1] in ctx.built else f"{kind}.build"
        build = ctx.default((*at, "build"), key)
    if file.upkeep is None and file.running is None:
        upkeep = ctx.default((*at, "upkeep"), f"{kind}.upkeep")
    guidelines = ctx.maybe((*at, "guidelines"), file.guidelines)
    if guidelines is None and kind in _WITH_GUIDELINES and file.upfront is None:
        key = "built" if at[-1] in ctx.built else "tuned.guidelines"
        guidelines = ctx.default((*at, "guidelines"), key)
    return Labour(build_hours=build, build_usd=build_usd, upkeep_hours=upkeep, upkeep_usd=upkeep_usd,
                  guideline_hours=guidelines)  # fmt: skip


def _split(ctx: Context, path: Path, given: Given | None) -> tuple[Belief | None, Belief | None]:
    """Hours, or dollars."""
    if given is None:
        return None, None
    belief = ctx.stated(path, given)
    return (belief, None) if given.kind.name.startswith("hours") else (None, belief)
