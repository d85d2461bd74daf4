"""Routes about a study: decide, explain, claims, rules, schema, health."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response

import breakeven
from breakeven.web.api import jobs
from breakeven.web.api.answering import answered, from_worker
from breakeven.web.api.answers import Decision, Explanation, Health, Rules, StudySchema
from breakeven.web.api.asks import ClaimsAsk, DecideAsk, ExplainAsk
from breakeven.web.api.evidence_answers import AuditedClaim
from breakeven.web.api.pool import named
from breakeven.web.api.route import ProblemRoute, operation_id
from breakeven.web.api.services import services_of

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, generate_unique_id_function=operation_id)


@routes.post(
    "/decide", tags=["study"], summary="Fine-tune, or keep improving the prompt?", **answered(Decision)
)
async def decide(ask: DecideAsk, request: Request) -> Response:
    """The decision on a study: what `breakeven decide --json` prints for the same text, evidence, draws and seed."""
    services = services_of(request.app)
    desk, limits = services.desk, services.limits
    arguments = {
        "text": ask.study, "today": desk.today().isoformat(), "seed": ask.seed, "draws": 1 if ask.point else ask.draws,
        "rules": named(desk.rules), "purchases": named(desk.purchases),
        "most": {"candidates": limits.candidates, "cells": limits.cells},
    }  # fmt: skip
    return from_worker(await services.compute(jobs.decided, arguments, ask.uploads))


@routes.post("/explain", tags=["study"], summary="Unfold a figure", **answered(Explanation))
async def explain(ask: ExplainAsk, request: Request) -> Response:
    """A figure unfolded to its formula, the numbers put in, and its inputs with their sources."""
    services = services_of(request.app)
    arguments = {"text": ask.study, "today": services.desk.today().isoformat(), "figure": ask.figure}
    return from_worker(await services.compute(jobs.unfolded, arguments, ask.uploads))


@routes.post(
    "/claims", tags=["study"], summary="Work printed claims out again", **answered(list[AuditedClaim])
)
async def claims(ask: ClaimsAsk, request: Request) -> Response:
    """Each claim of a claims file recomputed from its own inputs: holds, fails, or underdetermined."""
    return from_worker(await services_of(request.app).compute(jobs.audit, {"text": ask.claims}))


@routes.get("/rules", tags=["reference"], summary="Every decision rule", **answered(Rules))
async def rules(request: Request) -> dict[str, Any]:
    """The published rules, and those of installed packages."""
    return await asyncio.to_thread(jobs.catalogue, named(services_of(request.app).desk.rules))


@routes.get(
    "/schema", tags=["reference"], summary="The JSON Schema of the study file", **answered(StudySchema)
)
async def schema() -> dict[str, Any]:
    """What a study file may hold, for editors."""
    from breakeven.study import json_schema

    return await asyncio.to_thread(json_schema)


@routes.get("/health", tags=["reference"], summary="Is the server well?", **answered(Health))
async def health(request: Request) -> dict[str, Any]:
    """Answers as long as the server does, and says how many requests stand in line."""
    from breakeven.prices import current_book

    services = services_of(request.app)
    book = await asyncio.to_thread(current_book)
    return {
        "status": "ok", "version": breakeven.__version__, "workers": services.pool.workers,
        "waiting": services.pool.in_line, "prices_as_of": book.as_of.isoformat(),
    }  # fmt: skip
