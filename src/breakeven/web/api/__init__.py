"""The API for programs, under ``/api/v1``: the functions of the command line, with the same JSON.

::

    asks, answers, evidence_answers     what may be asked, and what comes back, as models
    study_routes, evidence_routes, upload_routes     the routes
    answering, route, problems          how they answer, errors too
    services        what they share: limits, uploads, processes, and the desk
    desk            what the command line lends: its own functions, the day, rules and purchases
    jobs            what is computed, in a request's own folder
    pool, worker    the processes that compute, and the line in front of them
    openapi         the OpenAPI document
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakeven.lazy_names import lazy_names

if TYPE_CHECKING:
    from breakeven.web.api.desk import Desk
    from breakeven.web.api.mounting import router

__all__ = ["Desk", "router"]

_EXPORTS = {"Desk": "breakeven.web.api.desk", "router": "breakeven.web.api.mounting"}

if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, _EXPORTS)
