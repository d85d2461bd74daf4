"""Routes of what pages are made of, and of the claims audit."""

from __future__ import annotations

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
    verdicts = ("holds", "fails", "underdetermined")
    counts = {verdict: sum(c.verdict == verdict for c in audited) for verdict in verdicts}
    chosen = [_row(c) for c in audited if only not in verdicts or c.verdict == only]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in chosen:
        groups.setdefault((row["document"], row["title"]), []).append(row)
    html = page("claims.html.j2", here="/claims", groups=groups, counts=counts, only=only, total=len(audited))
    return HTMLResponse(html)


def _row(claim: AuditedClaim) -> dict[str, Any]:
    its = claim.claim
    missing = ", ".join(f"{m.name} ({m.measure.text})" for m in its.missing)
    return {
        "id": claim.id, "verdict": claim.verdict, "document": clean(its.document), "title": clean(its.title),
        "statement": clean(its.statement), "source": clean(f"{its.source} ({its.place})"),
        "printed": clean(its.printed.text), "right": clean(claim.right_figure), "slip": clean(claim.slip or ""),
        "missing": clean(missing), "notes": [clean(note) for note in claim.notes],
        "inputs": [(clean(name), clean(text)) for name, text in its.texts.items()],
        "lines": [clean(line) for line in unfold(claim)],
    }  # fmt: skip
