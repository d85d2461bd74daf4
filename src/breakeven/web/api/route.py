"""A route whose every error is problems as JSON, and whose body is read within its bounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from breakeven.errors import BreakevenError
from breakeven.web.api.pool import BusyError, TooLongError
from breakeven.web.api.problems import OUR_FAULT, problem, problems_of, status_of
from breakeven.web.api.services import services_of
from breakeven.web.limits import Limits

__all__ = ["ProblemRoute", "operation_id", "refused"]

_log = logging.getLogger("breakeven.web")
_SHOWN = 60


class ProblemRoute(APIRoute):
    """Used for every route of the API: it needs no handler of the application that it stands in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors caught."""
        handle = super().get_route_handler()
        streams = "/uploads" in self.path  # it has bounds of its own

        async def handled(request: Request) -> Response:
            try:
                if streams:
                    return await handle(request)
                return await _while_present(handle, request, services_of(request.app).limits)
            except Exception as error:  # noqa: BLE001  no error may leave without its words
                return answer_to(error)

        return handled


def operation_id(route: APIRoute) -> str:
    """The name by which generated clients call it: ``decide``."""
    return route.name


def refused(status: int, *problems: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer that says what is wrong."""
    return JSONResponse({"problems": list(problems)}, status_code=status, headers=dict(headers or {}))


def answer_to(error: Exception) -> Response:
    """What to answer where this was raised; only a fault of ours is logged, and without what users sent."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, BreakevenError | ClientDisconnect):
        error = error.__cause__  # FastAPI puts its own words before those of whatever stopped the reading
    if isinstance(error, RequestValidationError):
        return refused(422, *map(_invalid, error.errors()[:_SHOWN]))
    if isinstance(error, BusyError):
        return refused(503, *problems_of(error), headers={"Retry-After": str(error.retry_s)})
    if isinstance(error, TooLongError):
        hint = "fewer draws or candidates, a shorter horizon, or the command line, which has no limit"
        return refused(422, problem(str(error), hint=hint))
    if isinstance(error, BreakevenError):
        return refused(status_of(error), *problems_of(error))
    if isinstance(error, HTTPException):
        return refused(error.status_code, problem(str(error.detail)), headers=error.headers)
    if isinstance(error, ClientDisconnect):
        return refused(400, problem("the request was cut off"))
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    _log.error("%s in %s", type(error).__name__, "?" if where is None else where.tb_frame.f_code.co_qualname)
    return refused(500, problem(OUR_FAULT))


_WORDS: Mapping[str, str] = {
    "missing": "this is needed",
    "extra_forbidden": "there is no such field",
    "json_invalid": "this is no JSON",
}


def _invalid(error: Mapping[str, Any]) -> dict[str, Any]:
    """One slip that pydantic found, in our words where it matters; what was read is shown where it is short."""
    at = [str(part) for part in error["loc"]]
    field = ".".join(at[1:] if at and at[0] in ("body", "query", "path", "header") else at) or None
    words = _WORDS.get(error["type"]) or str(error["msg"])
    read = error.get("input")
    shown = repr(read) if isinstance(read, str | int | float | bool) and error["type"] not in _WORDS else ""
    message = f"{shown}: {words}" if shown and len(shown) <= _SHOWN else words
    return problem(_utf8(message), field=field and _utf8(field))


def _utf8(text: str) -> str:
    """JSON can spell half a character, which has no UTF-8."""
    return text.encode("utf-8", "replace").decode()


async def _while_present(
    handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, limits: Limits
) -> Response:
    """The answer, given up when the client leaves: what nobody waits for need not be computed."""
    arrived = asyncio.Event()
    if request.method in ("GET", "HEAD"):
        arrived.set()  # there is no body that somebody would read
    work = asyncio.ensure_future(handle(_bounded(request, limits, arrived)))
    leaving = asyncio.ensure_future(_left(request.receive, arrived))
    try:
        await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ClientDisconnect
        return work.result()
    finally:
        for task in (work, leaving):
            task.cancel()
        await asyncio.gather(work, leaving, return_exceptions=True)


async def _left(receive: Receive, arrived: asyncio.Event) -> None:
    """Returns when the client has gone. Nothing else is received once the body has arrived."""
    await arrived.wait()
    while (await receive())["type"] != "http.disconnect":
        pass


class TooLargeError(BreakevenError):
    """A body beyond its bound."""

    status = 413


class TooSlowError(BreakevenError):
    """A body that did not arrive in time."""

    status = 408


def _bounded(request: Request, limits: Limits, arrived: asyncio.Event) -> Request:
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise TooLargeError(f"a request has at most {limits.body_bytes:,} bytes; upload files to /uploads")
    return Request(request.scope, _receiving(request.receive, limits, arrived))


def _receiving(receive: Receive, limits: Limits, arrived: asyncio.Event) -> Receive:
    read, ends = 0, asyncio.get_running_loop().time() + limits.body_s

    async def bounded() -> Message:
        nonlocal read
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError as exc:
            raise TooSlowError(f"the request did not arrive within {limits.body_s:g} s") from exc
        read += len(message.get("body", b""))
        if read > limits.body_bytes:
            raise TooLargeError(
                f"a request has at most {limits.body_bytes:,} bytes; upload files to /uploads"
            )
        if not message.get("more_body", False):
            arrived.set()
        return message

    return bounded
