"""Routes of the decision page: while inputs move, when they rest, a figure unfolded, two scenarios, save, export."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from breakeven.advice.decision import Decision
from breakeven.errors import BreakevenError, InputError
from breakeven.report.text import clean
from breakeven.report.unfolding import Unfolded, difference_of, unfold
from breakeven.web.api.problems import problems_of
from breakeven.web.api.route import ProblemRoute
from breakeven.web.inputs import controls
from breakeven.web.linking import linked
from breakeven.web.saving import KINDS, difference, exported, save
from breakeven.web.serving import Changes, Edited, Served, StaleError, served
from breakeven.web.shown import compared, full_parts, page, quick_parts, unfolded

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)


@routes.get("/")
async def decision_page(request: Request) -> Response:
    """The decision on the saved study; without a study, the way to one."""
    its = served(request)
    if not its.is_there:
        return RedirectResponse("/start", status_code=303)
    try:
        text = its.text()
        return HTMLResponse(await its.made_once(("page", text), partial(_page, its, text)))
    except InputError as error:
        problems = [
            (str(p.place or its.path.name), p.field, clean(p.message), p.hint) for p in error.problems
        ]
        return HTMLResponse(
            page("wrong.html.j2", here="/", problems=problems, file=its.path.name), status_code=422
        )


async def _page(its: Served, text: str) -> str:
    decision = await its.decided(text)
    return await its.worded(partial(_page_of, its, text, decision))


def _page_of(its: Served, text: str, decision: Decision) -> str:
    from breakeven.report.html import page_parts

    values = page_parts(decision, drawn_figures=())
    shown = controls(its.whatif.study(text), decision)
    html = page(
        "decision.html.j2", here="/", **values, parts=full_parts(decision, its.colours(text)), controls=shown,
        seen=its.fingerprint(text), exports=KINDS,
    )  # fmt: skip
    return linked(html)


class Look(Changes):
    """The page's inputs, and whether they rest."""

    full: bool = False


@routes.post("/look")
async def look(asked: Look, request: Request) -> dict[str, Any]:
    """The parts of the page that these inputs change, and the milliseconds it took; or what is wrong with an input.

    A value that can not be read is an answer like any other here: people are in the middle of writing it.
    """
    its = served(request)
    started = perf_counter()
    try:
        if asked.full:
            parts: dict[str, str] | None = await _full(its, asked)
        else:
            parts = await its.while_asked(request, partial(_quick, its, asked))
    except StaleError:
        raise
    except BreakevenError as error:
        return {"problems": problems_of(error)}
    if parts is None:  # the page asked for something newer meanwhile
        return {}
    return {"parts": parts, "ms": round((perf_counter() - started) * 1000, 1), "full": asked.full}


def _quick(its: Served, asked: Changes) -> dict[str, str]:
    edited = its.edited(asked)
    return quick_parts(its.whatif.quick(edited.text), its.colours(edited.saved))


async def _full(its: Served, asked: Changes) -> dict[str, str]:
    edited = await its.worded(partial(its.edited, asked))

    async def made() -> dict[str, str]:
        decision = await its.decided(edited.text)
        return await its.worded(lambda: full_parts(decision, its.colours(edited.saved)))

    return await its.made_once(("parts", edited), made)


@routes.post("/compare")
async def compare(asked: Changes, request: Request) -> dict[str, str]:
    """The saved study and the edited one, side by side."""
    its = served(request)
    edited = await its.worded(partial(its.edited, asked))
    saved, other = await its.decided(edited.saved), await its.decided(edited.text)

    def made() -> str:
        listed = its.listed(edited.saved, asked.changes)
        return compared(saved, other, its.colours(edited.saved), listed)

    return {"html": await its.worded(made)}


# ------------------------------------------------------------------------------------------ a figure unfolded


class Unfold(Changes):
    """A figure of the page's decision."""

    figure: Annotated[str, Field(min_length=1, max_length=300)]


@routes.post("/unfold")
async def unfold_here(asked: Unfold, request: Request) -> dict[str, str]:
    """A figure's formula, inputs and sources."""
    its = served(request)
    edited = await its.worded(partial(its.edited, asked))
    title, html = await _unfolded(its, edited, asked.figure, [name for name, _ in asked.changes])
    return {"title": title, "html": html}


@routes.get("/unfold")
async def unfold_page(
    request: Request, figure: Annotated[str, Query(min_length=1, max_length=300)]
) -> Response:
    """The same as a page of its own, of the saved study: for browsers without scripts."""
    its = served(request)
    text = its.text()
    title, html = await _unfolded(its, Edited(saved=text, text=text), figure)
    return HTMLResponse(page("unfold.html.j2", here="", tree_title=title, body=html))


async def _unfolded(its: Served, edited: Edited, figure: str, changed: Sequence[str] = ()) -> tuple[str, str]:
    in_both = figure.removeprefix("difference.")
    found = await _unfold(its, edited.text, in_both)
    if in_both != figure:
        found = difference_of(await _unfold(its, edited.saved, in_both), found, changed)
    return found.title, unfolded(found)


async def _unfold(its: Served, text: str, figure: str) -> Unfolded:
    decision, s = await its.decided(text), its.whatif.setting
    return await its.worded(
        lambda: unfold(decision, its.whatif.study(text), figure, rules=s.rules, purchases=s.purchases)
    )


# ------------------------------------------------------------------------------------------------ save, export


class Save(Changes):
    """What is to be saved; ``sure``: the difference was seen."""

    model_config = ConfigDict(extra="forbid")

    sure: bool = False


@routes.post("/save")
async def save_study(asked: Save, request: Request) -> dict[str, Any]:
    """The lines that would change; once they were seen, the file with them changed."""
    its = served(request)

    def work() -> dict[str, Any]:
        edited = its.edited(asked)
        its.whatif.study(edited.text)  # only what still is a study is saved
        if asked.sure:
            save(its.path, edited.text)
        return {"saved": asked.sure, "difference": difference(edited, its.path.name)}

    return await its.fully(work)


_CHANGES: TypeAdapter[list[tuple[str, str]]] = TypeAdapter(list[tuple[str, str]])


@routes.get("/export/{kind}")
async def export(kind: str, request: Request, e: Annotated[str, Query(max_length=8000)] = "[]") -> Response:
    """The decision as a file. e: the page's changes, as JSON."""
    its = served(request)
    saved = its.text()
    try:
        changes = _CHANGES.validate_python(json.loads(e), strict=False)
    except (ValueError, ValidationError) as exc:
        raise InputError("the address does not hold the page's changes: copy it whole") from exc
    asked = Changes(seen=its.fingerprint(saved), changes=changes)

    text = (await its.worded(partial(its.edited, asked))).text
    decision = await its.decided(text)
    name, media_type, body = await its.fully(lambda: exported(kind, decision, its.whatif.study(text)))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)
