"""Routes of uploads: files of evidence, sent once and named by their id."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from breakeven.web.api.answering import answered
from breakeven.web.api.evidence_answers import Held, UploadOut
from breakeven.web.api.route import ProblemRoute, operation_id
from breakeven.web.api.services import services_of
from breakeven.web.uploads import Upload

__all__ = ["routes"]

routes = APIRouter(route_class=ProblemRoute, tags=["uploads"], generate_unique_id_function=operation_id)

_Id = Annotated[str, Path(description="The upload's id.", min_length=1, max_length=64)]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, not a form: `curl --data-binary @calls.jsonl`.",
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "contentMediaType": "application/octet-stream"}
            }
        },
    }
}


@routes.post(
    "/uploads", summary="Send a file", openapi_extra=_BODY, **answered(UploadOut, status=201, more=(507,))
)
async def upload(
    request: Request,
    name: Annotated[
        str,
        Query(
            min_length=1,
            max_length=240,
            description="Its name, as a study names it: `evidence/profile.json`.",
        ),
    ],
    upload_id: Annotated[
        str | None,
        Query(
            alias="id",
            pattern=r"^[A-Za-z0-9_-]{16,64}$",
            description="An id of your own, to ask how far it is meanwhile.",
        ),
    ] = None,
) -> dict[str, Any]:
    """Keep a file for later requests; it is streamed to disk. Who knows its id can use it, and nobody else."""
    length = request.headers.get("content-length", "")
    expected = int(length) if length.isdecimal() else None
    store = services_of(request.app).uploads
    return _shown(
        await store.receive(request.stream(), name=name, expected_bytes=expected, upload_id=upload_id)
    )


@routes.get("/uploads", summary="How much is kept", **answered(Held))
async def held(request: Request) -> dict[str, Any]:
    """How many uploads are kept, their bytes, and the most there may be. It names nobody's files."""
    services = services_of(request.app)
    n, size = services.uploads.held()
    most = services.limits
    return {
        "uploads": n, "bytes": size, "most_uploads": most.uploads_count, "most_bytes": most.uploads_bytes,
        "most_bytes_of_one": most.upload_bytes,
    }  # fmt: skip


@routes.get("/uploads/{upload_id}", summary="How far an upload is", **answered(UploadOut))
async def progress(upload_id: _Id, request: Request) -> dict[str, Any]:
    """Its state, and the bytes that have arrived."""
    return _shown(services_of(request.app).uploads.get(upload_id))


@routes.delete("/uploads/{upload_id}", summary="Delete an upload", **answered(None, status=204))
async def delete(upload_id: _Id, request: Request) -> None:
    """Delete it; one that is on its way is given up."""
    services_of(request.app).uploads.delete(upload_id)


def _shown(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id, "name": upload.name, "state": upload.state, "received_bytes": upload.received_bytes,
        "expected_bytes": upload.expected_bytes, "sha256": upload.sha256,
    }  # fmt: skip
