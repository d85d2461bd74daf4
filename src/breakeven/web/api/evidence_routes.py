"""Routes about evidence: profile, reprice, compare evals, check training data, prices."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from breakeven.errors import InputError, Problem, nearest
from breakeven.web.api import jobs
from breakeven.web.api.answering import answered, from_worker
from breakeven.web.api.asks import CheckAsk, CompareAsk, ProfileAsk, RepriceAsk
from breakeven.web.api.evidence_answers import Comparison, DataAudit, PricesFound, Profile, Repricing
from breakeven.web.api.route import ProblemRoute, operation_id
from breakeven.web.api.services import Services, services_of

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, generate_unique_id_function=operation_id)


@routes.post("/profile", tags=["evidence"], summary="Measure the workload in call logs", **answered(Profile))
async def profile(ask: ProfileAsk, request: Request) -> Response:
    """Volume, tokens, cost, failures and quality of uploaded logs, as counts, names and hashes; no texts."""
    services = services_of(request.app)
    arguments = {
        "logs": _names(services, ask.uploads), "format_name": ask.format, "columns": ask.columns,
        "sampling": ask.sampling, "redact": ask.redact, "prompts": ask.prompts,
    }  # fmt: skip
    return from_worker(await services.compute(services.desk.profile, arguments, ask.uploads))


@routes.post("/reprice", tags=["evidence"], summary="The same calls on other models", **answered(Repricing))
async def reprice(ask: RepriceAsk, request: Request) -> Response:
    """Uploaded logs priced again, call by call: on other models, tuned, in batch, cached, with a shorter prompt."""
    if not ask.models and not ask.tuned:
        hint = "`models`, with PROVIDER/MODEL or `same`; or `tuned`, with a base"
        raise InputError(Problem(message="nothing is named to price the calls on", field="models", hint=hint))
    if ask.cut_tokens is not None and ask.cut_share is not None:
        raise InputError(Problem(message="cut tokens or a share, not both", field="cut_share"))
    services = services_of(request.app)
    arguments = {
        "logs": _names(services, ask.uploads), "format_name": ask.format,
        **ask.model_dump(mode="json", exclude={"uploads", "format"}),
    }  # fmt: skip
    return from_worker(await services.compute(services.desk.reprice, arguments, ask.uploads))


@routes.post(
    "/evals/compare", tags=["evidence"], summary="Candidates on the same cases", **answered(Comparison)
)
async def compare(ask: CompareAsk, request: Request) -> Response:
    """Which candidate is better, by how much, how surely, and what would settle it."""
    services = services_of(request.app)
    names = _names(services, ask.uploads)
    results = _others(names, {"cases": ask.cases})
    arguments = {"results": results, **ask.model_dump(mode="json", exclude={"uploads"})}
    return from_worker(await services.compute(services.desk.compare, arguments, ask.uploads))


@routes.post("/data/check", tags=["evidence"], summary="Is training data ready?", **answered(DataAudit))
async def check(ask: CheckAsk, request: Request) -> Response:
    """What fails, what nobody can tell yet, and what training would cost."""
    services = services_of(request.app)
    names = _names(services, ask.uploads)
    asked = {
        "cases": ask.cases,
        "result": ask.result,
        **{f"logs[{n}]": log for n, log in enumerate(ask.logs)},
    }
    arguments = {
        "train": _others(names, asked), "format_name": ask.format,
        **ask.model_dump(mode="json", exclude={"uploads", "format"}),
    }  # fmt: skip
    return from_worker(await services.compute(services.desk.check, arguments, ask.uploads))


@routes.get(
    "/prices", tags=["reference"], summary="Find prices by parts of a model's name", **answered(PricesFound)
)
async def prices(
    q: Annotated[
        str, Query(min_length=1, max_length=200, description="Words of the name, whatever the punctuation.")
    ],
    limit: Annotated[int, Query(ge=1, le=500, description="At most this many models.")] = 20,
) -> dict[str, Any]:
    """Models whose name holds every word, with their prices in dollars for a million tokens, sources and days."""
    return await asyncio.to_thread(jobs.find_prices, q, limit=limit)


def _names(services: Services, uploads: Sequence[str]) -> list[str]:
    return [services.uploads.get(one).name for one in dict.fromkeys(uploads)]


def _others(names: Sequence[str], asked: dict[str, str | None]) -> list[str]:
    """The uploads that no field names; InputError for a name that no upload has, and where none is left."""
    for field, name in asked.items():
        if name is not None and name not in names:
            near = ", ".join(nearest(name, names) or names)
            raise InputError(
                Problem(message=f"no upload of this request is called {name!r}", field=field, hint=near)
            )
    left = [name for name in names if name not in asked.values()]
    if not left:
        raise InputError(Problem(message="every upload is named as something else", field="uploads"))
    return left
