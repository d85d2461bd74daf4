"""Routes of what pages are made of, and of the claims audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from breakeven.claims import AuditedClaim
from breakeven.claims.unfolding import unfold
from breakeven.report.templating import style
from breakeven.report.text import clean
from breakeven.web.api.route import ProblemRoute
from breakeven.web.shown import page

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)

_STATIC: Final = Path(__file__).parent / "static"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@routes.get("/static/{name}")
async def static(name: str) -> Response:
    """The style sheet, the script and the icon: these files and no others."""
    found = _files().get(name)
    if found is None:
        return Response(status_code=404)
    media_type, body = found
    return Response(body, media_type=media_type, headers={"Cache-Control": "no-cache"})


@routes.get("/favicon.ico")
async def favicon() -> Response:
    """The icon, where a browser looks for it unasked."""
    return await static("icon.svg")


@cache
def _files() -> dict[str, tuple[str, bytes]]:
    found = {
        path.name: (_TYPES[path.suffix], path.read_bytes())
        for path in _STATIC.iterdir()
        if path.suffix in _TYPES
    }
    media_type, own = found["page.css"]
    return found | {
        "page.css": (media_type, str(style()).encode() + b"\n" + own)
    }  # the report's style, then ours


@cache
def _audited() -> tuple[AuditedClaim, ...]:
    from breakeven.claims import audit

    return tuple(audit())


@routes.get("/claims")
async def claims(request: Request, only: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The audit of printed claims: every figure worked out again."""
    audited = await to_thread.run_sync(_audited)
    counts = _tally(audited)
    documents = [_document(group, only) for group in _by_document(audited)]
    chosen = only if only in counts else ""
    html = page(
        "claims.html.j2", here="/claims", documents=documents, counts=counts, only=chosen, total=len(audited)
    )
    return HTMLResponse(html)


def _tally(claims: Iterable[AuditedClaim]) -> dict[str, int]:
    found = Counter(str(c.verdict) for c in claims)
    return {verdict: found[verdict] for verdict in ("holds", "fails", "underdetermined")}


def _by_document(claims: Iterable[AuditedClaim]) -> list[list[AuditedClaim]]:
    found: dict[str, list[AuditedClaim]] = {}
    for claim in claims:
        found.setdefault(claim.claim.document, []).append(claim)
    return list(found.values())


def _document(claims: Sequence[AuditedClaim], only: str) -> dict[str, Any]:
    """One document: its tally of all claims, and those to be shown."""
    its, counts = claims[0].claim, _tally(claims)
    return {
        "document": clean(its.document), "title": clean(its.title), "anchor": clean(its.document).replace(" ", "-"),
        "counts": counts, "shown": [_row(c) for c in claims if only not in counts or c.verdict == only],
    }  # fmt: skip


def _row(claim: AuditedClaim) -> dict[str, Any]:
    its = claim.claim
    missing = ", ".join(f"{m.name} ({m.measure.text})" for m in its.missing)
    return {
        "id": claim.id, "verdict": claim.verdict, "statement": clean(its.statement), "source": clean(its.source),
        "printed": clean(its.printed.text), "right": clean(claim.right_figure), "slip": clean(claim.slip or ""),
        "missing": clean(missing), "notes": [clean(note) for note in claim.notes],
        "inputs": [(clean(name), clean(text)) for name, text in its.texts.items()],
        "lines": [clean(line) for line in unfold(claim)],
    }  # fmt: skip
