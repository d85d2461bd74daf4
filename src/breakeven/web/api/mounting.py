"""The router that an application mounts under ``/api/v1``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute

from breakeven.web.api import evidence_routes, study_routes, upload_routes
from breakeven.web.api.desk import Desk
from breakeven.web.api.openapi import document
from breakeven.web.api.problems import problem
from breakeven.web.api.route import ProblemRoute, refused
from breakeven.web.api.services import services_of

__all__ = ["openapi_document", "router", "served_routes"]

_PARTS: Final = (study_routes.routes, evidence_routes.routes, upload_routes.routes)
_ANY: Final = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"]


def router(desk: Desk | None = None) -> APIRouter:
    """The API's routes. desk: None takes ``app.state.desk`` of the application that they stand in.

    That application's ``app.state`` may also hold ``limits`` and ``uploads``, to be shared with pages of its own.
    """

    @asynccontextmanager
    async def living(app: FastAPI) -> AsyncIterator[None]:
        services = services_of(app, desk)
        try:
            yield
        finally:
            services.close()
            app.state.services = None

    found = APIRouter(route_class=ProblemRoute, lifespan=living)
    for part in _PARTS:
        found.include_router(part)

    @found.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return openapi_document()

    @found.api_route("/{rest:path}", methods=_ANY, include_in_schema=False)
    async def nothing_here(rest: str, request: Request) -> Response:
        here = [route for route in served_routes() if route.path_regex.match(f"/{rest}")]
        methods = sorted({method for route in here for method in route.methods or ()})
        if methods:
            words = f"{request.method} does nothing here; there is {', '.join(methods)}"
            return refused(405, problem(words), headers={"Allow": ", ".join(methods)})
        hint = "/api/v1/openapi.json lists what there is"
        return refused(404, problem("there is nothing at this address", hint=hint))

    return found


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    return document(served_routes())


def served_routes() -> list[APIRoute]:
    """The routes that the document lists."""
    return [route for part in _PARTS for route in part.routes if isinstance(route, APIRoute)]
