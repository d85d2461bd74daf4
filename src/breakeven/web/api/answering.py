"""How routes answer: a worker's JSON as it is, and what of it the OpenAPI document says."""

from __future__ import annotations

import json
from typing import Any, Final

from fastapi import Response

from breakeven.web.api.pool import Answer
from breakeven.web.api.problems import OUR_FAULT, Problems, problem
from breakeven.web.api.route import refused

__all__ = ["answered", "from_worker"]

_REFUSALS: Final = {
    400: "Cut off, or not what HTTP allows.",
    401: "A token is needed.",
    403: "Sent by a page of another site.",
    404: "There is no such upload.",
    408: "It did not arrive in time.",
    409: "The upload is not there yet, or its id is taken.",
    413: "Too large.",
    421: "Not a host of this server.",
    422: "It can not be used; each problem has its words.",
    500: "Our fault.",
    501: "An optional part is not installed on the server.",
    503: "Too many requests are waiting; `Retry-After` says when to come back.",
    507: "No room for more uploads.",
}


def answered(model: Any, *, status: int = 200, more: tuple[int, ...] = ()) -> dict[str, Any]:
    """The arguments of a route that answers with this model, or with problems."""
    common = (401, 403, 408, 413, 421, 422, 500, 501, 503, 400, 404, 409)
    responses: dict[int | str, dict[str, Any]] = {
        code: {"model": Problems, "description": _REFUSALS[code]} for code in sorted({*common, *more})
    }
    return {"response_model": model, "status_code": status, "responses": responses}


def from_worker(answer: Answer) -> Response:
    """A worker's answer as HTTP has it: its JSON is passed on as it stands."""
    if answer.status == "done":
        return Response(answer.body, media_type="application/json", headers={"Cache-Control": "no-store"})
    if answer.status == "refused":
        said = json.loads(answer.body)
        return refused(said["status"], *said["problems"])
    return refused(500, problem(OUR_FAULT))
